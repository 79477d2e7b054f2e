"""The four traits of a champion (persona §5.3), each with its evidence. What no feed tells is unknown, and not a no."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.figures import Evidence, Figure, Text, account_figure, text
from app.domain.records import Contact, ContactActivity
from app.domain.snapshot import AccountSnapshot
from tools.champion.deeds import ACTIVITY, Activity, Deed, Deeds, evidence_of
from tools.champion.parameters import Advocate, ChampionParameters, GivesFeedback, Influence, PowerUser, TraitKey
from tools.health.people import PARTS
from tools.health.wording import FEED_NAMES

State = Literal["yes", "no", "unknown"]

LABELS: dict[TraitKey, str] = {
    "power_user": "power user",
    "advocate": "speaks for us",
    "feedback": "gives feedback",
    "influence": "has a say in the renewal",
}
SHOWS: dict[TraitKey, str] = LABELS | {"power_user": "is a power user"}
"""What is said of a person who shows it."""

TRAITS: tuple[TraitKey, ...] = tuple(LABELS)

WEEK_DAYS = 7
LONGEST_QUOTE = 120
EARLY, ONLY_TIME = "and the contract is young", "only time brings it"


@dataclass(frozen=True, slots=True)
class Trait:
    """Whether a person shows it, and what that rests on: `told` in words, `missing` what would settle it."""

    key: TraitKey
    state: State
    told: Text
    figures: tuple[Figure, ...] = ()
    missing: str = ""


class TraitReader:
    """Reads the traits of an account's people; made once for the account. `available` counts the plan's features."""

    def __init__(
        self,
        snapshot: AccountSnapshot,
        activity: Activity,
        deeds: Deeds,
        available: Figure | None,
        parameters: ChampionParameters,
    ) -> None:
        self._snapshot, self._activity, self._deeds = snapshot, activity, deeds
        self._available, self._rules, self._early_days = available, parameters.traits, parameters.early_days

    def read(self, contact: Contact) -> dict[TraitKey, Trait]:
        """All four, in the persona's order."""
        found = (
            self._power_user(contact, self._rules.power_user),
            self._advocate(contact, self._rules.advocate),
            self._feedback(contact, self._rules.feedback),
            influence(contact, self._rules.influence),
        )
        return {trait.key: trait for trait in found}

    def _power_user(self, contact: Contact, rule: PowerUser) -> Trait:
        activity = self._activity
        if activity.missing:
            return Trait("power_user", "unknown", text(activity.missing), missing="import contact_activity.csv")
        rows = [row for row in activity.rows if row.contact_id == contact.id]
        counted = [row.logins for row in rows if row.logins is not None]
        if rows and not counted:
            return Trait("power_user", "unknown", text("the feed counts no logins"), missing="fill the column logins")
        a_week = sum(counted) * WEEK_DAYS / activity.days
        logins = self._logins(contact, a_week, rows)
        if a_week < rule.logins_a_week:
            told = (
                text("logs in ", logins, " times a week") if rows else text("no login on record: ", logins, " a week")
            )
            return Trait("power_user", "no", told, (logins,))
        return self._by_features(contact, rows, logins, rule)

    def _by_features(self, contact: Contact, rows: Sequence[ContactActivity], logins: Figure, rule: PowerUser) -> Trait:
        """Of somebody who logs in often: whether so many of the features are used too."""
        told, available = text("logs in ", logins, " times a week"), self._available
        used = max((row.features for row in rows if row.features is not None), default=None)
        if used is None:
            missing = "fill the column features of contact_activity.csv"
            return Trait("power_user", "unknown", text(told, "; features unknown"), (logins,), missing)
        name, label = f"features.{rule.window_days}d", "Most features used on one day"
        features = self._figure(
            contact, name, label, used, "features", "the highest day of the window", _range_of(rows)
        )
        if available is None or not isinstance(available.value, int) or available.value == 0:
            told = text(told, ", features on one day: ", features, "; how many there are is unknown")
            return Trait("power_user", "unknown", told, (logins, features), "fill features_available of the account")
        state: State = "yes" if used >= rule.features_share * available.value else "no"
        told = text(told, " and used ", features, " of ", available, " features on one day")
        return Trait("power_user", state, told, (logins, features, available))

    def _logins(self, contact: Contact, a_week: float, rows: Sequence[ContactActivity]) -> Figure:
        activity, days = self._activity, self._rules.power_user.window_days
        rule = f"logins from {activity.first} to {activity.last} × {WEEK_DAYS} ÷ {activity.days} days"
        name = f"logins_per_week.{days}d"
        return self._figure(contact, name, "Logins a week", a_week, "count", rule, _range_of(rows))

    def _advocate(self, contact: Contact, rule: Advocate) -> Trait:
        acts = self._deeds.acts(contact, rule)
        number = self._counted(contact, "advocacy", "Acts on our behalf", rule.window_days, acts)
        if len(acts) >= rule.least:
            told = text(number, f" in {rule.window_days} days, {_quoted(acts)}")
            return Trait("advocate", "yes", told, (number,))
        if missing := self._untold("touchpoints"):
            return Trait("advocate", "unknown", text(missing), missing="import touchpoints.csv")
        if self._is_early():
            return Trait("advocate", "unknown", text(f"nothing yet, {EARLY}"), (number,), ONLY_TIME)
        if left := self._deeds.of_nobody(rule):
            told = text(f"none by name; {left} {'act names' if left == 1 else 'acts name'} nobody")
            return Trait("advocate", "unknown", told, (number,), "write down who it was")
        return Trait("advocate", "no", text(f"nothing on record in {rule.window_days} days"), (number,))

    def _feedback(self, contact: Contact, rule: GivesFeedback) -> Trait:
        told_us = self._deeds.told_us(contact, rule)
        number = self._counted(contact, "feedback", "Feedback given", rule.window_days, told_us)
        if len(told_us) >= rule.least:
            told = text(number, f" in {rule.window_days} days: {', '.join(_by_kind(told_us))}")
            return Trait("feedback", "yes", told, (number,))
        if missing := self._untold("touchpoints", "nps"):
            return Trait("feedback", "unknown", text(missing), missing="import touchpoints.csv and nps.csv")
        if self._is_early():
            return Trait("feedback", "unknown", text(f"nothing yet, {EARLY}"), (number,), ONLY_TIME)
        if self._deeds.sessions_of_nobody(rule):
            told = text("none by name; somebody attended a session who is not named")
            return Trait("feedback", "unknown", told, (number,), "write down who was there")
        away = self._deeds.refused(contact, rule)
        told = text(f"no answer, session or item in {rule.window_days} days{f'; stayed away {away}×' if away else ''}")
        return Trait("feedback", "no", told, (number,))

    def _untold(self, *tables: str) -> str:
        """That none of these feeds says anything of today; "" where one does."""
        feeds = self._snapshot.columns.feeds
        if any(feeds.usable(table)[0] for table in tables):
            return ""
        return f"no current {' or '.join(FEED_NAMES[table] for table in tables)}"

    def _is_early(self) -> bool:
        start = self._snapshot.account.contract_start
        return start is not None and (self._snapshot.as_of - start).days < self._early_days

    def _counted(self, contact: Contact, name: str, label: str, days: int, deeds: Sequence[Deed]) -> Figure:
        rule = f"records of the {days} days to {self._snapshot.as_of} that name the person"
        evidence = evidence_of(deeds, self._snapshot.as_of)
        return self._figure(contact, f"{name}.{days}d", label, len(deeds), "count", rule, evidence)

    def _figure(
        self,
        contact: Contact,
        name: str,
        label: str,
        value: float,
        unit: str,
        rule: str,
        evidence: tuple[Evidence, ...],
    ) -> Figure:
        key = f"contact.{contact.id}.{name}"
        return account_figure(contact.account_id, self._snapshot.as_of, key, label, value, unit, rule, evidence)


def influence(contact: Contact, rule: Influence) -> Trait:
    """By the field where it is plain; else by the part that the person plays, and by the words of the role."""
    said = " ".join((contact.influence or "").casefold().split())
    part = PARTS[contact.stakeholder] if contact.stakeholder else ""
    parts = (f"influence on record: {contact.influence}" if said else "", part, contact.role or "")
    told = ", ".join(filter(None, parts))
    if said in rule.low:
        return Trait("influence", "no", text(told))
    decides = contact.stakeholder in rule.deciders or bool(_words(contact.role) & set(rule.role_words))
    if said in rule.high or decides:
        return Trait("influence", "yes", text(told))
    if said:
        return Trait("influence", "no", text(told))
    told = f"{told}; influence not on record" if told else "neither influence nor role is on record"
    return Trait("influence", "unknown", text(told), missing="fill influence in contacts.csv")


def _words(said: str | None) -> set[str]:
    return set(re.findall(r"[a-z]+", (said or "").casefold()))


def _range_of(rows: Sequence[ContactActivity]) -> tuple[Evidence, ...]:
    """The rows as one range: nobody's single days are shown."""
    if not rows:
        return ()
    days = [row.date for row in rows]
    return (Evidence(kind=ACTIVITY, first=min(days), last=max(days), count=len(rows)),)


def _quoted(acts: Sequence[Deed]) -> str:
    """The newest act in our note's words."""
    newest = max(acts, key=lambda deed: (str(deed.day), deed.id))
    said = " ".join(newest.words.split())
    if not said:
        return f"the last on {newest.day}"
    return f"the last on {newest.day}: “{said if len(said) <= LONGEST_QUOTE else f'{said[: LONGEST_QUOTE - 1]}…'}”"


def _by_kind(deeds: Sequence[Deed]) -> Iterator[str]:
    for kind, count in Counter(deed.kind for deed in deeds).items():
        name = "QBR" if kind == "qbr" else kind.replace("_", " ") if not kind.startswith("item ") else kind
        yield f"{name} ({count}×)" if count > 1 else name
