"""The answer for one account: verdict, score, indicators, actions, and what the reader must know of the data."""

from app.domain.blocks import (
    Block,
    Checklist,
    Column,
    Heading,
    ScoreCard,
    ScoreLine,
    Table,
    Task,
)
from app.domain.command import Report
from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence, Ref, text
from app.domain.snapshot import AccountSnapshot, PortfolioSnapshot
from tools.health import promises
from tools.health.actions import due_figures, next_actions
from tools.health.case import assess
from tools.health.data import (
    AccountHealth,
    ActionData,
    ComponentData,
    IndicatorData,
    InputValue,
    WatchData,
    account_fields,
)
from tools.health.findings import Findings, findings
from tools.health.indicators import INDICATORS, TRIGGERED
from tools.health.inputs import Inputs
from tools.health.notices import notices
from tools.health.onboarding import Stage, phase_end, stage
from tools.health.parameters import ComponentKey, HealthParameters
from tools.health.parents import Group, group
from tools.health.scoring import COMPONENTS, KNOWN
from tools.health.verdict import verdict
from tools.health.watch import WATCH_ITEMS, WatchKey
from tools.health.wording import COMPONENT_LABELS, INDICATOR_LABELS, WATCH_LABELS


def report(
    snapshot: AccountSnapshot,
    parameters: HealthParameters,
    currency: str,
    below: PortfolioSnapshot | None = None,
    limit: int = 20,
) -> Report:
    """The health of the snapshot's account; `currency` counts where the account names none.

    `below` are the accounts below it, where it is a parent: `limit` of them are shown.
    """
    found = findings(assess(snapshot.columns, parameters).case(0, currency), snapshot)
    actions = next_actions(found)
    family = group(found.case, below, parameters, limit) if below is not None and len(below) else None
    blocks: list[Block] = [verdict(found, actions, family.line if family else ())]
    now = stage(found.case.account, found.case.as_of, found.case.parameters.onboarding)
    if now is not None and now.day is not None:
        blocks.append(_plan(found, now))
    blocks += [_score_card(found), Heading(text=text("Churn indicators")), _indicator_table(found)]
    if actions:
        blocks += [Heading(text=text("What to do next")), _checklist(actions)]
    blocks += promises.block(found.promises)
    blocks += family.blocks if family else ()
    clocks = (figure for clock in found.promises for figure in clock.figures)
    figures = (*found.all_figures(), *due_figures(found, actions), *clocks, *(family.figures if family else ()))
    return Report(_data(found, actions, family), (*blocks, *notices(found), *_watch_items(found)), figures)


def _data(found: Findings, actions: tuple[ActionData, ...], family: Group | None) -> AccountHealth:
    case = found.case
    return AccountHealth(
        **account_fields(case),
        begins=case.begins,
        group=family.data if family else None,
        decided_by=found.decided_by,
        components=tuple(_component_data(found, key) for key in COMPONENTS),
        indicators=tuple(_indicator_data(found, i) for i in range(len(INDICATORS))),
        watch=tuple(watch_data(found, key) for key in WATCH_ITEMS),
        actions=actions,
        promises=tuple(clock.data() for clock in found.promises),
    )


def _component_data(found: Findings, key: ComponentKey) -> ComponentData:
    case, component = found.case, found.case.scores.components[key]
    return ComponentData(
        key=key,
        label=COMPONENT_LABELS[key],
        state=component.state[case.row],
        points=case.known(component.points),
        max=float(component.max[case.row]),
        inputs=_input_values(found.components.get(key, {})),
        missing=case.component_missing(key),
    )


def _indicator_data(found: Findings, position: int) -> IndicatorData:
    key = INDICATORS[position]
    inputs = found.indicators.get(key, {})
    return IndicatorData(
        key=key,
        label=INDICATOR_LABELS[key],
        state=found.case.churn.indicators[key].state[found.case.row],
        evidence=_evidence(inputs),
        inputs=_input_values(inputs),
        missing=found.case.indicator_missing(key),
    )


def watch_data(found: Findings, key: WatchKey) -> WatchData:
    """A watch item as typed data."""
    inputs = found.watch.get(key, {})
    return WatchData(
        key=key,
        label=WATCH_LABELS[key],
        state=found.case.watch[key].state[found.case.row],
        evidence=_evidence(inputs),
        inputs=_input_values(inputs),
        missing=found.case.watch_missing(key),
    )


def _input_values(inputs: Inputs) -> dict[str, InputValue]:
    return {f.key: InputValue.model_validate({"value": f.value, "unit": f.unit}) for f in inputs.values()}


def _evidence(inputs: Inputs) -> tuple[Evidence, ...]:
    """The records of all inputs, each once; where these are too many, the inputs' figures."""
    records = tuple(dict.fromkeys(record for figure in inputs.values() for record in figure.evidence))
    if len(records) <= MAX_LISTED_EVIDENCE:
        return records
    return tuple(Evidence(kind="figures", id=figure.key) for figure in inputs.values())


def _plan(found: Findings, now: Stage) -> Table:
    """The onboarding plan with its dates; where the account stands in it."""
    start, as_of = found.case.account.contract_start, found.case.as_of
    rows = []
    for phase in found.case.parameters.onboarding.phases:
        ends = phase_end(start, phase) if start is not None else None
        where = "now" if phase == now.phase else "over" if ends is not None and ends < as_of else "ahead"
        rows.append((text(phase.name), text(str(ends)), text(where), text(phase.milestone)))
    columns = tuple(Column(label=label) for label in ("Phase", "Until", "State", "Milestone"))
    return Table(columns=columns, rows=tuple(rows))


def _score_card(found: Findings) -> ScoreCard:
    case = found.case

    def ref(key: str) -> Ref:
        return Ref(figure=key, account_id=case.account.id)

    lines = []
    for key in COMPONENTS:
        component = case.scores.components[key]
        state = component.state[case.row]
        lines.append(
            ScoreLine(
                label=COMPONENT_LABELS[key],
                state=state,
                points=ref(f"health.{key}.points") if state == KNOWN else None,
                max=float(component.max[case.row]),
                because=found.component_seen(key),
            )
        )
    return ScoreCard(
        score=ref("health.score") if found.tier != "unknown" else None,
        low=ref("health.band.low"),
        high=ref("health.band.high"),
        coverage=ref("health.coverage"),
        tier=found.tier,
        provisional=bool(case.scores.provisional[case.row]),
        lines=tuple(lines),
    )


def _indicator_table(found: Findings) -> Table:
    """Triggered ones first, and the watch items that are triggered."""
    states = {key: str(found.case.churn.indicators[key].state[found.case.row]) for key in INDICATORS}
    ordered = sorted(INDICATORS, key=lambda key: states[key] != TRIGGERED)
    rows = [
        (text(INDICATOR_LABELS[key]), text(states[key].replace("_", " ")), found.indicator_seen(key)) for key in ordered
    ]
    rows += [
        (text(f"Watch: {WATCH_LABELS[key].lower()}"), text(TRIGGERED), found.watch_seen(key))
        for key in found.case.watching
    ]
    columns = tuple(Column(label=label) for label in ("Indicator", "State", "What was seen"))
    return Table(columns=columns, rows=tuple(rows))


def _watch_items(found: Findings) -> tuple[Block, ...]:
    """All watch items, folded: those that are triggered stand among the indicators."""
    states = {key: str(found.case.watch[key].state[found.case.row]) for key in WATCH_ITEMS}
    rows = [
        (text(WATCH_LABELS[key]), text(states[key].replace("_", " ")), found.watch_seen(key)) for key in WATCH_ITEMS
    ]
    columns = tuple(Column(label=label) for label in ("Watch item", "State", "What was seen"))
    return Heading(text=text("Watch items"), folded=True), Table(columns=columns, rows=tuple(rows))


def _checklist(actions: tuple[ActionData, ...]) -> Checklist:
    items = (Task(text=text(a.text, " Because: ", a.because), owner=a.stakeholder, due=a.due) for a in actions)
    return Checklist(items=tuple(items))
