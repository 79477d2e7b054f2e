"""/health compare: why the score changed between two days."""

import datetime as dt
import re
from collections.abc import Iterator

from app.domain.command import Context, Needs, Outcome
from app.domain.problems import InvalidArguments, Problem
from app.domain.syntax import parse_day
from tools.health import comparison_report
from tools.health.args import HealthArgs
from tools.health.comparison import SCORING, compared, in_force
from tools.health.data import SettingChange
from tools.health.parameters import HealthParameters
from tools.health.wording import listing

TODAY = 0
"""The answer's own day among the further days: so many days before it."""

_BETWEEN = re.compile(r"(?:\s|,|;|\.\.)+")
_FILLERS = frozenset({"and", "to", "until", "with", "since", "from"})


def needs(args: HealthArgs) -> Needs:
    """The account on both days.

    Raises:
        InvalidArguments: no account or day is given (`missing`), or the days make no sense together.
    """
    if args.account is None:
        raise InvalidArguments("/health compare needs the account.", missing=["account"])
    if args.filters():
        raise InvalidArguments(f"Filters go with the portfolio: leave out {', '.join(args.filters())}.")
    earlier, later = _days(args)
    return Needs(account=args.account, as_of=later, days=(earlier, TODAY))


def run(ctx: Context, args: HealthArgs) -> Outcome:
    """The ledger between the two days, and what else changed.

    Raises:
        InvalidArguments: the earlier day is not before the answer's, or as_of is another than the later day.
    """
    earlier, later = _days(args)
    if later is not None and ctx.as_of != later:
        raise InvalidArguments(f"as_of={ctx.as_of} and the later day {later} differ: leave out one of them.")
    if earlier >= ctx.as_of:
        raise InvalidArguments(
            f"{earlier} is not before {ctx.as_of}, the day to compare it with: give an earlier day, or two days."
        )
    then, now = ctx.days[earlier], ctx.days[TODAY]
    if then.account is None or now.account is None:
        raise ValueError("/health compare needs the account on both days in its context")
    settings = (then.parameters, now.parameters, ctx.parameters)
    old, new, today = (found for found in settings if isinstance(found, HealthParameters))
    old, new = in_force(old, new, today)
    comparison = compared(then.account, now.account, old, new, today, ctx.currency)
    return Outcome(
        comparison_report.report(comparison, _changed_settings(old, new), swapped=_given(args) == [later, earlier])
    )


def _days(args: HealthArgs) -> tuple[dt.date, dt.date | None]:
    """The earlier day, and the later one where it is given; days given the other way round are turned."""
    days = _given(args)
    if not days:
        raise InvalidArguments(
            "/health compare needs the day to compare with, or two days, as YYYY-MM-DD.", missing=["dates"]
        )
    if len(days) > 2:
        raise InvalidArguments(f"/health compare takes one or two days, not {len(days)}.")
    if len(days) == 1:
        return days[0], None
    if days[0] == days[1]:
        raise InvalidArguments(f"Both days are {days[0]}: give two different ones.")
    return min(days), max(days)


def _given(args: HealthArgs) -> list[dt.date]:
    """The days in the order in which they were given, `since` first."""
    words = [word for word in _BETWEEN.split(args.dates or "") if word and word.lower() not in _FILLERS]
    return [*([args.since] if args.since else []), *map(_day, words)]


def _day(word: str) -> dt.date:
    try:
        return parse_day(word)
    except Problem:
        raise InvalidArguments(
            f"{word[:40]!r} is no day. Write days as YYYY-MM-DD: /health acme compare 2026-01-31 2026-02-28.",
            code="invalid_date",
        ) from None


def _changed_settings(old: HealthParameters, new: HealthParameters) -> tuple[SettingChange, ...]:
    """The settings that differ, by their place in the file."""
    before, after = (dict(_leaves(found.model_dump(mode="json", include=SCORING))) for found in (old, new))
    places = [place for place in {**before, **after} if before.get(place) != after.get(place)]
    return tuple(SettingChange(setting=p, then=before.get(p, "none"), now=after.get(p, "none")) for p in places)


def _leaves(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _leaves(inner, f"{place}.{name}" if place else str(name))
        case list():
            yield place, listing([str(item) for item in value]) or "none"
        case _:
            yield place, f"{value:g}" if isinstance(value, float) else str(value)
