"""An escalation as it stands: the statement, what is decided on it, and what the account's data add."""

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import numpy as np

from app.domain.command import Context
from app.domain.contract import contract_figures
from app.domain.directory import AccountDirectory, AccountName
from app.domain.figures import Evidence, Figure, Text, account_figure, listed, text
from app.domain.records import Account
from app.domain.snapshot import AccountSnapshot
from tools.escalate.arguments import EscalateArgs
from tools.escalate.criteria import Criterion, judge
from tools.escalate.measures import find_failing_share
from tools.escalate.parameters import EscalateParameters
from tools.escalate.rubric import Follow, Gate, decide, follows
from tools.escalate.similar import SimilarEscalation, SimilarTicket, find_similar, find_similar_escalations
from tools.escalate.statement import Statement, understand

SHARE_DAYS = 7
"""The snapshot's window for errors and calls."""


@dataclass(frozen=True, slots=True)
class Case:
    """All that the report is made from. `figures` are by key."""

    snapshot: AccountSnapshot
    parameters: EscalateParameters
    stated: Statement
    similar: tuple[SimilarTicket, ...]
    similar_escalations: tuple[SimilarEscalation, ...]
    criteria: tuple[Criterion, ...]
    gate: Gate
    follows: tuple[Follow, ...]
    figures: Mapping[str, Figure]

    @property
    def account(self) -> Account:
        return self.snapshot.account

    @property
    def kinds(self) -> str:
        """The kind in words, or those that it may be; empty where none is known."""
        return " or ".join(self.parameters.kinds[kind].label for kind in self.stated.kinds)

    @property
    def due(self) -> str:
        """When what is missing is due, in the deployment's time zone."""
        return f"{self.follows[0].due:%Y-%m-%d %H:%M %Z}" if self.follows else ""

    @property
    def route(self) -> str:
        """Who takes it in engineering."""
        routes = dict.fromkeys(self.parameters.kinds[kind].route for kind in self.stated.kinds)
        return " and ".join(routes) or self.parameters.triage


def open_case(ctx: Context, args: EscalateArgs, snapshot: AccountSnapshot, parameters: EscalateParameters) -> Case:
    """Read the issue, judge it, and put the account's figures beside it."""
    stated, book = understand(args, parameters), ctx.escalations
    names = (snapshot.account.name, *(peer.account_name for peer in ctx.peers))
    similar = find_similar(stated, ctx.peers, names, parameters)
    accounts = {found.ticket.account_id for found in similar}
    criteria = judge(stated, len(accounts), parameters)
    gate = decide(stated, criteria, parameters)
    figures = (
        *contract_figures(snapshot.columns, 0, ctx.currency).values(),
        *_usage_figures(snapshot),
        _open_tickets(snapshot),
        *_escalation_figures(ctx, snapshot, stated, gate, len(accounts), parameters),
    )
    return Case(
        snapshot=snapshot,
        parameters=parameters,
        stated=stated,
        similar=similar,
        similar_escalations=find_similar_escalations(stated, snapshot.account.id, book, parameters) if book else (),
        criteria=criteria,
        gate=gate,
        follows=follows(gate, stated.severity, ctx.now.astimezone(ctx.timezone), parameters),
        figures={figure.key: figure for figure in figures},
    )


def contradictions(case: Case) -> Iterator[Text]:
    """What the text states otherwise than the account's data: customer, ARR, renewal, day, failed calls, a contract."""
    stated, account, figures = case.stated, case.account, case.figures
    directory = AccountDirectory([AccountName(account.id, account.name, account.aliases)])
    if stated.customer and not directory.exact(stated.customer):
        yield text(f"The text names the customer {stated.customer}; this escalation is for {account.name}.")
    arr = figures["arr"]
    if stated.arr and isinstance(arr.value, int | float) and _differs(case, float(arr.value), arr.unit):
        yield text(f"The text states {stated.arr.quote}; the ARR on record is ", arr, ".")
    if stated.renewal and account.renewal_date and _renews_otherwise(case, account.renewal_date):
        yield text(
            f"The text says “{stated.renewal.quote}”; the renewal date on record is ", figures["renewal.date"], "."
        )
    if failed := _dated_long_ago(case):
        yield text(f"The failure is dated {failed}, long before {case.snapshot.as_of}: confirm the date.")
    yield from _other_share(case)
    if account.lifecycle == "churned":
        yield text(f"{account.name} is on record as churned: confirm with its owner that it is still served.")


def _other_share(case: Case) -> Iterator[Text]:
    """Where the text says that far more, or fewer, calls fail than our usage data do."""
    share, said = case.figures.get("usage.error_share.7d"), find_failing_share(case.stated.texts.get("impact", ""))
    if share is None or said is None or not isinstance(share.value, int | float):
        return
    if abs(said.percent - share.value) > case.parameters.share_tolerance:
        window = f"the {SHARE_DAYS} days to {share.evidence[0].last}"
        told = f"The text says “{said.quote}”; in our usage data "
        yield text(told, share, f" of API calls failed in {window}. The two disagree: confirm the share.")


def _dated_long_ago(case: Case) -> dt.date | None:
    """The latest day of the failure, where that day lies too long before as_of."""
    days = [moment.day for moment in case.stated.moments]
    latest = max((day for day in days if day), default=None)
    if latest is None or None in days:
        return None
    return latest if (case.snapshot.as_of - latest).days > case.parameters.old_failure_days else None


def _differs(case: Case, ours: float, currency: str) -> bool:
    arr = case.stated.arr
    if arr is None:
        return False
    return currency not in arr.currencies or abs(arr.amount - ours) > case.parameters.arr_tolerance * ours


def _renews_otherwise(case: Case, ours: dt.date) -> bool:
    renewal = case.stated.renewal
    if renewal is None:
        return False
    if renewal.day is not None:
        return renewal.day != ours
    left = (ours - case.snapshot.as_of).days
    return renewal.days is not None and abs(renewal.days - left) > case.parameters.renewal_tolerance_days


def _usage_figures(snapshot: AccountSnapshot) -> Iterator[Figure]:
    """Calls, errors and their share; nothing where usage is not known or ends too long before as_of."""
    columns = snapshot.columns
    errors, calls = float(columns.usage.errors_7[0]), float(columns.usage.calls_7[0])
    if math.isnan(errors) or math.isnan(calls) or calls <= 0 or not columns.feeds.usable("usage")[0]:
        return
    last = dt.date.fromordinal(int(columns.feeds.window_end("usage")[0]))
    first = last - dt.timedelta(days=SHARE_DAYS - 1)
    href = f"/v1/accounts/{quote(snapshot.account.id, safe='')}/usage?from={first}&to={last}"
    evidence = (Evidence(kind="usage", first=first, last=last, count=int(columns.usage.rows_7[0]), href=href),)
    window, days = f"{SHARE_DAYS} days to {last}", "sum of the days"
    share = f"100 × errors ÷ API calls of the {SHARE_DAYS} days"
    yield _figure(snapshot, "usage.errors.7d", f"Errors, {window}", errors, "calls", days, evidence)
    yield _figure(snapshot, "usage.api_calls.7d", f"API calls, {window}", calls, "calls", days, evidence)
    yield _figure(
        snapshot, "usage.error_share.7d", f"Failed calls, {window}", 100 * errors / calls, "%", share, evidence
    )


def _open_tickets(snapshot: AccountSnapshot) -> Figure:
    tickets = snapshot.columns.tickets
    still = np.flatnonzero(np.isnat(tickets.resolved_at))
    rows = [(str(tickets.id[i]), tickets.opened_at[i].astype("datetime64[D]").item()) for i in still]
    known = bool(snapshot.columns.feeds.connected("tickets")[0])
    href = f"/v1/accounts/{quote(snapshot.account.id, safe='')}/tickets"
    return _figure(
        snapshot,
        "tickets.open",
        "Open tickets",
        len(rows) if known else None,
        "tickets",
        "tickets not resolved on as_of",
        listed("tickets", rows, href),
    )


def _escalation_figures(
    ctx: Context,
    snapshot: AccountSnapshot,
    stated: Statement,
    gate: Gate,
    similar_accounts: int,
    parameters: EscalateParameters,
) -> Iterator[Figure]:
    issue = (Evidence(kind="turns", id=ctx.turn_id),)
    rule = f"{parameters.full_marks:g} × items met ÷ items that apply"
    values: tuple[tuple[str, str, float | None, str, str], ...] = (
        ("quality", "Escalation quality", gate.quality, "points", rule),
        ("full_marks", "Best escalation quality", parameters.full_marks, "points", "set by the escalation policy"),
        ("threshold", "Escalation quality needed", parameters.threshold, "points", "set by the escalation policy"),
        ("items_met", "Items met", gate.met, "count", "items of the rubric that are stated"),
        ("items_applicable", "Items that apply", gate.applicable, "count", "items of the rubric for this kind"),
    )
    for name, label, value, unit, formula in values:
        yield _figure(snapshot, f"escalation.{name}", label, value, unit, formula, issue)
    ratio = stated.latency_ratio
    if ratio is not None:
        label, rule = "Latency, times normal", "latency now ÷ normal latency, as stated"
        yield _figure(snapshot, "escalation.latency_ratio", label, ratio, "ratio", rule, issue)
    if similar_accounts:
        label, rule = "Other accounts with a similar ticket", "accounts with an open ticket like it"
        yield _figure(snapshot, "escalation.similar_accounts", label, similar_accounts, "count", rule, issue)


def _figure(
    snapshot: AccountSnapshot,
    key: str,
    label: str,
    value: float | None,
    unit: str,
    formula: str,
    evidence: tuple[Evidence, ...],
) -> Figure:
    return account_figure(snapshot.account.id, snapshot.as_of, key, label, value, unit, formula, evidence)
