"""/health: how healthy an account is, how likely it leaves, and what to do next; or the whole portfolio, ranked."""

from app.domain.command import Command, Context, Needs, Outcome, Report
from app.domain.problems import InvalidArguments
from tools.health import account, portfolio
from tools.health.args import HealthArgs
from tools.health.case import Assessment, Case, assess
from tools.health.data import HealthData
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
    examples = ("/health acme", "/health", "/health tier=red renewal=90", "/health acme as_of=2024-12-31")
    asked_as = (
        "How is acme doing?",
        "How healthy is acme?",
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
    )
    args = HealthArgs
    data = HealthData
    parameters = HealthParameters

    def needs(self, args: HealthArgs) -> Needs:
        if args.account is not None:
            return Needs(account=args.account)
        return Needs(portfolio=True)

    def run(self, ctx: Context, args: HealthArgs) -> Outcome:
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
        return account.report(ctx.account, parameters, ctx.currency)
    if ctx.portfolio is None:
        raise ValueError("/health needs an account or the portfolio in its context")
    return portfolio.report(ctx.portfolio, parameters, ctx.currency, args)


COMMAND = HealthCommand()
