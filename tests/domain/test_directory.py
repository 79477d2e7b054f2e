"""Finding accounts by id, name, alias, legal form and spelling."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.directory import MENTION_CHARACTERS, AccountDirectory, AccountName, Guess, Match, singled_out

ACCOUNTS = (
    AccountName("acc-1", "Acme"),
    AccountName("acc-2", "Acme Europe"),
    AccountName("acc-3", "A&B, Inc.", ("AB Holdings",)),
    AccountName("acc-4", "Müller & Söhne GmbH & Co. KG", ("M&S",)),
    AccountName("acc-5", "Globex Corporation"),
    AccountName("acc-6", "Initech", ("Initech Labs", "Chotchkie")),
    AccountName("acc-7", "Apollo GmbH"),
    AccountName("acc-8", "Apollo Inc."),
    AccountName("acc-9", "O'Brien Sons"),
    AccountName("acc-10", "Northwind Traders"),
    AccountName("acc-11", "Société Générale S.A."),
    AccountName("acc-12", "東京 Robotics"),
)


@pytest.fixture(scope="module")
def directory() -> AccountDirectory:
    return AccountDirectory(ACCOUNTS)


def ids(accounts: tuple[AccountName, ...]) -> list[str]:
    return [account.id for account in accounts]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("acc-1", ["acc-1"]),
        ("ACC-1", ["acc-1"]),
        ("Acme", ["acc-1"]),
        ("  aCmE \n", ["acc-1"]),
        ("acme   europe", ["acc-2"]),
        ("acme\u00a0europe", ["acc-2"]),
        ("Ａｃｍｅ", ["acc-1"]),
        ("Ac\u200bme\ufeff", ["acc-1"]),
        ("Acme Inc", ["acc-1"]),
        ("Acme, Inc.", ["acc-1"]),
        ("Acme Pty Ltd", ["acc-1"]),
        ("A&B, Inc.", ["acc-3"]),
        ("a&b inc", ["acc-3"]),
        ("A&B Incorporated", ["acc-3"]),
        ("A&B", ["acc-3"]),
        ("AB Holdings LLC", ["acc-3"]),
        ("Müller & Söhne", ["acc-4"]),
        ("Mu\u0308ller & So\u0308hne GmbH & Co. KG", ["acc-4"]),
        ("MÜLLER & SÖHNE GMBH & CO KG", ["acc-4"]),
        ("Globex Corp.", ["acc-5"]),
        ("Globex", ["acc-5"]),
        ("chotchkie", ["acc-6"]),
        ("Apollo", ["acc-7", "acc-8"]),
        ("Apollo G.m.b.H.", ["acc-7"]),
        ("Apollo Inc", ["acc-8"]),
        ("O’Brien Sons", ["acc-9"]),
        ("Société Générale", ["acc-11"]),
        ("societe generale", []),
        ("東京 robotics", ["acc-12"]),
        ("Globex LLC", []),
        ("acc-1 LLC", []),
        ("Acme Asia", []),
        ("acme-europe", []),
        ("", []),
        ("Inc", []),
        ("\u200b", []),
        ("\ud800", []),
        ("🙂", []),
        ("x" * 300_000, []),
        ("co " * 50_000, []),
    ],
)
def test_exact(directory: AccountDirectory, text: str, found: list[str]) -> None:
    assert ids(directory.exact(text)) == found


def test_a_name_as_it_is_written_goes_before_one_with_another_legal_form() -> None:
    directory = AccountDirectory([AccountName("1", "Acme"), AccountName("2", "Acme Inc"), AccountName("3", "Acme Ltd")])
    assert ids(directory.exact("acme")) == ["1"]
    assert ids(directory.exact("acme incorporated")) == ["2"]
    assert ids(directory.exact("acme GmbH")) == ["1"]


def test_an_id_as_it_is_written_goes_before_all_names() -> None:
    directory = AccountDirectory([AccountName("globex", "Initech"), AccountName("2", "Globex")])
    assert ids(directory.exact("globex")) == ["globex"]
    assert ids(directory.exact("Globex")) == ["2", "globex"] or ids(directory.exact("Globex")) == ["globex", "2"]


def test_accounts_of_one_name_are_all_found_and_each_once() -> None:
    twins = [AccountName("1", "Acme", ("ACME", "Acme Inc")), AccountName("2", "acme"), AccountName("a", "Other")]
    directory = AccountDirectory(twins)
    assert ids(directory.exact("Acme")) == ["1", "2"]
    assert ids(directory.close("Acmee")) == ["1", "2"]


def test_a_name_that_is_a_legal_form_or_punctuation_is_still_a_name() -> None:
    directory = AccountDirectory([AccountName("1", "Co"), AccountName("2", "!!!"), AccountName("3", "Limited Co")])
    assert [ids(directory.exact(text)) for text in ("co", "!!!", "limited", "")] == [["1"], ["2"], ["3"], []]
    assert directory.longest("limited bandwidth") == Match((AccountName("3", "Limited Co"),), 7)


@pytest.mark.parametrize(
    ("text", "found", "rest"),
    [
        ("Acme", ["acc-1"], ""),
        ("Acme is slow", ["acc-1"], " is slow"),
        ("Acme Europe is slow", ["acc-2"], " is slow"),
        ("acme\teurope\nGET /v1?a=b  -H 'x'", ["acc-2"], "\nGET /v1?a=b  -H 'x'"),
        ("  Acme  two spaces ", ["acc-1"], "  two spaces "),
        ('"Acme Europe" is slow', ["acc-2"], " is slow"),
        ("“Acme” Europe", ["acc-1"], " Europe"),
        ("'acme europe': slow", ["acc-2"], " slow"),
        ('"Acme', [], ""),
        ("Acme: slow", ["acc-1"], " slow"),
        ("Acme, Europe", ["acc-2"], ""),
        ("Acme : slow", ["acc-1"], " : slow"),
        ("Acme Inc. is slow", ["acc-1"], " is slow"),
        ("Acme, Inc. is slow", ["acc-1"], " is slow"),
        ("Acme Pty Ltd\nslow", ["acc-1"], "\nslow"),
        ("Globex is slow", ["acc-5"], " is slow"),
        ("Globex Corp is slow", ["acc-5"], " is slow"),
        ("Apollo 11", ["acc-7", "acc-8"], " 11"),
        ("acc-2 SPA fails", ["acc-2"], " SPA fails"),
        ("A&B: 500", ["acc-3"], " 500"),
        ("Müller & Söhne GmbH & Co. KG antwortet", ["acc-4"], " antwortet"),
        ("O’Brien Sons?", ["acc-9"], ""),
        ("Acmes are slow", [], ""),
        ("acme-api is slow", [], ""),
        ("Acme=1", [], ""),
        ("The Acme", [], ""),
        ("", [], ""),
        ("\n\t ", [], ""),
        ("🙂 Acme", [], ""),
    ],
)
def test_longest(directory: AccountDirectory, text: str, found: list[str], rest: str) -> None:
    match = directory.longest(text)
    assert (ids(match.accounts), text[match.end :]) == (found, rest) if match else found == []


@pytest.mark.parametrize(
    "rest", ["limited access to the API", "SPA does not load", "AB test fails", "SE region is down"]
)
def test_a_word_of_the_text_is_not_taken_for_a_legal_form(directory: AccountDirectory, rest: str) -> None:
    match = directory.longest(f"Acme {rest}")
    assert match is not None
    assert match.end == len("Acme")


def test_a_name_with_another_legal_form_is_another_company(directory: AccountDirectory) -> None:
    assert directory.longest("Globex GmbH is slow") is None
    match = directory.longest("acc-5 GmbH is slow")
    assert match is not None
    assert match.end == len("acc-5")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Acmee", ["acc-1"]),
        ("Acne", ["acc-1"]),
        ("Acme Eurpoe", ["acc-2"]),
        ("Globx", ["acc-5"]),
        ("globx corp", ["acc-5"]),
        ("Globex GmbH", ["acc-5"]),
        ("intiech", ["acc-6"]),
        ("Societe Generale", ["acc-11"]),
        ("northwind", ["acc-10"]),
        ("nortwind", ["acc-10"]),
        ("muller", ["acc-4"]),
        ("acc-13", []),
        ("Hooli", []),
        ("", []),
        ("   ", []),
        ("x" * 300_000, []),
        ("\ud800\x00", []),
    ],
)
def test_close(directory: AccountDirectory, text: str, found: list[str]) -> None:
    assert ids(directory.close(text)) == found


def test_close_gives_the_best_first_and_no_more_than_asked_for() -> None:
    directory = AccountDirectory([AccountName(str(i), f"Northwind {i}") for i in range(10)])
    near = directory.close("Northwind 33", limit=4)
    assert ids(near)[0] == "3"
    assert len(near) == 4
    assert len(directory.close("Northwint", limit=5)) == 5


@pytest.mark.parametrize(
    ("text", "meant", "found"),
    [
        ("Acmee is slow", "Acmee", ["acc-1"]),
        ("Nortwind Tradrs is slow", "Nortwind Tradrs", ["acc-10"]),
        ("Nortwind is slow", "Nortwind", ["acc-10"]),
        ('"Globx Corp" GET /v1', "Globx Corp", ["acc-5"]),
        ("the API of Acmee Europe", "", []),
        ("", "", []),
    ],
)
def test_close_start(directory: AccountDirectory, text: str, meant: str, found: list[str]) -> None:
    guess = directory.close_start(text)
    assert (guess.typed, ids(guess.accounts), guess.end) == (meant, found, 0)


LOGISTICS = AccountName("p1", "Alder & Finch Logistics", ("Alder Finch", "AFL"))
CUSTOMS = AccountName("p2", "Alder & Finch Customs")
QUARRY = AccountName("p3", "Quarry Bay Shipping Ltd")
BANK = AccountName("p4", "The Old Bank of the West Coast")
PLACES = AccountDirectory([LOGISTICS, CUSTOMS, QUARRY, BANK, AccountName("p5", "Bay Tree")])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("alder & finch", ["p2", "p1"]),
        ("alder & fnch", ["p2", "p1"]),
        ("Alder", ["p2", "p1"]),
        ("aldr finch", ["p1"]),
        ("quarry", ["p3"]),
        ("quarry bay", ["p3"]),
        ("finch", ["p2", "p1"]),
        ("Finch Customs", ["p2"]),
        ("shipping ltd", ["p3"]),
        ("west coast", ["p4"]),
        ("bay", ["p5"]),
        ("fin", []),
        ("finch alder", []),
        ("&", []),
    ],
)
def test_close_gives_all_that_are_equally_close_else_those_that_hold_the_words(text: str, found: list[str]) -> None:
    assert ids(PLACES.close(text)) == found


@pytest.mark.parametrize(
    ("text", "typed", "found", "rest"),
    [
        ("quarry bay it fails", "quarry bay", ["p3"], " it fails"),
        ("Quarry Bay: it fails", "Quarry Bay:", ["p3"], " it fails"),
        ('"quarry bay" it fails', "quarry bay", ["p3"], " it fails"),
        ("quarry it fails", "quarry", ["p3"], " it fails"),
        ("alder & finch it fails", "alder & finch", ["p1", "p2"], " it fails"),
        ("the old bank of the west it fails", "the old bank of the west", ["p4"], " it fails"),
        ("bay it fails", "bay", ["p5"], "bay it fails"),
        ("the app fails", "the", ["p4"], "the app fails"),
        ("alder it fails", "alder", ["p2", "p1"], "alder it fails"),
        ("Quarry Bay Shiping it fails", "Quarry Bay Shiping", ["p3"], "Quarry Bay Shiping it fails"),
        ("finch it fails", "", [], "finch it fails"),
    ],
)
def test_the_words_that_begin_a_name_are_no_part_of_the_rest(
    text: str, typed: str, found: list[str], rest: str
) -> None:
    guess = PLACES.close_start(text)
    assert (guess.typed, ids(guess.accounts), text[guess.end :]) == (typed, found, rest)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the Logistics one, please", LOGISTICS),
        ("Customs.", CUSTOMS),
        ("alder finch", None),
        ("customs or logistics", None),
        ("logistic", None),
        ("the first", None),
        ("", None),
    ],
)
def test_a_word_singles_out_one_of_several_accounts(text: str, found: AccountName | None) -> None:
    assert singled_out(text, (LOGISTICS, CUSTOMS)) == found


def test_a_short_word_singles_out_nobody() -> None:
    assert singled_out("no, the other", (BANK,)) is None
    assert singled_out("the bank", (BANK,)) == BANK
    assert singled_out("the bank", ()) is None


def test_known_accounts_by_id() -> None:
    assert PLACES.known(["p3", "nobody", "p1"]) == (QUARRY, LOGISTICS)


def test_an_empty_directory_finds_nothing() -> None:
    directory = AccountDirectory([])
    assert directory.exact("x") == ()
    assert directory.close("x") == ()
    assert directory.longest("x y") is None
    assert directory.close_start("x y") == Guess()


def test_ten_thousand_accounts_are_told_apart() -> None:
    directory = AccountDirectory(AccountName(f"id-{i}", f"Company number {i} Ltd") for i in range(10_000))
    assert ids(directory.exact("company number 9876")) == ["id-9876"]
    match = directory.longest("Company number 9876 Ltd is slow")
    assert match == Match((AccountName("id-9876", "Company number 9876 Ltd"),), len("Company number 9876 Ltd"))
    assert ids(directory.close("Compny number 9876"))[0] == "id-9876"


@given(st.text())
@example("\u00a8")
@example("ß & Co")
@example("' '")
def test_every_account_is_found_by_its_name_and_its_id(name: str) -> None:
    entry = AccountName("the id", name)
    directory = AccountDirectory([entry])
    assert directory.exact("the id") == (entry,)
    assert directory.exact(name) == ((entry,) if directory.close(name) else ())
    match = directory.longest(f"the id {name}")
    assert match is not None
    assert match.accounts == (entry,)


@given(st.text(), st.text())
def test_the_end_of_a_match_is_on_a_word_boundary(name: str, text: str) -> None:
    match = AccountDirectory([AccountName("1", name), AccountName("2", "Acme")]).longest(f"Acme {text}")
    message = f"Acme {text}"
    if match is not None:
        assert match.end == len(message) or message[match.end].isspace()


MENTIONABLE = AccountDirectory(
    [
        AccountName("cobalt-harbor", "Cobalt Harbor Freight", ("Cobalt Harbor", "CHF")),
        AccountName("ib-1", "Ironbridge Payments, Inc."),
        AccountName("a-7", "Apollo GmbH"),
        AccountName("a-8", "Apollo Inc."),
        AccountName("54", "Studio 54"),
        AccountName("west-1", "Western Rail"),
        AccountName("west-2", "Western Freight"),
    ]
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Cobalt Harbor Freight is late.", [("Cobalt Harbor Freight", ["cobalt-harbor"])]),
        ("late: cobalt harbor freight", [("cobalt harbor freight", ["cobalt-harbor"])]),
        ("Ask CHF, then Ironbridge Payments.", [("CHF,", ["cobalt-harbor"]), ("Ironbridge Payments.", ["ib-1"])]),
        ("the id cobalt-harbor is known", [("cobalt-harbor", ["cobalt-harbor"])]),
        ("Ironbridge Payments Inc pays", [("Ironbridge Payments Inc", ["ib-1"])]),
        ("Cobalt Harbor\u2019s ARR", [("Cobalt Harbor", ["cobalt-harbor"])]),
        ("IRONBRIDGE'S ARR", [("IRONBRIDGE", ["ib-1"])]),
        ("the Studio 54' show", [("Studio 54", ["54"])]),
        ("Ironbridge pays", [("Ironbridge", ["ib-1"])]),  # how one name begins
        ("an ironbridge is no account", []),  # a single word that begins a name is not written as one
        ("Western is two", []),  # how several names begin, in one word
        ("Apollo is two", [("Apollo", ["a-7", "a-8"])]),
        ("Apollo GmbH is one", [("Apollo GmbH", ["a-7"])]),
        ("54 tickets, or 54", []),  # a number alone is never an account, even where it is an id
        ("Studio 54 and 54", [("Studio 54", ["54"])]),
        ("Ironbridge, Ironbridge", [("Ironbridge,", ["ib-1"]), ("Ironbridge", ["ib-1"])]),
        ("pays (Ironbridge)", [("Ironbridge", ["ib-1"])]),
        ("Ironbridge/Cobalt Harbor", [("Ironbridge", ["ib-1"]), ("Cobalt Harbor", ["cobalt-harbor"])]),
        ("say \u201cCobalt Harbor\u201d", [("Cobalt Harbor", ["cobalt-harbor"])]),
        ("Cobaltharbor", []),
        ("", []),
        ("'s", []),
    ],
)
def test_mentions(text: str, found: list[tuple[str, list[str]]]) -> None:
    mentions = MENTIONABLE.mentions(text)
    said = [(text[mention.start : mention.end].strip('“("'), ids(mention.accounts)) for mention in mentions]
    assert [(words.rstrip(',.)”" '), who) for words, who in said] == [
        (words.rstrip(',.)”" '), who) for words, who in found
    ]


def test_mentions_are_searched_for_in_a_bounded_text() -> None:
    assert MENTIONABLE.mentions("x " * MENTION_CHARACTERS + "Cobalt Harbor") == ()
    assert len(MENTIONABLE.mentions("Cobalt Harbor " * MENTION_CHARACTERS)) <= MENTION_CHARACTERS


@given(
    st.lists(st.sampled_from(["Cobalt", "Harbor", "CHF", "Ironbridge's", "54", "Apollo", "(", "“", "x", "and", "\n"]))
)
def test_mentions_lie_in_the_text_and_do_not_overlap(words: list[str]) -> None:
    text = " ".join(words)
    end = 0
    for mention in MENTIONABLE.mentions(text):
        assert end <= mention.start < mention.end <= len(text)
        assert mention.accounts
        assert not text[mention.start : mention.end].strip().isdigit()
        end = mention.end


@given(st.text())
def test_mentions_are_found_in_any_text(text: str) -> None:
    for mention in MENTIONABLE.mentions(text):
        assert 0 <= mention.start < mention.end <= len(text)
