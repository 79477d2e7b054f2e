"""/health: how healthy an account is, how likely it leaves, and what to do next; or the whole portfolio, ranked."""

from types import MappingProxyType

from app.domain.command import Command, Context, Needs, Outcome, Report
from app.domain.problems import InvalidArguments
from tools.health import account, brief, changes, compare, handover, log, portfolio
from tools.health.answers import HealthData
from tools.health.args import HealthArgs
from tools.health.case import Assessment, Case, assess
from tools.health.indicators import Churn, Indicator, indicate
from tools.health.parameters import HealthParameters
from tools.health.scoring import Component, Scores, score

__all__ = [
    "COMMAND",
    "Assessment",
    "Case",
    "Churn",
    "Component",
    "HealthArgs",
    "HealthCommand",
    "HealthData",
    "HealthParameters",
    "Indicator",
    "Scores",
    "assess",
    "indicate",
    "score",
]


class HealthCommand(Command[HealthArgs]):
    """Health score, churn indicators and next actions of an account; without one, the portfolio ranked."""

    name = "health"
    summary = "Health score, churn risk and next actions of an account, or the portfolio ranked by urgency."
    examples = (
        "/health acme",
        "/health",
        "/health tier=red renewal=90",
        "/health acme as_of=2024-12-31",
        "/health acme compare 2024-09-30 2024-12-31",
        "/health changes since=2024-12-23",
        "/health acme brief",
        "/health acme handover",
        "/health acme log Call with Maria yesterday, we will send the SSO doc by Friday",
    )
    asked_as = (
        "How is acme doing?",
        "How healthy is acme?",
        "How was acme doing as of 2026-01-31?",
        "What was the health of acme on 2026-01-31?",
        "What is the health score of acme?",
        "Why is acme red?",
        "Is acme going to churn?",
        "How likely is acme to leave us?",
        "What is wrong with acme and what should I do next?",
        "Is usage at acme falling?",
        "Show me the churn risk of acme.",
        "What is the ARR and renewal date of acme?",
        "When does acme renew?",
        "Anything I should worry about at acme?",
        "Which accounts are at risk?",
        "Which customers are likely to churn?",
        "Who needs attention this week?",
        "Show the whole portfolio ranked by health.",
        "How much ARR is at risk?",
        "List all red accounts.",
        "What should I look at first today?",
        "Summarize how all our customers are: green, yellow or red.",
        "Give me the overview of all accounts.",
        "Which accounts are not well and renew within a quarter?",
        "Which customers do badly?",
        "Show me the health report of acme.",
        "Do the people at acme use the product?",
    )
    subcommands_asked_as = MappingProxyType(
        {
            "compare": (
                "Why did the score of acme fall since 2026-01-31?",
                "What moved the health of acme between 2026-01-31 and 2026-03-31?",
                "Compare acme on 2026-01-31 and 2026-03-31.",
                "How does acme compare with 2026-01-31?",
                "Is acme better or worse than on 2026-01-31?",
                "Put the score of acme at the start of the year next to the one of today.",
                "Which components of acme rose and which fell?",
                "acme before and after, then and now.",
            ),
            "changes": (
                "What changed this week?",
                "What is new since last Monday?",
                "Which accounts got worse since 2026-03-01?",
                "What happened in my portfolio since 2026-03-01?",
                "What changed across my accounts?",
                "What do I start the week with?",
                "Which accounts became red or yellow since 2026-03-01?",
                "I come back from holiday: what have I missed at our customers?",
            ),
            "brief": (
                "Prepare me for my call with acme.",
                "I have a call with acme in ten minutes, brief me.",
                "What changed at acme since we last spoke?",
                "What did we promise acme?",
                "What should I ask acme in the meeting?",
                "Give me a summary to read before I speak to acme.",
                "A briefing on acme, please.",
            ),
            "handover": (
                "I take over acme: what must I know?",
                "Hand over acme to a new owner.",
                "I am the new CSE of acme, where do I start?",
                "Who are the people at acme, and what is the history?",
                "Write the handover of acme for my successor.",
                "Handover notes for acme, since I change teams.",
                "acme moves to another CSM, what must they be told?",
            ),
        }
    )
    writes = frozenset({"log"})
    args = HealthArgs
    data = HealthData
    parameters = HealthParameters

    def needs(self, args: HealthArgs) -> Needs:
        match args.action:
            case "compare":
                return compare.needs(args)
            case "changes":
                return changes.needs(args)
            case "brief":
                return brief.needs(args)
            case "handover":
                return handover.needs(args)
            case "log":
                return log.needs(args)
        if args.account is not None:
            return Needs(account=args.account, family=True)
        return Needs(portfolio=True)

    def run(self, ctx: Context, args: HealthArgs) -> Outcome:
        match args.action:
            case "compare":
                return compare.run(ctx, args)
            case "changes":
                return changes.run(ctx, args)
            case "brief":
                return brief.run(ctx, args)
            case "handover":
                return handover.run(ctx, args)
            case "log":
                return log.run(ctx, args)
        return Outcome(_report(ctx, args))


def _report(ctx: Context, args: HealthArgs) -> Report:
    parameters = ctx.parameters
    if not isinstance(parameters, HealthParameters):
        raise TypeError("/health needs its own parameters in its context")
    if ctx.account is not None:
        if args.filters():
            raise InvalidArguments(
                f"Filters go with the portfolio: leave out {', '.join(args.filters())}, or leave out the account."
            )
        return account.report(ctx.account, parameters, ctx.currency, ctx.family, args.limit)
    if ctx.portfolio is None:
        raise ValueError("/health needs an account or the portfolio in its context")
    return portfolio.report(ctx.portfolio, parameters, ctx.currency, args)


COMMAND = HealthCommand()
