"""/feedback add: a new item, understood and checked before it is written."""

import math

from app.domain.blocks import Block, Column, Notice, Question, Table, Verdict
from app.domain.command import Context, Outcome, Report
from app.domain.directory import AccountDirectory, AccountName
from app.domain.effects import AddFeedback
from app.domain.figures import Figure, Text, text
from app.domain.problems import AccountNotFound, InvalidArguments
from app.domain.records import Account, FeedbackItem
from app.domain.redact import mask_secrets
from app.domain.snapshot import FeedbackBook
from tools.feedback.arguments import CATEGORY_STARTS, FeedbackArgs
from tools.feedback.data import FeedbackData
from tools.feedback.items import Linked, Rated, figures_of, rate
from tools.feedback.parameters import FeedbackParameters, Ranges
from tools.feedback.rice import wrong_inputs

ID_LENGTH = 12
"""Hexadecimal digits of the turn's random id that name its item: 2^48 of them."""

RICE_FIELDS = ("reach", "impact", "confidence", "effort")


def add(ctx: Context, args: FeedbackArgs, book: FeedbackBook, parameters: FeedbackParameters) -> Outcome:
    """The effect that writes the item, and what was understood; or a question for title and category.

    Raises:
        InvalidArguments: an input is out of its range, or an account's name fits several.
        AccountNotFound: a linked account is not among those the caller may see.
    """
    missing = tuple(name for name in ("title", "category") if not getattr(args, name))
    if missing:
        return _ask(missing)
    visible = ctx.portfolio.accounts if ctx.portfolio else ()
    directory = AccountDirectory(AccountName(a.id, a.name, a.aliases) for a in visible)
    if doubtful := _doubtful(args, directory):
        raise doubtful
    accounts = _accounts(ctx, args, directory)
    item = _item(ctx, args, tuple(account.id for account in accounts))
    _check(item, parameters.ranges)
    known = {account.id: account for account in accounts}
    arr = {**book.account_arr, **_arr(ctx, known)}
    linked = Linked(
        names={**book.account_names, **{account.id: account.name for account in accounts}},
        arr=arr,
        currency={**book.account_currency, **{a.id: a.currency for a in accounts if a.currency}},
        default=ctx.currency,
    )
    return _outcome(ctx, rate(item, linked, parameters), book)


def _ask(missing: tuple[str, ...]) -> Outcome:
    names = " and ".join(missing)
    categories = tuple(CATEGORY_STARTS.values())
    asked = f"To add the item, give {names}."
    if "category" in missing:
        asked += f" A category is one of: {', '.join(categories)}."
    question = Question(text=text(asked), fields=missing, choices=categories if missing == ("category",) else ())
    verdict = Verdict(tone="warning", headline=text(f"Not added yet: {names} missing"))
    return Outcome(Report(data=FeedbackData(action="add"), blocks=(verdict,)), question=question)


def _doubtful(args: FeedbackArgs, directory: AccountDirectory) -> InvalidArguments | AccountNotFound | None:
    """What to ask where names fit no account, or several; in a chat the next message gives the accounts."""
    told: list[str] = []
    unknown = False
    for written in args.accounts:
        found = directory.exact(written)
        if len(found) > 1:
            told.append(f"Several accounts are called “{written}”: {_names(found)}.")
        elif not found:
            unknown, close = True, _names(directory.close(written))
            guess = f" Did you mean {close}?" if close else ""
            told.append(f"I know no account “{written}” among those you may see.{guess}")
    if not told:
        return None
    ask = "Which account?" if len(args.accounts) == 1 else "Give all accounts to link, separated by semicolons."
    problem = AccountNotFound if unknown else InvalidArguments
    return problem(f"The item is not added yet. {' '.join(told)} {ask}", missing=["accounts"])


def _names(accounts: tuple[AccountName, ...]) -> str:
    return ", ".join(f"{account.name} ({account.id})" for account in accounts)


def _accounts(ctx: Context, args: FeedbackArgs, directory: AccountDirectory) -> tuple[Account, ...]:
    """The linked accounts, each once."""
    by_id = {account.id: account for account in (ctx.portfolio.accounts if ctx.portfolio else ())}
    found = {ctx.account.account.id: ctx.account.account} if ctx.account else {}
    for written in args.accounts:
        (match,) = directory.exact(written)
        found[match.id] = by_id[match.id]
    return tuple(found.values())


def _item(ctx: Context, args: FeedbackArgs, account_ids: tuple[str, ...]) -> FeedbackItem:
    if args.title is None or args.category is None:
        raise ValueError("an item needs title and category")
    return FeedbackItem(
        id=f"fb-{ctx.turn_id.removeprefix('turn_')[:ID_LENGTH]}",
        title=mask_secrets(args.title),
        category=args.category,
        reach=args.reach,
        impact=args.impact,
        confidence=args.confidence,
        effort_weeks=args.effort,
        account_ids=account_ids,
        contact_id=args.contact,
        source=args.source,
        quote=mask_secrets(args.quote) if args.quote else None,
        workaround=mask_secrets(args.workaround) if args.workaround else None,
        severity=args.severity,
        created_on=ctx.now.astimezone(ctx.timezone).date(),
    )


def _check(item: FeedbackItem, ranges: Ranges) -> None:
    wrong = wrong_inputs(item, ranges, missing=False)
    if wrong:
        raise InvalidArguments(f"The item was not added: {'; '.join(wrong)}.")


def _arr(ctx: Context, accounts: dict[str, Account]) -> dict[str, float]:
    """The ARR of the accounts, from the snapshots at hand, where known."""
    found: dict[str, float] = {}
    for portfolio in (ctx.portfolio, ctx.account.columns if ctx.account else None):
        for account, amount in zip(portfolio.accounts, portfolio.arr, strict=True) if portfolio else ():
            if account.id in accounts and not math.isnan(amount):
                found[account.id] = float(amount)
    return found


def _outcome(ctx: Context, rated: Rated, book: FeedbackBook) -> Outcome:
    figures = {figure.key: figure for figure in figures_of(rated, ctx.as_of)}
    blocks: list[Block] = [_verdict(rated, figures), _understood(rated, figures)]
    same = [other.id for other in book.items if other.title.casefold() == rated.item.title.casefold()]
    if same:
        said = f"There is already an item of this title: {', '.join(same)}. Both count in the ranking."
        blocks.append(Notice(tone="warning", text=text(said)))
    data = FeedbackData(action="add", added=rated.data())
    report = Report(data=data, blocks=tuple(blocks), figures=tuple(figures.values()))
    return Outcome(report, effects=(AddFeedback(item=rated.item),))


def _verdict(rated: Rated, figures: dict[str, Figure]) -> Verdict:
    item = rated.item
    if rated.inputs:
        score = figures[f"feedback.{item.id}.rice"]
        lines = (text(f"RICE = {rated.inputs.formula} = ", score, "."), *(text(f"{n}.") for n in rated.inputs.notes))
        return Verdict(tone="good", headline=text("Added: ", item.title, ", RICE ", score), lines=lines)
    lines = (text(f"No RICE yet: {'; '.join(rated.wrong)}."),)
    return Verdict(tone="warning", headline=text("Added without a rank: ", item.title), lines=lines)


def _understood(rated: Rated, figures: dict[str, Figure]) -> Table:
    """What was understood, field by field."""
    item, names = rated.item, ", ".join(rated.names)
    fields: list[tuple[str, Text]] = [
        ("Id", text(item.id)),
        ("Category", text(item.category.replace("_", " "))),
        *((name.capitalize(), _input(item, figures, name)) for name in RICE_FIELDS),
        ("Accounts", text(names or "none linked")),
    ]
    words = (("Source", item.source), ("Quote", item.quote), ("Workaround", item.workaround))
    others = (*words, ("Severity", item.severity), ("Contact", item.contact_id))
    fields += [(label, text(value)) for label, value in others if value]
    rows = (("Title", text(item.title)), *fields)
    return Table(
        columns=(Column(label="Field"), Column(label="Value")),
        rows=tuple((text(label), value) for label, value in rows),
    )


def _input(item: FeedbackItem, figures: dict[str, Figure], name: str) -> Text:
    """An input as it counts, else as it was given."""
    figure = figures.get(f"feedback.{item.id}.{name}")
    if figure:
        return text(figure)
    given = item.effort_weeks if name == "effort" else getattr(item, name)
    return text("not given" if given is None else f"{given:g}")
