"""What is stripped from every rendered text."""

import sys
import unicodedata

import pytest

from app.render.characters import INVISIBLE, one_line, visible

SHOWN_FORMAT_CHARACTERS = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
"""Format characters of Arabic, Syriac and Kaithi that are signs of their own."""


def test_the_list_covers_every_control_format_and_surrogate_character() -> None:
    left = {
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and visible(chr(code)) == chr(code)
    }
    assert left == {ord("\t"), ord("\n"), *SHOWN_FORMAT_CHARACTERS}


def test_the_list_strips_no_letter_number_punctuation_or_space() -> None:
    hangul_fillers = {0x115F, 0x1160, 0x3164, 0xFFA0}
    stripped = {code for first, last, _ in INVISIBLE for code in range(first, last + 1)}
    wrong = {code for code in stripped - hangul_fillers if unicodedata.category(chr(code))[0] in "LNPZS"}
    assert wrong == set()


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("pa\u00adss\u200bwo\u2060rd\ufeff", "password"),
        ("a\r\nb\rc\u2028d\u2029e", "a\nb\nc\nd\ne"),
        ("\x1b[2Jgone", "[2Jgone"),
        ("hi\U000e0041\U000e0042", "hi"),
        ("tab\tand\nnewline", "tab\tand\nnewline"),
        ("naïve 日本 €", "naïve 日本 €"),
        ("half \ud800 pair", "half  pair"),
    ],
)
def test_only_what_is_seen_is_left(written: str, seen: str) -> None:
    assert visible(written) == seen


def test_one_line_joins_lines_with_single_spaces() -> None:
    assert one_line("  a\n\n b\t\u00a0c ") == "a b c"
