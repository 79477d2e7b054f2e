"""/adoption held: a training took place; it is written down as a touchpoint, with its recording."""

import datetime as dt
import hashlib

from app.domain.blocks import Verdict
from app.domain.command import Context, Needs, Outcome, Report
from app.domain.effects import LogTouchpoint
from app.domain.figures import text
from app.domain.problems import InvalidArguments
from app.domain.records import Touchpoint
from tools.adoption.arguments import AdoptionArgs, day_not_ahead
from tools.adoption.data import HeldData
from tools.adoption.enablement import ASK_TOPIC, DEVELOPER, topic_of
from tools.adoption.parameters import AdoptionParameters

KEY_LENGTH = 12
"""Hexadecimal digits of the hash that names the touchpoint."""


def needs(args: AdoptionArgs) -> Needs:
    """The account as of today, or of the day that the user names.

    Raises:
        InvalidArguments: no account, or no topic, is given.
    """
    if args.account is None:
        raise InvalidArguments("With which customer was the training?", missing=["account"])
    if not args.about:
        raise InvalidArguments(ASK_TOPIC, missing=["topic"])
    return Needs(account=args.account, today=True)


def run(ctx: Context, args: AdoptionArgs, parameters: AdoptionParameters) -> Outcome:
    """Write the training down; of a message that nobody typed, say how to.

    Raises:
        InvalidArguments: the day lies ahead.
    """
    if ctx.account is None:
        raise ValueError("/adoption held needs the account in its context")
    day_not_ahead(args.on, ctx.as_of)
    rules, on, account = parameters.enablement, args.on or ctx.as_of, ctx.account.account
    title, who = topic_of(args.about or "", rules).title, rules.attendees[args.attendees or DEVELOPER]
    said = f"{title} for {who}." + (f" Recording: {args.recording}" if args.recording else "")
    item = Touchpoint(
        id=_id_of(account.id, on, said), account_id=account.id, date=on, kind="training", status="attended", text=said
    )
    known = any(each.id == item.id for each in ctx.account.touchpoints)
    writes = ctx.typed and not known
    if not ctx.typed:
        line = f"Not recorded: type /adoption {account.id} held {args.about} on={on} to do it."
    elif known:
        line = "It was on record already: nothing is written twice."
    else:
        line = "Recorded as a training that took place. Undo: type undo."
    after = "Next: check in two weeks with /adoption whether it is used in production."
    verdict = Verdict(
        tone="good" if writes or known else "neutral",
        headline=text(f"{title} for {who} at {account.name}, {on}"),
        lines=(text(line), text(after)),
    )
    data = HeldData(account=account.id, topic=title, on=on, recorded=item.id if writes or known else None)
    return Outcome(Report(data, (verdict,)), (LogTouchpoint(item=item),) if writes else ())


def _id_of(account_id: str, on: dt.date, said: str) -> str:
    """The same training is the same record, however often it is told."""
    told = "\n".join((account_id, on.isoformat(), said))
    return f"training-{hashlib.sha256(told.encode()).hexdigest()[:KEY_LENGTH]}"
