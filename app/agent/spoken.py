"""The answer that a model wrote, once it is verified: its words first, then the reports that they rest on."""

import re
from collections.abc import Sequence

from app.agent import model_tools
from app.agent.verify import Material, Verified, trimmed, verify
from app.domain.blocks import Block, Citation, Citations, Heading, Notice, Paragraph, Verdict
from app.domain.directory import AccountDirectory
from app.domain.figures import Figure, Text, text
from app.domain.llm import ModelFault
from app.domain.reply import Reply
from app.resources.commands import Executed, blocks_of

_LEAD_END = re.compile(r"(?<=[.!?])\s+")


def of_question(
    written: str,
    executed: Sequence[Executed],
    passages: Sequence[Citation],
    accounts: AccountDirectory,
    account_id: str | None,
) -> Reply:
    """The reply to free text.

    Raises:
        ModelFault: nothing that the model wrote could be verified.
    """
    verified = _verified(written, executed, passages, accounts, account_id)
    named = [each.invocation.account for each in executed if each.invocation.account]
    reports = [block for each in executed for block in _folded_report(each, accounts)]
    cited = (Citations(items=verified.cited),) if verified.cited else ()
    return Reply(
        blocks=(*_led(verified.blocks), *_left_out(verified), *cited, *reports),
        figures=_figures(executed),
        account_id=named[-1] if named else None,
        as_of=executed[0].as_of if executed else None,
        version=executed[0].version if executed else None,
        reader=_reader(executed),
        withheld=tuple(left for each in executed for left in each.withheld),
    )


def _reader(executed: Sequence[Executed]) -> str | None:
    """The one account that the reports are about; None where they are about several."""
    about = {each.about for each in executed}
    return about.pop() if len(about) == 1 else None


def in_words(written: str, executed: Executed, accounts: AccountDirectory) -> tuple[Block, ...]:
    """A command's answer with the model's words behind its verdict.

    Raises:
        ModelFault: nothing that the model wrote could be verified.
    """
    verified = _verified(written, [executed], (), accounts, executed.invocation.account)
    first, *rest = blocks_of(executed.outcome)
    return (first, *verified.blocks, *_left_out(verified), *rest)


def _verified(
    written: str,
    executed: Sequence[Executed],
    passages: Sequence[Citation],
    accounts: AccountDirectory,
    account_id: str | None,
) -> Verified:
    report = "\n".join(model_tools.report_text(each) for each in executed)
    verified = verify(written, Material(_figures(executed), tuple(passages), accounts, report, account_id))
    if not verified.blocks:
        raise ModelFault("unverified", "nothing that it wrote could be verified")
    return verified


def _figures(executed: Sequence[Executed]) -> tuple[Figure, ...]:
    """The figures of all reports, each once."""
    figures = (figure for each in executed for figure in each.outcome.report.figures)
    return tuple({(f.key, f.account_id, f.as_of): f for f in figures}.values())


def _led(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The first sentence as the verdict."""
    first, *rest = blocks
    if not isinstance(first, Paragraph) or "\n" in "".join(span for span in first.text if isinstance(span, str)):
        return tuple(blocks)
    lead, more = _parted(first.text)
    verdict = Verdict(tone="neutral", headline=lead)
    return (verdict, Paragraph(text=more), *rest) if any(more) else (verdict, *rest)


def _parted(said: Text) -> tuple[Text, Text]:
    """The first sentence, and what follows it."""
    before = ""
    for place, span in enumerate(said):
        if isinstance(span, str):
            end = _LEAD_END.search(before + span)
            if end and end.end() > len(before):
                cut = end.end() - len(before)
                return trimmed((*said[:place], span[:cut])), text(span[cut:], said[place + 1 :])
            before = span[-1:]
        else:
            before = ""
    return said, ()


def _left_out(verified: Verified) -> tuple[Block, ...]:
    if not verified.dropped:
        return ()
    many = verified.dropped > 1
    words = (
        f"{verified.dropped} sentences of the model were left out: they stated"
        if many
        else "One sentence of the model was left out: it stated"
    )
    told = f"{words} a number or date that is no figure of this answer, or something as done that was not."
    return (Notice(tone="warning", text=text(told)),)


def _folded_report(executed: Executed, accounts: AccountDirectory) -> tuple[Block, ...]:
    """The report under a heading, its sections closed."""
    invocation = executed.invocation
    named = accounts.known([invocation.account] if invocation.account else [])
    title = " ".join([f"/{invocation.command}", *(account.name for account in named)])
    blocks = (b.model_copy(update={"folded": True}) if b.type == "heading" else b for b in blocks_of(executed.outcome))
    return (Heading(text=text(title), folded=True), *(b for b in blocks if b.type != "question"))
