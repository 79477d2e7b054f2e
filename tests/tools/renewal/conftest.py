"""What the tests of /renewal share: the shipped parameters, and answers made from a few facts."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from app.domain import records
from app.domain.command import Context, Listing, Report
from app.domain.snapshot import FeedbackBook
from app.render.markdown import to_markdown
from tests.snapshots import AS_OF, account, account_snapshot, context, portfolio
from tests.tools.health.conftest import PARAMETERS as HEALTH
from tools.renewal import COMMAND, RenewalArgs, RenewalParameters
from tools.renewal.data import AccountRenewal, RenewalCalendar
from tools.renewal.facts import Facts
from tools.renewal.parameters import Step
from tools.renewal.steps import PlannedStep, plan
from tools.renewal.terms import Term, term_of

SHIPPED: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parents[3] / "tools" / "renewal.yaml").read_text(encoding="utf-8")
)
PARAMETERS = RenewalParameters.model_validate(SHIPPED)
STEPS: dict[str, Step] = {step.key: step for step in PARAMETERS.steps}


def ahead(days: int) -> dt.date:
    return AS_OF + dt.timedelta(days=days)


def contract(
    renewal: int | dt.date, notice: int | None = 30, auto: bool | None = False, **fields: Any
) -> records.Account:
    """An account whose renewal is so many days ahead, or on that day."""
    day = ahead(renewal) if isinstance(renewal, int) else renewal
    given = {"renewal_date": day, "notice_days": notice, "auto_renew": auto, "term_months": 12, **fields}
    return account(given.pop("id", "acme"), **given)


def term(one: records.Account, as_of: dt.date = AS_OF) -> Term:
    found = term_of(one, as_of)
    assert found is not None
    return found


def planned(
    one: records.Account, facts: Facts | None = None, as_of: dt.date = AS_OF, *, at_risk: bool = False
) -> dict[str, PlannedStep]:
    steps = plan(term(one, as_of), facts or Facts(), as_of, PARAMETERS, at_risk=at_risk)
    return {step.step.key: step for step in steps}


def account_context(one: records.Account, **facts: Any) -> Context:
    given = {
        name: facts.pop(name)
        for name in ("daily", "feedback", "typed", "sees_people", "family", "audience")
        if name in facts
    }
    given.setdefault("sees_people", True)
    snapshot = account_snapshot(one, **facts)
    return context(PARAMETERS, account=snapshot, others={"health": HEALTH}, **given)


def answer(one: records.Account, **facts: Any) -> tuple[AccountRenewal, Report]:
    report = COMMAND.run(account_context(one, **facts), RenewalArgs(account=one.id)).report
    data = report.data.model_dump()
    return AccountRenewal.model_validate(data), report


def calendar(accounts: Sequence[records.Account], **facts: Any) -> tuple[RenewalCalendar, Report]:
    """The calendar; `args` are the command's, other facts the portfolio's."""
    args = RenewalArgs(**facts.pop("args", {}))
    given = {name: facts.pop(name) for name in ("fiscal_start", "currency") if name in facts}
    texts = {
        name: facts.get(name, ()) for name in ("touchpoints", "commitments", "contacts", "signals", "arr_movements")
    }
    types = (records.Touchpoint, records.Commitment, records.Contact, records.Signal, records.ArrMovement)
    listings = {each: Listing(tuple(rows)) for each, rows in zip(types, texts.values(), strict=True)}
    many = portfolio(accounts, **facts)
    ctx = context(PARAMETERS, portfolio=many, listings=listings, others={"health": HEALTH}, **given)
    report = COMMAND.run(ctx, args).report
    return RenewalCalendar.model_validate(report.data.model_dump()), report


def read(report: Report) -> str:
    """The whole answer as Markdown, in which no cell of a table is wrapped."""
    return to_markdown(report.blocks, report.figures)


def book(*items: records.FeedbackItem) -> FeedbackBook:
    return FeedbackBook(items, {}, {}, {})
