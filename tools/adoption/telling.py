"""What the parts of an account's answer share: its figures, each key once, and what is to be done by when."""

import datetime as dt
from collections.abc import Mapping

from app.domain.command import Audience
from app.domain.figures import Evidence, Figure, Text, account_figure, text
from app.domain.snapshot import FeatureDays
from app.domain.windows import add_working_days
from tools.adoption.features import FeatureCase, FeatureFigures
from tools.adoption.parameters import HoldKey, Play
from tools.adoption.quota import quota_figures
from tools.adoption.study import Study
from tools.health.wording import listing


class Telling:
    """`quota` are the figures of the quota by key, `features` makes those of the features."""

    def __init__(self, found: Study, days: FeatureDays, audience: Audience = "internal") -> None:
        self.found, self.parameters, self.audience = found, found.parameters, audience
        self.quota = quota_figures(found.snapshot, found.quota)
        active = found.found.indicators.get("low_adoption", {}).get("distinct")
        self.features = FeatureFigures(found.snapshot, days, self.parameters, found.peers, active)
        self._made: dict[str, Figure] = {}

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All that was stated."""
        return tuple({**self._made, **self.features.made}.values())

    def keep(self, figure: Figure) -> Figure:
        """The figure, stated from now on."""
        return self._made.setdefault(figure.key, figure)

    def figure(
        self,
        key: str,
        label: str,
        value: float | dt.date | None,
        unit: str,
        rule: str,
        evidence: tuple[Evidence, ...] = (),
    ) -> Figure:
        """A figure of the account, stated from now on."""
        account_id, as_of = self.found.account.id, self.found.as_of
        return self.keep(account_figure(account_id, as_of, key, label, value, unit, rule, evidence))

    def plays(self) -> list[tuple[Play, Text]]:
        """What the quota, the features and the signs call for, in this order; no offer at a wrong time."""
        found, parameters = self.found, self.parameters
        plays: list[tuple[Play, Text]] = []
        if found.near_limit or found.tell_right_size:
            play = parameters.quota_plays["near" if found.near_limit else "right_size"]
            plays.append((play, text(f"{play.tactic}.")))
        for hold, cases in self._held().items():
            play = parameters.holds[hold]
            plays.append((play, text(f"{play.tactic}: {listing([case.name for case in cases])}.")))
        for signal in found.signals:
            if signal.state == "triggered" and signal.key != "near_limit" and not found.hold_off:
                sign = parameters.signals[signal.key]
                plays.append((sign, text(f"{sign.label}: {sign.tactic}.")))
        return plays

    def due_day(self, play: Play) -> dt.date:
        return max(self.found.as_of, add_working_days(self.found.as_of, play.working_days))

    def due(self, play: Play) -> Figure:
        """The day by which it is to be done."""
        days = counted_days(play.working_days)
        key, rule = f"adoption.due.{play.working_days}", f"as_of and {days}"
        return self.figure(key, f"In {days}", self.due_day(play), "date", rule)

    def _held(self) -> Mapping[HoldKey, list[FeatureCase]]:
        """The features that deserve a step now, by what holds them back; the one worth most first."""
        groups: dict[HoldKey, list[FeatureCase]] = {}
        for case in self.found.worthwhile[: self.parameters.steps_shown]:
            groups.setdefault(case.holds[0], []).append(case)
        return groups


def counted_days(days: int) -> str:
    """ "1 working day", "5 working days"."""
    return f"{days} working day{'' if days == 1 else 's'}"
