"""By which words a text names a person, and what of it stays."""

import unicodedata
from typing import Any

import pytest

from app.security.naming import ERASED, Naming, Person, load_words

WORDS = load_words()
NEAR, FAR = True, False


def naming(*names: str, emails: tuple[str, ...] = (), **more: Any) -> Naming:
    told: dict[str, Any] = {"pseudonyms": {"c1": "erased-1"}, "accounts": frozenset({"a"})} | more
    return Naming(Person(names=names, emails=emails, **told), WORDS)


@pytest.mark.parametrize(
    ("name", "near", "text", "left"),
    [
        # the full name, in every text
        ("Ann Lee", FAR, "Call Ann Lee.", "Call [erased]."),
        ("Ann Lee", FAR, "ANN LEE, ann lee's; Lee, Ann / Ann\nLee", "[erased], [erased]'s; [erased] / [erased]"),
        ("Ann Lee", FAR, "ann.lee ann_lee-1 Ann%20Lee", "[erased] [erased]-1 [erased]"),
        ("Ann Lee", FAR, "Joann Lee; Ann Leeson; Ann and Lee", "Joann Lee; Ann Leeson; Ann and Lee"),
        ("Ann Lee", FAR, "Bo Lee, Ann Wong. To Lee. Ann is", "Bo Lee, Ann Wong. To Lee. Ann is"),
        ("Ann Lee", FAR, "", ""),
        # a part alone, only near
        ("Ann Lee", FAR, "Ann said so.", "Ann said so."),
        ("Ann Lee", NEAR, "Ann said so to Lee.", "[erased] said so to [erased]."),
        ("Ann Lee", NEAR, "Anna plans annually in Leeds; Ann's", "Anna plans annually in Leeds; [erased]'s"),
        ("Maria von der Heide", NEAR, "der Plan von Heide", "der Plan von [erased]"),
        ("J. Lee", NEAR, "J is for Lee", "J is for [erased]"),
        # words that are names as well
        ("Will May", NEAR, "We will do what we may. Will said so.", "We will do what we may. [erased] said so."),
        ("Mark", NEAR, "mark it done, says Mark", "mark it done, says [erased]"),
        # one word alone is a part of a name
        ("Sukarno", FAR, "Sukarno left", "Sukarno left"),
        ("Sukarno", NEAR, "Sukarno left, SUKARNO!", "[erased] left, [erased]!"),
        # accents, forms, scripts
        ("José Peña", FAR, "JOSÉ PEÑA, Jose Pena", "[erased], [erased]"),
        ("José Peña", FAR, unicodedata.normalize("NFD", "an José Peña."), "an [erased]."),
        ("Rene Fox", NEAR, unicodedata.normalize("NFD", "René stays"), unicodedata.normalize("NFD", "René stays")),
        ("Jürgen Groß", FAR, "JÜRGEN GROSS", "[erased]"),
        ("王小明", NEAR, "和王小明谈", "和[erased]谈"),
        ("김민수", NEAR, "김민수는", "[erased]는"),
        # characters of patterns
        ("A.* (Bob) Lee", FAR, "A.* (Bob) Lee and Axx Bob Leeds", "[erased] and Axx Bob Leeds"),
        ("Ann [x] $1", FAR, "Ann [x] $1", "[erased]"),
        ("O'Neil-Smith Pat", FAR, "O\u2019Neil-Smith Pat, o&#x27;neil-smith pat", "[erased], [erased]"),
        # as others write it
        ("José Peña", FAR, r'{"by": "Jos\u00e9 Pe\u00f1a"}', '{"by": "[erased]"}'),
        ("José Peña", FAR, r'{"by": "JOS\u00C9 PE\u00D1A\nJos\u00e9 Pe\u00f1a"}', r'{"by": "[erased]\n[erased]"}'),
        ("José Peña", FAR, "q=Jos%C3%A9%20Pe%C3%B1a", "q=[erased]"),
        ("Ann_B Lee", FAR, r"Ann\_B Lee", "[erased]"),
    ],
)
def test_names(name: str, near: bool, text: str, left: str) -> None:
    assert naming(name).text(text, near=near) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ann.Lee+x@Acme.example", "[erased]"),
        ("<ANN.LEE+X@ACME.EXAMPLE>.", "<[erased]>."),
        ("mailto:ann.lee+x@acme.example?x=1", "mailto:[erased]?x=1"),
        (r"ann.lee+x\@acme.example", "[erased]"),
        ("ann.lee%2Bx%40acme.example", "[erased]"),
        ("joann.lee+x@acme.example", "joann.lee+x@acme.example"),
        ("ann.lee+x@acme.example.org", "ann.lee+x@acme.example.org"),
        ("ann.lee+xx@acme.example", "ann.lee+xx@acme.example"),
        ("annxlee+x@acme.example", "annxlee+x@acme.example"),
    ],
)
def test_addresses(text: str, left: str) -> None:
    assert naming(emails=("ann.lee+x@acme.example",)).text(text, near=FAR) == left


def test_others_with_a_part_of_the_name_stay() -> None:
    named = naming("Ann Lee", others=("Ann Wong", "Bo Lee"))
    text = "Ann, Ann Wong, Wong, Ann, Bo Lee, Lee"
    assert named.text(text, near=NEAR) == "[erased], Ann Wong, Wong, Ann, Bo Lee, [erased]"


def test_a_name_that_others_bear_too_counts_only_near() -> None:
    named = naming("Ann Lee", shared_names=frozenset({"Ann Lee"}), account_names=("Acme",))
    assert named.text("Ann Lee of Beta", near=FAR) == "Ann Lee of Beta"
    assert named.text("Ann Lee of Beta", near=NEAR) == "[erased] of Beta"
    assert named.text("Ann Lee of Acme", near=FAR) == "[erased] of Acme"


def test_a_text_that_names_the_account_or_the_person_is_near() -> None:
    named = naming("Ann Lee", emails=("al@acme.example",), account_names=("Acme", "a+b"))
    assert named.text("acme: Ann left", near=FAR) == "acme: [erased] left"
    assert named.text("A+B: Ann left", near=FAR) == "A+B: [erased] left"
    assert named.text("Acmecorp: Ann left", near=FAR) == "Acmecorp: Ann left"
    assert named.text("Ann Lee; yes, Ann", near=FAR) == "[erased]; yes, [erased]"
    assert named.text("al@acme.example, Ann", near=FAR) == "[erased], [erased]"


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("ann lee", "erased-1"),
        ("Ann", "erased-1"),
        ("AL@acme.example", "erased-1"),
        ("c1", "erased-1"),
        ("us", "us"),
        ("Ann and Bo", "[erased] and Bo"),
    ],
)
def test_who(value: str, left: str) -> None:
    assert naming("Ann Lee", emails=("al@acme.example",)).who(value, near=NEAR) == left


def test_a_first_name_of_our_own_people_says_nothing_of_who_it_was() -> None:
    assert naming("Ann Lee", others=("Ann Smith",)).who("Ann", near=NEAR) == "Ann"


def test_values() -> None:
    named = naming("Ann Lee", pseudonyms={"c1": "erased-1", "003A1B2C3D": "erased-2"})
    value = {
        "contact_id": "c1",
        "contact_ids": ["c1", "c2"],
        "ticket_id": "c1",
        "evidence": [{"kind": "contacts", "id": "c1"}, {"kind": "tickets", "id": "c1"}],
        "people": [{"id": "c1", "name": "Ann Lee", "champion": True}],
        "items": [{"account_id": "a", "text": "Ann"}, {"account_id": "b", "text": "Ann"}, {"account_ids": ["b", "a"]}],
        "Ann Lee": 1,
        "text": "of 003A1B2C3D, contact c1, contact c12",
        "other": [1, 1.5, None, True],
    }
    assert named.value(value, near=FAR) == {
        "contact_id": "erased-1",
        "contact_ids": ["erased-1", "c2"],
        "ticket_id": "c1",
        "evidence": [{"kind": "contacts", "id": "erased-1"}, {"kind": "tickets", "id": "c1"}],
        "people": [{"id": "erased-1", "name": ERASED, "champion": True}],
        "items": [
            {"account_id": "a", "text": ERASED},
            {"account_id": "b", "text": "Ann"},
            {"account_ids": ["b", "a"]},
        ],
        ERASED: 1,
        "text": "of erased-2, contact erased-1, contact c12",
        "other": [1, 1.5, None, True],
    }


def test_a_text_stays_as_long_as_records_allow() -> None:
    assert len(naming("Bo Li").limited("Bo Li " * 50, near=FAR)) == 300
    assert naming("Bo Li").limited("x " * 49_997 + "Bo Li", near=FAR).endswith("[erase")
    assert naming("Bo Li").limited("y" * 299 + "x", near=FAR) == "y" * 299 + "x"


def test_a_long_text_without_the_name_costs_little() -> None:
    text = "Annual planning lee " * 50_000
    assert naming("Ann Lee", emails=("al@acme.example",)).text(text, near=FAR) == text
