"""/escalate: whether an issue is one for engineering, and the package to send."""

from app.domain.command import Command, Context, Needs, Outcome
from tools.escalate.arguments import EscalateArgs
from tools.escalate.case import open_case
from tools.escalate.data import EscalateData
from tools.escalate.parameters import EscalateParameters
from tools.escalate.report import question, report


class EscalateCommand(Command[EscalateArgs]):
    """Checks an issue against the criteria for engineering, scores its package, and asks for what is missing."""

    name = "escalate"
    summary = "Escalation package for engineering: criteria, quality, what is missing, and the draft to send."
    examples = (
        "/escalate acme API returns 503 Service Unavailable since 14:30 UTC, SEV1",
        "/escalate acme **Severity:** SEV2 …",
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
    args = EscalateArgs
    data = EscalateData
    parameters = EscalateParameters

    def needs(self, args: EscalateArgs) -> Needs:
        return Needs(account=args.account, peers=True)

    def run(self, ctx: Context, args: EscalateArgs) -> Outcome:
        if not isinstance(ctx.parameters, EscalateParameters) or ctx.account is None:
            raise TypeError("/escalate needs its own parameters and an account in its context")
        case = open_case(ctx, args, ctx.account, ctx.parameters)
        return Outcome(report(case, ctx.audience), question=question(case))


COMMAND = EscalateCommand()
