"""What a sentence claims in numbers: each kind with its place, value and unit."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agent.claims import MONTHS, NUMBER_WORDS, Claim, Kind, claims_a_deed, find_claims

Day = tuple[int | None, int, int]


def only(sentence: str) -> Claim:
    (claim,) = find_claims(sentence)
    return claim


@pytest.mark.parametrize(
    ("written", "kind", "value", "unit"),
    [
        ("12", "number", 12, ""),
        ("11,107,200", "number", 11_107_200, ""),
        ("1 000 000", "number", 1_000_000, ""),
        ("-66.7", "number", -66.7, ""),
        ("−66.7", "number", -66.7, ""),
        ("+3", "number", 3, ""),
        ("3 million", "number", 3_000_000, ""),
        ("520k", "number", 520_000, ""),
        ("28d", "number", 28, "d"),
        ("5th", "number", 5, "th"),
        ("10x", "number", 10, "x"),
        ("USD 520,000", "money", 520_000, "USD"),
        ("US$520,000", "money", 520_000, "USD"),
        ("520,000 USD", "money", 520_000, "USD"),
        ("€ 1.5m", "money", 1_500_000, "EUR"),
        ("CHF 2 billion", "money", 2_000_000_000, "CHF"),
        ("580 thousand dollars", "money", 580_000, "USD"),
        ("12 pounds", "money", 12, "GBP"),
        ("64%", "percent", 64, "%"),
        ("64 percent", "percent", 64, "%"),
        ("64 per cent", "percent", 64, "%"),
        ("-47.5%", "percent", -47.5, "%"),
        ("12 pp", "percent", 12, ""),
        ("5‰", "percent", 5, ""),
        ("seven", "words", 7, ""),
        ("nil", "words", 0, ""),
        ("twenty-one", "words", 21, ""),
        ("two hundred and fifty thousand", "words", 250_000, ""),
        ("twohundred", "words", 200, ""),
        ("onehundredandfifty", "words", 150, ""),
        ("a dozen", "words", 12, ""),
        ("two dozen", "words", 24, ""),
        ("a million", "words", 1_000_000, ""),
        ("third", "ordinal", None, ""),
        ("twelfth", "ordinal", None, ""),
        ("twenty-first", "ordinal", None, ""),
        ("tenths", "ordinal", None, ""),
        ("14:30 UTC", "time", None, ""),
        ("9:05", "time", None, ""),
        ("half", "multiple", None, ""),
        ("doubled", "multiple", None, ""),
        ("quintupled", "multiple", None, ""),
        ("threefold", "multiple", None, ""),
        ("two thirds", "multiple", None, ""),
        ("every second", "multiple", None, ""),
        ("a couple of", "multiple", None, ""),
        ("order of magnitude", "multiple", None, ""),
        ("½", "multiple", None, ""),
        ("t-w-o", "multiple", None, ""),
        ("XIV", "words", None, ""),
        ("ENG-2251", "name", None, ""),
        ("SEV1", "name", None, ""),
        ("v3.2", "name", None, ""),
        ("Irоnbridge", "name", None, ""),
        ("२५०", "name", None, ""),
        ("二百", "name", None, ""),
        ("➓", "name", None, ""),
    ],
)
def test_each_kind_has_its_value_and_unit(written: str, kind: Kind, value: float | None, unit: str) -> None:
    claim = only(f"there is {written} here")
    found = f"there is {written} here"[claim.start : claim.end].strip()
    assert written.endswith(found)
    assert (claim.kind, claim.value, claim.unit) == (kind, value, unit)


@pytest.mark.parametrize(
    ("written", "dates"),
    [
        ("2026-12-05", ((2026, 12, 5),)),
        ("2026-12-05T09:00:00Z", ((2026, 12, 5),)),
        ("2026/12/05", ((2026, 12, 5),)),
        ("05/12/2026", ((2026, 5, 12), (2026, 12, 5))),
        ("5.12.26", ((2026, 5, 12), (2026, 12, 5))),
        ("5 December 2026", ((2026, 12, 5),)),
        ("5th of December", ((None, 12, 5),)),
        ("December 5, 2026", ((2026, 12, 5),)),
        ("Dec 5", ((None, 12, 5),)),
    ],
)
def test_a_date_is_the_days_that_it_may_mean(written: str, dates: tuple[Day, ...]) -> None:
    claim = only(f"on {written} then")
    assert (claim.kind, claim.dates) == ("date", dates)


@pytest.mark.parametrize(
    "written",
    [
        "December", "in May", "March 2026", "this March", "March third", "March the third", "mid-March", "Q3",
        "Q3 2026", "FY27", "H2", "the first half", "last quarter", "next Tuesday", "Fridays", "tomorrow", "tonight",
        "a fortnight", "over the weekend", "at noon", "midnight", "Christmas", "New Year", "the summer",
        "in spring", "next week", "this month", "last year", "within a week", "within the hour", "in about a year",
        "a month ago", "a week from now", "the end of the month", "end of next quarter", "month-end", "by EOD",
    ],
)  # fmt: skip
def test_a_date_without_a_day_is_a_claim_that_means_none(written: str) -> None:
    assert any(claim.kind == "date" and claim.dates == () for claim in find_claims(f"They decide {written} then"))


@pytest.mark.parametrize(
    "written",
    [
        "It may be so, and they march on.",
        "Someone often attends; a tenant is fine.",
        "Call a colleague, then say what a day means.",
        "Mix and mild, civil and vivid, with a dim view.",
        "The ARR and the API of the customer.",
        "A season ticket of the desk, before the day asked about.",
        "Żółć, Ærø and Đặng are names.",
        "",
        "\ue000 is \ue001.",
    ],
)
def test_words_that_claim_nothing(written: str) -> None:
    assert list(find_claims(written)) == []


def test_claims_come_from_left_to_right_and_do_not_overlap() -> None:
    sentence = "On 2026-12-05 USD 520,000, 12 tickets (ENG-1) and 64% of seven."
    claims = list(find_claims(sentence))
    assert [sentence[claim.start : claim.end] for claim in claims] == [
        "2026-12-05", "USD 520,000", "12", "ENG-1", "64%", "seven",
    ]  # fmt: skip


@given(st.sampled_from(sorted(NUMBER_WORDS)))
def test_every_number_word_is_a_number(word: str) -> None:
    claim = only(f"some {word} here")
    assert (claim.kind, claim.value) == ("words", NUMBER_WORDS[word])


@given(st.sampled_from(sorted(MONTHS)), st.integers(1, 28))
def test_every_month_makes_a_date(month: str, day: int) -> None:
    assert only(f"on {day} {month} then").dates == ((None, MONTHS[month], day),)


@given(st.text(max_size=200))
def test_every_digit_of_any_text_is_claimed(text: str) -> None:
    sentence = unicodedata.normalize("NFKC", text)
    claimed = {place for claim in find_claims(sentence) for place in range(claim.start, claim.end)}
    missed = [c for place, c in enumerate(sentence) if unicodedata.category(c) == "Nd" and place not in claimed]
    assert missed == []


@given(st.text(max_size=200))
def test_every_numeral_of_another_script_is_claimed(text: str) -> None:
    sentence = unicodedata.normalize("NFKC", text)
    claimed = {place for claim in find_claims(sentence) for place in range(claim.start, claim.end)}
    assert [c for place, c in enumerate(sentence) if c.isnumeric() and place not in claimed] == []


@pytest.mark.parametrize(
    ("sentence", "is_claimed"),
    [
        ("I have approved the discount.", True),
        ("I've just sent the message to Acme.", True),
        ("Good news: I successfully closed the escalation", True),
        ("i also deleted the note", True),
        ("We sent the slides on Monday.", False),  # a record may say so
        ("The escalation is closed.", False),
        ("I would set the goal with the business owner.", False),
        ("I see that nobody approved it.", False),
    ],
)
def test_what_the_model_says_to_have_done(sentence: str, is_claimed: bool) -> None:
    assert claims_a_deed(sentence) is is_claimed
