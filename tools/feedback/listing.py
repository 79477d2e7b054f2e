"""/feedback rank and list: the items that match the filters, and the report on them."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.blocks import Block, Heading, Notice, Table, Verdict
from app.domain.command import Context, Report
from app.domain.directory import AccountDirectory, AccountName
from app.domain.figures import Figure, Text, text
from app.domain.records import FeedbackItem
from app.domain.snapshot import FeedbackBook
from tools.feedback.arguments import FeedbackArgs
from tools.feedback.data import InvalidData, ItemsData
from tools.feedback.items import (
    Linked,
    Rated,
    arr_text,
    category_label,
    columns,
    figures_of,
    is_closed,
    newest,
    ranked,
    rate,
    titled,
)
from tools.feedback.parameters import FeedbackParameters

RANK_COLUMNS = ("#", "Item", "Category", "Reach", "Impact", "Confidence", "Effort (weeks)", "RICE", "Customers", "ARR")
LIST_COLUMNS = ("Item", "Category", "Created", "Status", "Source", "Customers", "RICE")
INVALID_COLUMNS = ("Item", "Why it is not ranked")


@dataclass(frozen=True, slots=True)
class _Page:
    """The items of one page, and what is told of the others."""

    shown: list[Rated]
    invalid: list[Rated]
    total: int
    closed: int
    figures: dict[str, Figure]

    def figure(self, rated: Rated, name: str) -> Figure:
        return self.figures[f"feedback.{rated.item.id}.{name}"]


def report(ctx: Context, args: FeedbackArgs, book: FeedbackBook, parameters: FeedbackParameters) -> Report:
    """The ranking or the list.

    Raises:
        InvalidArguments: fields of a new item are given without `add`.
    """
    linked = Linked(book.account_names, book.account_arr, book.account_currency, ctx.currency)
    items = [rate(item, linked, parameters) for item in book.items if _matches(item, args)]
    page = _page(ctx, args, items, parameters)
    make = _rank_blocks if args.action == "rank" else _list_blocks
    blocks = [*make(args, page, parameters), *_notices(ctx, book, page), *_meant(ctx, args, items)]
    return Report(data=_data(args, page), blocks=tuple(blocks), figures=tuple(page.figures.values()))


def _matches(item: FeedbackItem, args: FeedbackArgs) -> bool:
    if args.category is not None and item.category != args.category:
        return False
    if args.account is not None and args.account not in item.account_ids:
        return False
    title = item.title.casefold()
    return all(word in title for word in (args.title or "").casefold().split())


def _page(ctx: Context, args: FeedbackArgs, items: list[Rated], parameters: FeedbackParameters) -> _Page:
    limit = min(args.limit or parameters.shown, parameters.most_shown)
    if args.action == "list":
        shown, invalid, total, closed = newest(items), [], len(items), 0
    else:
        still_open = [rated for rated in items if not is_closed(rated.item, ctx.as_of, parameters)]
        shown, invalid = ranked(still_open, ctx.currency), newest(rated for rated in still_open if rated.wrong)
        total, closed = len(shown), len(items) - len(still_open)
    shown = shown[:limit]
    figures = {figure.key: figure for rated in shown for figure in figures_of(rated, ctx.as_of)}
    return _Page(shown, invalid, total, closed, figures)


def _rank_blocks(args: FeedbackArgs, page: _Page, parameters: FeedbackParameters) -> Iterator[Block]:
    yield _rank_verdict(args, page, parameters)
    if page.shown:
        rows = tuple(_rank_row(page, rated, place) for place, rated in enumerate(page.shown, start=1))
        yield Table(columns=columns(RANK_COLUMNS, right=RANK_COLUMNS[3:]), rows=rows, more=_more(page))
        notes = [f"{rated.item.id}: {note}" for rated in page.shown if rated.inputs for note in rated.inputs.notes]
        if notes:
            yield Notice(tone="neutral", text=text(f"How inputs were taken: {'; '.join(notes)}."))
    if page.invalid:
        yield Heading(text=text("Not ranked"))
        reasons = tuple((_title(rated), text("; ".join(rated.wrong))) for rated in page.invalid)
        yield Table(columns=columns(INVALID_COLUMNS), rows=reasons)


def _rank_verdict(args: FeedbackArgs, page: _Page, parameters: FeedbackParameters) -> Verdict:
    lines: list[Text] = []
    if page.shown:
        first = page.shown[0]
        headline = text("First by RICE: ", first.item.title, " (RICE ", page.figure(first, "rice"), ")")
        lines += [_top_line(page, rated) for rated in page.shown[: parameters.top]]
    else:
        headline = text("No item can be ranked" if page.invalid else _nothing(args))
    if page.invalid:
        lines.append(text(f"Cannot be ranked, see why below: {len(page.invalid)}."))
    if page.closed:
        lines.append(text(f"Closed or shipped, left out of the ranking: {page.closed}."))
    lines.append(text(_next_step(page)))
    return Verdict(tone="neutral", headline=headline, lines=tuple(lines))


def _next_step(page: _Page) -> str:
    if page.shown:
        return "Next: take the first to product leadership, with its customers and their words."
    if page.invalid:
        return "Next: complete the inputs named below."
    return "Next: add one with /feedback add <title> category=… reach=… impact=… confidence=… effort=…"


def _top_line(page: _Page, rated: Rated) -> Text:
    told = text(rated.item.title, ": RICE ", page.figure(rated, "rice"))
    told = text(told, ", reach ", page.figure(rated, "reach"))
    return text(told, ", ARR ", _arr(page, rated)) if rated.arr else told


def _rank_row(page: _Page, rated: Rated, place: int) -> tuple[Text, ...]:
    names = ("reach", "impact", "confidence", "effort", "rice", "customers")
    numbers = tuple(text(page.figure(rated, name)) for name in names)
    return (text(str(place)), _title(rated), text(_category(rated)), *numbers, _arr(page, rated))


def _list_blocks(args: FeedbackArgs, page: _Page, parameters: FeedbackParameters) -> Iterator[Block]:
    if not page.shown:
        yield Verdict(tone="neutral", headline=text(_nothing(args)), lines=(text(_next_step(page)),))
        return
    said = f"{page.total} feedback item{'s' if page.total != 1 else ''}, newest first"
    yield Verdict(tone="neutral", headline=text(said), lines=(text("Next: /feedback ranks them by RICE."),))
    rows = tuple(_list_row(page, rated) for rated in page.shown)
    yield Table(columns=columns(LIST_COLUMNS, right=LIST_COLUMNS[5:]), rows=rows, more=_more(page))


def _list_row(page: _Page, rated: Rated) -> tuple[Text, ...]:
    item = rated.item
    score = text(page.figure(rated, "rice")) if rated.inputs else text("not ranked")
    created = item.created_on.isoformat() if item.created_on else "unknown"
    stated = (text(created), text(item.status or "open"), text(item.source or "unknown"))
    return (_title(rated), text(_category(rated)), *stated, text(page.figure(rated, "customers")), score)


def _notices(ctx: Context, book: FeedbackBook, page: _Page) -> Iterator[Notice]:
    """Currencies that do not add up, and items whose first version is later than as_of."""
    currencies = {currency for rated in page.shown for currency in rated.arr}
    if len(currencies) > 1:
        said = (
            f"ARR is in {', '.join(sorted(currencies))} and is not added up; ties are broken by ARR in {ctx.currency}."
        )
        yield Notice(tone="neutral", text=text(said))
    assumed = [rated.item.id for rated in page.shown if rated.item.id in book.assumed]
    if assumed:
        said = f"Recorded only after {ctx.as_of}, and assumed to have held before: {', '.join(assumed)}."
        yield Notice(tone="neutral", text=text(said))


def _meant(ctx: Context, args: FeedbackArgs, items: list[Rated]) -> Iterator[Notice]:
    """The account that was meant, where words fit no title and are spelt like one."""
    if items or not args.title or ctx.portfolio is None:
        return
    directory = AccountDirectory(AccountName(a.id, a.name, a.aliases) for a in ctx.portfolio.accounts)
    close = directory.close(args.title, limit=3)
    if close:
        names = ", ".join(f"{account.name} ({account.id})" for account in close)
        said = f"No title holds “{args.title}”. Did you mean the account {names}? Write /feedback account={close[0].id}"
        yield Notice(tone="warning", text=text(said))


def _arr(page: _Page, rated: Rated) -> Text:
    return arr_text(rated, page.figures)


def _title(rated: Rated) -> Text:
    return text(titled(rated.item))


def _category(rated: Rated) -> str:
    return category_label(rated.item.category)


def _nothing(args: FeedbackArgs) -> str:
    filtered = args.category or args.account or args.title
    return "No feedback item matches" if filtered else "No feedback item is recorded"


def _more(page: _Page) -> Text:
    left = page.total - len(page.shown)
    return text(f"{left} more: raise limit={len(page.shown)}, or filter by category or account") if left else ()


def _data(args: FeedbackArgs, page: _Page) -> ItemsData:
    return ItemsData(
        action="list" if args.action == "list" else "rank",
        items=tuple(rated.data() for rated in page.shown),
        invalid=tuple(
            InvalidData(id=rated.item.id, title=rated.item.title, reason="; ".join(rated.wrong))
            for rated in page.invalid
        ),
        total=page.total,
        closed=page.closed,
    )
