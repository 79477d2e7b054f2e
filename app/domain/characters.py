"""Characters that show nothing or reorder what is shown: the one list of what is stripped from every rendered text.

They let a customer's text hide words or show something else than a program reads. Joiners go too: the service speaks
English, and an emoji that falls apart misleads nobody.
"""

import re

INVISIBLE: tuple[tuple[int, int, str], ...] = (
    (0x00, 0x08, "control characters before tab"),
    (0x0B, 0x0C, "vertical tab, form feed"),
    (0x0E, 0x1F, "control characters, escape among them"),
    (0x7F, 0x9F, "delete and the C1 control characters"),
    (0xAD, 0xAD, "soft hyphen"),
    (0x34F, 0x34F, "combining grapheme joiner"),
    (0x61C, 0x61C, "Arabic letter mark"),
    (0x115F, 0x1160, "Hangul fillers"),
    (0x17B4, 0x17B5, "Khmer inherent vowels"),
    (0x180B, 0x180F, "Mongolian variation selectors and vowel separator"),
    (0x200B, 0x200F, "zero-width space and joiners, direction marks"),
    (0x202A, 0x202E, "bidirectional embeddings and overrides"),
    (0x2060, 0x206F, "word joiner, invisible operators, bidirectional isolates, deprecated format characters"),
    (0x3164, 0x3164, "Hangul filler"),
    (0xD800, 0xDFFF, "surrogates, which cannot be encoded alone"),
    (0xFE00, 0xFE0F, "variation selectors"),
    (0xFEFF, 0xFEFF, "byte order mark"),
    (0xFFA0, 0xFFA0, "half-width Hangul filler"),
    (0xFFF0, 0xFFFB, "unassigned invisible characters, interlinear annotation"),
    (0xFFFE, 0xFFFF, "noncharacters"),
    (0x13430, 0x1345F, "Egyptian hieroglyph format controls"),
    (0x1BCA0, 0x1BCA3, "shorthand format controls"),
    (0x1D173, 0x1D17A, "musical format controls"),
    (0xE0000, 0xE0FFF, "tags and further variation selectors"),
)
"""First and last code point, and what they are. Tab and newline stay; other line ends become newlines."""

_INVISIBLE = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last, _ in INVISIBLE) + "]")
_LINE_END = re.compile("\r\n|[\r\u2028\u2029]")


def visible(text: str) -> str:
    """`text` without invisible characters, its line ends as newlines."""
    return _INVISIBLE.sub("", _LINE_END.sub("\n", text))


def one_line(text: str) -> str:
    """`text` on one line, without invisible characters: every run of whitespace becomes one space."""
    return " ".join(visible(text).split())
