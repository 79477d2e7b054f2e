"""One account's case with all its figures, and what was seen in words: shared by its actions and its report."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np

from app.domain.figures import Figure, Text, text
from app.domain.snapshot import AccountSnapshot
from tools.health.case import Case
from tools.health.figures import FeedFigures, account_figures, feed_figures, points_figure
from tools.health.indicators import TRIGGERED, IndicatorKey
from tools.health.inputs import Inputs, component_inputs, indicator_inputs
from tools.health.parameters import ComponentKey
from tools.health.promises import Clock, clocks
from tools.health.scoring import COMPONENTS, counted_distinct, tiers_of
from tools.health.watch import SIGNS, WatchKey
from tools.health.watch_inputs import watch_inputs
from tools.health.wording import COMPONENT_SEEN, INDICATOR_SEEN, NOT_APPLICABLE, SIGN_NAMES, WATCH_SEEN, filled


@dataclass(frozen=True, slots=True)
class Findings:
    """`figures` are those of the score and the contract by key, `feeds` those of lagging feeds by table."""

    case: Case
    snapshot: AccountSnapshot
    figures: Mapping[str, Figure]
    points: Mapping[ComponentKey, Figure | None]
    components: Mapping[ComponentKey, Inputs]
    indicators: Mapping[IndicatorKey, Inputs]
    feeds: Mapping[str, FeedFigures]
    promises: tuple[Clock, ...]
    watch: Mapping[WatchKey, Inputs]

    @property
    def tier(self) -> str:
        return str(self.case.scores.tier[self.case.row])

    @property
    def band_tiers(self) -> tuple[str, str]:
        """The tiers in which the band begins and ends."""
        scores, row = self.case.scores, self.case.row
        ends = tiers_of(np.array([scores.low[row], scores.high[row]]), self.case.parameters.tiers)
        return str(ends[0]), str(ends[1])

    @property
    def level(self) -> str:
        return str(self.case.churn.level[self.case.row])

    @property
    def decided_by(self) -> ComponentKey | None:
        """The unknown component that decides in which tier the band ends."""
        key: ComponentKey | Literal[""] = self.case.scores.decided_by[self.case.row]
        return key or None

    def triggered(self, key: IndicatorKey) -> bool:
        return bool(self.case.churn.indicators[key].state[self.case.row] == TRIGGERED)

    def component_seen(self, key: ComponentKey) -> Text:
        """What a component's points rest on, or why it has none."""
        missing = self.case.component_missing(key)
        if key not in self.components:
            return text(NOT_APPLICABLE[key])
        if missing:
            return text(missing)
        settings = getattr(self.case.parameters.components, key).model_dump()
        return filled(COMPONENT_SEEN[self._component_template(key)], self.components[key], settings)

    def indicator_seen(self, key: IndicatorKey) -> Text:
        """What an indicator's state rests on, or why it has none."""
        missing = self.case.indicator_missing(key)
        if key not in self.indicators:
            return text(NOT_APPLICABLE[key])
        if missing:
            return text(missing)
        settings = getattr(self.case.parameters.indicators, key).model_dump()
        return filled(INDICATOR_SEEN[self._indicator_template(key)], self.indicators[key], settings)

    def watch_seen(self, key: WatchKey) -> Text:
        """What a watch item's state rests on, or why it has none."""
        missing = self.case.watch_missing(key)
        if key not in self.watch:
            return text(NOT_APPLICABLE[key])
        if missing:
            return text(missing)
        settings = getattr(self.case.parameters.watch, key).model_dump()
        place = self.case.known(self.case.watch[key].inputs["sign"]) if key == "onboarding_stalled" else None
        if place is not None:
            settings["sign"] = SIGN_NAMES[SIGNS[int(place)]]
        return filled(WATCH_SEEN[self._watch_template(key)], self.watch[key], settings)

    def all_figures(self) -> tuple[Figure, ...]:
        """Every figure once, those of the score first."""
        shown = dict(self.figures)
        groups = (*self.components.values(), *self.indicators.values(), *self.watch.values())
        for figure in chain(self.points.values(), *(group.values() for group in groups), *self.feeds.values()):
            if figure is not None:
                shown.setdefault(figure.key, figure)
        return tuple(shown.values())

    def _component_template(self, key: ComponentKey) -> str:
        if key == "dau" and counted_distinct(self.case.portfolio, self.case.parameters)[self.case.row]:
            return "dau.distinct"
        if key == "champion" and self.champion_forsaken():
            return "champion.forsaken"
        return key

    def _indicator_template(self, key: IndicatorKey) -> str:
        if key == "usage_decline" and self.case.account.usage_model == "seats":
            return "usage_decline.users"
        if key == "low_adoption" and self.indicators[key]["distinct"].value is None:
            return "low_adoption.peak"
        return key

    def _watch_template(self, key: WatchKey) -> str:
        per_seat = self.case.account.usage_model == "seats"
        return f"{key}.users" if per_seat and f"{key}.users" in WATCH_SEEN else key

    def champion_forsaken(self) -> bool:
        """The last champion left, and no successor is marked."""
        inputs = self.components["champion"]
        return bool(inputs["champions_left"].value) and not inputs["champions"].value


def findings(case: Case, snapshot: AccountSnapshot) -> Findings:
    """All figures of the account."""
    components = component_inputs(case)
    return Findings(
        case=case,
        snapshot=snapshot,
        figures=account_figures(case),
        points={key: points_figure(case, key, components.get(key, {})) for key in COMPONENTS},
        components=components,
        indicators=indicator_inputs(case),
        feeds=feed_figures(case),
        promises=clocks(case.portfolio, [case.row]),
        watch=watch_inputs(case),
    )
