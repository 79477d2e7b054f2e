"""What to do next: the plays of the playbook that the findings call for, in its order, price last."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from app.domain.figures import Figure, Ref, Text, text
from app.domain.snapshot import Flags
from app.domain.windows import add_working_days
from tools.health import selections
from tools.health.case import figure
from tools.health.data import ActionData
from tools.health.findings import Findings
from tools.health.indicators import INDICATORS, IndicatorKey
from tools.health.onboarding import stage
from tools.health.parameters import PlayKey
from tools.health.promises import ours_overdue, shortened
from tools.health.scoring import COMPONENTS, GREEN, RED, YELLOW
from tools.health.watch import WatchKey
from tools.health.wording import INDICATOR_LABELS, ONLY_TIME_BRINGS, WATCH_LABELS, counted, listing

AT_RISK = ("high", "critical")
LEADING: tuple[PlayKey, ...] = ("open_sev1", "overdue_promise", "renewal", "onboarding_milestone")
LAST: PlayKey = "pricing_discussion"
MOST_NAMED = 5
"""Of more tickets than so many, only these are named in a reason."""


def next_actions(found: Findings) -> tuple[ActionData, ...]:
    """The actions that the findings call for, by due day; none where there is no customer (any more, or yet)."""
    if found.case.account.lifecycle == "churned" or found.case.begins is not None:
        return ()
    reasons = ((key, _REASONS[key](found)) for key in found.case.parameters.playbook)
    actions = [_action(found, key, because) for key, because in reasons if because is not None]
    return _in_order(actions)


def _in_order(actions: Sequence[ActionData]) -> tuple[ActionData, ...]:
    """Those that lead, then by due day, as the playbook has them on one day; price last, and due no sooner."""
    leading = [action for action in actions if action.key in LEADING]
    others = sorted((a for a in actions if a.key not in (*LEADING, LAST)), key=lambda action: action.due)
    latest = max((action.due for action in (*leading, *others)), default=dt.date.min)
    price = [a.model_copy(update={"due": max(a.due, latest)}) for a in actions if a.key == LAST]
    return (*leading, *others, *price)


def due_figures(found: Findings, actions: tuple[ActionData, ...]) -> tuple[Figure, ...]:
    """When each action is due, as figures."""
    return tuple(_due_figure(found, action) for action in actions)


def _due_figure(found: Findings, action: ActionData) -> Figure:
    days = found.case.parameters.playbook[action.key].due_working_days
    rule = "as_of and 1 working day" if days == 1 else f"as_of and {days} working days"
    if action.key == LAST:
        rule = f"{rule}, and no sooner than any other action"
    if action.key == "onboarding_milestone":
        rule = f"the end of the onboarding phase; where that is over, {rule}"
    label = f"Due day: {action.key.replace('_', ' ')}"
    return figure(found.case, f"action.{action.key}.due", label, action.due, "date", rule)


def due_ref(found: Findings, action: ActionData) -> Text:
    """The place of an action's due day in a text."""
    return (Ref(figure=f"action.{action.key}.due", account_id=found.case.account.id),)


def missing_data(found: Findings) -> tuple[str, ...]:
    """What somebody can bring in for unknown components and indicators, the component that decides the tier first."""
    case, row = found.case, found.case.row
    components, indicators = case.scores.components, case.churn.indicators
    ordered = sorted(COMPONENTS, key=lambda key: key != case.scores.decided_by[row])
    lacking = [case.component_missing(key) for key in ordered if components[key].missing[row] not in ONLY_TIME_BRINGS]
    lacking += [
        case.indicator_missing(key) for key in INDICATORS if indicators[key].missing[row] not in ONLY_TIME_BRINGS
    ]
    return tuple(dict.fromkeys(words for words in lacking if words))


def _action(found: Findings, key: PlayKey, because: Text) -> ActionData:
    case = found.case
    play = case.parameters.playbook[key]
    words, due = play.text, max(case.as_of, add_working_days(case.as_of, play.due_working_days))
    now = stage(case.account, case.as_of, case.parameters.onboarding)
    if key == "onboarding_milestone" and now is not None:
        words = now.phase.milestone
        due = now.ends if now.ends is not None and now.ends >= case.as_of else due
    return ActionData(key=key, text=words, because=because, stakeholder=play.stakeholder, due=due)


def _renewal(found: Findings) -> Text | None:
    """The contract lapsed, or the decision is due within the days of the parameters or overdue."""
    figures = found.figures
    if "renewal.days_lapsed" in figures:
        return text("the contract lapsed ", counted(figures["renewal.days_lapsed"], "day", "days"), " ago")
    left = figures.get("renewal.days_to_decision")
    if left is None or not isinstance(left.value, int) or left.value > found.case.parameters.renewal_first_days:
        return None
    if left.value < 0:
        return text("the decision date ", figures["renewal.decision_date"], " is over")
    return text("the decision date is in ", counted(left, "day", "days"))


def _overdue_promise(found: Findings) -> Text | None:
    """Our longest overdue promise, and how many more there are."""
    late = ours_overdue(found.promises)
    if not late:
        return None
    first, others = late[0], len(late) - 1
    more = f", and {others} more" if others else ""
    return text(f"“{shortened(first.promise.what)}”, ", first.told(), more)


def _onboarding(found: Findings) -> Text | None:
    case = found.case
    now = stage(case.account, case.as_of, case.parameters.onboarding)
    if now is None:
        return None
    day = "contract start unknown" if now.day is None else f"day {now.day} of {case.parameters.onboarding.days}"
    return text(f"{day}: {now.phase.name}")


def _open_sev1(found: Findings) -> Text | None:
    portfolio = found.case.portfolio
    ids = _own_tickets(found, selections.tickets_open(portfolio) & (portfolio.tickets.severity == selections.SEV1))
    return text(_tickets("open SEV1 ticket", ids)) if ids else None


def _tickets(which: str, ids: Sequence[str]) -> str:
    """Tickets by their ids: "open SEV1 ticket T-1"; "" where there are none."""
    named = [*ids[:MOST_NAMED], *([f"{len(ids) - MOST_NAMED} more"] if len(ids) > MOST_NAMED else [])]
    return f"{which}{'' if len(ids) == 1 else 's'} {listing(named)}" if ids else ""


def _own_tickets(found: Findings, rows: Flags) -> list[str]:
    """The ids of this account's tickets among the selected rows."""
    tickets = found.case.portfolio.tickets
    return [str(ticket) for ticket in tickets.id[rows & (tickets.account == found.case.row)]]


def _overdue_tickets(found: Findings) -> Text | None:
    """A support spike, or tickets that are open and late or escalated."""
    if found.triggered("support_spike"):
        return _triggered(found, "support_spike")
    portfolio, targets = found.case.portfolio, found.case.parameters.components.resolution_time.target_hours
    late = _own_tickets(found, selections.tickets_overdue(portfolio, targets))
    escalated = _own_tickets(found, selections.tickets_open(portfolio) & portfolio.tickets.escalated)
    told = [words for words in (_tickets("late ticket", late), _tickets("open escalated ticket", escalated)) if words]
    return text("; ".join(told)) if told else None


def _executive_escalation(found: Findings) -> Text | None:
    return _risk(found) if found.tier == RED or found.level in AT_RISK else None


def _success_plan(found: Findings) -> Text | None:
    called_for = found.tier in (YELLOW, RED) or found.level in ("elevated", *AT_RISK)
    return _risk(found) if called_for else None


def _engineering_support(found: Findings) -> Text | None:
    """Only where the risk is technical: support that does not keep up."""
    return _overdue_tickets(found) if found.tier == RED or found.level in AT_RISK else None


def _risk(found: Findings) -> Text:
    tier = "" if found.tier == "unknown" else f"{found.tier} score, "
    return text(f"{tier}churn level {found.level}")


def _champion_departure(found: Findings) -> Text | None:
    if found.champion_forsaken():
        return found.component_seen("champion")
    return _triggered(found, "champion_departure")


def _product_gap(found: Findings) -> Text | None:
    if found.triggered("competitor"):
        return _triggered(found, "competitor")
    still_open = set(_own_tickets(found, selections.tickets_open(found.case.portfolio)))
    wanted = found.case.parameters.product_gap_categories
    asked = [t.id for t in found.snapshot.tickets if t.id in still_open and (t.category or "").lower() in wanted]
    return text(_tickets("open feature request", asked)) if asked else None


def _data_gaps(found: Findings) -> Text | None:
    missing = missing_data(found)
    return text("; ".join(missing)) if missing else None


def _expansion(found: Findings) -> Text | None:
    return text("green score, churn level low") if found.tier == GREEN and found.level == "low" else None


def _pricing_discussion(found: Findings) -> Text | None:
    return _risk(found) if found.level in AT_RISK else None


def _triggered(found: Findings, key: IndicatorKey) -> Text | None:
    return text(f"{INDICATOR_LABELS[key]}: ", found.indicator_seen(key)) if found.triggered(key) else None


def _watched(found: Findings, key: WatchKey) -> Text | None:
    return text(f"{WATCH_LABELS[key]}: ", found.watch_seen(key)) if key in found.case.watching else None


_REASONS: Mapping[PlayKey, Callable[[Findings], Text | None]] = {
    "overdue_promise": _overdue_promise,
    "renewal": _renewal,
    "onboarding_milestone": _onboarding,
    "open_sev1": _open_sev1,
    "overdue_tickets": _overdue_tickets,
    "usage_decline": lambda found: _triggered(found, "usage_decline"),
    "executive_escalation": _executive_escalation,
    "missed_meetings": lambda found: _triggered(found, "missed_meetings"),
    "success_plan": _success_plan,
    "engineering_support": _engineering_support,
    "champion_departure": _champion_departure,
    "low_adoption": lambda found: _triggered(found, "low_adoption"),
    "budget_cuts": lambda found: _triggered(found, "budget_cuts"),
    "error_spike": lambda found: _watched(found, "error_spike"),
    "three_declines": lambda found: _watched(found, "three_declines"),
    "gone_quiet": lambda found: _watched(found, "gone_quiet"),
    "onboarding_stalled": lambda found: _watched(found, "onboarding_stalled"),
    "product_gap": _product_gap,
    "data_gaps": _data_gaps,
    "expansion": _expansion,
    "pricing_discussion": _pricing_discussion,
}
