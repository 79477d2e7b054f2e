"""/adoption: which features customers use and how regularly, their API quota, and the signs of growth."""

from types import MappingProxyType

from app.domain.command import Command, Context, Needs, Outcome
from tools.adoption import account, book, enablement, held, release
from tools.adoption.arguments import AdoptionArgs, refuse_what_has_no_place
from tools.adoption.data import AdoptionData
from tools.adoption.parameters import AdoptionParameters


class AdoptionCommand(Command[AdoptionArgs]):
    """Funnel of each feature, quota and signs of growth of an account; without one, the book."""

    name = "adoption"
    summary = "Feature adoption, API quota and expansion signals of an account, or adoption across all accounts."
    examples = (
        "/adoption acme",
        "/adoption",
        "/adoption segment=Enterprise",
        "/adoption acme enablement webhooks",
        "/adoption acme enablement topic=sso attendees=it_admin recording=https://example.com/r/1",
        "/adoption acme held webhooks on=2026-06-20",
        "/adoption release webhooks change=breaking on=2026-09-01",
    )
    asked_as = (
        "Which features does acme use?",
        "Which features has acme never tried?",
        "What should acme adopt next?",
        "How far is acme with our features?",
        "Is acme close to its API quota?",
        "When does acme reach the limit of its plan?",
        "How many of its monthly API calls has acme used up?",
        "Is acme ready to expand?",
        "Are there expansion signals at acme?",
        "Should acme upgrade to a bigger plan?",
        "Is the plan of acme too big for what they use?",
        "Which features did acme stop using?",
        "What holds back feature adoption at acme?",
        "Which customers use too few features?",
        "Feature adoption across all accounts.",
        "Which customers are near their API quota?",
        "Who is ready for an upsell?",
        "How many API calls are left this month for acme?",
    )
    subcommands_asked_as = MappingProxyType(
        {
            "enablement": (
                "Prepare a training on webhooks for acme.",
                "Make slides for a developer session on rate limits.",
                "I need a lab exercise on single sign-on.",
                "Write the agenda of a workshop on alerts for acme.",
                "Training material on batch export with questions and answers.",
                "Build an enablement session on dashboards for IT admins.",
                "Put together a hands-on workshop for the developers at acme.",
            ),
            "release": (
                "We release a new version of batch export next month: whom does the change concern?",
                "Whom must we tell when we change how batch export works?",
                "We retire the mobile SDK: whose setup breaks?",
                "A breaking change in the SDK is coming: whom must we warn?",
                "Release impact of the change to single sign-on.",
                "Draft the mails to customers about a feature that changes.",
                "We are taking a feature out: which customers must move off it?",
            ),
        }
    )
    writes = frozenset({"held"})
    args = AdoptionArgs
    data = AdoptionData
    parameters = AdoptionParameters

    def needs(self, args: AdoptionArgs) -> Needs:
        refuse_what_has_no_place(args)
        match args.action:
            case "enablement":
                return enablement.needs(args)
            case "held":
                return held.needs(args)
            case "release":
                return release.needs(args)
            case None:
                return account.needs(args) if args.account is not None else book.needs()

    def run(self, ctx: Context, args: AdoptionArgs) -> Outcome:
        parameters = ctx.parameters
        if not isinstance(parameters, AdoptionParameters):
            raise TypeError("/adoption needs its own parameters in its context")
        match args.action:
            case "enablement":
                return enablement.run(ctx, args, parameters)
            case "held":
                return held.run(ctx, args, parameters)
            case "release":
                return release.run(ctx, args, parameters)
            case None if ctx.account is not None:
                return Outcome(account.report(ctx, parameters))
            case None:
                return Outcome(book.report(ctx, args, parameters))


COMMAND = AdoptionCommand()
