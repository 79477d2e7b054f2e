"""PDF as a reader reads it: all words are there, within the margins, and none of it is more than text."""

import re
import zlib
from collections.abc import Iterator

import pypdfium2 as pdfium
import pytest

from app.render.document import About, Bullets, Grid, Prose, Section, Summary, Tiles
from app.render.pdf import to_pdf
from app.render.sections import sections_of
from tests.hostile.strings import STRINGS
from tests.render.every_block import ABOUT, AT, FIGURES, QUARTERS, blocks

LEFT, RIGHT, BOTTOM = 53, 546, 30  # points; a letter is drawn a little wider than the room it takes
ACTIVE = re.compile(rb"/(?:URI|JavaScript|JS|Launch|EmbeddedFile|OpenAction|AcroForm|SubmitForm)\b")


@pytest.fixture(scope="module")
def answer() -> bytes:
    return to_pdf(ABOUT, sections_of(blocks(), FIGURES, internal=True))


def text_of(content: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pdfium.PdfDocument(content))


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b\ufffe\xa0]+", "", text)


def boxes(content: bytes) -> Iterator[tuple[float, float, float, float]]:
    for page in pdfium.PdfDocument(content):
        words = page.get_textpage()
        for place in range(words.count_chars()):
            if words.get_text_range(place, 1).strip():
                yield words.get_charbox(place)


def test_it_holds_the_answer(answer: bytes) -> None:
    told = text_of(answer)
    for words in ("Łódź Freight", "As of 2026-01-31", "Summary", "some words", "Next: 78.4", "USD -1,234.50"):
        assert words in told
    for words in (
        "2,500",
        *QUARTERS[1:],
        "They rise.",
        "39 some words",
        "2026-01-31 ✓",
        "Dear Ann,",
        "Log",
        "More of it.",
    ):
        assert words in told
    assert "Nothing below" in told  # the sources and notes after the draft
    assert told.count("Łódź Freight · as of 2026-01-31") == len(pdfium.PdfDocument(answer))


def test_it_says_nothing_of_who_made_it_and_when(answer: bytes) -> None:
    told = pdfium.PdfDocument(answer).get_metadata_dict(skip_empty=True)
    assert told["Title"] == "Łódź Freight"
    assert not {"Author", "Subject", "Keywords"} & set(told)
    assert told["CreationDate"].startswith("D:20260131120000")
    assert answer == to_pdf(ABOUT, sections_of(blocks(), FIGURES, internal=True))


@pytest.mark.parametrize("word", ["x" * 900, "日" * 300, "m-" * 300, "Ελλάδα" * 80])
def test_nothing_reaches_over_a_margin(word: str) -> None:
    columns = tuple("abcdefghijkl")
    sections = (
        Section(
            word,
            (
                Summary("bad", word, (word,)),
                Prose(word, "Label"),
                Prose(f"    {word}", style="code"),
                Bullets((word,)),
                Tiles(((word[:50], word[:50]),) * 4),
                Grid(columns, (False,) * 12, ((word[:120],) * 12,), word),
                Grid(("A", "B"), (False, True), ((word, word),)),
            ),
        ),
    )
    for left, bottom, right, _ in boxes(to_pdf(About(word, word, "foot", AT), sections)):
        assert left >= LEFT
        assert right <= RIGHT
        assert bottom >= BOTTOM


@pytest.mark.parametrize("words", ["Łódź", "Ελλάδα", "Москва", "İstanbul", "Ünïcödé", "Việt Nam", "ไทย", "✓ ✗ ≤ €"])
def test_words_of_other_scripts_are_there(words: str) -> None:
    content = to_pdf(About("T", "", "", AT), (Section(words, (Prose(words),)),))
    assert squeezed(text_of(content)).count(squeezed(words)) == 2


def test_hostile_words_are_words() -> None:
    for strings in (STRINGS[::2], STRINGS[1::2]):
        words = " | ".join(hostile.text[:300] for hostile in strings) + " \x00\x1f\ud800 #panic() $x$ *b* @ref <label>"
        content = to_pdf(ABOUT, sections_of(blocks(words), FIGURES, internal=True))
        assert "#panic()$x$*b*@ref<label>" in squeezed(text_of(content))
        for part in (content, *streams(content)):
            assert not ACTIVE.search(part)


def streams(content: bytes) -> Iterator[bytes]:
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", content, re.S):
        try:
            unpacked = zlib.decompress(match[1])
        except zlib.error:
            continue
        if b"obj" in unpacked[:20] or b"/Type" in unpacked:  # no picture, font or page
            yield unpacked
