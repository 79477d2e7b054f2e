"""/feedback collect: what customers ask for and complain about, as proposals with their words. Nothing is written."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from app.domain.blocks import Block, Heading, Notice, Table, Verdict
from app.domain.command import Context, Report
from app.domain.figures import Evidence, Figure, Text, joined, listed, text
from app.domain.problems import InvalidArguments
from app.domain.snapshot import MOST_VOICES, FeedbackBook, Voice
from tools.feedback.arguments import FeedbackArgs
from tools.feedback.data import CollectData, ProposalData, QuoteData
from tools.feedback.hearing import Heard
from tools.feedback.items import Linked, arr_of, category_label, columns, linked_of, titled
from tools.feedback.parameters import FeedbackParameters
from tools.feedback.proposals import Collected, Proposal, collect

DAYS = 90
"""So many days to as_of are read where no `since` is given; a command says so before it gets its parameters."""

KINDS = {"tickets": "tickets", "nps": "NPS comments", "touchpoints": "notes of meetings", "signals": "signals"}
COLUMNS = ("Id", "Proposal", "Category", "Customers", "ARR", "In their words", "Goes to")
QUOTE_COLUMNS = ("Id", "Customer", "Where and when", "Words")


def proposals(ctx: Context, args: FeedbackArgs, book: FeedbackBook, parameters: FeedbackParameters) -> Collected:
    """What the context's voices propose, most customers first, then the most ARR in the deployment's currency.

    Raises:
        InvalidArguments: `since` lies after the day of the answer.
    """
    if args.since is not None and args.since > ctx.as_of:
        raise InvalidArguments(
            f"since={args.since} lies after {ctx.as_of}, the day of the answer. Choose an earlier day."
        )
    linked = linked_of(ctx, book)
    found = collect(ctx.voices, book.newest, parameters.hearing)

    def order(proposal: Proposal) -> tuple[int, float, int, str]:
        arr = arr_of(proposal.account_ids, linked).get(ctx.currency, 0.0)
        return -len(proposal.account_ids), -arr, -proposal.heard[0].voice.day.toordinal(), proposal.id

    return Collected(tuple(sorted(found.proposals, key=order)), found.recorded, found.vague)


def report(ctx: Context, args: FeedbackArgs, book: FeedbackBook, parameters: FeedbackParameters) -> Report:
    """The proposals, with the quotations they rest on.

    Raises:
        InvalidArguments: an argument that collect does not take; `since` lies ahead.
    """
    found = proposals(ctx, args, book, parameters)
    chosen = [p for p in found.proposals if _matches(p, args)]
    limit = min(args.limit or parameters.shown, parameters.most_shown)
    page = _Page(ctx, args, chosen[:limit], len(chosen), linked_of(ctx, book), parameters)
    blocks = (page.verdict(found), *page.tables(), *page.notices(found, book))
    return Report(page.data(found, chosen), blocks, tuple(page.figures.values()))


def _matches(proposal: Proposal, args: FeedbackArgs) -> bool:
    if args.category is not None and proposal.category != args.category:
        return False
    said = " ".join((proposal.title, *(quote.words for quote in proposal.quotes))).casefold()
    return all(word in said for word in (args.title or "").casefold().split())


class _Page:
    """The proposals that are shown, and how they are told."""

    def __init__(
        self,
        ctx: Context,
        args: FeedbackArgs,
        shown: Sequence[Proposal],
        total: int,
        linked: Linked,
        parameters: FeedbackParameters,
    ) -> None:
        self._ctx, self._args, self._shown, self._total = ctx, args, shown, total
        self._linked, self._parameters = linked, parameters
        self.since = args.since or first_day(ctx)
        self.figures = {figure.key: figure for proposal in shown for figure in self._figures_of(proposal)}

    def verdict(self, found: Collected) -> Verdict:
        read = texts_read(self._ctx.voices)
        told = ", ".join(f"{count} {KINDS[kind]}" for kind, count in read.items()) or "no text"
        window = f"from {self.since} to {self._ctx.as_of}"
        lines = [text(f"Read: {told}, {window}.")]
        if found.recorded:
            lines.append(text(f"Said before, and held by an item already: {found.recorded}."))
        if not self._shown:
            headline = text("Nothing new to propose" if read else f"Nobody said anything {window}")
            return Verdict(tone="neutral", headline=headline, lines=(*lines, text(f"Next: {self._next()}")))
        more = "s" if self._total != 1 else ""
        lines += [self._line(proposal) for proposal in self._shown[: self._parameters.top]]
        return Verdict(
            tone="neutral",
            headline=text(f"{self._total} proposal{more} from what customers said"),
            lines=(*lines, text(f"Next: {self._next()}")),
        )

    def _next(self) -> str:
        if self._shown:
            first = " ".join(proposal.id for proposal in self._shown[:2])
            return f"/feedback accept {first}{again(self._args)} impact=1–10 confidence=…% effort=weeks"
        if any(voice.kind == "tickets" for voice in self._ctx.voices):
            return "look further back with since=YYYY-MM-DD, or add an item with /feedback add <title> category=…"
        return (
            "import tickets with subject and body, NPS comments or notes of meetings; or look further back with since="
        )

    def _line(self, proposal: Proposal) -> Text:
        return text(
            f"{proposal.title} ({proposal.id}): customers ",
            self._figure(proposal, "customers"),
            ", ARR ",
            self._arr(proposal),
        )

    def tables(self) -> Iterator[Block]:
        if not self._shown:
            return
        left = self._total - len(self._shown)
        more = (
            text(f"{left} more: raise limit={len(self._shown)}, or narrow by account, category or words")
            if left
            else ()
        )
        rows = tuple(self._row(proposal) for proposal in self._shown)
        yield Table(columns=columns(COLUMNS, right=COLUMNS[3:5]), rows=rows, more=more)
        quoted = [
            (proposal, heard)
            for proposal in self._shown
            if len(proposal.heard) > 1
            for heard in proposal.heard[: self._parameters.hearing.quotes_shown]
        ]
        if quoted:
            yield Heading(text=text("Who else said it"), folded=True)
            yield Table(columns=columns(QUOTE_COLUMNS), rows=tuple(self._quote_row(p, h) for p, h in quoted))

    def _row(self, proposal: Proposal) -> tuple[Text, ...]:
        return (
            text(proposal.id),
            text(proposal.title),
            text(category_label(proposal.category)),
            text(self._figure(proposal, "customers")),
            self._arr(proposal),
            text(self._said(proposal.heard[0])),
            text(_goes_to(proposal)),
        )

    def _said(self, heard: Heard) -> str:
        return f"“{heard.quote.words}” ({self._name(heard)}, {where_said(heard)})"

    def _quote_row(self, proposal: Proposal, heard: Heard) -> tuple[Text, ...]:
        return text(proposal.id), text(self._name(heard)), text(where_said(heard)), text(f"“{heard.quote.words}”")

    def _name(self, heard: Heard) -> str:
        return self._linked.names.get(heard.voice.account_id, heard.voice.account_id)

    def _figure(self, proposal: Proposal, name: str) -> Figure:
        return self.figures[f"feedback.{proposal.id}.{name}"]

    def _arr(self, proposal: Proposal) -> Text:
        parts = [self._figure(proposal, f"arr.{c.lower()}") for c in arr_of(proposal.account_ids, self._linked)]
        return joined(parts, " + ") or text("unknown")

    def _figures_of(self, proposal: Proposal) -> Iterator[Figure]:
        accounts = listed("accounts", [(account_id, self._ctx.as_of) for account_id in proposal.account_ids], None)
        records = listed_records(proposal.heard)

        def figure(
            name: str, label: str, value: float, unit: str, formula: str, evidence: tuple[Evidence, ...]
        ) -> Figure:
            return Figure(
                key=f"feedback.{proposal.id}.{name}",
                label=f"{label} of {proposal.title}",
                value=int(value) if float(value).is_integer() else value,
                unit=unit,
                account_id=None,
                as_of=self._ctx.as_of,
                formula=formula,
                evidence=evidence,
            )

        counted = "customers who said so"
        yield figure("customers", "Customers", len(proposal.account_ids), "count", counted, records)
        for currency, amount in arr_of(proposal.account_ids, self._linked).items():
            yield figure(f"arr.{currency.lower()}", "ARR", amount, currency, "sum of these customers' ARR", accounts)

    def notices(self, found: Collected, book: FeedbackBook) -> Iterator[Notice]:
        voices = self._ctx.voices
        if any(heard.second_hand for proposal in self._shown for heard in proposal.heard):
            yield Notice(
                tone="neutral", text=text("“our note” marks what our people wrote down: check it with the customer.")
            )
        if len(voices) >= MOST_VOICES:
            said = (
                f"Only the newest {MOST_VOICES:,} texts were read, back to {voices[-1].day}; older ones, if any, were "
                "not. Narrow by account, or by since=."
            )
            yield Notice(tone="warning", text=text(said))
        if found.vague:
            said = f"Texts that ask for something without saying for what, such as “missing features”: {found.vague}."
            yield Notice(tone="neutral", text=text(said))
        if book.partial:
            said = "Items shared with customers you may not see are compared by their titles only."
            yield Notice(tone="neutral", text=text(said))

    def data(self, found: Collected, chosen: Sequence[Proposal]) -> CollectData:
        return CollectData(
            since=self.since,
            until=self._ctx.as_of,
            texts=texts_read(self._ctx.voices),
            complete=len(self._ctx.voices) < MOST_VOICES,
            proposals=tuple(self._data_of(proposal) for proposal in self._shown),
            total=len(chosen),
            recorded=found.recorded,
            vague=found.vague,
        )

    def _data_of(self, proposal: Proposal) -> ProposalData:
        return ProposalData(
            id=proposal.id,
            item_id=proposal.item.id if proposal.item else None,
            near=proposal.near.id if proposal.near else None,
            title=proposal.title,
            category=proposal.category,
            customers=len(proposal.account_ids),
            accounts=proposal.account_ids,
            arr_by_currency=arr_of(proposal.account_ids, self._linked),
            quotes=tuple(quote_data(heard) for heard in proposal.heard),
        )


def first_day(ctx: Context) -> dt.date:
    """The first day that is read where no other is given."""
    return ctx.as_of - dt.timedelta(days=DAYS - 1)


def again(args: FeedbackArgs) -> str:
    """The arguments with which the same proposals are found again."""
    account = f" account={args.account}" if args.account else ""
    return f"{account} since={args.since}" if args.since else account


def texts_read(voices: Sequence[Voice]) -> dict[str, int]:
    """How many texts of each kind there are."""
    counted: Mapping[str, int] = Counter(voice.kind for voice in voices)
    return {kind: counted[kind] for kind in KINDS if kind in counted}


def listed_records(heard: Sequence[Heard]) -> tuple[Evidence, ...]:
    """The records in which it was said."""
    return tuple(
        evidence
        for kind in KINDS
        if (rows := [(h.voice.id, h.voice.day) for h in heard if h.voice.kind == kind])
        for evidence in listed(kind, rows, None)
    )


def where_said(heard: Heard) -> str:
    """Where and when it was said: "ticket t1, 2026-05-03"."""
    score = f", score {heard.voice.score}" if heard.voice.score is not None else ""
    note = ", our note" if heard.second_hand else ""
    return f"{heard.quote.source.replace('_', ' ', 1)}{score}, {heard.quote.day}{note}"


def _goes_to(proposal: Proposal) -> str:
    if proposal.item:
        return f"{titled(proposal.item)}, {proposal.item.status or 'open'}"
    return f"new; or item={proposal.near.id} (“{proposal.near.title}”)" if proposal.near else "new"


def quote_data(heard: Heard) -> QuoteData:
    """The customer's words, for programs."""
    quote = heard.quote
    return QuoteData(
        account=quote.account_id,
        contact=quote.contact_id,
        source=quote.where,
        record=quote.record,
        day=quote.day,
        words=quote.words,
        second_hand=heard.second_hand,
        score=heard.voice.score,
    )
