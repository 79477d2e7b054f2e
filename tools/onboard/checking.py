"""/onboard answer, check, sign-off: a question answered, an item of a list, a role's signature."""

from app.domain.blocks import Heading, Verdict
from app.domain.command import Context, Outcome, Report
from app.domain.figures import text
from app.domain.problems import InvalidArguments
from app.domain.records import Check, CheckList
from tools.onboard import checklists
from tools.onboard.checklists import Line
from tools.onboard.data import WriteData
from tools.onboard.parameters import Item
from tools.onboard.plan import Plan, Step
from tools.onboard.recording import next_after, nothing, written
from tools.onboard.saying import said_answer, said_check, said_signature
from tools.onboard.told import Told
from tools.onboard.words import table


def answer(ctx: Context, told: Told, said: str) -> Outcome:
    parameters = told.material.parameters
    keys = [*(question.key for question in parameters.questions), parameters.volume.item]
    key, answered = said_answer(said, keys)
    record = _check_record(ctx, told, "discovery", key, "yes", answered)
    if _is_on_record(told, record):
        return nothing(told, text(f"This answer to {key} is on record already"))
    left = [each.question.key for each in told.unanswered if each.question.key != key]
    words = f"Still to ask: {', '.join(left)}." if left else "Every question of discovery is answered."
    lines = [text(f"{key}: ", answered), text(words)]
    return written(ctx, told, text(f"Answer written for {told.name}"), lines, None, checks=(record,))


def check(ctx: Context, told: Told, said: str) -> Outcome:
    items, model = _items(told), told.material.account.usage_model
    item, state, note = said_check(said, [each for _, each in items if model in each.models])
    checklist: CheckList = next(name for name, each in items if each.key == item.key)
    record = _check_record(ctx, told, checklist, item.key, state, note)
    if _is_on_record(told, record):
        return nothing(told, text(f"{item.key} is on record so already"))
    lines_now = checklists.readiness(told.material) if checklist == "readiness" else checklists.go_live(told.material)
    closed = state != "no"
    left = [line.item.key for line in checklists.missing(lines_now) if line.item.key != item.key]
    left += [item.key] if item.required and not closed else []
    named = "readiness" if checklist == "readiness" else "go-live"
    words = f"Every required item of {named} is in place."
    if left:
        words = f"Required and open in {named}: {', '.join(left)}."
    shown = state.replace("_", " ")
    headline = text(f"Checked for {told.name}: {item.key.replace('_', ' ')}, {shown}")
    return written(ctx, told, headline, [text(item.ask, "."), text(words)], None, checks=(record,))


def _items(told: Told) -> list[tuple[CheckList, Item]]:
    parameters = told.material.parameters
    ready: list[tuple[CheckList, Item]] = [("readiness", i) for area in parameters.readiness.areas for i in area.items]
    return [*ready, *(("go_live", i) for area in parameters.go_live.areas for i in area.items)]


def sign_off(ctx: Context, told: Told, said: str) -> Outcome:
    material = told.material
    signs = said_signature(said, material.parameters.go_live.sign_offs)
    title = material.parameters.go_live.sign_offs[signs.role].title
    first = next(iter(material.parameters.go_live.sign_offs))
    if signs.role != first and not signs.by:
        raise InvalidArguments(f"Who signs as {title}? Add by=NAME.", missing=["text"])
    if missing := checklists.missing(checklists.go_live(material)):
        return _refused(told, missing)
    before = checklists.signatures(material)
    if any(each.role == signs.role and each.on for each in before):
        return nothing(told, text(f"{title} has signed the go-live already"))
    by = signs.by or ctx.actor or title
    record = _check_record(ctx, told, "go_live", f"{checklists.SIGN_OFF}{signs.role}", "yes", by)
    waiting = [each.sign_off.title for each in before if each.on is None and each.role != signs.role]
    words = f"Still to sign: {', '.join(waiting)}." if waiting else "All sides have signed: the go-live is signed off."
    headline = text(f"Go-live of {told.name} signed as {title} by {by}")
    step = _go_live_step(told.plan) if told.plan is not None and not waiting else None
    if told.plan is None or step is None:
        return written(ctx, told, headline, [text(words)], None, checks=(record,))
    signed = step.milestone.model_copy(update={"done_on": ctx.as_of, "signed_by": ctx.actor or None})
    lines = [text(words), next_after(told, told.plan, (signed,))]
    return written(ctx, told, headline, lines, told.plan, changed=(signed,), checks=(record,))


def _refused(told: Told, missing: tuple[Line, ...]) -> Outcome:
    """Nobody signs while a required item is open; the answer names them all."""
    number = len(missing)
    what = "1 required item is open" if number == 1 else f"{number} required items are open"
    lines = (
        text(f"Open: {', '.join(line.item.key for line in missing)}."),
        text("Nothing was written. Next step: check ITEM yes and a note closes one, n/a one that does not apply."),
    )
    verdict = Verdict(tone="bad", headline=text(f"The go-live of {told.name} cannot be signed: {what}"), lines=lines)
    rows = [(text(line.item.key), text(line.item.ask), text(line.item.owner)) for line in missing]
    blocks = (verdict, Heading(text=text("Required and open")), table(("Item", "What must be so", "Role"), rows))
    keys = tuple(line.item.key for line in missing)
    data = WriteData(account_id=told.material.account.id, written=False, open_items=keys)
    return Outcome(Report(data, blocks, told.stated.figures))


def _go_live_step(plan: Plan) -> Step | None:
    """The milestone that the sign-offs close, where nobody signed it yet."""
    return next((step for step in plan.steps if "go_live" in step.milestone.measures and step.by != "signed"), None)


def _check_record(ctx: Context, told: Told, checklist: CheckList, item: str, state: str, note: str) -> Check:
    return Check.model_validate(
        {
            "account_id": told.material.account.id,
            "checklist": checklist,
            "item": item,
            "state": state,
            "note": note or None,
            "checked_on": ctx.as_of,
            "checked_by": ctx.actor or None,
        }
    )


def _is_on_record(told: Told, record: Check) -> bool:
    """Whether the same was said before, on whatever day."""
    there = told.material.check(record.checklist, record.item)
    return there is not None and (there.state, there.note) == (record.state, record.note)
