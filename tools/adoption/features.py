"""What holds each feature back at an account, the tactic against it, and which feature is worth most next."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import numpy as np

from app.domain.figures import Evidence, Figure, Text, account_figure, joined, text
from app.domain.records import Account, FeedbackItem, Goal, Ticket, Touchpoint
from app.domain.snapshot import AccountSnapshot, FeatureDays, PortfolioSnapshot
from tools.adoption.mentions import is_named_in, slug
from tools.adoption.parameters import HOLDS, AdoptionParameters, Hold, HoldKey, WorthKey
from tools.adoption.stages import HABIT_OF_WEEKS, WEEK_DAYS, FeatureUse, feature_uses
from tools.health import selections
from tools.health.people import held
from tools.health.wording import filled

NEVER = dt.date.min

_BY_STAGE: Mapping[str, HoldKey] = {
    "trial": "sandbox_only",
    "activation": "irregular",
    "lapsed": "stopped",
}


@dataclass(frozen=True, slots=True)
class Peers:
    """Other customers whose use of features is known, and how many of them use each feature in 28 days."""

    customers: int
    users: Mapping[str, int]

    def share(self, feature: str) -> float:
        """Of the other customers, 0 to 1; 0 where none is known."""
        return self.users.get(feature, 0) / self.customers if self.customers else 0.0


@dataclass(frozen=True, slots=True)
class FeatureCase:
    """A feature at an account. `holds` are what holds it back, what leads first; none where it is in habit untroubled.

    `worth` are points, `reasons` what they are for. `mentioned` is the newest touchpoint that speaks of it.
    """

    use: FeatureUse
    holds: tuple[HoldKey, ...]
    worth: float
    reasons: tuple[WorthKey, ...]
    tickets: tuple[Ticket, ...] = ()
    items: tuple[FeedbackItem, ...] = ()
    goal: Goal | None = None
    mentioned: Touchpoint | None = None

    @property
    def name(self) -> str:
        return self.use.name

    @property
    def hold(self) -> HoldKey | None:
        return self.holds[0] if self.holds else None


def peers_of(portfolio: PortfolioSnapshot, account: Account, least: int) -> Peers:
    """The other customers in scope that are billed alike: an account without an API has no use for its features.

    None where fewer than `least` of them tell their use of features.
    """
    told = (portfolio.features_first > 0) & portfolio.feeds.usable("feature_usage") & ~portfolio.not_yet
    alike = [
        a.id != account.id and a.lifecycle != "churned" and a.usage_model == account.usage_model
        for a in portfolio.accounts
    ]
    counted = told & np.array(alike, dtype=np.bool_)
    if int(counted.sum()) < least:
        return Peers(0, {})
    features = portfolio.features
    used = {(int(a), str(f)) for a, f in zip(features.account, features.feature, strict=True) if counted[a]}
    return Peers(int(counted.sum()), Counter(feature for _, feature in used))


def known_names(portfolio: PortfolioSnapshot) -> frozenset[str]:
    """The features that somebody in scope used in the last 28 days."""
    return frozenset(str(feature) for feature in portfolio.features.feature)


def feature_cases(
    snapshot: AccountSnapshot,
    days: FeatureDays,
    names: frozenset[str],
    peers: Peers,
    items: Sequence[FeedbackItem],
    parameters: AdoptionParameters,
) -> tuple[FeatureCase, ...]:
    """Every feature whose name is known, the one that is worth most next first; those in habit and well last."""
    reader = _Reader(snapshot, days, peers, items, parameters)
    found = (reader.case(use) for use in feature_uses(days, names, parameters.habit_weeks))
    return tuple(sorted(found, key=lambda case: (not case.holds, -case.worth, case.name)))


class _Reader:
    def __init__(
        self,
        snapshot: AccountSnapshot,
        days: FeatureDays,
        peers: Peers,
        items: Sequence[FeedbackItem],
        parameters: AdoptionParameters,
    ) -> None:
        self._snapshot, self._days, self._peers, self._items = snapshot, days, peers, items
        self._parameters = parameters
        columns = snapshot.columns
        is_open = set(columns.tickets.id[selections.tickets_open(columns)])
        self._tickets = [ticket for ticket in snapshot.tickets if ticket.id in is_open]
        self._talks = [t for t in snapshot.touchpoints if t.text and t.date <= snapshot.as_of and held(t)]

    def case(self, use: FeatureUse) -> FeatureCase:
        named = (use.name, self._parameters.feature_words)
        tickets = tuple(t for t in self._tickets if is_named_in(f"{t.subject or ''}\n{t.body or ''}", *named))
        items = tuple(i for i in self._items if is_named_in(i.title, *named))
        goals = (g for g in self._snapshot.goals if g.status not in ("achieved", "missed"))
        goal = next((g for g in goals if is_named_in(f"{g.title}\n{g.metric or ''}", *named)), None)
        talks = [t for t in self._talks if is_named_in(t.text or "", *named)]
        mentioned = max(talks, key=lambda t: (t.date, t.id), default=None)
        holds = self._holds(use, bool(tickets), bool(items), mentioned is not None)
        reasons = tuple(self._reasons(use, bool(tickets or items), goal is not None))
        worth = sum(self._points(key, use.name) for key in reasons)
        return FeatureCase(use, holds, worth, reasons, tickets, items, goal, mentioned)

    def _holds(self, use: FeatureUse, asked: bool, wanted: bool, told: bool) -> tuple[HoldKey, ...]:
        found: set[HoldKey] = set()
        if asked:
            found.add("open_ticket")
        if use.stage == "awareness":
            found.add("told_not_tried" if told else "never_told")
            if self._is_beyond_plan(use.name):
                found.add("not_in_plan")
        elif use.stage != "habit":
            found.add(self._held_by_use(use))
        if wanted and use.stage != "habit":
            found.add("asked_for_more")
        if self._has_few_people(use):
            found.add("few_people")
        return tuple(key for key in HOLDS if key in found)

    def _held_by_use(self, use: FeatureUse) -> HoldKey:
        """What its use alone tells of a feature that is not in habit."""
        if self._is_new(use):
            return "started_lately"
        return "dormant" if use.stage == "activation" and not use.weeks else _BY_STAGE[use.stage]

    def _reasons(self, use: FeatureUse, asked: bool, is_goal: bool) -> Iterator[WorthKey]:
        if is_goal:
            yield "goal"
        if asked:
            yield "asked"
        by_stage: Mapping[str, WorthKey] = {"lapsed": "stopped", "trial": "sandbox", "activation": "started"}
        if use.stage in by_stage and (use.stage != "activation" or use.weeks):
            yield by_stage[use.stage]
        if self._peers.share(use.name):
            yield "peers"

    def _points(self, key: WorthKey, feature: str) -> float:
        return self._parameters.worth[key] * (self._peers.share(feature) if key == "peers" else 1)

    def _is_beyond_plan(self, feature: str) -> bool:
        held_by_plan = self._parameters.plan_features.get(self._snapshot.account.plan or "")
        return held_by_plan is not None and feature not in held_by_plan

    def _is_new(self, use: FeatureUse) -> bool:
        """In production for so short a time that it could not have become a habit."""
        first = use.first_production
        if use.stage != "activation" or first is None:
            return False
        return self._days.last - first.toordinal() < self._parameters.habit_weeks * WEEK_DAYS

    def _has_few_people(self, use: FeatureUse) -> bool:
        active = float(self._snapshot.columns.usage.users_distinct_28[0])
        if use.people is None or math.isnan(active) or not active or use.stage == "awareness":
            return False
        return use.people < self._parameters.few_people_share * active


def stage_counts(cases: Sequence[FeatureCase]) -> Mapping[str, int]:
    """How many features are in each stage."""
    return Counter(case.use.stage for case in cases)


class FeatureFigures:
    """The figures of an account's features, and what holds each back in words with them."""

    def __init__(
        self,
        snapshot: AccountSnapshot,
        days: FeatureDays,
        parameters: AdoptionParameters,
        peers: Peers,
        active: Figure | None,
    ) -> None:
        """`active` tells how many people were active in 28 days."""
        self._account_id, self._as_of = snapshot.account.id, snapshot.as_of
        self._last = dt.date.fromordinal(days.last) if days.last else None
        self._parameters, self._peers, self._active = parameters, peers, active
        self.made: dict[str, Figure] = {}

    def says(self, case: FeatureCase, key: HoldKey) -> Text:
        """What holds the feature back, in words."""
        use, mentioned = case.use, case.mentioned
        dates = {
            "first_sandbox": ("First use in the sandbox", use.first_sandbox),
            "first_production": ("First use in production", use.first_production),
            "last_production": ("Last use in production", use.last_production),
            "regular_until": ("Last day of regular use", use.regular_until),
        }
        figures = {name: self._date(case, name, label, day) for name, (label, day) in dates.items() if day is not None}
        figures["weeks"] = self.weeks(case)
        if mentioned is not None:
            evidence = (Evidence(kind="touchpoints", id=mentioned.id, date=mentioned.date),)
            figures["mentioned"] = self._figure(
                case, "mentioned_on", "Last spoken of", mentioned.date, "date", "newest touchpoint naming it", evidence
            )
        if use.people is not None:
            figures["people"] = self._figure(
                case, "people", "Most people on a day", use.people, "users", "the highest of the last 28 covered days"
            )
        settings = {
            "tickets": ", ".join(ticket.id for ticket in case.tickets),
            "items": ", ".join(f"“{item.title}”" for item in case.items),
        }
        if self._active is not None:
            figures["active"] = self._active
        return filled(self._parameters.holds[key].says, figures, settings)

    def stage(self, case: FeatureCase) -> Figure:
        """The stage as a word."""
        rule = (
            f"habit: use in production in {self._parameters.habit_weeks} of {HABIT_OF_WEEKS} weeks to {self._last}; "
            "lapsed: was in habit; activation: in production at some time; trial: in the sandbox alone; else awareness"
        )
        return self._figure(case, "stage", f"Stage of {case.name}", case.use.stage, "text", rule)

    def weeks(self, case: FeatureCase) -> Figure:
        rule = f"weeks with a use in production, of the {HABIT_OF_WEEKS} weeks to {self._last}"
        return self._figure(case, "weeks", f"Weeks with use of {case.name}", case.use.weeks, "weeks", rule)

    def why(self, case: FeatureCase) -> Text:
        """Why it is worth most next."""
        parts: Mapping[str, Text] = {
            "goal": text(f"their goal “{case.goal.title}” speaks of it" if case.goal else ""),
            "asked": text("they asked about it"),
            "stopped": text("it was part of their work"),
            "sandbox": text("they have tried it already"),
            "started": text("it is in production in these weeks"),
            "peers": self._peers_use(case),
        }
        return joined((parts[key] for key in case.reasons), "; ") or text("it is the first of those never used")

    def _peers_use(self, case: FeatureCase) -> Text:
        rule = "customers in your sight that are billed alike, without this one, whose use of features is known"
        used = f"{rule}, and who used it in the last 28 covered days"

        def stated(key: str, label: str, value: int, formula: str) -> Figure:
            figure = account_figure(self._account_id, self._as_of, key, label, value, "count", formula)
            return self.made.setdefault(key, figure)

        users = stated(
            f"expansion.peers.{slug(case.name)}",
            f"Other customers who use {case.name}",
            self._peers.users.get(case.name, 0),
            used,
        )
        others = stated("expansion.peers", "Other customers", self._peers.customers, rule)
        return text(users, " of ", others, " others use it")

    def _date(self, case: FeatureCase, name: str, label: str, day: dt.date) -> Figure:
        return self._figure(case, name, f"{label} of {case.name}", day, "date", "the day with a row of use")

    def _figure(
        self,
        case: FeatureCase,
        name: str,
        label: str,
        value: float | str | dt.date,
        unit: str,
        rule: str,
        evidence: tuple[Evidence, ...] | None = None,
    ) -> Figure:
        key = f"adoption.{slug(case.name)}.{name}"
        rows = evidence if evidence is not None else self._rows()
        return self.made.setdefault(
            key, account_figure(self._account_id, self._as_of, key, label, value, unit, rule, rows)
        )

    def _rows(self) -> tuple[Evidence, ...]:
        href = f"/v1/accounts/{quote(self._account_id, safe='')}/feature_usage?to={self._last or self._as_of}"
        return (Evidence(kind="feature_usage", last=self._last, href=href),)


def habit_figure(account_id: str, as_of: dt.date, habits: int | None, habit_weeks: int) -> Figure:
    """How many features are in habit; None where the use of features is not known."""
    rule = f"features used in production in {habit_weeks} of the {HABIT_OF_WEEKS} weeks to the day that the feed covers"
    href = f"/v1/accounts/{quote(account_id, safe='')}/feature_usage?to={as_of}"
    rows = (Evidence(kind="feature_usage", last=as_of, href=href),)
    return account_figure(
        account_id, as_of, "adoption.habit", "Features in regular use", habits, "features", rule, rows
    )


def tactic_of(case: FeatureCase, parameters: AdoptionParameters) -> Hold | None:
    """What to do about it; None where nothing holds it back."""
    return parameters.holds[case.hold] if case.hold else None
