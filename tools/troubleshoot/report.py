"""The answer: verdict first, then the persona's four steps, the letter, and what else was found, folded."""

from collections.abc import Iterator

from app.domain.blocks import Block, Checklist, Citations, Column, Heading, Notice, Paragraph, Question, Table, Task
from app.domain.command import Context, Report
from app.domain.figures import text
from tools.escalate.report import escalations_alike, tickets_alike
from tools.troubleshoot import handover, steps
from tools.troubleshoot.follow_up import FollowUp
from tools.troubleshoot.hypotheses import diagnosis
from tools.troubleshoot.inquiry import Inquiry, figures_of
from tools.troubleshoot.letter import SECRETS, letter, masked, spelt
from tools.troubleshoot.log_section import LogSections
from tools.troubleshoot.on_record import on_record
from tools.troubleshoot.scripts import scripts_section
from tools.troubleshoot.statement import QuestionKey
from tools.troubleshoot.threads import threads_section
from tools.troubleshoot.told import told
from tools.troubleshoot.verdict import verdict
from tools.troubleshoot.wording import listing

FIELDS: dict[QuestionKey, str] = {
    "error": "exact_error",
    "request": "failing_request",
    "time": "time_of_failure",
    "key": "key_ends_in",
    "expected": "expected_result",
}
"""What the answer's fields are called: not as the fields of a log line are, so that a pasted log is no answer."""


NO_ACCOUNT = (
    "No account was recognised, so plan, limits, people and past tickets are left out. "
    "Put its name or id first: /troubleshoot acme …"
)
REPLY = "What do they answer? Paste the reply here, and the diagnosis goes on with it."


def report(ctx: Context, inquiry: Inquiry) -> Report:
    """The whole answer to a colleague; of an answer for the customer the letter, which is written to them."""
    logs = LogSections(inquiry.case)
    inside = ctx.audience == "internal"
    blocks = tuple(_inside(ctx, inquiry, logs)) if inside else (letter(inquiry),)
    return Report(told(inquiry, inside=inside), blocks, (*figures_of(inquiry), *(logs.figures if inside else ())))


def question(inquiry: Inquiry) -> Question | None:
    """The customer is asked in the letter; the next message of the colleague brings the reply."""
    if not inquiry.missing:
        return None
    return Question(text=text(REPLY), fields=tuple(FIELDS[key] for key in inquiry.missing))


def _inside(ctx: Context, inquiry: Inquiry, logs: LogSections) -> Iterator[Block]:
    yield verdict(ctx, inquiry)
    yield from _notices(inquiry)
    yield from _missing(inquiry)
    yield from _cause(inquiry)
    yield from _now(inquiry)
    yield from _afterwards(inquiry)
    yield Heading(text=text("Letter to the customer"))
    yield letter(inquiry)
    yield from _escalation(inquiry)
    yield from on_record(inquiry)
    yield from _elsewhere(inquiry)
    yield from _reading(inquiry)
    yield from logs.blocks
    yield from threads_section(inquiry.case, sees_people=inquiry.sees_people)
    yield from scripts_section(inquiry.scripts)


def _notices(inquiry: Inquiry) -> Iterator[Notice]:
    """That no account was told, what of the artifacts was masked, and what could not be read."""
    if inquiry.snapshot is None:
        yield Notice(tone="neutral", text=text(NO_ACCOUNT))
    artifacts = inquiry.case.artifacts
    if kinds := masked(inquiry):
        lasting = " What came in full is to be replaced; the letter says so." if kinds & SECRETS else ""
        told = f"Masked in what was sent: {listing(sorted(spelt(each) for each in kinds))}.{lasting}"
        yield Notice(tone="warning", text=text(told))
    for note in dict.fromkeys(note for each in artifacts for note in each.notes):
        yield Notice(tone="warning", text=text(f"About what was sent: {note}."))


def _missing(inquiry: Inquiry) -> Iterator[Block]:
    yield Heading(text=text("Step 1: what is still missing"))
    asks = (inquiry.parameters.questions[key].ask for key in inquiry.missing)
    if inquiry.missing:
        yield Checklist(items=tuple(Task(text=text(ask), owner="customer") for ask in asks))
    elif inquiry.diagnosed.is_known:
        yield Paragraph(text=text("Nothing: what was sent proves the cause."))
    else:
        yield Paragraph(text=text("None of the five questions: what would prove the cause stands in step 2."))


def _cause(inquiry: Inquiry) -> Iterator[Block]:
    yield Heading(text=text("Step 2: where the fault lies"))
    if inquiry.diagnosed.causes or inquiry.diagnosed.contexts:
        yield diagnosis(inquiry)
    else:
        yield Paragraph(text=text("Nothing that was sent shows a cause, so none is named."))


def _now(inquiry: Inquiry) -> Iterator[Block]:
    """What to do now; where nothing is certain enough to change anything, what settles it. Step 2 says it by cause."""
    tasks = (*steps.escalated(inquiry), *steps.now(inquiry), *steps.checked(inquiry), *steps.involved(inquiry))
    if inquiry.decided is None:
        tasks = (*steps.settling(inquiry), *tasks)
    if tasks:
        title = "what to do now" if inquiry.decided else "nothing is changed yet; settle it first"
        yield Heading(text=text(f"Step 3: {title}"))
        yield Checklist(items=tasks)


def _afterwards(inquiry: Inquiry) -> Iterator[Block]:
    prevention, found = steps.prevention(inquiry), inquiry.follow_up
    if not prevention and not found.checks:
        return
    yield Heading(text=text("Step 4: follow up, and keep it from coming back"))
    if found.checks:
        yield Checklist(items=_checks(found))
    if prevention:
        yield Checklist(items=prevention)


def _checks(found: FollowUp) -> tuple[Task, ...]:
    return tuple(Task(text=text(each.what), owner=steps.US, due=each.due) for each in found.checks)


def _escalation(inquiry: Inquiry) -> Iterator[Block]:
    """The criteria of engineering and the prefilled message, where the case may be one of theirs."""
    found = inquiry.handover
    if not found.offered:
        return
    yield Heading(text=text("For engineering" if found.meets else "For engineering, once the criteria are met"))
    labels = ("Criterion", "Met", "Why")
    met = {True: "met", False: "not met", "unknown": "unknown"}
    rows = tuple((text(c.key.replace("_", " ")), text(met[c.met]), text(c.because)) for c in found.own)
    if rows:
        yield Table(columns=tuple(Column(label=each) for each in labels), rows=rows)
    if found.gate.missing:
        missing = listing([each.replace("_", " ") for each in found.gate.missing])
        yield Paragraph(text=text(f"Still to be added: {missing}. Nothing is escalated until a person sends it."))
    yield handover.draft(found, inquiry.account_id)


def _elsewhere(inquiry: Inquiry) -> Iterator[Block]:
    shown = inquiry.parameters.shown.similar
    yield from escalations_alike(inquiry.handover.similar_escalations, shown)
    yield from tickets_alike(inquiry.handover.similar, shown)


def _reading(inquiry: Inquiry) -> Iterator[Block]:
    """Articles on the causes beside the one that was told; without a cause, the closest passages."""
    more = [each for each in inquiry.support.articles if each != inquiry.support.answers]
    if more:
        yield Heading(text=text("Articles"))
        rows = tuple((text(each.title), text(each.id), text(each.audience)) for each in more)
        yield Table(columns=tuple(Column(label=each) for each in ("Article", "Document", "For")), rows=rows)
    elif inquiry.passages and inquiry.top is None:
        yield Heading(text=text("Closest articles"))
        yield Citations(items=inquiry.passages[: inquiry.parameters.shown.articles])
