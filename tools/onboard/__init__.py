"""/onboard: the plan of the first 90 days, what endangers it, lists and sign-offs; or all that are in onboarding."""

from types import MappingProxyType

from app.domain.command import Command, Context, Needs, Outcome
from app.domain.problems import InvalidArguments
from tools.onboard import account, code_samples, integration, lists, pipeline, writing
from tools.onboard.arguments import WRITES, OnboardArgs
from tools.onboard.data import OnboardData
from tools.onboard.parameters import OnboardParameters

__all__ = ["COMMAND", "OnboardArgs", "OnboardCommand", "OnboardData", "OnboardParameters"]


class OnboardCommand(Command[OnboardArgs]):
    """Plans the first 90 days of an account and keeps what becomes of them; without an account, the pipeline."""

    name = "onboard"
    summary = "90-day onboarding plan: milestones, whose turn it is, risks, readiness, go-live, design note, samples."
    examples = (
        "/onboard acme",
        "/onboard",
        "/onboard acme done M3",
        "/onboard acme slip M4 +5d whose=customer the firewall change waits",
        "/onboard acme answer stack Python on Kubernetes",
        "/onboard acme check sso yes tested with one group",
        "/onboard acme readiness",
        "/onboard acme go-live",
        "/onboard acme sign-off go-live",
        "/onboard acme integration",
        "/onboard samples python",
    )
    asked_as = (
        "What is the onboarding plan of acme?",
        "Which onboarding milestone of acme is overdue?",
        "Show me the 90-day plan for acme.",
        "Which milestone comes next in the rollout of acme?",
        "Whom does the onboarding of acme wait for?",
        "Which discovery questions are still unanswered at acme?",
        "Which accounts are in onboarding right now?",
        "Which customers do we onboard at present, and which of them are behind their plan?",
        "Show the onboarding pipeline.",
        "Which onboardings are overdue, and whose turn is it?",
        "Who is missing on the customer's side of acme's onboarding?",
    )
    subcommands_asked_as = MappingProxyType(
        {
            "readiness": (
                "Is the environment of acme ready: network, sign-in, security, data flows?",
                "Environment readiness assessment for acme.",
                "Which readiness items does the environment of acme not meet yet?",
                "Does the firewall of acme let our addresses through?",
                "Check the technical readiness of acme.",
                "Which security and network checks does acme still have to pass?",
            ),
            "go-live": (
                "Is acme ready to go live?",
                "Go-live checklist for acme.",
                "Can acme go to production?",
                "What is left before acme goes live?",
                "Production readiness checklist of acme.",
                "Who still has to sign the go-live of acme?",
            ),
            "integration": (
                "Write the integration design note for acme.",
                "How is acme integrated? Draw me the architecture.",
                "Data mapping and architecture diagram for acme.",
                "Integration design of acme with webhooks and SSO.",
                "Which reference architecture fits acme?",
                "Make a Mermaid diagram of acme's integration.",
            ),
            "samples": (
                "Give me code samples for the first API call.",
                "Sample code in Python for the customer's developers.",
                "Show a Node.js sample that verifies webhook signatures.",
                "Java example for retries with back-off.",
                "Code sample that honours Retry-After.",
                "I need example code for acme's developers.",
            ),
        }
    )
    writes = frozenset(WRITES)
    args = OnboardArgs
    data = OnboardData
    parameters = OnboardParameters

    def needs(self, args: OnboardArgs) -> Needs:
        if args.action in WRITES:
            return writing.needs(args)
        if args.action == "samples":
            return Needs(account=args.account)
        if args.account is not None:
            _refuse_filters(args)
            return account.needs(args.account)
        if args.action is not None:
            raise InvalidArguments(f"/onboard {args.action} needs the account.", missing=["account"])
        return pipeline.needs()

    def run(self, ctx: Context, args: OnboardArgs) -> Outcome:
        if args.action in WRITES:
            return writing.run(ctx, args)
        match args.action:
            case "samples":
                return Outcome(code_samples.report(ctx, args.language))
            case "readiness":
                return Outcome(lists.readiness(ctx))
            case "go-live":
                return Outcome(lists.go_live(ctx))
            case "integration":
                return Outcome(integration.report(ctx))
        return Outcome(account.report(ctx) if args.account is not None else pipeline.report(ctx, args))


def _refuse_filters(args: OnboardArgs) -> None:
    """Owner and segment go with the pipeline alone."""
    given = [name for name in ("owner", "segment") if getattr(args, name) is not None]
    if given:
        raise InvalidArguments(f"Filters go with the pipeline: leave out {' and '.join(given)}, or the account.")


COMMAND = OnboardCommand()
