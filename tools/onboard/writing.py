"""/onboard done, slip: a milestone signed or moved; and the way in for all that is written."""

import hashlib
from collections.abc import Sequence

from app.domain.blocks import Heading
from app.domain.command import Context, Needs, Outcome
from app.domain.figures import Text, text
from app.domain.problems import InvalidArguments
from app.domain.records import MilestoneSlip
from app.domain.redact import mask_secrets
from tools.onboard import account, checking
from tools.onboard.arguments import OnboardArgs
from tools.onboard.plan import Plan, Step, planned
from tools.onboard.recording import listed, merged, next_after, nothing, plan_to_write, written
from tools.onboard.saying import said_done, said_slip
from tools.onboard.slips import PARTY_WORDS, Moved, push, waited
from tools.onboard.told import Told, told_of
from tools.onboard.words import days, due_figure, step_name, table

_KEY_LENGTH = 12
_ASK = {
    "done": "Which milestone is done? Write done M3.",
    "slip": "Which milestone moves, by how much, and whose wait is it? Write slip M4 +5d whose=customer and why.",
    "answer": "Which question, and what is the answer? Write answer stack and what they said.",
    "check": "Which item, and is it in place? Write check sso yes and a note.",
    "sign-off": "What is signed off? Write sign-off go-live.",
}


def needs(args: OnboardArgs) -> Needs:
    """The account as of today: what is written is written now.

    Raises:
        InvalidArguments: the account or the text is missing.
    """
    action = args.action or ""
    if args.account is None:
        raise InvalidArguments(f"Which account is it? {_ASK[action]}", missing=["account"])
    if not args.text:
        raise InvalidArguments(_ASK[action], missing=["text"])
    return account.needs(args.account, today=True)


def run(ctx: Context, args: OnboardArgs) -> Outcome:
    """Write it, where a person typed it.

    Raises:
        InvalidArguments: a day that is over is named; the text cannot be read; there is no plan to write to.
    """
    if ctx.as_of < ctx.now.astimezone(ctx.timezone).date():
        raise InvalidArguments("What is written about a plan is written now: leave as_of out.", invalid=["as_of"])
    told, said = told_of(ctx), mask_secrets(args.text or "")
    match args.action:
        case "done":
            return _done(ctx, told, said)
        case "slip":
            return _slip(ctx, told, said)
        case "answer":
            return checking.answer(ctx, told, said)
        case "check":
            return checking.check(ctx, told, said)
    return checking.sign_off(ctx, told, said)


# ── Milestones ────────────────────────────────────────────────────────────────────────────────────────────────────


def _done(ctx: Context, told: Told, said: str) -> Outcome:
    plan = plan_to_write(told)
    step, day = said_done(said, plan, ctx.as_of)
    if step.by == "signed":
        return nothing(told, text(f"{step_name(step)} was signed before, as done on {step.milestone.done_on}"))
    signed = step.milestone.model_copy(update={"done_on": day, "signed_by": ctx.actor or None})
    lines = []
    doubts = [reading.seen for reading in step.readings if reading.holds != "yes"]
    if doubts:
        for reading in step.readings:
            told.stated.add(reading.figures)
        lines.append(text("Signed although the data do not show it: ", *listed(doubts), "."))
    lines.append(next_after(told, plan, (signed,)))
    headline = text(f"Signed: {step_name(step)}, {told.name}, done on {day}")
    return written(ctx, told, headline, lines, plan, changed=(signed,))


def _slip(ctx: Context, told: Told, said: str) -> Outcome:
    plan = plan_to_write(told)
    slip = said_slip(said, plan)
    step = slip.step
    if step.is_done:
        raise InvalidArguments(f"{step_name(step)} is done: there is nothing to move.", invalid=["text"])
    record = _slip_record(ctx, step, slip.working_days, slip.whose, slip.reason)
    if any(each.id == record.id for each in told.material.slips):
        return nothing(told, text(f"This move of {step.code} is on record already"))
    moved = push(plan, step.code, slip.working_days)
    after = planned(told.material, merged(plan, [each.milestone for each in moved]), kept=True)
    lines = [_pushed_line(moved), _wait_line(told, record)]
    new = after.step(step.code)
    if new is not None and new.late:
        lines.append(text(f"It is overdue all the same: the new day was {days(new.late)} ago."))
    if slip.whose is None:
        lines.append(text("Whose wait it is was not said: undo, and add whose=customer, us or vendor."))
    direction = "back" if slip.working_days > 0 else "forward"
    headline = text(
        f"Moved {direction} by {days(abs(slip.working_days))}: {step_name(step)} of {told.name}, now due ",
        due_figure(told.material, new or step, told.stated, kept=True),
    )
    rows = [_moved_row(told, after, each) for each in moved]
    more = (Heading(text=text("What moves")), table(("Step", "Milestone", "Was due", "Due"), rows))
    changed = tuple(each.milestone for each in moved)
    return written(ctx, told, headline, lines, plan, changed=changed, slip=record, more=more)


def _pushed_line(moved: Sequence[Moved]) -> Text:
    pushed = [each.milestone.code for each in moved[1:]]
    return text(f"It pushes {', '.join(pushed)}." if pushed else "It pushes nothing: no open milestone waits for it.")


def _wait_line(told: Told, record: MilestoneSlip) -> Text:
    totals = waited((*told.material.slips, record))
    words = ", ".join(f"{number} for {PARTY_WORDS[party]}" for party, number in totals.items())
    return text(f"The wait is for {PARTY_WORDS[record.whose]}. Working days so far: {words or 'none, won back'}.")


def _moved_row(told: Told, after: Plan, moved: Moved) -> tuple[Text, ...]:
    step = after.step(moved.milestone.code)
    due = due_figure(told.material, step, told.stated, kept=True) if step is not None else str(moved.after)
    return text(moved.milestone.code), text(moved.milestone.title), text(str(moved.before)), text(due)


def _slip_record(ctx: Context, step: Step, working_days: int, whose: object, reason: str) -> MilestoneSlip:
    """The slip; its id comes from what it says, so that the same message twice is the same record."""
    said = f"{step.milestone.id}\n{ctx.as_of}\n{working_days}\n{whose}\n{reason}"
    return MilestoneSlip.model_validate(
        {
            "id": f"slip-{hashlib.sha256(said.encode()).hexdigest()[:_KEY_LENGTH]}",
            "account_id": step.milestone.account_id,
            "milestone_id": step.milestone.id,
            "date": ctx.as_of,
            "working_days": working_days,
            "whose": whose,
            "reason": reason or None,
        }
    )
