"""The commitment detector, by sentences that are data: commitment_cases.yaml."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.characters import INVISIBLE
from app.domain.problems import Problem
from app.security.commitments import FILE, MOST_FOUND, Commitments, load_commitments
from app.security.policy import load_policy

CASES: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("commitment_cases.yaml").read_text("utf-8"))
ESCALATION: dict[str, Any] = yaml.safe_load(Path("tools/escalate.yaml").read_text("utf-8"))["to_customer"]
FIRES = [(kind, text) for kind, texts in CASES["fires"].items() for text in texts]
EVASIONS = [(kind, text) for kind, texts in CASES["evasions"].items() for text in texts]
HIDDEN = [chr(first) for first, _, _ in INVISIBLE if not 0xD800 <= first <= 0xDFFF]
LONG_TEXT = 24 * 1024


@cache
def detector() -> Commitments:
    return load_commitments(load_policy())


def kinds(text: str) -> set[str]:
    return {found.kind for found in detector().find(text)}


def test_there_are_enough_cases() -> None:
    assert len(FIRES) + len(EVASIONS) + len(CASES["silent"]) >= 250
    assert len(EVASIONS) >= 60
    texts = [text for _, text in FIRES + EVASIONS] + CASES["silent"]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(("kind", "text"), FIRES)
def test_finds_what_commits(kind: str, text: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(("kind", "text"), EVASIONS)
def test_reads_what_a_person_reads(kind: str, text: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize("text", CASES["silent"])
def test_lets_pass_what_a_cse_says_alone(text: str) -> None:
    assert detector().find(text) == ()


def test_all_silent_sentences_in_one_message_are_silent_too() -> None:
    plain = [text for text in CASES["silent"] if not {"“", '"'} & set(text) and len(text.split()) > 3]
    assert detector().find("\n\n".join(plain)) == ()


@pytest.mark.parametrize(("kind", "text"), FIRES)
def test_finds_it_amid_a_harmless_message(kind: str, text: str) -> None:
    message = f"Hello Sam,\n\nthank you for the logs that you sent. {text}\n\nYou hear from us again by 14:00 UTC."
    assert kind in kinds(message)


def test_a_finding_quotes_the_words_as_they_stand() -> None:
    text = "Hello,\n\nyou get **20**\u200b%\noff the plan."
    (found,) = [each for each in detector().find(text) if each.rule == "discount"]
    assert found.words == "20**\u200b% off"


def test_findings_are_in_order_and_each_rule_stands_once_a_sentence() -> None:
    found = detector().find("The fix ships on Friday. You get a refund, a full refund. We are liable.")
    assert [each.kind for each in found] == ["engineering_timeline", "credit", "blame_admission"]


def test_the_same_text_gives_the_same_findings() -> None:
    texts = [text for _, text in FIRES + EVASIONS]
    other = load_commitments(load_policy())
    assert [detector().find(text) for text in texts] == [other.find(text) for text in reversed(texts)][::-1]


@pytest.mark.parametrize("text", ["", " \n\t", "?", "“", "%", "…", "\u200b", "\ud800", "\x00", "]()", "<b>", "&#0;"])
def test_next_to_nothing_holds_nothing(text: str) -> None:
    assert detector().find(text) == ()


@settings(deadline=None, max_examples=200)
@given(
    case=st.sampled_from(FIRES),
    hidden=st.lists(st.tuples(st.integers(0, 200), st.sampled_from(HIDDEN)), max_size=8),
    case_of=st.sampled_from([str.upper, str.lower, str.title, str.swapcase]),
    space=st.sampled_from([" ", "  ", "\t", "\n", " \n", "\r\n", "\u00a0", "\u2003", "\u3000"]),
    form=st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]),
)
def test_disguises_lose_no_finding(case: tuple[str, str], hidden: Any, case_of: Any, space: str, form: Any) -> None:
    kind, text = case
    disguised = space.join(case_of(unicodedata.normalize(form, text)).split(" "))
    for place, char in hidden:
        at = place % (len(disguised) + 1)
        disguised = disguised[:at] + char + disguised[at:]
    assert kind in kinds(disguised)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=300))
def test_reads_any_text(text: str) -> None:
    for found in detector().find(text):
        assert found.words
        assert found.kind in load_policy().kinds


def hostile() -> Iterator[str]:
    """Texts that grow what a careless reader keeps."""
    yield from ("will ", "a ", "a", "a-", "\n", "*", "<a ", "<!--", "](", "&a", "&#37;", "é", "\u200b", '"', '"a ')
    yield from ("can not promise fix ", "1.", "1,1:", "a!", "a'", "'ll", "not ", "fix? ", "you wrote “fix friday” ")
    yield from ("fixed by ", "was fixed friday ", "w e g u ", "guarant ", "<span ", "please fix it ", "deadline next ")


@pytest.mark.parametrize("part", [*hostile()])
def test_a_long_text_is_read_to_its_end(part: str) -> None:
    """Whatever it consists of; a search that explodes would not come back."""
    filling = part * (LONG_TEXT // len(part))
    assert "blame_admission" in kinds(filling + "\n\nHello Sam, we two agree that we are liable for it.")


def test_a_text_full_of_commitments_tells_so_many_of_a_kind() -> None:
    found = detector().find("You get a refund for the whole month. " * 6_000)
    assert len(found) == MOST_FOUND


def test_knows_all_that_the_escalation_holds_back() -> None:
    """The words for which /escalate leaves a sentence out of a customer's message: no message passes with one."""
    for phrase in ESCALATION["promise"]["words"]["phrases"]:
        whole = f"{phrase} hour" if phrase == "within the next" else phrase
        assert "engineering_timeline" in kinds(f"The fix: {whole}.") or "guarantee" in kinds(f"{whole}."), phrase


TIMES = {"at": "at 14:00", "around": "around 14:00", "about": "about 14:00"} | {
    word: f"{word} noon" for word in ("by", "within", "before", "until")
}


def test_knows_all_that_the_escalation_holds_back_together() -> None:
    for rule in ESCALATION["promise"]["words"]["together"]:
        spans = "minutes" in rule["of"]
        for word in rule["words"]:
            for other in rule["of"]:
                for needed in rule.get("needs", ["will"]):
                    ahead = f"It is {word} {needed} 2 {other}." if spans else None
                    text = ahead or f"It {needed} be {word} {TIMES.get(other, other)}."
                    assert detector().find(text), text


OWN_WORDS = [
    [acknowledged, ESCALATION["reopened"], ESCALATION["nothing_new"], ESCALATION["cause_unknown"]]
    for acknowledged in ESCALATION["acknowledged"].values()
] + [
    [ESCALATION["acknowledged_fixed"], ESCALATION["fixed"], ESCALATION["fixed_ask"]],
    ["Reported 3 May 14:00 UTC, solved 4 May 16:00 UTC.", ESCALATION["closed"], ESCALATION["closed_ask"]],
]


@pytest.mark.parametrize("subject", ["Update: POST /v1/orders", "Fix in place: POST /v1/orders", "Solved: outage"])
@pytest.mark.parametrize("paragraphs", OWN_WORDS)
def test_what_the_escalation_writes_itself_commits_to_nothing(subject: str, paragraphs: list[str]) -> None:
    until = f"{ESCALATION['working']}\n\nYou hear from us again by tomorrow 14:00 UTC, also if there is nothing new."
    assert detector().find("\n\n".join((subject, *paragraphs, until, ESCALATION["thanks"]))) == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kind: discount", "kind: rebate", "there is no kind rebate"),
        ("kind: discount", "kind: diagnostics", "nobody approves the kind diagnostics"),
        ("rule: credit\n", "rule: discount\n", "discount is there twice"),
        ('"@cheap"', '"@cheep"', "there is no group @cheep"),
        ('"@cheap"', '"Cheap"', "small letters"),
        ('"@cheap"', '"can\'t"', "apostrophe"),
        ('"@cheap"', '"~3 cheap"', "after a word"),
        ('"@cheap"', '"cheap ~13 offer"', "a gap is ~1 to ~12"),
        ('"@cheap"', '"cheap ~3"', "ends with a word"),
        ("    past: true", "    passed: true", "passed"),
        ("  denial:\n", "  refusal:\n", "there is no group denial"),
        ("  price: [", "  cheap: [", "cheap is there twice"),
        ("  free:\n", "  fix:\n", "rename one of them"),
        ("rules:", "rule:", "rules"),
    ],
)
def test_wrong_rules_stop_the_start_and_tell_the_mend(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    wrong = tmp_path / "commitments.yaml"
    wrong.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(Problem) as problem:
        load_commitments(load_policy(), wrong)
    assert told in problem.value.detail
    assert problem.value.code == "commitments"


@pytest.mark.parametrize("content", [b"", b"- a", b"rules: [", b"\xff\xfe", b"a: 1\na: 2"])
def test_no_rules_stop_the_start(tmp_path: Path, content: bytes) -> None:
    wrong = tmp_path / "commitments.yaml"
    wrong.write_bytes(content)
    with pytest.raises(Problem, match=r"commitments\.yaml"):
        load_commitments(load_policy(), wrong)
