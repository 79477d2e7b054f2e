"""/feedback add: a new item, understood and checked before it is written."""

from app.domain.blocks import Block, Column, Notice, Question, Table, Verdict
from app.domain.command import Context, Outcome, Report
from app.domain.directory import AccountDirectory, AccountName
from app.domain.effects import AddFeedback
from app.domain.figures import Figure, Text, text
from app.domain.problems import AccountNotFound, InvalidArguments
from app.domain.records import FeedbackItem
from app.domain.redact import mask_secrets
from app.domain.snapshot import FeedbackBook
from tools.feedback.arguments import CATEGORY_STARTS, FeedbackArgs
from tools.feedback.data import ItemsData
from tools.feedback.items import Rated, figures_of, linked_of, rate
from tools.feedback.parameters import FeedbackParameters, Ranges
from tools.feedback.rice import wrong_inputs

ID_LENGTH = 12
"""Hexadecimal digits of the turn's random id that name its item: 2^48 of them."""

RICE_FIELDS = ("reach", "impact", "confidence", "effort")


def add(ctx: Context, args: FeedbackArgs, book: FeedbackBook, parameters: FeedbackParameters) -> Outcome:
    """The effect that writes the item, and what was understood; or a question for title and category.

    Raises:
        InvalidArguments: an input is out of its range or of another subcommand, or an account's name fits several.
        AccountNotFound: a linked account is not among those the caller may see.
    """
    missing = tuple(name for name in ("title", "category") if not getattr(args, name))
    if missing:
        return _ask(missing)
    visible = ctx.portfolio.accounts if ctx.portfolio else ()
    directory = AccountDirectory(AccountName(a.id, a.name, a.aliases) for a in visible)
    if doubtful := _doubtful(args, directory):
        raise doubtful
    item = _item(ctx, args, _account_ids(ctx, args, directory))
    _check(item, parameters.ranges)
    return _outcome(ctx, rate(item, linked_of(ctx, book), parameters), book)


def _ask(missing: tuple[str, ...]) -> Outcome:
    names = " and ".join(missing)
    categories = tuple(CATEGORY_STARTS.values())
    asked = f"To add the item, give {names}."
    if "category" in missing:
        asked += f" A category is one of: {', '.join(categories)}."
    question = Question(text=text(asked), fields=missing, choices=categories if missing == ("category",) else ())
    verdict = Verdict(tone="warning", headline=text(f"Not added yet: {names} missing"))
    return Outcome(Report(data=ItemsData(action="add"), blocks=(verdict,)), question=question)


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


def _account_ids(ctx: Context, args: FeedbackArgs, directory: AccountDirectory) -> tuple[str, ...]:
    """The linked accounts, each once."""
    found = [ctx.account.account.id] if ctx.account else []
    found += [match.id for written in args.accounts for match in directory.exact(written)]
    return tuple(dict.fromkeys(found))


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


def _outcome(ctx: Context, rated: Rated, book: FeedbackBook) -> Outcome:
    figures = {figure.key: figure for figure in figures_of(rated, ctx.as_of)}
    blocks: list[Block] = [_verdict(ctx, rated, figures), _understood(rated, figures)]
    same = [other.id for other in book.items if other.title.casefold() == rated.item.title.casefold()]
    if same:
        said = f"There is already an item of this title: {', '.join(same)}. Both count in the ranking."
        blocks.append(Notice(tone="warning", text=text(said)))
    data = ItemsData(action="add", added=rated.data())
    report = Report(data=data, blocks=tuple(blocks), figures=tuple(figures.values()))
    return Outcome(report, effects=(AddFeedback(item=rated.item),) if ctx.typed else ())


def _verdict(ctx: Context, rated: Rated, figures: dict[str, Figure]) -> Verdict:
    item, done = rated.item, "Added" if ctx.typed else "Not added yet"
    last = text("Undo: type undo." if ctx.typed else "Type /feedback add … to add it.")
    if rated.inputs:
        score = figures[f"feedback.{item.id}.rice"]
        lines = (text(f"RICE = {rated.inputs.formula} = ", score, "."), *(text(f"{n}.") for n in rated.inputs.notes))
        return Verdict(tone="good", headline=text(f"{done}: ", item.title, ", RICE ", score), lines=(*lines, last))
    lines = (text(f"No RICE yet: {'; '.join(rated.wrong)}."), last)
    return Verdict(tone="warning", headline=text(f"{done} without a rank: ", item.title), lines=lines)


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
