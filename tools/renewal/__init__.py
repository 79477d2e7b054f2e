"""/renewal: one renewal from T-90 to the signature, or the calendar of all with a forecast; ideas go for approval."""

from types import MappingProxyType

from app.domain.command import Command, Context, Needs, Outcome
from app.domain.problems import InvalidArguments
from tools.renewal import account, calendar, proposing, review
from tools.renewal.arguments import RenewalArgs
from tools.renewal.data import RenewalData
from tools.renewal.parameters import RenewalParameters

__all__ = ["COMMAND", "RenewalArgs", "RenewalCommand", "RenewalData", "RenewalParameters"]


class RenewalCommand(Command[RenewalArgs]):
    """Plans a renewal by its decision date, shows what is in its way and what it is worth; or lists and forecasts."""

    name = "renewal"
    summary = "A renewal's plan by its decision date, blockers and ROI; or the calendar of renewals with a forecast."
    examples = (
        "/renewal acme",
        "/renewal",
        '/renewal owner="Sam Lee" days=90',
        "/renewal acme as_of=2024-12-31",
        "/renewal acme review",
        "/renewal acme propose 50% off for 6 months, full price again once usage recovers",
    )
    asked_as = (
        "What is the renewal plan for acme?",
        "Prepare the renewal of acme.",
        "How do I get the renewal of acme over the line?",
        "What is left to do before acme signs again?",
        "Which renewal steps are late at acme?",
        "What blocks the renewal of acme?",
        "Is the renewal of acme in danger?",
        "By when must acme decide on its renewal?",
        "What is the decision date of the renewal of acme?",
        "Could acme choose not to renew?",
        "By when does acme have to give notice?",
        "Run the renewal playbook for acme.",
        "Does the contract of acme renew by itself, and what is the notice period?",
        "Which renewals come up next?",
        "Show me the renewal calendar.",
        "Give me the renewal forecast by quarter.",
        "Which contracts have lapsed?",
        "How much ARR renews in the next quarter, commit and lost?",
    )
    subcommands_asked_as = MappingProxyType(
        {
            "review": (
                "What value did acme get out of the product, for the renewal?",
                "The ROI report for the renewal of acme.",
                "What is the return of acme on what it pays us?",
                "The value review of acme, to show before it renews.",
                "What have we delivered to acme in money against its ARR?",
                "Which goals of acme were worth it, for the value review?",
            ),
        }
    )
    writes = frozenset({"propose"})
    args = RenewalArgs
    data = RenewalData
    parameters = RenewalParameters

    def needs(self, args: RenewalArgs) -> Needs:
        if args.action == "propose":
            return proposing.needs(args)
        if args.action == "review":
            return review.needs(args)
        if args.account is None:
            return calendar.needs()
        if args.filters():
            raise InvalidArguments(
                f"Filters go with the calendar: leave out {', '.join(args.filters())}, or leave out the account."
            )
        return account.needs(args.account)

    def run(self, ctx: Context, args: RenewalArgs) -> Outcome:
        if args.action == "propose":
            return proposing.run(ctx, args)
        if args.action == "review":
            return Outcome(review.report(ctx))
        return Outcome(account.report(ctx) if args.account is not None else calendar.report(ctx, args))


COMMAND = RenewalCommand()
