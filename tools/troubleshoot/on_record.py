"""What is on record of the account: plan, limits, use, failed calls, integrations, past tickets about the same."""

from collections.abc import Iterator, Mapping

from app.domain.blocks import Block, Column, Heading, Table
from app.domain.figures import Figure, Text, text
from app.domain.snapshot import AccountSnapshot
from tools.escalate.similar import SimilarTicket
from tools.troubleshoot.case import Known
from tools.troubleshoot.inquiry import AT_STAKE, Inquiry, figures_of
from tools.troubleshoot.known import RATE_LIMIT
from tools.troubleshoot.wording import listing, one_line

LONGEST_SUBJECT = 100
FAILED = ("usage.error_share.7d", "usage.error_share.28d_before_7d")
QUOTA = ("quota.used.month_to_date", "quota.monthly", "quota.used_share.month_to_date")


def on_record(inquiry: Inquiry) -> list[Block]:
    """The account's own records that bear on the case; nothing without an account."""
    known, snapshot = inquiry.case.known, inquiry.snapshot
    if known is None or snapshot is None:
        return []
    rows = tuple((text(what), now) for what, now in _rows(inquiry, known))
    table = Table(columns=(Column(label="What"), Column(label="On record")), rows=rows)
    return [Heading(text=text(f"On record of {known.name}")), table, *_past(inquiry, snapshot)]


def stands_out(inquiry: Inquiry) -> Text | None:
    """What on record points to trouble by itself: failed calls far above those of before, an integration that fails."""
    figures = {figure.key: figure for figure in figures_of(inquiry)}
    parts: list[Text] = []
    failed, before = (figures.get(key) for key in FAILED)
    if failed is not None and before is not None and _has_risen(inquiry, failed, before):
        parts.append(text(failed, " of their calls failed in the last 7 days, ", before, " in the 28 days before"))
    failing = (
        [each.kind for each in inquiry.snapshot.integrations if each.status == "failing"] if inquiry.snapshot else []
    )
    if failing:
        parts.append(text(f"{listing(failing)}: failing"))
    return text("On record: ", *parts[0], *(("; ", *parts[1]) if len(parts) > 1 else ()), ".") if parts else None


def _has_risen(inquiry: Inquiry, failed: Figure, before: Figure) -> bool:
    """By the same least share and ratio as a step in a log."""
    change, now, base = inquiry.parameters.change, failed.value, before.value
    if not isinstance(now, int | float) or not isinstance(base, int | float):
        return False
    return now >= 100 * change.rate and now >= change.ratio * base


def _rows(inquiry: Inquiry, known: Known) -> Iterator[tuple[str, Text]]:
    figures = {figure.key: figure for figure in figures_of(inquiry)}
    if known.plan:
        limit = figures.get(RATE_LIMIT)
        rate = text(", rate limit ", limit, " calls a minute") if limit else text(", rate limit not on record")
        yield "Plan", text(known.plan, *rate)
    yield from _use(figures)
    if known.integrations:
        yield "Integrations", text(listing(known.integrations))
    if known.region:
        yield "Region", text(known.region)
    yield from _at_stake(figures)


def _use(figures: Mapping[str, Figure]) -> Iterator[tuple[str, Text]]:
    """The month's calls beside the quota, and the failed ones."""
    if all(key in figures for key in QUOTA):
        used, quota, share = (figures[key] for key in QUOTA)
        yield "API calls this month", text(used, " of ", quota, " (", share, ")")
    elif "quota.monthly" in figures:
        yield "API quota", text(figures["quota.monthly"], " calls a month; use this month unknown")
    failed, before = (figures.get(key) for key in FAILED)
    if failed:
        yield (
            "Failed calls, last 7 days",
            text(failed, ", ", before, " in the 28 days before") if before else text(failed),
        )


def _at_stake(figures: Mapping[str, Figure]) -> Iterator[tuple[str, Text]]:
    arr, days = (figures.get(key) for key in AT_STAKE)
    if arr is not None:
        renewal = text(", renewal in ", days, " days") if days is not None else ()
        yield "At stake", text("ARR ", arr, *renewal)


def _past(inquiry: Inquiry, snapshot: AccountSnapshot) -> list[Block]:
    """Their tickets about the same, and what became of them."""
    if not inquiry.past:
        return []
    resolved = {each.id: each.resolved_at for each in snapshot.tickets}
    shown = inquiry.past[: inquiry.parameters.shown.similar]
    rows = tuple(_row(each, solved=resolved.get(each.ticket.id) is not None) for each in shown)
    left = len(inquiry.past) - len(shown)
    labels = ("Their ticket", "Opened", "Subject", "State", "Similar by")
    more = text(f"{left} more in the data") if left > 0 else ()
    return [Table(columns=tuple(Column(label=label) for label in labels), rows=rows, more=more)]


def _row(found: SimilarTicket, *, solved: bool) -> tuple[Text, ...]:
    ticket = found.ticket
    cells = (
        ticket.id,
        ticket.opened_at.date().isoformat(),
        one_line(found.subject, LONGEST_SUBJECT),
        "resolved" if solved else "open",
        found.because,
    )
    return tuple(text(cell) for cell in cells)
