"""/champion mark and unmark: who is champion, as people say it and not as figures guess it."""

from app.domain.blocks import Question, Verdict
from app.domain.command import Context, Outcome, Report
from app.domain.effects import SetContact
from app.domain.figures import text
from app.domain.problems import Forbidden, InvalidArguments, NotFound
from app.domain.records import Contact
from app.domain.snapshot import AccountSnapshot
from tools.champion.arguments import ChampionArgs
from tools.champion.data import MarkData

CHOICES = 5


def run(ctx: Context, args: ChampionArgs) -> Outcome:
    """The effect that sets the mark; a question, where it is not certain who is meant.

    Raises:
        Forbidden: the caller's role does not see people.
        NotFound: nobody at the account is called so.
        InvalidArguments: the person has left.
    """
    if ctx.account is None or args.action is None:
        raise TypeError("/champion mark needs an account")
    if not ctx.sees_people:
        raise Forbidden(f"/champion {args.action} needs the role cse or higher.")
    found = called(ctx.account, args.who or "")
    if len(found) != 1:
        return _ask(ctx.account, args, found)
    contact, wanted = found[0], args.action == "mark"
    if wanted and contact.left_on is not None and contact.left_on <= ctx.as_of:
        raise InvalidArguments(f"{_name(contact)} left on {contact.left_on} and cannot be marked. Mark who follows.")
    if bool(contact.is_champion) == wanted:
        return _nothing_to_do(ctx.account, args, contact)
    effect = SetContact(item=contact.model_copy(update={"is_champion": wanted}), fields=("is_champion",))
    return Outcome(_told(ctx, ctx.account, args, contact), (effect,) if ctx.typed else ())


def called(snapshot: AccountSnapshot, who: str) -> tuple[Contact, ...]:
    """The people who are called so: by id, mail address or full name; else by a part of the name."""
    said = " ".join(who.casefold().split())
    if not said:
        return ()
    exact = [c for c in snapshot.contacts if said in _called(c)]
    return tuple(exact or [c for c in snapshot.contacts if said in (c.name or "").casefold().split()])


def _called(contact: Contact) -> tuple[str, ...]:
    return contact.id.casefold(), (contact.email or "").casefold(), (contact.name or "").casefold()


def _ask(snapshot: AccountSnapshot, args: ChampionArgs, found: tuple[Contact, ...]) -> Outcome:
    people = found or snapshot.contacts
    if not people:
        raise NotFound(
            f"Nobody is on record at {snapshot.account.name}. Import contacts.csv, or log a call with the name."
        )
    if args.who and not found:
        named = ", ".join(f"{_name(contact)} ({contact.id})" for contact in people[:CHOICES])
        raise NotFound(
            f"Nobody at {snapshot.account.name} is called “{args.who}”. On record: {named}.", missing=["who"]
        )
    question = Question(text=text("Who is it?"), fields=("who",), choices=tuple(c.id for c in people[:CHOICES]))
    lines = tuple(text(f"{_name(contact)} ({contact.id})") for contact in people[:CHOICES])
    verdict = Verdict(tone="warning", headline=text("Nothing is written yet: who is meant?"), lines=lines)
    data = MarkData(action=args.action or "mark", account=snapshot.account.id, contact=None, written=False)
    return Outcome(Report(data, (verdict,)), question=question)


def _nothing_to_do(snapshot: AccountSnapshot, args: ChampionArgs, contact: Contact) -> Outcome:
    is_so = "is marked as champion already" if args.action == "mark" else "is not marked as champion"
    verdict = Verdict(tone="neutral", headline=text(f"Nothing to do: {_name(contact)} {is_so}"))
    data = MarkData(action=args.action or "mark", account=snapshot.account.id, contact=contact.id, written=False)
    return Outcome(Report(data, (verdict,)))


def _told(ctx: Context, snapshot: AccountSnapshot, args: ChampionArgs, contact: Contact) -> Report:
    name, account = _name(contact), snapshot.account
    done = (
        f"{name} is marked as champion of {account.name}"
        if args.action == "mark"
        else f"{name} of {account.name} is no longer marked as champion"
    )
    data = MarkData(action=args.action or "mark", account=account.id, contact=contact.id, written=ctx.typed)
    if not ctx.typed:
        line = text(f"Type /champion {account.id} {args.action} {contact.id} to do it.")
        return Report(data, (Verdict(tone="warning", headline=text(f"Not written yet: {done}"), lines=(line,)),))
    line = text(f"Next: /champion {account.id} says what to do. Undo: type undo.")
    return Report(data, (Verdict(tone="good", headline=text(done), lines=(line,)),))


def _name(contact: Contact) -> str:
    return contact.name or contact.id
