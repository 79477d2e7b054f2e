"""/metrics sign-off: a manager's word that a CSE reached a goal of the first year."""

from app.domain.blocks import Verdict
from app.domain.command import Context, Needs, Outcome, Report
from app.domain.effects import SignOffRamp
from app.domain.figures import Text, text
from app.domain.problems import InvalidArguments
from app.domain.records import RampSignoff
from tools.metrics.arguments import MetricsArgs
from tools.metrics.data import SignedOff
from tools.metrics.parameters import MetricsParameters, RampGoal


def needs(args: MetricsArgs) -> Needs:
    """What is signed off is signed off today.

    Raises:
        InvalidArguments: the owner or the goal is not given (`missing`).
    """
    missing = [name for name in ("owner", "goal") if getattr(args, name) is None]
    if missing:
        asked = {"owner": "Whose ramp is it?", "goal": "Which goal was reached? /metrics ramp owner=… lists them."}
        raise InvalidArguments(" ".join(asked[name] for name in missing), missing=missing)
    return Needs(portfolio=True, records=(RampSignoff,), today=True)


def run(ctx: Context, args: MetricsArgs, parameters: MetricsParameters) -> Outcome:
    """The sign-off, written where a person typed it.

    Raises:
        InvalidArguments: the goal is none; the day is over; somebody signs off their own goal.
    """
    goal = _goal(args.goal or "", parameters)
    owner = _owner(ctx, args.owner or "")
    if ctx.as_of < ctx.now.astimezone(ctx.timezone).date():
        raise InvalidArguments("A goal is signed off today: leave as_of out.", invalid=["as_of"])
    if ctx.actor.casefold() == owner.casefold():
        raise InvalidArguments("Nobody signs off their own goal. Ask your manager.", code="own_goal", invalid=["owner"])
    there = _there(ctx, owner, goal)
    if there is not None:
        headline = text(f"Signed off already: {goal}, {owner}, by {there.signed_by} on {there.signed_on}")
        told = Verdict(tone="neutral", headline=headline, lines=(text("Nothing was written."),))
        return Outcome(Report(SignedOff(owner=owner, goal=goal, written=False), (told,)))
    item = RampSignoff(owner=owner, goal=goal, signed_on=ctx.as_of, signed_by=ctx.actor or "unknown", note=args.note)
    report = Report(SignedOff(owner=owner, goal=goal, written=ctx.typed), (_verdict(ctx, item, parameters),))
    return Outcome(report, (SignOffRamp(item=item),) if ctx.typed else ())


def goals_of(parameters: MetricsParameters) -> dict[str, RampGoal]:
    """All goals of the first year, by key."""
    return {key: goal for stage in parameters.ramp for key, goal in stage.goals.items()}


def _goal(said: str, parameters: MetricsParameters) -> str:
    known = goals_of(parameters)
    if said.lower() in known:
        return said.lower()
    raise InvalidArguments(
        f"There is no goal {said!r}. The goals are {', '.join(known)}.", code="unknown_goal", invalid=["goal"]
    )


def _owner(ctx: Context, said: str) -> str:
    """The owner as the accounts spell the name; a newcomer without accounts as it was typed."""
    names = {a.owner for a in ctx.portfolio.accounts if a.owner} if ctx.portfolio else set()
    return next((name for name in sorted(names) if name.casefold() == said.casefold()), said)


def _there(ctx: Context, owner: str, goal: str) -> RampSignoff | None:
    signed = ctx.listing(RampSignoff).records
    return next((s for s in signed if s.owner.casefold() == owner.casefold() and s.goal == goal), None)


def _verdict(ctx: Context, item: RampSignoff, parameters: MetricsParameters) -> Verdict:
    lines: list[Text] = [text(f"The goal: {goals_of(parameters)[item.goal].text}.")]
    owners = {a.owner for a in ctx.portfolio.accounts} if ctx.portfolio else set()
    if item.owner not in owners:
        lines.append(text(f"No account names {item.owner} as its owner yet: check the spelling."))
    if not item.note:
        lines.append(text("It says nothing of what it rests on: a note makes it worth more."))
    if not ctx.typed:
        lines.append(text("Nothing was written: only what a person types writes. Type the command to sign it off."))
        return Verdict(
            tone="warning", headline=text(f"To be signed off: {item.goal}, {item.owner}"), lines=tuple(lines)
        )
    lines.append(text("Wrong? Type undo to take it back."))
    return Verdict(tone="good", headline=text(f"Signed off: {item.goal}, {item.owner}"), lines=tuple(lines))
