"""/feedback accept: proposals become feedback items, or further customers and words of items that are there."""

from collections.abc import Iterator, Sequence

from app.domain.blocks import Block, Notice, Question, Table, Verdict
from app.domain.command import Context, Outcome, Report
from app.domain.effects import AddFeedback, Effect, UpdateFeedback
from app.domain.feedback_lookup import items_called
from app.domain.figures import Figure, Text, text
from app.domain.problems import InvalidArguments, NotFound
from app.domain.records import FeedbackItem
from app.domain.snapshot import FeedbackBook
from tools.feedback.arguments import INPUTS, FeedbackArgs, given_of
from tools.feedback.collecting import again, proposals
from tools.feedback.data import AcceptData
from tools.feedback.items import Rated, arr_text, category_label, columns, figures_of, linked_of, rate, titled
from tools.feedback.parameters import FeedbackParameters
from tools.feedback.proposals import Proposal
from tools.feedback.quotes import with_quotes, with_sources
from tools.feedback.rice import wrong_inputs

OF_NEW = (*sorted(INPUTS), "category")
COLUMNS = ("Item", "What was done", "Category", "Customers", "ARR", "RICE")
CHOICES = 5


def accept(ctx: Context, args: FeedbackArgs, book: FeedbackBook, parameters: FeedbackParameters) -> Outcome:
    """The effects that write the proposals, all of them or none; the question which, where none is named.

    Raises:
        NotFound: an id names no proposal.
        InvalidArguments: an input is out of its range, or has no place; the item to link to is not one.
        Problem: an item is shared with customers that the caller may not see.
    """
    found = proposals(ctx, args, book, parameters).proposals
    wanted = _ids(args)
    if not wanted:
        return _ask(found)
    target = _target(args, book)
    chosen = [_into(proposal, target) for proposal in _chosen(wanted, found, args, book)]
    added = [_new(ctx, args, proposal) for proposal in chosen if proposal.item is None]
    updated = list(_updated([proposal for proposal in chosen if proposal.item is not None], book))
    if not added:
        _refuse_inputs(args)
    for item in added:
        if wrong := wrong_inputs(item, parameters.ranges, missing=False):
            raise InvalidArguments(f"Nothing was accepted: {'; '.join(wrong)}.")
    return _outcome(ctx, args, added, updated, book, parameters)


def _ids(args: FeedbackArgs) -> tuple[str, ...]:
    written = args.ids or tuple((args.title or "").replace(",", " ").replace(";", " ").split())
    return tuple(dict.fromkeys(f"p-{each.lower().removeprefix('p-')}" for each in written))


def _ask(found: Sequence[Proposal]) -> Outcome:
    if not found:
        verdict = Verdict(
            tone="neutral",
            headline=text("There is nothing to accept"),
            lines=(text("Next: /feedback collect since=YYYY-MM-DD looks further back."),),
        )
        return Outcome(Report(AcceptData(), (verdict,)))
    question = Question(
        text=text("Which proposals? Give their ids."),
        fields=("ids",),
        choices=tuple(proposal.id for proposal in found[:CHOICES]),
    )
    lines = tuple(text(f"{proposal.id}: {proposal.title}") for proposal in found[:CHOICES])
    verdict = Verdict(tone="warning", headline=text("Not accepted yet: ids missing"), lines=lines)
    return Outcome(Report(AcceptData(), (verdict,)), question=question)


def _chosen(wanted: Sequence[str], found: Sequence[Proposal], args: FeedbackArgs, book: FeedbackBook) -> list[Proposal]:
    by_id = {proposal.id: proposal for proposal in found}
    unknown = [each for each in wanted if each not in by_id]
    if not unknown:
        return [by_id[each] for each in wanted]
    done = {f"p-{item.id.removeprefix('fb-')}": item for item in book.newest}
    told = [f"{each} is recorded already: {titled(done[each])}" for each in unknown if each in done]
    absent = [each for each in unknown if each not in done]
    if absent:
        told.append(f"{', '.join(absent)}: no such proposal")
    raise NotFound(
        f"Nothing was accepted. {'; '.join(told)}. /feedback collect{again(args)} lists the proposals; give the same "
        "account and since= here as there.",
        missing=["ids"] if absent else [],
    )


def _target(args: FeedbackArgs, book: FeedbackBook) -> FeedbackItem | None:
    """The item that all proposals are to go to, where one is named."""
    if args.item is None:
        return None
    found = items_called(book.newest, args.item)
    if len(found) == 1:
        return found[0]
    several = f" It fits {', '.join(titled(item) for item in found[:CHOICES])}." if found else ""
    raise InvalidArguments(
        f"item={args.item} names no one item.{several} Give an id from /feedback list.", missing=["item"]
    )


def _into(proposal: Proposal, target: FeedbackItem | None) -> Proposal:
    if target is None:
        return proposal
    return Proposal(proposal.id, proposal.title, proposal.category, proposal.heard, target)


def _new(ctx: Context, args: FeedbackArgs, proposal: Proposal) -> FeedbackItem:
    contacts = {quote.contact_id for quote in proposal.quotes}
    return FeedbackItem(
        id=proposal.item_id,
        title=proposal.title,
        category=args.category or proposal.category,
        reach=args.reach,
        impact=args.impact,
        confidence=args.confidence,
        effort_weeks=args.effort,
        account_ids=proposal.account_ids,
        contact_id=contacts.pop() if len(contacts) == 1 else None,
        source=with_sources(None, proposal.quotes),
        quote=with_quotes(None, proposal.quotes),
        created_on=ctx.now.astimezone(ctx.timezone).date(),
    )


def _refuse_inputs(args: FeedbackArgs) -> None:
    if given := given_of(args, OF_NEW):
        raise InvalidArguments(
            f"{', '.join(given)}: these describe new items, and what you accept goes to an item that is there. "
            "Leave them out."
        )


def _updated(chosen: Sequence[Proposal], book: FeedbackBook) -> Iterator[FeedbackItem]:
    """Each item once, with the customers and words of all proposals that go to it."""
    by_item: dict[str, FeedbackItem] = {}
    for proposal in chosen:
        if proposal.item is None:
            continue
        item = by_item.get(proposal.item.id, proposal.item)
        refuse_partial(item, book)
        by_item[item.id] = item.model_copy(
            update={
                "account_ids": tuple(dict.fromkeys((*item.account_ids, *proposal.account_ids))),
                "source": with_sources(item.source, proposal.quotes),
                "quote": with_quotes(item.quote, proposal.quotes),
            }
        )
    yield from by_item.values()


def refuse_partial(item: FeedbackItem, book: FeedbackBook) -> None:
    """What the caller sees only in part must not be written over.

    Raises:
        InvalidArguments: the item is shared with customers that the caller may not see.
    """
    if item.id in book.partial:
        raise InvalidArguments(
            f"{titled(item)} is shared with customers you may not see, and you cannot change it. "
            "Ask a colleague who may."
        )


def _outcome(
    ctx: Context,
    args: FeedbackArgs,
    added: Sequence[FeedbackItem],
    updated: Sequence[FeedbackItem],
    book: FeedbackBook,
    parameters: FeedbackParameters,
) -> Outcome:
    linked = linked_of(ctx, book)
    new, changed = ([rate(item, linked, parameters) for item in items] for items in (added, updated))
    figures = {figure.key: figure for rated in (*new, *changed) for figure in figures_of(rated, ctx.as_of)}
    blocks: list[Block] = [_verdict(ctx, args, new, changed), _table(new, changed, figures)]
    if new and changed and given_of(args, OF_NEW):
        said = "The inputs that you gave are those of the new items; the items that were there keep theirs."
        blocks.append(Notice(tone="neutral", text=text(said)))
    effects: tuple[Effect, ...] = (
        *(AddFeedback(item=item) for item in added),
        *(UpdateFeedback(item=item) for item in updated),
    )
    data = AcceptData(added=tuple(r.data() for r in new), updated=tuple(r.data() for r in changed))
    return Outcome(Report(data, tuple(blocks), tuple(figures.values())), effects if ctx.typed else ())


def _verdict(ctx: Context, args: FeedbackArgs, new: Sequence[Rated], changed: Sequence[Rated]) -> Verdict:
    parts = [f"{len(new)} item{'s' * (len(new) != 1)} added"] if new else []
    parts += [f"{len(changed)} item{'s' * (len(changed) != 1)} with more voices"] if changed else []
    lines: list[Text] = []
    unranked = [rated.item.id for rated in new if rated.wrong]
    if unranked:
        lines.append(
            text(f"No RICE yet, inputs are missing: {', '.join(unranked)}. Import them with their RICE inputs.")
        )
    if not ctx.typed:
        ids = " ".join(args.ids) or (args.title or "")
        headline = text(f"Not written yet: {', '.join(parts)}")
        return Verdict(
            tone="warning", headline=headline, lines=(text(f"Type /feedback accept {ids}{again(args)} to do it."),)
        )
    return Verdict(
        tone="good",
        headline=text(f"Accepted: {', '.join(parts)}"),
        lines=(*lines, text("Next: /feedback ranks them. Undo: type undo.")),
    )


def _table(new: Sequence[Rated], changed: Sequence[Rated], figures: dict[str, Figure]) -> Table:
    rows = [_row(rated, "added", figures) for rated in new] + [_row(r, "more voices", figures) for r in changed]
    return Table(columns=columns(COLUMNS, right=COLUMNS[3:]), rows=tuple(rows))


def _row(rated: Rated, done: str, figures: dict[str, Figure]) -> tuple[Text, ...]:
    item = rated.item
    score = text(figures[f"feedback.{item.id}.rice"]) if rated.inputs else text("; ".join(rated.wrong))
    counted = text(figures[f"feedback.{item.id}.customers"])
    return text(titled(item)), text(done), text(category_label(item.category)), counted, arr_text(rated, figures), score
