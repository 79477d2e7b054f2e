"""/troubleshoot: a diagnosis from what a customer pasted."""

from collections.abc import Iterable
from types import MappingProxyType

from app.domain.command import Command, Context, Needs, Outcome
from app.domain.problems import InvalidArguments
from app.domain.redact import mask_secrets
from tools.troubleshoot import solved
from tools.troubleshoot.arguments import TroubleshootArgs
from tools.troubleshoot.data import TroubleshootAnswer
from tools.troubleshoot.facts.artifact import Reading
from tools.troubleshoot.inquiry import inquire
from tools.troubleshoot.parameters import TroubleshootParameters
from tools.troubleshoot.reading.file import read_file
from tools.troubleshoot.report import question, report
from tools.troubleshoot.scripts import only_scripts

__all__ = ["COMMAND", "TroubleshootAnswer", "TroubleshootArgs", "TroubleshootCommand", "TroubleshootParameters"]

LONGEST_QUERY = 400
"""Characters of the paste by which the knowledge base is searched: its first words say what it is about."""


class TroubleshootCommand(Command[TroubleshootArgs]):
    """Where the fault lies, by explicit rules over what was pasted; what to do, what to write, what to check later."""

    name = "troubleshoot"
    summary = "A diagnosis of what a customer sent: where the fault lies, what to do now, and the letter to them."
    examples = (
        "/troubleshoot acme curl -i https://api.example.com/orders … HTTP/1.1 401 Unauthorized …",
        "/troubleshoot Error: connect ECONNREFUSED 203.0.113.7:443",
        "/troubleshoot acme ticket=T-1042",
        "/troubleshoot acme repro curl -X POST https://api.example.com/orders -d '{…}'",
        "/troubleshoot acme solved They renewed the client secret of their identity provider",
    )
    asked_as = (
        "Why does acme get a 401 on this call?",
        "What does this error message of acme mean?",
        "Look at this curl command and tell me what is wrong with it.",
        "acme sent a log file, what is going on in it?",
        "Help me debug this stack trace.",
        "Why does the webhook signature of acme not match?",
        "Users of acme cannot sign in with SSO, why?",
        "acme gets 429 responses, what should they change?",
        "Their SAML assertion is refused: what is the cause?",
        "Is this acme's fault or ours?",
        "What is the root cause of this timeout?",
        "Decode this JWT and tell me why it is refused.",
        "Why does the browser block our call with a CORS error?",
        "Diagnose the certificate error that acme sees.",
        "Troubleshoot this: TLS handshake failed.",
        "Find out why the calls of acme are slow.",
        "acme gets the same webhook event twice, what is the cause?",
        "Records are missing when acme pages through a list, any idea why?",
    )
    subcommands_asked_as = MappingProxyType(
        {
            "repro": (
                "Give me a script that reproduces this request.",
                "Write a Python script that sends this call again.",
                "How can I reproduce this curl call myself?",
            ),
        }
    )
    writes = frozenset({"solved"})
    document_title = "Diagnosis"
    args = TroubleshootArgs
    data = TroubleshootAnswer
    parameters = TroubleshootParameters
    reads = Reading

    def read(self, name: str, chunks: Iterable[bytes]) -> Reading:
        return read_file(name, chunks)

    def needs(self, args: TroubleshootArgs) -> Needs:
        """What a diagnosis is made from, with an account or without one.

        Raises:
            InvalidArguments: there is nothing to diagnose, or what `solved` needs is missing (`missing`).
        """
        if args.action == "solved":
            return solved.needs(args)
        if not (args.text or args.attachments or args.ticket):
            asked = "What did they send? Paste the error, the request or the log as it is, or name a ticket."
            raise InvalidArguments(asked, missing=["text"], invalid=[])
        return Needs(
            account=args.account,
            account_of=args.ticket,
            peers=True,
            escalations=True,
            daily=args.account is not None or args.ticket is not None,
            articles=True,
            parameters_of=("escalate", "health"),
            attachments=args.attachments,
            knowledge=_query(args.text),
            today=True,
        )

    def run(self, ctx: Context, args: TroubleshootArgs) -> Outcome:
        if args.action == "solved":
            return solved.run(ctx, args)
        inquiry = inquire(ctx, args)
        if args.action == "repro":
            return only_scripts(inquiry)
        effects = inquiry.follow_up.effects
        return Outcome(report(ctx, inquiry), effects, question(inquiry))


def _query(text: str | None) -> str | None:
    """The first words of a paste, without its secrets."""
    masked = mask_secrets((text or "")[: 2 * LONGEST_QUERY])
    return " ".join(masked[:LONGEST_QUERY].split()) or None


COMMAND = TroubleshootCommand()
