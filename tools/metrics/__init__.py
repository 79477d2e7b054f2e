"""/metrics: what the desk is measured by over a period, a CSE's first year, and whether the churn warnings warned."""

from types import MappingProxyType

from app.domain.command import Command, Context, Needs, Outcome, Report
from app.domain.periods import Period, PeriodQuery, period_of
from app.domain.records import (
    ArrMovement,
    Check,
    Escalation,
    Integration,
    Milestone,
    RampSignoff,
    Record,
    Signal,
    Ticket,
    Touchpoint,
)
from tools.metrics import backtest, ramp, report, signing
from tools.metrics.arguments import MetricsArgs
from tools.metrics.book import Book, canonical
from tools.metrics.data import MetricsAnswer
from tools.metrics.lines import YEAR_MONTHS, Spans
from tools.metrics.parameters import MetricsParameters

RECORDS: tuple[type[Record], ...] = (
    Ticket,
    Touchpoint,
    ArrMovement,
    Milestone,
    Escalation,
    Signal,
    Integration,
    Check,
)
OTHERS = ("health", "feedback", "adoption")


class MetricsCommand(Command[MetricsArgs]):
    """The metrics of a period with target, verdict and trend; a CSE's ramp and its sign-offs; the backtest."""

    name = "metrics"
    summary = "NRR, GRR, time to value, MTTR, NPS and the other metrics of a period; a CSE's ramp; a churn backtest."
    examples = (
        "/metrics",
        "/metrics 2026Q2",
        "/metrics this",
        "/metrics last segment=enterprise",
        '/metrics 2026 owner="Priya Raman"',
        '/metrics ramp owner="Sofia Lindqvist" since=2026-03-02',
        '/metrics sign-off owner="Sofia Lindqvist" goal=d60.articles Two articles on webhooks, both reviewed',
        "/metrics backtest",
        "/metrics backtest usage_decline red",
    )
    asked_as = (
        "What is our NRR?",
        "What was our net revenue retention last quarter?",
        "What is the gross retention rate?",
        "Did we meet our KPIs last quarter?",
        "Show me the CSE metrics with their targets.",
        "How fast do we resolve tickets, and how many come back?",
        "What is our mean time to resolution?",
        "What are our MTTR and first contact resolution?",
        "Do we keep our response times and the SLA?",
        "What is our SLA adherence this quarter?",
        "What is the average time to value of new customers?",
        "What is the NPS over all customers?",
        "How do our figures compare with the targets this quarter?",
        "Which metrics got worse than in the quarter before?",
        "What is the CSAT of the last quarter?",
    )
    subcommands_asked_as = MappingProxyType(
        {
            "ramp": (
                "How is the new CSE ramping up?",
                "Which 30, 60 and 90 day goals has the new CSE reached?",
                "Where does the CSE stand in the ramp of the first year?",
                "Which onboarding goals of our new team member are open?",
                "Has the new hire met the 90-day goals?",
                "Show the ramp goals of a colleague with their evidence.",
            ),
            "backtest": (
                "Do our churn warnings work better than chance?",
                "How well did the churn warnings foretell who left?",
                "Backtest the health score against the customers who left.",
                "How precise are the churn warnings, and how many churns do they catch?",
                "How many days ahead did we see a churn coming?",
                "Is the health score any good at predicting churn?",
            ),
        }
    )
    writes = frozenset({"sign-off"})
    args = MetricsArgs
    data = MetricsAnswer
    parameters = MetricsParameters

    def needs(self, args: MetricsArgs) -> Needs:
        match args.action:
            case "sign-off":
                return signing.needs(args)
            case "backtest":
                return backtest.needs(args.years)
            case "ramp":
                return Needs(
                    portfolio=True,
                    feedback=True,
                    records=(*RECORDS, RampSignoff),
                    first_use=True,
                    parameters_of=OTHERS,
                )
        return Needs(
            portfolio=True,
            feedback=True,
            records=RECORDS,
            first_use=True,
            periods=(PeriodQuery(args.period), PeriodQuery(args.period, back=1)),
            articles=True,
            parameters_of=OTHERS,
        )

    def run(self, ctx: Context, args: MetricsArgs) -> Outcome:
        parameters = ctx.parameters
        if not isinstance(parameters, MetricsParameters):
            raise TypeError("/metrics needs its own parameters in its context")
        match args.action:
            case "sign-off":
                return signing.run(ctx, args, parameters)
            case "backtest":
                return Outcome(backtest.report(ctx, args, parameters))
            case "ramp":
                return Outcome(ramp.report(ctx, args, parameters))
        return Outcome(_of_period(ctx, args, parameters))


def _of_period(ctx: Context, args: MetricsArgs, parameters: MetricsParameters) -> Report:
    """The metrics of a period, with the targets of the segment where one is asked about."""
    if ctx.portfolio is None:
        raise TypeError("/metrics needs the portfolio in its context")
    filters = canonical(args.filters(), ctx.portfolio.accounts)
    book = Book(ctx, parameters.for_account(filters.get("segment"), None), filters)
    query, back = PeriodQuery(args.period), PeriodQuery(args.period, back=1)
    now, before = ctx.periods[query], ctx.periods.get(back)
    spans = Spans(
        book.span(now.period, now),
        book.span(before.period, before) if before else None,
        book.span(_a_year_before(ctx, args, now.period)),
    )
    return report.report(book, spans)


def _a_year_before(ctx: Context, args: MetricsArgs, period: Period) -> Period:
    return period_of(PeriodQuery(args.period, back=YEAR_MONTHS // period.months), ctx.as_of, ctx.fiscal_start)


COMMAND = MetricsCommand()
