"""What is checked after the fix: at once, after 24 hours, after a week (persona §4.2, step 4); the last two are kept.

A check is a promise of ours on record, so it shows among the account's promises until somebody says that it is done.
Its id is made from account, rule and day: asking twice on a day writes it once.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.domain.business_hours import WEEKDAYS, BusinessHours
from app.domain.command import Context
from app.domain.effects import Effect, RecordCommitment
from app.domain.promises import US
from app.domain.records import Commitment
from app.domain.snapshot import AccountSnapshot
from tools.escalate.opening import record_id
from tools.troubleshoot.diagnosis import Diagnosed, Found
from tools.troubleshoot.parameters import TroubleshootParameters
from tools.troubleshoot.wording import filled, texts_of

SOURCE = "troubleshoot "
"""The `source` of a check is this and its rule's id."""

ID_PREFIX, ID_LETTERS = "chk-", 12


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """`what` is to be so on the day `due`; `id` where it is kept as a promise."""

    what: str
    due: dt.date
    id: str | None = None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The checks of a case; `state` says what became of those that are kept, `effects` write them.

    `kept`: they are written now. `on_record`: they were before. `not_kept`: nothing is written, for the reason
    `because`. `none`: nothing is to be checked, since no cause is likely.
    """

    state: Literal["kept", "on_record", "not_kept", "none"]
    checks: tuple[PlannedCheck, ...] = ()
    because: str = ""
    effects: tuple[Effect, ...] = ()


def follow_up(ctx: Context, diagnosed: Diagnosed, parameters: TroubleshootParameters) -> FollowUp:
    """What is checked after the top cause is mended, where one is known or likely."""
    top = diagnosed.top
    if top is None or top.finding.certainty == "possible":
        return FollowUp("none")
    today = ctx.now.astimezone(ctx.timezone).date()
    checks = tuple(_checks(ctx, top, today, parameters))
    if ctx.account is None:
        return FollowUp("not_kept", checks, "no account is named")
    before = _on_record(ctx.account, top.rule.id, checks)
    if before:
        return FollowUp("on_record", _as_on_record(checks, before))
    if because := _why_not(ctx, today):
        return FollowUp("not_kept", checks, because)
    title = texts_of(top, parameters).title
    promises = (_promise(ctx.account, each, each.id, top.rule.id, title, today) for each in checks if each.id)
    return FollowUp("kept", checks, effects=tuple(RecordCommitment(item=each) for each in promises))


def open_checks(snapshot: AccountSnapshot) -> tuple[Commitment, ...]:
    """The account's checks of this command that nobody has said to be done, by due day."""
    still = (each for each in snapshot.commitments if each.done_on is None and rule_of(each))
    return tuple(sorted(still, key=lambda each: (each.due or dt.date.max, each.id)))


def rule_of(check: Commitment) -> str:
    """The id of the rule whose fix is checked; "" of any other promise."""
    source = check.source or ""
    return source.removeprefix(SOURCE) if source.startswith(SOURCE) else ""


def _checks(ctx: Context, top: Found, today: dt.date, parameters: TroubleshootParameters) -> Iterator[PlannedCheck]:
    texts, rules = texts_of(top, parameters), parameters.follow_up
    must_be = filled(texts.check, top.finding.values) or rules.soon
    account = ctx.account.account.id if ctx.account else ""

    def named(days: int) -> str:
        return record_id(ID_PREFIX, f"{account}\n{top.rule.id}\n{today}\n{days}", ID_LETTERS)

    def due(days: int) -> dt.date:
        return _open_day(today + dt.timedelta(days=days), parameters.hours)

    yield PlannedCheck(rules.at_once, today)
    yield PlannedCheck(must_be, due(rules.soon_days), named(rules.soon_days))
    yield PlannedCheck(rules.later, due(rules.later_days), named(rules.later_days))


def _open_day(day: dt.date, hours: BusinessHours) -> dt.date:
    """The day, or the next one on which somebody of us is there to look."""
    while WEEKDAYS[day.weekday()] not in hours.days:
        day += dt.timedelta(days=1)
    return day


def _promise(
    snapshot: AccountSnapshot, check: PlannedCheck, name: str, rule: str, title: str, today: dt.date
) -> Commitment:
    return Commitment(
        id=name,
        account_id=snapshot.account.id,
        made_on=today,
        by=US,
        what=f"Check after the fix ({title}): {check.what}",
        due=check.due,
        source=f"{SOURCE}{rule}",
    )


def _on_record(snapshot: AccountSnapshot, rule: str, checks: tuple[PlannedCheck, ...]) -> tuple[Commitment, ...]:
    """Checks of the same rule that are still open, or were written today, done or not."""
    ids = {each.id for each in checks if each.id}
    found = (each for each in snapshot.commitments if rule_of(each) == rule)
    return tuple(each for each in found if each.id in ids or each.done_on is None)


def _as_on_record(checks: tuple[PlannedCheck, ...], before: tuple[Commitment, ...]) -> tuple[PlannedCheck, ...]:
    """The check at once, and those on record with their own days."""
    kept = sorted(before, key=lambda each: (each.due or dt.date.max, each.id))
    return (
        *(each for each in checks if each.id is None),
        *(PlannedCheck(each.what, each.due or checks[-1].due, each.id) for each in kept),
    )


def _why_not(ctx: Context, today: dt.date) -> str:
    """Why nothing is written; "" where it may be."""
    if ctx.audience != "internal":
        return "an answer for the customer writes nothing"
    if ctx.as_of < today:
        return "the answer is for a day that is over: leave as_of out"
    if not ctx.typed:
        return "only a command that a person types writes"
    return "" if ctx.may_write else "your key may only read"
