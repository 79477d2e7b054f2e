"""The scripts that reproduce a case: masked, shown as they are, never run here."""

from collections.abc import Iterator, Sequence

from app.domain.blocks import Block, Draft, DraftField, Heading, Verdict
from app.domain.command import Outcome, Report
from app.domain.figures import text
from tools.troubleshoot.data import ReproData
from tools.troubleshoot.inquiry import Inquiry
from tools.troubleshoot.repro import Script
from tools.troubleshoot.told import scripts_data


def scripts_section(scripts: Sequence[Script]) -> list[Block]:
    """The scripts, folded; nothing where there are none."""
    if not scripts:
        return []
    only_sql = all(each.language == "sql" for each in scripts)
    title = "Read-only SQL that checks it" if only_sql else "Scripts that reproduce it"
    return [Heading(text=text(title), folded=True), _draft(scripts)]


def only_scripts(inquiry: Inquiry) -> Outcome:
    """The scripts alone."""
    scripts, whose = inquiry.scripts, f" ({inquiry.snapshot.account.name})" if inquiry.snapshot else ""
    if scripts:
        lines = (text("Put your own test key where a placeholder stands, and run it in a sandbox first."),)
        verdict = Verdict(tone="neutral", headline=text(f"Scripts that reproduce it{whose}"), lines=lines)
    else:
        lines = (text("Paste the request as a curl command, as code, or as an HTTP exchange with its address."),)
        verdict = Verdict(tone="warning", headline=text(f"No request to reproduce{whose}"), lines=lines)
    blocks = (verdict, _draft(scripts)) if scripts else (verdict,)
    return Outcome(Report(ReproData(account_id=inquiry.account_id, scripts=scripts_data(scripts)), blocks))


def _draft(scripts: Sequence[Script]) -> Draft:
    return Draft(
        title=text("Scripts, secrets masked"),
        audience="internal",
        fields=tuple(field for each in scripts for field in _fields(each)),
    )


def _fields(script: Script) -> Iterator[DraftField]:
    yield DraftField(label=script.title, text=text(script.text), verbatim=True)
    if script.note:
        yield DraftField(label="Before it is run", text=text(script.note))
