"""/renewal without an account: the calendar of renewals by decision date, and the forecast."""

import datetime as dt
from collections import defaultdict

import numpy as np

from app.domain.command import Context, Needs, Report
from app.domain.records import ArrMovement, Commitment, Contact, Signal, Touchpoint
from app.domain.snapshot import PortfolioSnapshot
from tools.health import HealthParameters, assess
from tools.health.case import Case
from tools.health.data import AccountLine
from tools.health.parents import account_line, counted_arr
from tools.health.portfolio import offset
from tools.renewal.arguments import RenewalArgs
from tools.renewal.calendar_answer import CalendarAnswer, Entry
from tools.renewal.case import level_of, tier_of
from tools.renewal.data import RenewalCalendar, RenewalLine
from tools.renewal.facts import RECORDS_DAYS, Facts, facts
from tools.renewal.forecast import (
    Notices,
    Standing,
    forecast,
    lost_arr,
    notices_given,
    quarter_of,
    standing,
    totals,
)
from tools.renewal.parameters import RenewalParameters
from tools.renewal.steps import PlannedStep, next_step, plan
from tools.renewal.terms import Term, term_of


def needs() -> Needs:
    return Needs(
        portfolio=True,
        records=(Touchpoint, Commitment, Contact, Signal, ArrMovement),
        records_since=RECORDS_DAYS,
        parameters_of=("health",),
    )


def report(ctx: Context, args: RenewalArgs) -> Report:
    """The renewals that pass the filters, a page of them, and the forecast over all of them.

    Raises:
        InvalidArguments: the cursor is none of ours, or lies beyond the last account.
    """
    portfolio, parameters = ctx.portfolio, ctx.parameters
    if portfolio is None or not isinstance(parameters, RenewalParameters):
        raise TypeError("the calendar needs the portfolio and the parameters of /renewal in its context")
    entries, undated = _entries(ctx, args, portfolio, parameters)
    lines = [entry.line for entry in entries]
    start = offset(args.cursor, len(lines))
    page, following = entries[start : start + args.limit], start + args.limit
    horizon = args.days or parameters.horizon_days
    data = RenewalCalendar(
        first=ctx.as_of,
        last=ctx.as_of + dt.timedelta(days=horizon),
        accounts=tuple(entry.line for entry in page),
        total=len(lines),
        lapsed=sum(line.lapsed_days is not None and line.bucket != "lost" for line in lines),
        forecast=forecast(lines),
        totals=totals(lines),
        undated=tuple(undated),
        next_cursor=str(following) if following < len(lines) else None,
    )
    return CalendarAnswer(ctx, args, parameters, data, entries).report(page)


def _entries(
    ctx: Context, args: RenewalArgs, portfolio: PortfolioSnapshot, parameters: RenewalParameters
) -> tuple[list[Entry], list[str]]:
    """The calendar, in its order, and the names of customers that have no date to plan for."""
    health = ctx.others["health"]
    if not isinstance(health, HealthParameters):
        raise TypeError("the calendar needs the parameters of /health in its context")
    assessment, added = assess(portfolio, health), counted_arr(portfolio, ctx.currency)
    known = {account.id: account for account in portfolio.accounts}
    rules = parameters.forecast
    told = notices_given(ctx.listing(Signal).records, ctx.listing(Touchpoint).records, ctx.as_of, rules)
    gone = lost_arr(ctx.listing(ArrMovement).records, ctx.as_of, rules.lost.notice_days)
    records, entries, undated = _facts(ctx), [], []
    for row, account in enumerate(portfolio.accounts):
        if (
            portfolio.not_yet[row]
            or not _passes(account.owner, args.owner)
            or not _passes(account.segment, args.segment)
        ):
            continue
        churned, term = account.lifecycle == "churned", _term(portfolio, row, ctx.as_of)
        if term is None:
            undated += [] if churned else [account.name]
            continue
        case = assessment.case(row, ctx.currency)
        own = parameters.for_account(account.segment, account.lifecycle)
        stands = _standing(case, term, told, own)
        if not _within(term, stands, ctx.as_of, args.days or parameters.horizon_days, parameters.lost_days):
            continue
        step = None
        if stands.bucket != "lost":
            at_risk = own.at_risk.holds(tier_of(case), level_of(case))
            step = next_step(plan(term, records.get(account.id, Facts()), ctx.as_of, own, at_risk=at_risk))
        counts = gone.get(account.id, np.nan) if churned else float(added[row])
        base = account_line(case, counts, known)
        line = _line(base, term, stands, step, quarter_of(term.renewal, ctx.as_of, ctx.fiscal_start), ctx.as_of)
        entries.append(Entry(line, base, case, term, step))
    return sorted(entries, key=_order), undated


def _term(portfolio: PortfolioSnapshot, row: int, as_of: dt.date) -> Term | None:
    """Of who churned the term on record, which does not go on."""
    account = portfolio.accounts[row]
    if account.lifecycle == "churned":
        account = account.model_copy(update={"auto_renew": False})
    return term_of(account, as_of)


def _order(entry: Entry) -> tuple[bool, bool, dt.date, str]:
    """Those that lapsed first, then by decision date; who is lost is no renewal any more and comes last."""
    line = entry.line
    lapsed = line.lapsed_days is not None
    return line.bucket == "lost", not lapsed, line.renewal_date if lapsed else line.decision_date, line.id


def _passes(value: str | None, wanted: str | None) -> bool:
    return wanted is None or (value or "").casefold() == wanted.strip().casefold()


def _standing(case: Case, term: Term, told: Notices, parameters: RenewalParameters) -> Standing:
    account = case.account
    return standing(
        tier_of(case),
        level_of(case),
        churned=account.lifecycle == "churned",
        lapsed=term.lapsed is not None,
        notice=told.given.get(account.id),
        rules=parameters.forecast,
    )


def _within(term: Term, stands: Standing, as_of: dt.date, days: int, lost_days: int) -> bool:
    """Decided within the days, or lapsed; who is lost only while the renewal is near enough."""
    if stands.bucket == "lost" and term.renewal < as_of - dt.timedelta(days=lost_days):
        return False
    return term.decision <= as_of + dt.timedelta(days=days)


def _facts(ctx: Context) -> dict[str, Facts]:
    """What shows that steps were done, by account."""
    by_account: dict[str, tuple[list[Touchpoint], list[Commitment], list[Contact]]] = defaultdict(lambda: ([], [], []))
    for touchpoint in ctx.listing(Touchpoint).records:
        by_account[touchpoint.account_id][0].append(touchpoint)
    for promise in ctx.listing(Commitment).records:
        by_account[promise.account_id][1].append(promise)
    for person in ctx.listing(Contact).records:
        by_account[person.account_id][2].append(person)
    return {account_id: facts(*lists) for account_id, lists in by_account.items()}


def _line(
    base: AccountLine, term: Term, stands: Standing, step: PlannedStep | None, quarter: str, as_of: dt.date
) -> RenewalLine:
    return RenewalLine(
        id=base.id,
        name=base.name,
        owner=base.owner,
        segment=base.segment,
        tier=base.tier,
        churn_level=base.churn_level,
        arr=base.arr,
        arr_counted=base.arr_counted,
        currency=base.currency,
        renewal_date=term.renewal,
        decision_date=term.decision,
        lapsed_days=base.lapsed_days,
        rolled=term.rolled,
        auto_renew=term.renews,
        days_to_decision=None if term.lapsed is not None else (term.decision - as_of).days,
        bucket=stands.bucket,
        likely=stands.likely,
        because=stands.because,
        quarter=quarter,
        next_step=step.step.title if step else None,
        next_step_by=step.do_by if step else None,
    )
