"""One account on two days: what was found on each, the ledger between them, and its lines in words."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.figures import Evidence, Figure, Ref, Text, text
from app.domain.snapshot import AccountSnapshot
from tools.health.case import assess, figure
from tools.health.data import LedgerGroup
from tools.health.findings import Findings, findings
from tools.health.ledger import (
    APPEARED,
    CHANGED,
    COVERAGE,
    UNCHANGED,
    WENT_MISSING,
    Ledger,
    comparable,
    ledger,
    most_known,
    shares,
    total,
)
from tools.health.parameters import ComponentKey, HealthParameters
from tools.health.scoring import COMPONENTS, KNOWN
from tools.health.wording import COMPONENT_LABELS, listing

SETTINGS: Final = "settings"
KNOWLEDGE: tuple[LedgerGroup, ...] = ("appeared", "went_missing", "coverage")
"""What is known changed, and not the customer."""

GROUPS: tuple[LedgerGroup, ...] = (CHANGED, APPEARED, WENT_MISSING, SETTINGS, COVERAGE, UNCHANGED)
CAME_OR_WENT: dict[LedgerGroup, str] = {APPEARED: "appeared", WENT_MISSING: "went missing"}
NOTHING = 1e-9
"""A line of less did not move."""


@dataclass(frozen=True, slots=True)
class Side:
    """What was found of one day's data under the settings of a day, told in an answer of the day `as_of`.

    A key without suffix is what `/health` says as of the answer's day under the settings of today. Any other figure
    has a suffix in its key: a place in a text names a key, and no day.
    """

    found: Findings
    suffix: str
    told: str
    as_of: dt.date

    def text(self, words: Text) -> Text:
        """The words of the findings with the places of their figures, as this answer calls them."""
        return tuple(span if isinstance(span, str) else self.ref(span.figure) for span in words)

    def ref(self, key: str) -> Ref:
        return Ref(figure=f"{key}{self.suffix}", account_id=self.found.case.account.id)

    def named(self, made: Figure) -> Figure:
        """A figure of the findings, as this answer calls it."""
        if not self.suffix:
            return made
        return made.model_copy(
            update={
                "key": f"{made.key}{self.suffix}",
                "label": f"{made.label}, {self.told}",
                "as_of": self.as_of,
                "evidence": tuple(self._evidence(record) for record in made.evidence),
            }
        )

    def _evidence(self, record: Evidence) -> Evidence:
        return record.model_copy(update={"id": f"{record.id}{self.suffix}"}) if record.kind == "figures" else record

    def points(self, key: ComponentKey) -> float | None:
        return self.found.case.known(self.found.case.scores.components[key].points)

    def state(self, key: ComponentKey) -> str:
        return str(self.found.case.scores.components[key].state[self.found.case.row])

    def is_known(self, key: ComponentKey) -> bool:
        return self.state(key) == KNOWN

    def most(self, key: ComponentKey) -> float:
        return float(self.found.case.scores.components[key].max[self.found.case.row])

    @property
    def score(self) -> float | None:
        return self.found.case.known(self.found.case.scores.score)

    @property
    def most_known(self) -> float:
        return float(most_known(self.found.case.scores.components)[self.found.case.row])

    @property
    def share(self) -> float:
        """Points of the most that the known components give, in percent: the score, wherever there is one."""
        return float(total(shares(self.found.case.scores.components))[self.found.case.row])


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the ledger; `key` is None for the settings."""

    key: ComponentKey | None
    group: LedgerGroup
    figure: Figure

    @property
    def label(self) -> str:
        return COMPONENT_LABELS[self.key] if self.key else "Settings"

    @property
    def moved(self) -> float:
        value = self.figure.value
        return float(value) if isinstance(value, (int, float)) else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """`then` and `now_as_set` are the two days under the settings of the first, `now` is the second under its own."""

    then: Side
    now_as_set: Side
    now: Side
    lines: tuple[Line, ...]
    change: Figure
    before_alike: float | None  # over the components known on both days, under the settings of the first
    after_alike: float | None

    @property
    def since(self) -> dt.date:
        return self.then.found.case.as_of

    @property
    def until(self) -> dt.date:
        return self.now.found.case.as_of

    @property
    def moved(self) -> float:
        value = self.change.value
        return float(value) if isinstance(value, (int, float)) else 0.0

    @property
    def has_scores(self) -> bool:
        return self.then.score is not None and self.now.score is not None

    def in_group(self, *groups: LedgerGroup) -> list[Line]:
        """The lines of these groups, those that moved most first."""
        return sorted((line for line in self.lines if line.group in groups), key=lambda line: -abs(line.moved))

    def sum_of(self, *groups: LedgerGroup) -> float:
        return sum(line.moved for line in self.lines if line.group in groups)

    def because(self, line: Line) -> Text:
        """What a line rests on, now and before."""
        if line.key is None:
            return text("the later data under the new settings, less the same under the old")
        then, now = self.then, self.now_as_set
        seen, before = now.text(now.found.component_seen(line.key)), then.text(then.found.component_seen(line.key))
        if line.group == UNCHANGED:
            return seen
        if line.group == COVERAGE:
            return text(seen, "; the same points, of another sum that is known")
        if self._same_inputs(line.key):
            return text("its settings changed with the account's segment or stage")
        return text(seen, "; before: ", before)

    def figures(self) -> Iterator[Figure]:
        """The ledger first; then every figure of the two days, each key once."""
        seen: set[str] = set()
        sides = (self.then, self.now_as_set, self.now)
        of_days = (side.named(made) for side in sides for made in _stated(side.found))
        for made in (*(line.figure for line in self.lines), self.change, *of_days):
            if made.key not in seen:
                seen.add(made.key)
                yield made

    def _same_inputs(self, key: ComponentKey) -> bool:
        """A component that moved though its inputs did not: the parameters in force for the account are others."""
        then, now = self.then.found, self.now_as_set.found
        if then.case.parameters == now.case.parameters:
            return False
        before, after = ({name: f.value for name, f in found.components.get(key, {}).items()} for found in (then, now))
        return before == after


def compared(
    then: AccountSnapshot,
    now: AccountSnapshot,
    old: HealthParameters,
    new: HealthParameters,
    today: HealthParameters,
    currency: str,
) -> Comparison:
    """An account on two days; `old` and `new` are the settings of these (see `in_force`), `today` those of others."""
    as_of = now.as_of
    before, after_as_set = _findings(then, old, currency), _findings(now, old, currency)
    after = after_as_set if new == old else _findings(now, new, currency)
    of_new = "" if new == today else f".on_{as_of}"
    of_old = of_new if old == new else "" if old == today else f".set_{then.as_of}"
    sides = (
        Side(before, f".on_{then.as_of}", f"on {then.as_of}", as_of),
        Side(after_as_set, of_old, f"under the settings of {then.as_of}", as_of),
        Side(after, of_new, f"under the settings of {as_of}", as_of),
    )
    made = ledger(before.case.scores, after_as_set.case.scores, after.case.scores)
    alike = [before.case.known(share) for share in comparable(before.case.scores, after_as_set.case.scores)]
    lines = (*_component_lines(*sides[:2], made), _settings_line(*sides, made))
    return Comparison(*sides, lines, _change_figure(sides[0], sides[2], lines, float(made.change[0])), *alike)


SCORING = {"weights", "components", "tiers", "indicators", "churn", "overrides"}
"""The settings on which scores and indicators depend; the others are words and plans."""


def in_force(
    old: HealthParameters, new: HealthParameters, today: HealthParameters
) -> tuple[HealthParameters, HealthParameters]:
    """The settings of the two days. Those that score as others do are taken for the same, the newest of them."""
    new = today if _score_alike(new, today) else new
    return next((other for other in (new, today) if _score_alike(old, other)), old), new


def _score_alike(one: HealthParameters, other: HealthParameters) -> bool:
    return one is other or one.model_dump(include=SCORING) == other.model_dump(include=SCORING)


def signed(figure: Figure) -> Text:
    """A difference with its sign."""
    return text("+", figure) if isinstance(figure.value, (int, float)) and figure.value > 0 else text(figure)


def named(lines: Sequence[Line], most: int) -> Text:
    """Lines in a row: "NPS -3.2, Outcomes +1.0"."""
    told = [text(f"{line.label} ", signed(line.figure)) for line in lines[:most]]
    more = f" and {len(lines) - most} more" if len(lines) > most else ""
    return text(*(span for i, part in enumerate(told) for span in ((", ", *part) if i else part)), more)


def knowledge_words(comparison: Comparison) -> str:
    """What appeared and what went missing: "NPS appeared, Outcomes went missing"."""
    parts = []
    for group, words in CAME_OR_WENT.items():
        labels = [line.label for line in comparison.in_group(group)]
        parts += [f"{listing(labels)} {words}"] if labels else []
    return ", ".join(parts)


def main_line(comparison: Comparison) -> Line | None:
    """The line that moved the score most in the direction in which it went; None where what is known moved it more."""
    direction = 1 if comparison.moved > 0 else -1
    candidates = comparison.in_group(CHANGED, SETTINGS)
    line = max(candidates, key=lambda line: direction * line.moved, default=None)
    known = direction * comparison.sum_of(*KNOWLEDGE)
    return None if line is None or known >= direction * line.moved else line


def main_cause(comparison: Comparison) -> Text:
    """What moved the score most in the direction in which it went: a component's data, what is known, or the settings.

    Empty where the score did not move.
    """
    if abs(comparison.moved) <= NOTHING:
        return ()
    line = main_line(comparison)
    if line is None:
        words = knowledge_words(comparison) or "other components apply"
        return text("what is known changed, and not the customer: ", words)
    if line.key is None:
        return text("the settings changed, and not the customer: ", signed(line.figure), " points")
    return text(f"{line.label} ", signed(line.figure), " points (", comparison.because(line), ")")


def _stated(found: Findings) -> Iterator[Figure]:
    """Every figure of the findings, and those of the promises that actions rest on."""
    yield from found.all_figures()
    for clock in found.promises:
        yield from clock.figures


def _findings(snapshot: AccountSnapshot, parameters: HealthParameters, currency: str) -> Findings:
    return findings(assess(snapshot.columns, parameters).case(0, currency), snapshot)


def _component_lines(then: Side, now: Side, made: Ledger) -> Iterator[Line]:
    since, case = then.found.case.as_of, now.found.case
    for key in COMPONENTS:
        rule = (
            f"100 × {_plain(now.points(key))} ÷ {_plain(now.most_known)} on {case.as_of} − "
            f"100 × {_plain(then.points(key))} ÷ {_plain(then.most_known)} on {since}: its points of the most that "
            f"the known components give, both under the settings of {since}"
        )
        made_of = tuple(
            Evidence(kind="figures", id=side.ref(f"health.{key}.points").figure)
            for side in (now, then)
            if side.is_known(key)
        )
        label, value = f"{COMPONENT_LABELS[key]}: what it moved the score", float(made.lines[key][0])
        shown = figure(case, f"health.ledger.{key}.since_{since}", label, value, "points", rule, made_of)
        yield Line(key, made.groups[key][0], shown)


def _settings_line(then: Side, now_as_set: Side, now: Side, made: Ledger) -> Line:
    since, case = then.found.case.as_of, now.found.case
    rule = (
        f"{_plain(now.share)} under the settings of {case.as_of} − {_plain(now_as_set.share)} under those of {since}, "
        f"both over the data of {case.as_of}"
    )
    keys = dict.fromkeys(side.ref("health.score").figure for side in (now, now_as_set))
    made_of = tuple(Evidence(kind="figures", id=key) for key in keys)
    value, label = float(made.settings[0]), "Settings: what they moved the score"
    shown = figure(case, f"health.ledger.settings.since_{since}", label, value, "points", rule, made_of)
    return Line(None, SETTINGS, shown)


def _change_figure(then: Side, now: Side, lines: Sequence[Line], value: float) -> Figure:
    since, case = then.found.case.as_of, now.found.case
    rule = (
        f"{_plain(now.share)} − {_plain(then.share)}, points of the most that the known components give on each day; "
        "the lines of the ledger together"
    )
    made_of = tuple(Evidence(kind="figures", id=line.figure.key) for line in lines)
    return figure(case, f"health.change.since_{since}", "Change of the score", value, "points", rule, made_of)


def _plain(number: float | None) -> str:
    """A number within a formula, to four decimals; what is not known counts 0."""
    return f"{round(number or 0.0, 4):,}".removesuffix(".0")
