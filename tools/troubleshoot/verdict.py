"""The verdict: where the fault lies, the top cause and how sure that is, since when, whom, what now, and what next."""

from collections.abc import Iterator, Sequence

from app.domain.blocks import Tone, Verdict
from app.domain.command import Context
from app.domain.figures import Text, text
from tools.troubleshoot.diagnosis import Found
from tools.troubleshoot.facts.artifact import Artifact
from tools.troubleshoot.inquiry import Inquiry
from tools.troubleshoot.on_record import stands_out
from tools.troubleshoot.rules.rule import Clue
from tools.troubleshoot.rules.sayings import SAYS
from tools.troubleshoot.steps import first_step, named
from tools.troubleshoot.wording import SIDES, capital, listing, moment, one_line, sentence, sentences

MOST_LINES = 11
LONGEST_QUOTE = 160
ASSUMED_CAUSES = 2
MOST_CONTEXTS = 3
TOLD_FIRST = ("error_rate_step", "deploy_near_start")


def verdict(ctx: Context, inquiry: Inquiry) -> Verdict:
    """What is so, what is assumed, and what to do: 12 lines at most."""
    lines = tuple(_lines(ctx, inquiry))
    return Verdict(tone=_tone(inquiry), headline=_headline(inquiry), lines=lines[:MOST_LINES])


def _tone(inquiry: Inquiry) -> Tone:
    if inquiry.handover.meets:
        return "bad"
    return "neutral" if inquiry.diagnosed.is_known else "warning"


def _headline(inquiry: Inquiry) -> Text:
    """Where the fault lies and by which cause; of a cause that is not known, that it is not proven."""
    top, whose = inquiry.top, f"{inquiry.snapshot.account.name}: " if inquiry.snapshot else ""
    if top is None:
        return text(_begun(whose, f"no cause can be told yet from {_what_was_read(inquiry)}"))
    if top.finding.certainty == "possible":
        return text(_begun(whose, f"not decidable yet: {_count(inquiry)}"))
    is_known = top.finding.certainty == "known"
    if inquiry.diagnosed.side == "undecided":
        how = "proven" if is_known else "likely, not proven"
        return text(_begun(whose, f"whose fault it is cannot be told yet; {how}: "), *top.finding.title)
    lies, how = ("the fault lies", "proven") if is_known else ("the fault most likely lies", "not proven")
    return text(_begun(whose, f"{lies} {SIDES[inquiry.diagnosed.side]} ({how}): "), *top.finding.title)


def _begun(whose: str, said: str) -> str:
    return f"{whose}{said}" if whose else capital(said)


def _count(inquiry: Inquiry) -> str:
    count = len(inquiry.diagnosed.causes)
    return "one cause fits, and nothing proves it" if count == 1 else f"{count} causes fit, and nothing proves one"


def _what_was_read(inquiry: Inquiry) -> str:
    """What was recognised: "a log and a curl command"."""
    shown = inquiry.case.artifacts
    kinds = dict.fromkeys(_kind(each) for each in shown if each.kind not in ("prose", "unreadable"))
    if kinds:
        return listing(list(kinds))
    return "words alone" if any(each.kind == "prose" for each in shown) else "what was sent"


def _kind(artifact: Artifact) -> str:
    return artifact.kind.replace("_", " ")


def _lines(ctx: Context, inquiry: Inquiry) -> Iterator[Text]:
    """An article that answers it all comes first: then nobody had to wait."""
    if inquiry.support.answers is not None:
        yield _support(ctx, inquiry)
    yield from _known(inquiry)
    yield from _assumed(inquiry)
    yield from _extent(inquiry)
    if not inquiry.diagnosed.is_known and (standing := stands_out(inquiry)) is not None:
        yield standing
    yield from _now(inquiry)
    yield from _elsewhere(inquiry)
    if inquiry.support.answers is None:
        yield _support(ctx, inquiry)
    yield from _next(inquiry)


def _known(inquiry: Inquiry) -> Iterator[Text]:
    """What the artifacts show: of the top cause its first clues, with the lines on which they stand."""
    top = inquiry.top
    if top is None or top.finding.certainty == "possible":
        return
    told = [clue for clue in top.finding.clues if not _quotes_the_message(clue)] or top.finding.clues
    for clue in told[: inquiry.parameters.shown.clues]:
        where = f" ({clue.place})" if clue.place else ""
        yield text("Known: ", *clue.text, f"{where}.")


def _quotes_the_message(clue: Clue) -> bool:
    """What people wrote was just read; the lines above say more."""
    begins = clue.text[0]
    return isinstance(begins, str) and begins.startswith(SAYS["person"])


def _assumed(inquiry: Inquiry) -> Iterator[Text]:
    """What is not proven, and what would settle it; beside a cause that is decided the others are only named."""
    causes = [each for each in inquiry.diagnosed.causes if each.finding.certainty != "known"]
    if inquiry.decided is None:
        for found in causes[:ASSUMED_CAUSES]:
            yield text("Assumed (possible): ", *sentence(found.finding.title), _proof(inquiry, found, " Settled by: "))
        return
    if inquiry.decided in causes:
        yield text(_proof(inquiry, inquiry.decided, "To prove it: "))
    others = [each for each in causes if each is not inquiry.decided][:ASSUMED_CAUSES]
    if others:
        titles = _joined([sentence(each.finding.title) for each in others])
        yield text("Not ruled out: ", *titles)


def _proof(inquiry: Inquiry, found: Found, label: str) -> str:
    settles = sentences(inquiry.texts(found).settles, found)[:1]
    return f"{label}{settles[0]}" if settles else ""


def _extent(inquiry: Inquiry) -> Iterator[Text]:
    """Since when, whom, and after which change: by the artifacts, else as people say."""
    said = inquiry.case.statement
    if told := [sentence(each.finding.title) for each in _narrowing(inquiry)]:
        yield text("Narrowed down: ", *_joined(told))
    stated = [one_line(each, LONGEST_QUOTE) for each in (said.since, *said.extent, *said.changed) if each]
    apart = [each for each in dict.fromkeys(stated) if not any(each != other and each in other for other in stated)]
    if apart:
        yield text(f"As they say: {'; '.join(apart)}.")


def _narrowing(inquiry: Inquiry) -> list[Found]:
    """What says most where to look: when it began, the change before it, then the rest by how sure it is."""
    told = [
        each
        for each in inquiry.diagnosed.contexts
        if each.finding.certainty != "possible" or each.rule.id in TOLD_FIRST
    ]
    order = {rule: place for place, rule in enumerate(TOLD_FIRST)}
    return sorted(told, key=lambda each: order.get(each.rule.id, len(order)))[:MOST_CONTEXTS]


def _now(inquiry: Inquiry) -> Iterator[Text]:
    """The first step and whose it is, and whom a sign-in's change involves."""
    step = first_step(inquiry)
    if step is None:
        return
    parts = named(inquiry)
    whom = f" Involve {listing(parts)}." if parts else ""
    yield text("Do now: ", *sentence(step.text), f" ({step.owner}){whom}")


def _joined(parts: Sequence[Text]) -> Text:
    return text(*(span for place, part in enumerate(parts) for span in ((" ", *part) if place else part)))


def _elsewhere(inquiry: Inquiry) -> Iterator[Text]:
    """Other customers with the same signature: then it may not be this customer's fault."""
    found = inquiry.handover
    others = {each.ticket.account_id for each in found.similar}
    others |= {each.escalation.account_id for each in found.similar_escalations}
    if others:
        told = "1 other account reports" if len(others) == 1 else f"{len(others)} other accounts report"
        so = (
            "it may be the same fault" if inquiry.diagnosed.side == "product" else "see below before you call it theirs"
        )
        yield text(f"{told} something similar: {so}.")


def _support(ctx: Context, inquiry: Inquiry) -> Text:
    """The tier, and until when somebody answers first."""
    found = inquiry.support
    if found.answers is not None:
        return text(f"Tier 1, self-service: the article “{found.answers.title}” ({found.answers.id}) answers it.")
    due = f"first response due by {moment(found.due, ctx.timezone)}" if found.due else "first response given"
    hours = inquiry.parameters.support
    if found.due and inquiry.handover.severity == "SEV1":
        due = f"{due} (SEV1: {hours.sev1_hours:g} hour)"
    elif found.due:
        due = f"{due} ({hours.standard_hours:g} business hours)"
    if found.tier == 3:
        named = listing([each.key.replace("_", " ") for each in inquiry.handover.own])
        why = f"meets the criteria ({named})" if inquiry.handover.gate.qualifies else "this goes there at any quality"
        return text(f"Tier 3, engineering: {why}; {due}.")
    if inquiry.handover.offered:
        why = "; ".join(f"{each.key.replace('_', ' ')}: {each.because}" for each in inquiry.handover.own)
        return text(f"Tier 2 for now, {due}. Not yet for engineering: {why or 'the kind of issue is not clear'}.")
    return text(f"Tier 2, {due}.")


def _next(inquiry: Inquiry) -> Iterator[Text]:
    if inquiry.handover.meets:
        step = "send the letter to the customer, too"
    elif inquiry.missing:
        step = "send the letter below; it asks for what is missing"
    elif inquiry.diagnosed.is_known:
        step = "send the letter below, and check that the step helped"
    elif inquiry.decided:
        step = "send the letter below; it asks for what would prove it"
    else:
        step = "settle what is assumed, in the order below"
    yield text(f"Next: {step}. {_checks(inquiry)}".rstrip())


def _checks(inquiry: Inquiry) -> str:
    match inquiry.follow_up.state:
        case "kept":
            days = " and ".join(str(each.due) for each in inquiry.follow_up.checks if each.id)
            return f"Checks after the fix are written down for {days}. Type undo to take them back."
        case "on_record":
            return "Checks after the fix are on record already."
        case "not_kept":
            return f"Checks after the fix are not written down: {inquiry.follow_up.because}."
    return ""
