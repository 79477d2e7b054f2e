"""What a file is, by its first bytes; and how its text is encoded."""

import codecs
from typing import Final

SAMPLE = 4_096

_BEGINNINGS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x1f\x8b", "compressed by gzip"),
    (b"PK\x03\x04", "a zip archive, as Office documents are too"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"BZh", "compressed by bzip2"),
    (b"\xfd7zXZ\x00", "compressed by xz"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"\xd4\xc3\xb2\xa1", "a packet capture (pcap)"),
    (b"\xa1\xb2\xc3\xd4", "a packet capture (pcap)"),
    (b"\x4d\x3c\xb2\xa1", "a packet capture (pcap)"),
    (b"\x0a\x0d\x0d\x0a", "a packet capture (pcapng)"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"\x7fELF", "a program (ELF)"),
    (b"MZ\x90\x00", "a program (Windows)"),
    (b"\xca\xfe\xba\xbe", "a compiled Java class"),
    (b"JAVA PROFILE ", "a Java heap dump"),
    (b"ElfFile\x00", "a Windows event log (evtx)"),
    (b"\xd0\xcf\x11\xe0", "an older Office document, or an Outlook message"),
    (b"PAR1", "a Parquet table"),
)
_MOST_STRANGE: Final = 0.1
_STRANGE: Final = bytes(set(range(32)) - {9, 10, 12, 13, 27} | {127})


def binary_kind(head: bytes) -> str:
    """What kind of file that is no text begins with these bytes; empty where it may be text."""
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head[257:262] == b"ustar":
        return "a tar archive"
    if encoding_of(head).startswith("utf-16"):
        return ""
    sample = head[:SAMPLE].replace(b"\x00", b"") if head[:64].count(b"\x00") < 8 else head[:SAMPLE]
    strange = len(sample) - len(sample.translate(None, _STRANGE))
    return "binary" if strange > _MOST_STRANGE * len(sample) else ""


def encoding_of(head: bytes) -> str:
    """utf-8-sig, utf-16-le or utf-16-be, the last two also where the mark is missing and every second byte is NUL."""
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    sample = head[:SAMPLE]
    half = len(sample) // 2
    if half >= 8 and sample[1::2].count(0) > 0.7 * half and sample[::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if half >= 8 and sample[::2].count(0) > 0.7 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return "utf-8-sig"


def decoded(raw: bytes, encoding: str) -> str:
    """The text. What is no UTF-8 is read as Latin-1, in which every byte is a character."""
    if encoding.startswith("utf-16"):
        return raw.decode(encoding, errors="replace").removeprefix("\ufeff")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return raw.decode("latin-1")
