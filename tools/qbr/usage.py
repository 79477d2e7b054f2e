"""Part 1: use in the quarter beside the quarter before, and the features in use."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.blocks import Block
from app.domain.figures import Evidence, Figure, Text, joined, text
from app.domain.periods import Period
from app.domain.usage_periods import features_figure, features_in, usage_figures, use_in
from tools.health.comparison import signed
from tools.qbr.data import MeasureData
from tools.qbr.measures import MEASURES, Measure
from tools.qbr.months import by_month
from tools.qbr.review import NOT_KNOWN, NOTHING, Prompt, Review, Section, asked, heading, number, table

HEADING = "Part 1: usage review"
CHART_HEADING = "Part 1: use by month"

COLUMNS = ("Measured", "Quarter before", "Reviewed quarter", "Difference")


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure in the quarter, and in the days of the quarter before that it is compared with."""

    key: str
    label: str
    before: Figure | None
    now: Figure
    change: Figure | None
    told: Text  # the change in words

    def row(self) -> tuple[Text, ...]:
        before = text(self.before) if number(self.before) is not None and self.before else text(NOT_KNOWN)
        return text(self.label), before, text(self.now), self.told or text(NOTHING)

    def data(self) -> MeasureData:
        change = number(self.change)
        return MeasureData(key=self.key, before=number(self.before), now=number(self.now), change=change)


def section(review: Review) -> Section:
    """The part's slides; where use or features are not known, a question in their place."""
    measured, used = usage(review), features(review)
    known = [each for each in (*measured, *used.measured) if number(each.now) is not None]
    prompts = tuple(_prompts(review, measured, used))
    slides: list[Block] = [heading(HEADING)]
    if known:
        slides.append(
            table(COLUMNS, [each.row() for each in known] + list(used.rows), _days(review), right=COLUMNS[1:])
        )
    if prompts and not known:
        slides.append(asked(prompts, review.parameters.ask_first))
    if chart := by_month(review):
        slides += [heading(CHART_HEADING), chart]
    data = {"measures": tuple(each.data() for each in known), "features": used.used or ()}
    return Section(tuple(slides), prompts, prompts if known else (), _line(known), tuple(_notes(review, known)), data)


def usage(review: Review) -> list[Measured]:
    """Each measure that applies to the account."""
    daily, quarters, account = review.ctx.daily, review.quarters, review.account
    if daily is None or not daily.day.size:
        return []
    days = quarters.days_alike(int(daily.day[0]), daily.last)
    now = usage_figures(account.id, review.ctx.as_of, use_in(daily, quarters.period))
    before = usage_figures(account.id, review.ctx.as_of, use_in(daily, days)) if days else {}
    return [_measured(review, each, before, now) for each in MEASURES if account.usage_model in each.models]


def _measured(review: Review, measure: Measure, before: Mapping[str, Figure], now: Mapping[str, Figure]) -> Measured:
    then, here = before.get(measure.name), now[measure.name]
    review.stated.add(figure for figure in (then, here) if figure)
    change = _change(review, measure, then, here) if measure.in_percent else None
    told = signed(change) if change else _direction(then, here, review.parameters.rules.moved)
    return Measured(measure.name, measure.label, then, here, change, told)


def _change(review: Review, measure: Measure, before: Figure | None, now: Figure) -> Figure | None:
    """100 × (the quarter ÷ the days before − 1); None where one is not known, or there was no use before."""
    was, value = number(before), number(now)
    if was is None or value is None or was == 0 or before is None:
        return None
    made_of = tuple(Evidence(kind="figures", id=figure.key) for figure in (now, before))
    key = f"qbr.usage.{measure.name}.change.{review.quarters.period.name}"
    rule = f"100 × ({now.key} ÷ {before.key} − 1)"
    return review.stated.number(key, f"Change: {measure.label}", 100 * (value / was - 1), "%", rule, made_of)


def _direction(before: Figure | None, now: Figure, moved: float) -> Text:
    """Higher or lower, where it moved by so many percent; else much the same."""
    was, value = number(before), number(now)
    if was is None or value is None:
        return ()
    if abs(value - was) <= was * moved / 100:
        return text("much the same")
    return text("higher" if value > was else "lower")


# ── Features ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Features:
    """`used` are the quarter's features by name, `came` and `gone` those that the quarter before had not or had."""

    used: tuple[str, ...] | None = None
    came: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    share: float | None = None
    measured: tuple[Measured, ...] = ()
    rows: Sequence[tuple[Text, ...]] = ()


def features(review: Review) -> Features:
    """The features of the quarter and of the days before that it is compared with; nothing where they are not known."""
    days, quarters, account = review.ctx.feature_days, review.quarters, review.account
    used = features_in(days, quarters.period) if days else None
    if days is None or used is None:
        return Features()
    alike = quarters.days_alike(int(days.day[0]), days.last)
    earlier = features_in(days, alike) if alike else None
    now = features_figure(account.id, review.ctx.as_of, quarters.period, used)
    before = features_figure(account.id, review.ctx.as_of, alike, earlier) if alike and earlier is not None else None
    review.stated.add(figure for figure in (now, before) if figure)
    change = _more_features(review, before, now)
    share = _share(review, now)
    told = Measured("features", "Features used", before, now, change, signed(change) if change else ())
    came = tuple(name for name in used if earlier is not None and name not in earlier)
    gone = tuple(name for name in earlier or () if name not in used)
    return Features(used, came, gone, number(share), (told,), tuple(_feature_rows(review, share, came, gone)))


def _more_features(review: Review, before: Figure | None, now: Figure) -> Figure | None:
    was, value = number(before), number(now)
    if was is None or value is None or before is None:
        return None
    key, rule = f"qbr.features.change.{review.quarters.period.name}", f"{now.key} − {before.key}"
    return review.stated.number(key, "Change: features used", value - was, "features", rule)


def _available(review: Review) -> Figure | None:
    return review.found.components.get("feature_adoption", {}).get("available")


def _share(review: Review, used: Figure) -> Figure | None:
    """Features used in percent of those of the plan (persona §3.3: 6 of 10, 60 %)."""
    available, value = number(_available(review)), number(used)
    if not available or value is None:
        return None
    key, rule = f"qbr.features.share.{review.quarters.period.name}", f"100 × {used.key} ÷ features.available"
    return review.stated.number(key, "Share of the features used", 100 * value / available, "%", rule)


def _feature_rows(
    review: Review, share: Figure | None, came: Sequence[str], gone: Sequence[str]
) -> Iterator[tuple[Text, ...]]:
    available, most = _available(review), review.parameters.shown.names
    if share and available:
        review.stated.add((available,))
        yield text("Share of your plan's features"), text(NOTHING), text(share, " of ", available), text(NOTHING)
    for label, names in (("Newly used", came), ("No longer used", gone)):
        if names:
            yield text(label), text(NOTHING), text(_names(names, most)), text(NOTHING)


def _names(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


# ── Words ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _prompts(review: Review, measured: Sequence[Measured], used: Features) -> Iterator[Prompt]:
    name = review.quarters.period.name
    if not any(number(each.now) is not None for each in measured):
        yield review.prompt("usage", "usage", f"Our records hold no API calls and no active users of {name}.")
    if used.used is None:
        yield review.prompt("usage", "features", f"Our records hold no use of features of {name}.")


def _days(review: Review) -> Text:
    """Which days stand side by side."""
    quarters = review.quarters
    period, earlier = quarters.period, quarters.earlier
    beside = {days.name: days for days in _alike(review) if days is not None}
    short = next((days for days in beside.values() if days.name != earlier.name), None)
    if short:
        last = period.first + dt.timedelta(days=short.days - 1)
        fair = f"its first {short.days} days, to {last}, beside the first {short.days} of {earlier.name}"
        return text(f"{period.name} {'is still running' if quarters.is_running else 'is known in part'}: {fair}.")
    if not beside:
        return text(f"{period.name}: {period.first} to {quarters.end}. The quarter before is not known as a whole.")
    return text(f"{period.name} ({period.first} to {period.last}) beside {earlier.name}.")


def _alike(review: Review) -> Iterator[Period | None]:
    for days in (review.ctx.daily, review.ctx.feature_days):
        if days is not None and days.day.size:
            yield review.quarters.days_alike(int(days.day[0]), days.last)


def _line(known: Sequence[Measured]) -> Text:
    """The verdict's line on use."""
    parts: list[Text] = []
    for each in known:
        if each.key in ("calls", "mean_users", "features"):
            label = each.label if not parts else each.label[:1].lower() + each.label[1:]
            label = each.label if each.key == "calls" else label
            after = text(" after ", each.before) if number(each.before) is not None and each.before else ()
            parts.append(text(f"{label} ", each.now, after, text(" (", each.told, ")") if each.change else ()))
    return text(joined(parts, "; "), ".") if parts else ()


def _notes(review: Review, known: Sequence[Measured]) -> Iterator[Text]:
    moved = review.parameters.rules.moved
    for each in known:
        change = number(each.change)
        if each.key in ("calls", "mean_users") and change is not None and each.change and abs(change) >= moved:
            ask = "ask what grew, and whether it stays" if change > 0 else "ask what changed, before you explain it"
            yield text(f"{each.label}: ", signed(each.change), f"; {ask}.")
    if since := since_then(review):
        yield since


def since_then(review: Review) -> Text:
    """How use has moved lately, where that is news since the quarter ended: no slide shows it."""
    inputs = review.found.indicators.get("usage_decline", {})
    if review.quarters.is_running:
        return ()
    for name, label in (("calls_change", "API calls"), ("users_change", "active users")):
        lately = inputs.get(name)
        change = number(lately)
        if lately is not None and change is not None and abs(change) >= review.parameters.rules.moved:
            review.stated.add((lately,))
            return text(f"Since then {label} ", signed(lately), " in 28 days: not in the numbers of the quarter.")
    return ()
