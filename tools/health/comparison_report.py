"""The answer of /health compare: what moved the score, what else changed, and what to do next."""

from collections.abc import Iterator, Sequence

from app.domain.blocks import Block, Checklist, Column, Heading, Notice, Table, Task, Tone, Verdict
from app.domain.command import Report
from app.domain.figures import Evidence, Figure, Text, text
from tools.health.actions import due_figures, next_actions
from tools.health.case import figure
from tools.health.comparison import (
    CAME_OR_WENT,
    GROUPS,
    NOTHING,
    SETTINGS,
    Comparison,
    Line,
    Side,
    main_cause,
    main_line,
    named,
    signed,
)
from tools.health.data import (
    ActionData,
    DayHealth,
    FieldChange,
    HealthComparison,
    IndicatorChange,
    InputValue,
    LedgerGroup,
    LedgerLine,
    LedgerSide,
    SettingChange,
)
from tools.health.fields import AccountField, changed_fields, field_figure, field_words
from tools.health.indicators import INDICATORS, TRIGGERED
from tools.health.ledger import APPEARED, CHANGED, COVERAGE, UNCHANGED, WENT_MISSING
from tools.health.notices import notices
from tools.health.scoring import UNKNOWN
from tools.health.verdict import TONES
from tools.health.wording import INDICATOR_LABELS, listing

GROUP_LABELS: dict[LedgerGroup, str] = {
    CHANGED: "data changed",
    APPEARED: "appeared",
    WENT_MISSING: "went missing",
    SETTINGS: "settings changed",
    COVERAGE: "coverage",
    UNCHANGED: "no change",
}
SUMS: dict[LedgerGroup, str] = {group: label for group, label in GROUP_LABELS.items() if group != UNCHANGED}
LINES_TOLD = 3
SETTINGS_TOLD = 20


def report(comparison: Comparison, settings: tuple[SettingChange, ...], *, swapped: bool) -> Report:
    """The ledger in a verdict and a table; indicators, fields and settings that changed; the next actions.

    `swapped` says that the user gave the later day first.
    """
    then, now = comparison.then, comparison.now
    actions = next_actions(now.found)
    fields = changed_fields(then.found.case.account, now.found.case.account)
    data = HealthComparison(
        id=now.found.case.account.id,
        name=now.found.case.account.name,
        then=day_health(then),
        now=day_health(now),
        change=comparison.moved,
        lines=tuple(_line_data(comparison, line) for line in comparison.lines),
        indicators=tuple(indicator_changes(comparison)),
        fields=tuple(_field_data(comparison, field) for field in fields),
        settings=settings,
        actions=tuple(a.model_copy(update={"because": now.text(a.because)}) for a in actions),
    )
    sums = _sum_figures(comparison)
    blocks: list[Block] = [_verdict(comparison, data, sums), Heading(text=text("Ledger")), _ledger_table(comparison)]
    if data.indicators:
        blocks += [Heading(text=text("Indicators that changed")), _indicator_table(data.indicators)]
    if fields:
        blocks += [Heading(text=text("Account fields that changed")), _field_table(comparison, fields)]
    if settings:
        blocks += [Heading(text=text("Settings that changed"), folded=True), _settings_table(settings)]
    if actions:
        blocks += [Heading(text=text("What to do next"), folded=True), _checklist(data.actions)]
    told = [side.named(field_figure(side.found.case, field)) for side in (then, now) for field in fields]
    dues = [now.named(made) for made in due_figures(now.found, actions)]
    figures = {made.key: made for made in (*comparison.figures(), *sums.values(), *told, *dues)}
    return Report(data, (*blocks, *_notices(comparison, swapped=swapped)), tuple(figures.values()))


def day_health(side: Side) -> DayHealth:
    """How the account stood on the side's day."""
    case, scores, row = side.found.case, side.found.case.scores, side.found.case.row
    return DayHealth(
        on=case.as_of,
        score=side.score,
        share=side.share,
        band=(float(scores.low[row]), float(scores.high[row])),
        coverage=float(scores.coverage[row]),
        tier=scores.tier[row],
        provisional=bool(scores.provisional[row]),
        churn_level=case.churn.level[row],
        arr=case.known(case.portfolio.arr),
    )


def _line_data(comparison: Comparison, line: Line) -> LedgerLine:
    return LedgerLine(
        key=line.key or "settings",
        label=line.label,
        group=line.group,
        moved=line.moved,
        because=comparison.because(line),
        then=_line_side(comparison.then, line),
        now=_line_side(comparison.now_as_set, line),
    )


def _line_side(side: Side, line: Line) -> LedgerSide | None:
    if line.key is None:
        return None
    inputs = side.found.components.get(line.key, {}).values()
    return LedgerSide.model_validate(
        {
            "state": side.state(line.key),
            "points": side.points(line.key),
            "max": side.most(line.key),
            "inputs": {
                side.ref(f.key).figure: InputValue.model_validate({"value": f.value, "unit": f.unit}) for f in inputs
            },
            "missing": side.found.case.component_missing(line.key),
        }
    )


def indicator_changes(comparison: Comparison) -> Iterator[IndicatorChange]:
    """Indicators in another state than before, those that are triggered now first."""
    then, now = comparison.then.found, comparison.now.found
    changed = []
    for key in INDICATORS:
        before, after = (str(f.case.churn.indicators[key].state[f.case.row]) for f in (then, now))
        if before != after:
            because = comparison.now.text(now.indicator_seen(key))
            label = INDICATOR_LABELS[key]
            changed.append(
                IndicatorChange.model_validate(
                    {"key": key, "label": label, "then": before, "now": after, "because": because}
                )
            )
    yield from sorted(changed, key=lambda change: change.now != TRIGGERED)


def _field_data(comparison: Comparison, field: AccountField) -> FieldChange:
    before, after = (getattr(side.found.case.account, field.name) for side in (comparison.then, comparison.now))
    return FieldChange(field=field.name, label=field.label, then=before, now=after)


def _sum_figures(comparison: Comparison) -> dict[str, Figure]:
    """What each group of lines moved together, and the share over what is known on both days."""
    case, since = comparison.now.found.case, comparison.since
    made: dict[str, Figure] = {}
    for group, label in SUMS.items():
        lines = comparison.in_group(group)
        made_of = tuple(Evidence(kind="figures", id=line.figure.key) for line in lines)
        key, rule = f"health.change.{group}.since_{since}", "the sum of these lines of the ledger"
        told = f"Change of the score, {label}"
        made[group] = figure(case, key, told, comparison.sum_of(group), "points", rule, made_of)
    for name, value, day in (
        ("before", comparison.before_alike, since),
        ("after", comparison.after_alike, comparison.until),
    ):
        key, label = f"health.alike.{name}.since_{since}", f"Share of points on {day}, of what is known on both days"
        rule = f"100 × points ÷ the most, over the components known on {since} and on {comparison.until}"
        made[name] = figure(case, key, label, value, "points", rule)
    for name, side in (("share.then", comparison.then), ("share.now", comparison.now)):
        rule = "100 × points ÷ the most that the known components give; the score, wherever coverage allows one"
        label = "Points of what is known"
        made[name] = side.named(figure(case, "health.share", label, side.share, "points", rule))
    return made


def _verdict(comparison: Comparison, data: HealthComparison, made: dict[str, Figure]) -> Verdict:
    lines = (
        _cause_line(comparison),
        _data_line(comparison, made),
        _knowledge_line(comparison, made),
        _settings_line(comparison),
        _band_line(comparison),
        _churn_line(comparison, data),
        _contract_line(comparison),
        _next_line(comparison, data),
    )
    return Verdict(tone=_tone(data), headline=_headline(comparison, made), lines=tuple(line for line in lines if line))


def _tone(data: HealthComparison) -> Tone:
    """Of where the account stands now; a fall is a warning at least."""
    tone = "bad" if data.now.churn_level in ("high", "critical") else TONES[data.now.tier]
    return "warning" if tone == "good" and data.change < -NOTHING else tone


def _headline(comparison: Comparison, made: dict[str, Figure]) -> Text:
    then, now, name = comparison.then, comparison.now, comparison.now.found.case.account.name
    since, until = comparison.since, comparison.until
    change = text(signed(comparison.change), " points")
    if not comparison.has_scores:
        without = [str(side.found.case.as_of) for side in (then, now) if side.score is None]
        told = f": no score on {listing(without)}, coverage is too little; of what is known it has "
        return text(
            name, told, made["share.now"], f" of 100 points on {until}, had ", made["share.then"], f" on {since}"
        )
    score, before = (now.ref("health.score"),), (then.ref("health.score"),)
    if abs(comparison.moved) <= NOTHING:
        return text(name, ": ", score, f" of 100 ({now.found.tier}) on {until} as on {since}")
    of_the_customer = main_line(comparison) is not None
    way = "went" if not of_the_customer else "rose" if comparison.moved > 0 else "fell"
    was = text(f" {way} from ", before, f" ({then.found.tier}) on {since} to ", score, f" ({now.found.tier})")
    return text(name, was, f" on {until}: ", change)


def _cause_line(comparison: Comparison) -> Text:
    cause = main_cause(comparison)
    return text("Mostly because ", cause, ".") if cause else ()


def _data_line(comparison: Comparison, made: dict[str, Figure]) -> Text:
    lines = comparison.in_group(CHANGED)
    if not lines:
        return text("No component's data changed its points.")
    return text("Data changed (", signed(made[CHANGED]), " together): ", named(lines, LINES_TOLD), ".")


def _knowledge_line(comparison: Comparison, made: dict[str, Figure]) -> Text:
    """What became known or unknown, and what the score did over what is known on both days."""
    parts = [
        text(f"{words} ", named(lines, LINES_TOLD))
        for group, words in CAME_OR_WENT.items()
        if (lines := comparison.in_group(group))
    ]
    if not parts:
        return ()
    told = text("What is known changed: ", *(span for i, p in enumerate(parts) for span in ((", ", *p) if i else p)))
    told = text(told, ", coverage of the others ", signed(made[COVERAGE]))
    if comparison.before_alike is None or comparison.after_alike is None:
        return text(told, "; nothing is known on both days.")
    return text(told, "; over what is known on both days ", made["before"], " became ", made["after"], ".")


def _settings_line(comparison: Comparison) -> Text:
    line = comparison.in_group(SETTINGS)[0]
    return text("Settings changed: ", signed(line.figure), ".") if abs(line.moved) > NOTHING else ()


def _band_line(comparison: Comparison) -> Text:
    def band(side: Side) -> Text:
        low, high, covered = (side.ref(f"health.{name}") for name in ("band.low", "band.high", "coverage"))
        scores, row = side.found.case.scores, side.found.case.row
        ends = (low,) if scores.low[row] == scores.high[row] else (low, "–", high)
        return (*ends, " (coverage ", covered, ")")

    return text("Band ", band(comparison.now), ", was ", band(comparison.then), ".")


def _churn_line(comparison: Comparison, data: HealthComparison) -> Text:
    before, after = data.then.churn_level, data.now.churn_level
    level = f"Churn level {after}" if before == after else f"Churn level {after}, was {before}"
    told = {"triggered": "newly triggered", "clear": "cleared", "unknown": "unknown now"}
    parts = []
    for state, words in told.items():
        labels = [c.label.lower() for c in data.indicators if c.now == state and (c.then, c.now) != (UNKNOWN, "clear")]
        parts += [f"{words}: {listing(labels)}"] if labels else []
    return text(f"{'; '.join([level, *parts])}.")


def _contract_line(comparison: Comparison) -> Text:
    then, now = comparison.then, comparison.now
    fields = changed_fields(then.found.case.account, now.found.case.account)
    arr, before = now.ref("arr"), then.ref("arr")
    told = text("ARR ", (arr,))
    if then.found.figures["arr"].value != now.found.figures["arr"].value:
        told = text(told, ", was ", (before,))
    labels = [field.label.lower() for field in fields]
    return text(told, f"; changed: {listing(labels)}." if labels else ".")


def _next_line(comparison: Comparison, data: HealthComparison) -> Text:
    if not data.actions:
        return ()
    first = data.actions[0]
    due = comparison.now.ref(f"action.{first.key}.due")
    return text(f"Next: {first.text} {first.stakeholder}, by ", (due,), ".")


def _ledger_table(comparison: Comparison) -> Table:
    """Every line, by why it moved, then by how far."""
    columns = (
        Column(label="Line"),
        Column(label="Moved", align="right"),
        Column(label="Why"),
        Column(label=str(comparison.since), align="right"),
        Column(label=str(comparison.until), align="right"),
        Column(label="What is so now, and was"),
    )
    rows = [_ledger_row(comparison, line) for group in GROUPS for line in comparison.in_group(group)]
    rows.append((text("Together"), signed(comparison.change), *(text(""),) * 4))
    return Table(columns=columns, rows=tuple(rows))


def _ledger_row(comparison: Comparison, line: Line) -> tuple[Text, ...]:
    moved = abs(line.moved) > NOTHING
    return (
        text(line.label),
        signed(line.figure),
        text(GROUP_LABELS[line.group] if line.key or moved else GROUP_LABELS[UNCHANGED]),
        _points(comparison.then, line),
        _points(comparison.now_as_set, line),
        comparison.because(line) if line.key or moved else text("the same on both days"),
    )


def _points(side: Side, line: Line) -> Text:
    """Points of the most they can be; the state where they are not known."""
    if line.key is None:
        return text("–")
    if not side.is_known(line.key):
        return text(side.state(line.key).replace("_", " "))
    return text((side.ref(f"health.{line.key}.points"),), f" of {side.most(line.key):g}")


def _indicator_table(changes: Sequence[IndicatorChange]) -> Table:
    columns = tuple(Column(label=label) for label in ("Indicator", "Now", "Before", "What was seen"))
    rows = ((text(c.label), text(c.now.replace("_", " ")), text(c.then.replace("_", " ")), c.because) for c in changes)
    return Table(columns=columns, rows=tuple(rows))


def _field_table(comparison: Comparison, fields: Sequence[AccountField]) -> Table:
    columns = tuple(Column(label=label) for label in ("Field", "Now", "Before"))
    sides = (comparison.now, comparison.then)
    rows = (
        (text(field.label), *(side.text(field_words(side.found.case, field)) for side in sides)) for field in fields
    )
    return Table(columns=columns, rows=tuple(rows))


def _settings_table(settings: Sequence[SettingChange]) -> Table:
    columns = tuple(Column(label=label) for label in ("Setting", "Now", "Before"))
    rows = tuple((text(s.setting), text(s.now), text(s.then)) for s in settings[:SETTINGS_TOLD])
    left = len(settings) - SETTINGS_TOLD
    return Table(columns=columns, rows=rows, more=text(f"and {left} more") if left > 0 else ())


def _checklist(actions: Sequence[ActionData]) -> Checklist:
    items = (Task(text=text(a.text, " Because: ", a.because), owner=a.stakeholder, due=a.due) for a in actions)
    return Checklist(items=tuple(items))


def _notices(comparison: Comparison, *, swapped: bool) -> list[Notice]:
    case, since = comparison.then.found.case, comparison.since
    told = []
    if swapped:
        told.append(f"The later day was given first; the answer tells how {since} became {comparison.until}.")
    if case.begins is not None:
        told.append(f"{case.account.name} was not a customer yet on {since}: its contract starts {case.begins}.")
    if case.portfolio.assumed_since[case.row] > 0:
        told.append(f"The account's fields are first on record after {since}: those of that day are assumed.")
    of_now = [n.model_copy(update={"text": comparison.now.text(n.text)}) for n in notices(comparison.now.found)]
    return [*(Notice(tone="neutral", text=text(words)) for words in told), *of_now]
