"""/escalate: whether an issue is one for engineering, the package to send, and what follows until it is closed."""

from collections.abc import Mapping
from typing import ClassVar

from app.domain.command import Command, Context, Needs, Outcome
from app.domain.problems import InvalidArguments
from tools.escalate import blast, cases, listing, postmortem, updating
from tools.escalate.arguments import WRITES, EscalateArgs
from tools.escalate.case import open_case
from tools.escalate.data import EscalateAnswer
from tools.escalate.opening import open_escalation
from tools.escalate.parameters import EscalateParameters
from tools.escalate.register import Meant, entries, find, require_live
from tools.escalate.report import question, report


class EscalateCommand(Command[EscalateArgs]):
    """Opens an issue with engineering where its package may go, and keeps what follows: updates, fix, checks, close."""

    name = "escalate"
    summary = "Escalate to engineering: criteria, package, what is missing; then list, update, check and close."
    examples = (
        "/escalate acme API returns 503 Service Unavailable since 14:30 UTC, SEV1",
        "/escalate acme **Severity:** SEV2 …",
        "/escalate list",
        "/escalate update esc-7k2m-9qxd The pool of database connections is exhausted, engineering works on it",
        "/escalate postmortem esc-7k2m-9qxd",
        "/escalate blast endpoint=/v1/payments since=2026-03-30 until=2026-03-31",
    )
    asked_as = (
        "Escalate this to engineering: the API of acme returns 503 since this morning.",
        "acme is down in production, all their calls fail with errors, get engineering.",
        "acme reports 500 errors on POST /v1/orders since 09:00 UTC.",
        "acme has an outage, prepare the escalation package.",
        "Latency at acme went up to five seconds, they need an engineer.",
        "acme lost data after the import, please escalate.",
        "We have a SEV1 at acme: checkout is failing.",
        "Write up the bug at acme for engineering.",
    )
    subcommands_asked_as: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "list": (
            "Which escalations are open?",
            "What escalations does acme have open?",
            "Which customer updates are overdue?",
            "Whose escalations are waiting for an update?",
            "Which fixes do we still have to check?",
            "List all open escalations with owner and age.",
            "What is the state of our escalations today?",
            "What is engineering working on for us at present?",
            "Is anything of acme escalated now?",
        ),
        "postmortem": (
            "Write the postmortem of the last outage at acme.",
            "Draft a post-mortem for the incident.",
            "Prepare the incident review of acme's escalation.",
            "A postmortem of the fault at acme, please.",
        ),
        "blast": (
            "Which customers were hit by the outage of POST /v1/payments?",
            "Who is affected by the fault in webhooks?",
            "What is the blast radius of the incident?",
            "Who else had the failure of /v1/payments on 2026-01-31?",
            "How many customers use the feature that failed between 2026-01-31 and 2026-03-31?",
            "Which other accounts did the fault of 2026-01-31 reach?",
        ),
    }
    writes = frozenset(WRITES)
    args = EscalateArgs
    data = EscalateAnswer
    parameters = EscalateParameters

    def needs(self, args: EscalateArgs) -> Needs:
        match args.action:
            case None:
                return _needs_of_opening(args)
            case "list":
                return Needs(account=args.account, escalations=True, today=True)
            case "blast":
                return blast.needs(blast.fault_of(args.feature, args.endpoint, args.since, args.until))
            case "similar":
                return Needs(account_of=args.named, escalations=True, peers=True, today=True)
            case "postmortem":
                return Needs(account=args.account, account_of=args.named, escalations=True, today=True)
        return Needs(account=args.account, account_of=args.named, portfolio=True, escalations=True, today=True)

    def run(self, ctx: Context, args: EscalateArgs) -> Outcome:
        parameters = ctx.parameters
        if not isinstance(parameters, EscalateParameters):
            raise TypeError("/escalate needs its own parameters in its context")
        match args.action:
            case None:
                return _opened(ctx, args, parameters)
            case "list":
                return listing.run(ctx, args, parameters)
            case "blast":
                fault = blast.fault_of(args.feature, args.endpoint, args.since, args.until)
                return blast.run(ctx, fault, args.account, parameters.blast)
            case "postmortem":
                drafted = postmortem.run(ctx, args, parameters)
                return drafted if isinstance(drafted, Outcome) else listing.ask_which(ctx, args, drafted, parameters)
        if args.action in WRITES:
            require_live(ctx)
        meant = find(args, entries(ctx, parameters), ctx.account.account.name if ctx.account else None)
        if not isinstance(meant, Meant):
            return listing.ask_which(ctx, args, meant, parameters)
        return (
            cases.run(ctx, meant, parameters)
            if args.action == "similar"
            else updating.run(ctx, args, meant, parameters)
        )


def _needs_of_opening(args: EscalateArgs) -> Needs:
    """What a package needs.

    Raises:
        InvalidArguments: the account or the issue is not given (`missing`).
    """
    missing = [name for name in ("account", "issue") if getattr(args, name) is None]
    if missing:
        asked = {"account": "Which account is it?", "issue": "What fails there, since when, and how severe is it?"}
        raise InvalidArguments(" ".join(asked[name] for name in missing), missing=missing, invalid=[])
    return Needs(account=args.account, peers=True, escalations=True)


def _opened(ctx: Context, args: EscalateArgs, parameters: EscalateParameters) -> Outcome:
    if ctx.account is None:
        raise TypeError("/escalate needs an account in its context")
    case = open_case(ctx, args, ctx.account, parameters)
    opening = open_escalation(ctx, args, case)
    return Outcome(report(case, opening, ctx.audience), opening.effects, question(case))


COMMAND = EscalateCommand()
