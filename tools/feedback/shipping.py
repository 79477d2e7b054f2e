"""/feedback shipped: an item shipped. Who asked, whom to tell first, a reply for each, and whether they use it."""

import datetime as dt
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from app.domain.blocks import Block, Draft, Heading, Notice, Question, Table, Verdict
from app.domain.command import Context, Outcome, Report
from app.domain.contract import contract_figures
from app.domain.directory import AccountName
from app.domain.disclosure import Unsaid, directory_of, name_parts, reason_of
from app.domain.effects import UpdateFeedback
from app.domain.feedback_lookup import items_called
from app.domain.figures import Figure, Text, text
from app.domain.problems import InvalidArguments
from app.domain.records import Account, Contact, FeedbackItem
from app.domain.snapshot import FeedbackBook, PortfolioSnapshot
from tools.feedback.accepting import refuse_partial
from tools.feedback.adoption import adoption
from tools.feedback.arguments import FeedbackArgs
from tools.feedback.data import AskedData, ShippedData
from tools.feedback.items import columns, titled
from tools.feedback.parameters import FeedbackParameters
from tools.feedback.quotes import Quote, own_words, quotes_of
from tools.feedback.replies import Asker, reply
from tools.feedback.statuses import LABELS, answer_of

DAYS = 30
"""Use is looked at for so many days from the day on which an item shipped."""

CHOICES = 5
MOST_WORDS = 10
"""So many words of what was said are compared with titles."""

COLUMNS = ("#", "Customer", "Who asked", "In their words", "Renewal", "Days", "ARR", "Uses")


def shipped(ctx: Context, args: FeedbackArgs, book: FeedbackBook, parameters: FeedbackParameters) -> Outcome:
    """The follow-up of an item that shipped; the effect that marks it so; a question where item or day is not certain.

    Raises:
        InvalidArguments: the day lies ahead; the item is shared with customers that the caller may not see.
    """
    words = args.item or args.title or ""
    found = items_called(book.newest, words)
    if len(found) != 1:
        return _ask_item(words, found, book, parameters)
    item, today = found[0], ctx.now.astimezone(ctx.timezone).date()
    if args.on is not None and args.on > today:
        raise InvalidArguments(f"on={args.on} lies ahead. On which day did “{item.title}” ship?", missing=["on"])
    day = args.on or item.shipped_on
    if day is None or ctx.portfolio is None:
        return _ask_day(item, today, parameters)
    effects = _effects(item, day, book, parameters)
    made = _FollowUp(ctx, args, book, parameters, item, day, ctx.portfolio)
    return Outcome(made.report(recorded=not effects), effects if ctx.typed else ())


def _ask_item(words: str, found: Sequence[FeedbackItem], book: FeedbackBook, parameters: FeedbackParameters) -> Outcome:
    if found:
        headline, close = f"“{words}” fits {len(found)} items", found[:CHOICES]
    elif words:
        headline, close = f"No item is called “{words}”", _closest(words, book.newest)
    else:
        headline, close = "Which item shipped?", _open_items(book, parameters)
    lines = [text(titled(item)) for item in close]
    if not book.newest:
        lines = [text("No feedback item is recorded. Next: /feedback collect, or /feedback add <title> category=…")]
    verdict = Verdict(tone="warning", headline=text(headline), lines=tuple(lines))
    data = ShippedData(candidates=tuple(item.id for item in close))
    question = Question(
        text=text("Which item shipped? Give its id, or words of its title."),
        fields=("item",),
        choices=tuple(item.id for item in close),
    )
    return Outcome(Report(data, (verdict,)), question=question if book.newest else None)


def _closest(words: str, items: Sequence[FeedbackItem]) -> list[FeedbackItem]:
    """The items in whose titles words are spelt most like those that were said."""
    said = words.casefold().split()[:MOST_WORDS]

    def likeness(item: FeedbackItem) -> float:
        title = item.title.casefold().split()
        return sum(max(difflib.SequenceMatcher(None, word, each).ratio() for each in title) for word in said)

    return sorted(items, key=lambda item: (-likeness(item), item.id))[:3]


def _open_items(book: FeedbackBook, parameters: FeedbackParameters) -> list[FeedbackItem]:
    left = parameters.left_ranking
    still = [item for item in book.newest if answer_of(item, dt.date.max, parameters) not in left]
    order = {"in_progress": 0, "planned": 1, "accepted": 2}
    return sorted(still, key=lambda i: (order.get(answer_of(i, dt.date.max, parameters), 3), i.id))[:CHOICES]


def _ask_day(item: FeedbackItem, today: dt.date, parameters: FeedbackParameters) -> Outcome:
    answer = answer_of(item, today, parameters)
    stands = "marked shipped, without a day" if answer == "shipped" else f"not marked shipped: {LABELS[answer]}"
    verdict = Verdict(
        tone="warning",
        headline=text(f"{item.title} is {stands}"),
        lines=(text(f"Next: /feedback shipped {item.id} on=YYYY-MM-DD records the day and tells whom to write to."),),
    )
    question = Question(text=text(f"On which day did “{item.title}” ship? YYYY-MM-DD"), fields=("on",))
    return Outcome(Report(ShippedData(item=item.id), (verdict,)), question=question)


def _effects(
    item: FeedbackItem, day: dt.date, book: FeedbackBook, parameters: FeedbackParameters
) -> tuple[UpdateFeedback, ...]:
    """What has to be written so that the item is marked as shipped on that day."""
    if item.shipped_on == day:
        return ()
    refuse_partial(item, book)
    marked = item.status if answer_of(item, dt.date.min, parameters) == "shipped" else "shipped"
    return (UpdateFeedback(item=item.model_copy(update={"status": marked, "shipped_on": day})),)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A customer who asked, with its contract's figures and the use of the feature."""

    asker: Asker
    people: tuple[str, ...]
    said: tuple[str, ...]
    contract: Mapping[str, Figure]
    uses: Figure | None

    @property
    def account(self) -> Account:
        return self.asker.account


class _FollowUp:
    """The answer about one item that shipped on `day`."""

    def __init__(
        self,
        ctx: Context,
        args: FeedbackArgs,
        book: FeedbackBook,
        parameters: FeedbackParameters,
        item: FeedbackItem,
        day: dt.date,
        portfolio: PortfolioSnapshot,
    ) -> None:
        self._ctx, self._args, self._book, self._parameters = ctx, args, book, parameters
        self._item, self._day, self._portfolio = item, day, portfolio
        self._adoption = adoption(item, args.feature, portfolio, ctx.exposure)
        self._uses = {figure.account_id: figure for figure in self._adoption.uses}
        self._contacts = {contact.id: contact for contact in ctx.contacts}
        wanted = [row for row, a in enumerate(portfolio.accounts) if args.account in (None, a.id)]
        self._asked = sorted((self._asked_of(row) for row in wanted), key=self._order)

    def report(self, *, recorded: bool) -> Report:
        figures = [*(f for asked in self._asked for f in asked.contract.values()), *self._adoption_figures()]
        drafts = self._drafts()
        blocks = (self._verdict(recorded=recorded), *self._notices(), *self._tables(), *self._reply_blocks(drafts))
        return Report(self._data(drafts), blocks, tuple(figures))

    def _adoption_figures(self) -> Iterator[Figure]:
        yield from (figure for figure in (self._adoption.used_by, self._adoption.accounts) if figure)
        yield from self._adoption.uses

    def _asked_of(self, row: int) -> _Asked:
        account = self._portfolio.accounts[row]
        quotes = tuple(
            sorted((q for q in quotes_of(self._item) if q.account_id == account.id), key=lambda q: q.day, reverse=True)
        )
        written = own_words(self._item) if self._is_of(account) else None
        first_hand = tuple(quote for quote in quotes if self._is_first_hand(quote))
        askers = self._askers(account, quotes)
        here = [contact for contact in askers if not self._has_left(contact)]
        contact = here[0] if here else self._champion(account)
        said = tuple(quote.words for quote in quotes) or ((written,) if written else ())
        people = tuple(self._named(person) for person in askers) or (("nobody named",) if contact is None else ())
        if contact is not None and contact not in askers:
            people = (*people, f"write to {self._named(contact)}")
        contract = contract_figures(self._portfolio, row, self._ctx.currency)
        return _Asked(Asker(account, contact, first_hand, written), people, said, contract, self._uses.get(account.id))

    def _is_first_hand(self, quote: Quote) -> bool:
        return quote.where in ("ticket", "nps", *self._parameters.hearing.first_hand_kinds)

    def _is_of(self, account: Account) -> bool:
        """Whether words without a name on them are this customer's."""
        contact = self._contacts.get(self._item.contact_id or "")
        if contact is not None:
            return contact.account_id == account.id
        return self._item.contact_id is None and self._item.account_ids == (account.id,)

    def _askers(self, account: Account, quotes: Sequence[Quote]) -> list[Contact]:
        """The people of the account who asked: those of its quotations, then the item's own contact."""
        ids = dict.fromkeys([*(quote.contact_id for quote in quotes), self._item.contact_id])
        people = [self._contacts[each] for each in ids if each in self._contacts]
        return [person for person in people if person.account_id == account.id]

    def _champion(self, account: Account) -> Contact | None:
        here = [c for c in self._contacts.values() if c.account_id == account.id and not self._has_left(c)]
        return next((contact for contact in here if contact.is_champion), None)

    def _has_left(self, contact: Contact) -> bool:
        return contact.left_on is not None and contact.left_on <= self._ctx.as_of

    def _named(self, contact: Contact) -> str:
        left = ", has left" if self._has_left(contact) else ""
        return f"{contact.name or contact.id}{left}"

    def _order(self, asked: _Asked) -> tuple[bool, bool, dt.date, float, str]:
        """Customers before those who left; a renewal ahead before none; the sooner, then the more ARR."""
        renewal, arr = asked.account.renewal_date, asked.contract["arr"].value
        ahead = renewal is not None and renewal >= self._ctx.as_of
        amount = float(arr) if isinstance(arr, int | float) else 0.0
        day = renewal if ahead and renewal is not None else dt.date.max
        return asked.account.lifecycle == "churned", not ahead, day, -amount, asked.account.id

    def _verdict(self, *, recorded: bool) -> Verdict:
        item, count = self._item, len(self._asked)
        lines: list[Text] = []
        if not recorded and self._ctx.typed:
            before = f"was {self._item.shipped_on}" if self._item.shipped_on else f"was {self._item.status or 'open'}"
            lines.append(text(f"Recorded: shipped on {self._day} ({before}). Undo: type undo."))
        elif not recorded:
            lines.append(text(f"Not recorded: type /feedback shipped {item.id} on={self._day} to do it."))
        if count:
            customers = "customer" if count == 1 else "customers"
            lines.append(
                text(f"{count} {customers} asked for it; the first to tell: ", self._first(self._asked[0]), ".")
            )
        else:
            lines.append(text("No customer that you may see is linked to it: nobody to tell."))
        lines.append(self._adoption_line())
        lines.append(text("Next: read the replies below, complete them, and send them from your own mailbox."))
        return Verdict(
            tone="good",
            headline=text(f"{item.title} shipped on {self._day.isoformat()}"),
            lines=tuple(lines if count else lines[:-1]),
        )

    def _first(self, asked: _Asked) -> Text:
        days = asked.contract.get("renewal.days_to_renewal")
        told = text(asked.account.name)
        return text(told, ", renewal in ", days, " days") if days else told

    def _adoption_line(self) -> Text:
        found = self._adoption
        if found.used_by is None or found.accounts is None:
            return text(f"Use of it cannot be told: {found.reason}")
        told = text("Used by ", found.used_by, " of ", found.accounts, f" from {found.first} to {found.last}")
        if found.reason:
            return text(told, f", so far: {found.reason}.")
        so_far = found.last is not None and found.last > self._ctx.as_of
        return text(told, f", counted to {self._ctx.as_of}." if so_far else ".")

    def _notices(self) -> Iterator[Notice]:
        if self._day > self._ctx.as_of:
            said = f"It shipped after {self._ctx.as_of}, the day that this answer is about."
            yield Notice(tone="neutral", text=text(said))
        created = self._item.created_on
        if created is not None and self._day < created:
            said = f"It shipped before it was asked for ({created}): check the day."
            yield Notice(tone="warning", text=text(said))
        hidden = len(self._item.account_ids) - len(self._portfolio)
        if hidden > 0:
            yield Notice(tone="neutral", text=text(f"Linked accounts that are not on record: {hidden}."))
        if self._item.id in self._book.partial:
            said = "It is shared with customers you may not see; they and the words are left out."
            yield Notice(tone="neutral", text=text(said))

    def _tables(self) -> Iterator[Block]:
        if self._asked:
            rows = tuple(self._row(place, asked) for place, asked in enumerate(self._asked, start=1))
            yield Table(columns=columns(COLUMNS, right=COLUMNS[5:]), rows=rows)

    def _row(self, place: int, asked: _Asked) -> tuple[Text, ...]:
        renewal, days = asked.contract.get("renewal.date"), asked.contract.get("renewal.days_to_renewal")
        said = " / ".join(f"“{words}”" for words in asked.said[:2]) or "no words recorded"
        left = " (has left)" if asked.account.lifecycle == "churned" else ""
        return (
            text(str(place)),
            text(f"{asked.account.name} ({asked.account.id}){left}"),
            text(", ".join(asked.people) or "nobody named"),
            text(said),
            text(renewal) if renewal else text("unknown"),
            text(days) if days else text(""),
            text(asked.contract["arr"]),
            text(asked.uses) if asked.uses else text("unknown"),
        )

    def _drafts(self) -> dict[str, Draft]:
        """A reply to each customer that has not left, as many as are shown at once."""
        staying = [asked for asked in self._asked if asked.account.lifecycle != "churned"]
        found: dict[str, Draft] = {}
        unsaid = self._unsaid()
        for asked in staying[: self._parameters.drafts.shown]:
            sayable = partial(self._is_sayable, replace(unsaid, account_id=asked.account.id))
            feature = self._adoption.feature if self._adoption.used_by else self._args.feature
            found[asked.account.id] = reply(self._item, asked.asker, self._day, feature, sayable)
        return found

    def _unsaid(self) -> Unsaid:
        """The names that no customer reads in a reply to it."""
        known = {a.id: AccountName(a.id, a.name, a.aliases) for a in self._portfolio.accounts}
        others = (AccountName(id_, name) for id_, name in self._book.account_names.items() if id_ not in known)
        people = name_parts(account.owner for account in self._portfolio.accounts)
        return Unsaid(people=people, directory=directory_of((*known.values(), *others)), account_id=None)

    def _is_sayable(self, unsaid: Unsaid, words: str) -> bool:
        rules = self._ctx.disclosure
        return rules is not None and reason_of(words, unsaid, rules) is None

    def _reply_blocks(self, drafts: Mapping[str, Draft]) -> Iterator[Block]:
        if not drafts:
            return
        yield Heading(text=text("Replies, the first to tell first"), folded=True)
        yield from drafts.values()
        staying = sum(asked.account.lifecycle != "churned" for asked in self._asked)
        if staying > len(drafts):
            said = f"{staying - len(drafts)} more: add account=… for the reply to one of them."
            yield Notice(tone="neutral", text=text(said))

    def _data(self, drafts: Mapping[str, Draft]) -> ShippedData:
        return ShippedData(
            item=self._item.id,
            shipped_on=self._day,
            asked=tuple(self._data_of(asked, drafts.get(asked.account.id)) for asked in self._asked),
            adoption=self._adoption.data(),
        )

    def _data_of(self, asked: _Asked, draft: Draft | None) -> AskedData:
        days, arr = asked.contract.get("renewal.days_to_renewal"), asked.contract["arr"]
        return AskedData(
            account=asked.account.id,
            contacts=asked.people,
            words=asked.said,
            renewal_date=asked.account.renewal_date,
            days=days.value if days and isinstance(days.value, int) else None,
            arr=float(arr.value) if isinstance(arr.value, int | float) else None,
            currency=arr.unit,
            uses=float(asked.uses.value) if asked.uses and isinstance(asked.uses.value, int | float) else None,
            reply="".join(span for span in draft.fields[-1].text if isinstance(span, str)) if draft else None,
        )
