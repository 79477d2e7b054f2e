"""/champion of all accounts, and mark and unmark."""

import datetime as dt
from typing import Any

import pytest

from app.domain.command import Outcome
from app.domain.directory import AccountDirectory, AccountName
from app.domain.effects import SetContact
from app.domain.problems import Forbidden, InvalidArguments, NotFound
from app.domain.syntax import parse
from app.render.markdown import to_markdown
from tests.snapshots import AS_OF, account, contact, context, days_before, portfolio
from tests.tools.champion.acme import OTHERS, PARAMETERS, acme
from tools.champion import COMMAND
from tools.champion.arguments import ChampionArgs
from tools.champion.data import BookData, MarkData

ACCOUNTS = [
    account("bare", arr=50_000, owner="Kim"),
    account("left", arr=10_000),
    account("small", arr=20_000, renewal_date=AS_OF + dt.timedelta(days=50), notice_days=20),
    account("big", arr=900_000),
    account("two", arr=70_000),
    account("nobody", arr=30_000),
    account("gone", arr=0, lifecycle="churned"),
]
CONTACTS = [
    contact("b1", "bare"),
    contact("l1", "left", is_champion=True, left_on=days_before(3)),
    contact("s1", "small", name="Sue Small", is_champion=True),
    contact("g1", "big", is_champion=True),
    contact("g2", "big", is_champion=True, left_on=days_before(300)),
    contact("t1", "two", is_champion=True),
    contact("t2", "two", is_champion=True),
    contact("x1", "gone", is_champion=True),
]


def book(
    args: dict[str, Any] | None = None, accounts: list[Any] = ACCOUNTS, contacts: list[Any] = CONTACTS, **ctx: Any
) -> Outcome:
    given: dict[str, Any] = {"portfolio": portfolio(accounts, contacts=contacts), "others": OTHERS, "sees_people": True}
    return COMMAND.run(context(PARAMETERS, **(given | ctx)), ChampionArgs(**(args or {})))


def data(outcome: Outcome) -> BookData:
    assert isinstance(outcome.report.data, BookData)
    return outcome.report.data


def told(outcome: Outcome) -> str:
    return to_markdown(outcome.report.blocks, outcome.report.figures)


def test_the_book_by_risk_then_near_decisions_then_arr() -> None:
    found = data(book())
    assert [line.account for line in found.accounts] == ["left", "bare", "nobody", "small", "big"]
    assert found.covers == {"departed": 1, "none": 1, "unknown": 1, "single": 2, "covered": 1}
    assert found.customers == 6


def test_sums_are_those_of_the_cover() -> None:
    """10,000 + 50,000 without; 20,000 + 900,000 on one."""
    values = {figure.key: figure.value for figure in book().report.figures if figure.account_id is None}
    assert values["champions.arr.without.usd"] == 60_000
    assert values["champions.arr.single.usd"] == 920_000
    assert values["champions.accounts.unknown"] == 1


def test_a_parents_arr_counts_once() -> None:
    accounts = [account("p", arr=100_000), account("c", arr=40_000, parent_id="p")]
    people = [contact("p1", "p", is_champion=True), contact("c1", "c", is_champion=True)]
    outcome = book(accounts=accounts, contacts=people)
    assert {f.key: f.value for f in outcome.report.figures}["champions.arr.single.usd"] == 100_000


def test_an_owners_accounts_have_keys_of_their_own() -> None:
    outcome = book({"owner": "kim"})
    assert [line.account for line in data(outcome).accounts] == ["bare"]
    assert "champions.owner_kim.accounts.without" in {figure.key for figure in outcome.report.figures}


def test_with_nobody_on_record_no_champion_is_told_and_none_is_denied() -> None:
    assert "no champion can be told" in told(book(contacts=[]))


def test_a_viewer_reads_no_name() -> None:
    outcome = book(sees_people=False)
    assert "Sue" not in told(outcome)
    assert all(line.names == () for line in data(outcome).accounts)
    assert "Sue" in told(book())


JANE, SAM = contact("jane", name="Jane Doe", is_champion=True, email="j@acme.example"), contact("sam", name="Sam Doe")


def mark(action: str, who: str | None, people: tuple[Any, ...] = (JANE, SAM), **ctx: Any) -> Outcome:
    return COMMAND.run(acme(contacts=people, ctx=ctx), ChampionArgs(action=action, account="acme", who=who))


@pytest.mark.parametrize("who", ["sam", "Sam Doe", "SAM"])
def test_mark_writes_the_one_field(who: str) -> None:
    outcome = mark("mark", who)
    (effect,) = outcome.effects
    assert isinstance(effect, SetContact)
    assert (effect.item.id, effect.item.is_champion, effect.fields) == ("sam", True, ("is_champion",))


def test_unmark_by_mail_address() -> None:
    (effect,) = mark("unmark", "j@acme.example").effects
    assert isinstance(effect, SetContact)
    assert effect.item.is_champion is False


def test_what_is_so_already_is_not_written_again() -> None:
    assert mark("mark", "jane").effects == ()


def test_only_a_typed_command_writes() -> None:
    outcome = mark("mark", "sam", typed=False)
    assert outcome.effects == ()
    assert "Type /champion acme mark sam" in to_markdown(outcome.report.blocks, outcome.report.figures)


def test_several_are_asked_about() -> None:
    outcome = mark("mark", "doe")
    assert outcome.question is not None
    assert outcome.question.choices == ("jane", "sam")
    assert isinstance(outcome.report.data, MarkData)
    assert not outcome.report.data.written


def test_who_cannot_be_marked() -> None:
    with pytest.raises(NotFound, match="Jane Doe"):
        mark("mark", "zoe")
    with pytest.raises(NotFound, match="Nobody is on record"):
        mark("mark", "zoe", ())
    with pytest.raises(InvalidArguments, match="left on"):
        mark("mark", "sam", (SAM.model_copy(update={"left_on": days_before(2)}),))
    with pytest.raises(InvalidArguments, match="which account"):
        COMMAND.needs(ChampionArgs(action="mark", who="sam"))


def test_a_viewer_learns_no_name_from_mark() -> None:
    with pytest.raises(Forbidden) as refused:
        mark("mark", "zoe", sees_people=False)
    assert "Jane" not in refused.value.detail


def test_a_subcommand_after_the_account_takes_the_words_behind_it() -> None:
    """A command of which only subcommands take words, and none a raw text."""
    directory = AccountDirectory([AccountName("acme", "Acme Corp", ())])
    read = parse("/champion acme corp mark Jane Doe", {"champion": COMMAND}, directory)
    assert read == parse("/champion mark acme Jane Doe", {"champion": COMMAND}, directory)
    assert getattr(read, "arguments", None) == {"action": "mark", "who": "Jane Doe"}
