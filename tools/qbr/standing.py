"""For colleagues alone: health at the end of both quarters and what moved it, and the risks of the day."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.domain.command import OnDay
from app.domain.figures import Figure, Ref, Text, joined, text
from app.domain.periods import PeriodQuery
from tools.health.comparison import Comparison, Side, compared, in_force, main_cause, signed
from tools.health.findings import Findings
from tools.health.indicators import INDICATORS
from tools.health.open_work import open_work, promise_counts
from tools.health.parameters import HealthParameters
from tools.health.promises import shortened
from tools.health.verdict import contract_line
from tools.health.wording import INDICATOR_LABELS, WATCH_LABELS
from tools.qbr.data import HealthData
from tools.qbr.review import Review, number


@dataclass(frozen=True, slots=True)
class Standing:
    """`comparison` is None where the account cannot be scored at one of the ends."""

    comparison: Comparison | None


def standing(review: Review, name: str | None) -> Standing:
    """The account at the end of the quarter and of the one before, with the settings of these days."""
    on = review.ctx.periods[PeriodQuery(name)]
    if on.before is None or not _is_customer(on.before) or not _is_customer(on.end):
        return Standing(None)
    then, now = on.before.account, on.end.account
    old, new = in_force(_health(on.before), _health(on.end), _today(review))
    if then is None or now is None:
        return Standing(None)
    found = compared(then, now, old, new, _today(review), review.ctx.currency)
    return Standing(_dated(found, review))


def _dated(found: Comparison, review: Review) -> Comparison:
    """The comparison with the day in every key: keys without one are those of the answer's own day."""
    end, as_of = found.until, review.ctx.as_of
    same = found.now_as_set is found.now
    now = replace(found.now, suffix=found.now.suffix or f".on_{end}", told=f"on {end}", as_of=as_of)
    as_set = now if same else replace(found.now_as_set, suffix=found.now_as_set.suffix or now.suffix, as_of=as_of)
    return replace(found, now=now, now_as_set=as_set, then=replace(found.then, as_of=as_of))


def _is_customer(on: OnDay) -> bool:
    return on.account is not None and not on.account.columns.not_yet[0]


def _health(on: OnDay) -> HealthParameters:
    return _checked(on.others["health"])


def _today(review: Review) -> HealthParameters:
    return _checked(review.ctx.others["health"])


def _checked(parameters: object) -> HealthParameters:
    if not isinstance(parameters, HealthParameters):
        raise TypeError("/qbr needs the parameters of /health in its context")
    return parameters


def health_line(review: Review, standing: Standing) -> Text:
    """Health today and at the end of both quarters."""
    figures, found, quarters = review.found.figures, standing.comparison, review.quarters
    today = text("Health today: ", _told(review.found, figures["health.score"], figures["health.coverage"]))
    if found is None:
        return text(today, f"; not known at the end of {quarters.earlier.name}.")
    review.stated.add(found.figures())
    ends = [
        text(f"end of {name}: ", _told(side.found, side.ref("health.score"), side.ref("health.coverage")))
        for name, side in ((quarters.period.name, found.now), (quarters.earlier.name, found.then))
        if not (side is found.now and quarters.end == review.ctx.as_of)
    ]
    return text(joined((today, *ends), "; "), ".")


def mover(standing: Standing) -> Text:
    """What moved the score most between the ends of the quarters; empty where one of them has none."""
    found = standing.comparison
    cause = main_cause(found) if found is not None and found.has_scores else ()
    return (
        text(signed(found.change), " points between the ends of the quarters; main mover: ", cause)
        if found is not None and cause
        else ()
    )


def _told(found: Findings, score: Ref | Figure, coverage: Ref | Figure) -> Text:
    if found.tier == "unknown":
        return text("unknown, coverage ", coverage)
    return text(f"{found.tier}, ", score)


def risk_rows(review: Review) -> Iterator[tuple[Text, ...]]:
    """Each risk with what is seen of it on the answer's day."""
    found, as_of = review.found, review.ctx.as_of
    today = Side(found, f".on_{as_of}", f"on {as_of}", as_of)
    yield text("Contract"), contract_line(found)
    yield text("Churn level"), text(found.level)
    for key in (each for each in INDICATORS if found.triggered(each)):
        review.stated.add(today.named(made) for made in found.indicators[key].values())
        yield text(INDICATOR_LABELS[key]), today.text(found.indicator_seen(key))
    for watched in found.case.watching:
        review.stated.add(today.named(made) for made in found.watch[watched].values())
        yield text(f"{WATCH_LABELS[watched]} (watch)"), today.text(found.watch_seen(watched))
    yield from _promises(review)


def _promises(review: Review) -> Iterator[tuple[Text, ...]]:
    work = open_work(review.found, None)
    if promised := promise_counts(work, review.stated):
        yield text("Promises"), promised
    for clock in work.promises:
        if clock.promise.overdue:
            review.stated.add(clock.figures)
            yield text("Overdue promise"), text(f"“{shortened(clock.promise.what)}”, ", clock.told())


def data(review: Review, standing: Standing) -> HealthData:
    found = standing.comparison
    return HealthData(
        tier=review.found.tier,
        level=review.found.level,
        score=number(review.found.figures["health.score"]),
        end_of_quarter=found.now.score if found else None,
        end_of_quarter_before=found.then.score if found else None,
        change=found.moved if found and found.has_scores else None,
    )


def is_late(review: Review) -> bool:
    """Whether a promise of ours is overdue."""
    return bool(open_work(review.found, None).overdue("us"))
