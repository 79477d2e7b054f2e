"""A note as sentences: headers, quoted history and signatures are set aside, wrapped lines are joined."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tools.health.notes.people import NAME, is_name

MOST_CHARACTERS = 1000
"""A longer sentence is read in parts of this length."""

_BLANKS = re.compile(r"[^\S\r\n]{2,}")
_HEADER = re.compile(r"\s*(from|to|cc|bcc|date|sent|subject|reply-to)\s*:\s*(.*)", re.IGNORECASE)
_QUOTE = re.compile(r"\s*>")
_WROTE = re.compile(r"\s*On\b.{4,300}\bwrote:\s*$", re.IGNORECASE)
_WROTE_BEGINS = re.compile(r"\s*On\b.{4,300}$", re.IGNORECASE)
_FORWARDED = re.compile(r"\s*(?:-{2,}\s*forwarded message\s*-{2,}|begin forwarded message:)", re.IGNORECASE)
_HISTORY = re.compile(
    r"\s*(?:-{2,}\s*(?:original|forwarded) message\s*-{2,}|_{10,}\s*$|begin forwarded message:)", re.I
)
_NOTHING_OWN = re.compile(r"\s*(?:(?:fyi|f\.y\.i\.?|fwd?|see below|from (?:the )?customer)\W*)?$", re.IGNORECASE)
"""What stands above a mail that is forwarded whole, so that the mail is what is told."""

_CLOCK = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?"
_DATE = r"(?:(?:[Tt]oday|[Yy]esterday)(?:\s+at)?\s+|\d[\d./-]{5,9},?\s+)?"
_CHAT_LINE = re.compile(rf"\s*\[?{_DATE}{_CLOCK}\]?\s*(?:[-–|]\s+)?(?P<name>{NAME}):\s+(?P<text>\S.*)")
_CHAT_HEAD = re.compile(rf"\s*(?P<name>{NAME})\s+\[?{_DATE}{_CLOCK}\]?\s*$")
"""Who speaks in a chat: "[10:02] Dana Ruiz: hi", or "Dana Ruiz 10:02 AM" above what she wrote."""

LEAST_SPEAKERS = 2
"""So many lines name a speaker and a time, where a text is a chat."""

_SIGNATURE = re.compile(r"\s*(?:-- ?|—)\s*$")
_SIGN_OFF = re.compile(
    r"\s*(?:best|kind|kindest|warm|many|all the|talk|take|with)?\s*(?:regards|wishes|thanks(?: again| so much)?"
    r"|thank you|thx|cheers|best|sincerely"
    r"|yours|soon|care|br|rgds)\W*$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)]|\[[ xX]?\])\s+")
_END = re.compile(
    r"(?<=[.!?])[\"”')]*\s+(?=[\"“'(\[]?[A-Z0-9@•-]|(?:i|we|they|he|she|it|this|there|also|next|will|need|no)\b)"
    r"|\s*;\s+|\s+-\s+(?=[A-Z\[])|\s+\d{1,2}\)\s+(?=[A-Z])"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|inc|ltd|co|corp|vs|e\.g|i\.e|approx|no|st|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
    r"|mon|tue|wed|thu|fri)|\b[A-Z])\.$",
    re.IGNORECASE,
)
LEAST_WRAPPED = 55
"""A line at least so long that does not end a sentence goes on in the next."""

SIGN_OFF_LINES = 4


@dataclass(frozen=True, slots=True)
class Note:
    """The sentences to read, in a chat each with its speaker, else "".

    `sender` and `sent` are a mail's own; `unread` counts lines of quoted history.
    """

    sentences: tuple[str, ...]
    speakers: tuple[str, ...]
    sender: str
    sent: str
    is_mail: bool
    unread: int


def split(text: str) -> Note:
    """The note's own sentences, in order."""
    lines = _forwarded(re.split(r"\r\n|\r|\n", _BLANKS.sub(" ", text)))
    headers, body = _headers(lines)
    own, unread = _own(body)
    own, signed = (own, "") if _is_chat(own) else _unsigned(own)
    is_mail = "from" in headers or ("subject" in headers and "to" in headers)
    told = [
        (sentence, speaker) for speaker, said in _spoken(own) for line in _joined(said) for sentence in _sentences(line)
    ]
    return Note(
        sentences=tuple(sentence for sentence, _ in told),
        speakers=tuple(speaker for _, speaker in told),
        sender=headers.get("from", "") or signed,
        sent=headers.get("date", headers.get("sent", "")),
        is_mail=is_mail,
        unread=unread,
    )


def _forwarded(lines: list[str]) -> list[str]:
    """The forwarded mail itself, where nothing of one's own stands above it; else the lines as they are."""
    for place, line in enumerate(lines):
        if _FORWARDED.match(line):
            return lines[place + 1 :]
        if not _NOTHING_OWN.match(line):
            break
    return lines


def _spoken(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The lines of each speaker of a chat in turn; all of them, and nobody, where it is none."""
    if not _is_chat(lines):
        yield "", lines
        return
    speaker, said = "", list[str]()
    for line in lines:
        label = _label(line)
        if label is None:
            said.append(line)
            continue
        yield speaker, said
        speaker, said = label["name"], [label.groupdict().get("text") or ""]
    yield speaker, said


def _is_chat(lines: list[str]) -> bool:
    return sum(_label(line) is not None for line in lines) >= LEAST_SPEAKERS


def _label(line: str) -> re.Match[str] | None:
    match = _CHAT_LINE.match(line) or _CHAT_HEAD.match(line)
    return match if match is not None and is_name(match["name"]) else None


def _headers(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """The headers that a pasted mail begins with, and the lines after them."""
    found: dict[str, str] = {}
    start = 0
    for line in lines:
        match = _HEADER.match(line)
        if match is None and (line.strip() or found):
            break
        if match is not None:
            found[match[1].lower()] = match[2].strip()
        start += 1
    if len(found) < 2 and "from" not in found:
        return {}, lines
    return found, lines[start:]


def _own(lines: list[str]) -> tuple[list[str], int]:
    """The lines that were written now, and how many quote what was written before."""
    own: list[str] = []
    lines = _with_whole_attributions(lines)
    for place, line in enumerate(lines):
        if _WROTE.match(line) and not _is_answered_below(lines[place + 1 :]):
            return own, _filled(lines) - _filled(own)
        if _HISTORY.match(line) or (_is_outlook_header(lines, place) and any(each.strip() for each in own)):
            return own, _filled(lines) - _filled(own)
        if not _WROTE.match(line) and not _QUOTE.match(line):
            own.append(line)
    return own, _filled(lines) - _filled(own)


def _with_whole_attributions(lines: list[str]) -> list[str]:
    """ "On … wrote:" is one line, also where it was wrapped."""
    whole: list[str] = []
    for line in lines:
        if line.strip().lower().endswith("wrote:") and whole and _WROTE_BEGINS.match(whole[-1]):
            whole[-1] = f"{whole[-1].rstrip()} {line.strip()}"
        else:
            whole.append(line)
    return whole


def _is_answered_below(lines: list[str]) -> bool:
    """Whether the history is marked line by line, so that what is not marked is an answer to it."""
    first = next((line for line in lines if line.strip()), "")
    return _QUOTE.match(first) is not None


def _is_outlook_header(lines: list[str], place: int) -> bool:
    names = [match[1].lower() for line in lines[place : place + 4] if (match := _HEADER.match(line))]
    return names[:1] == ["from"] and len(names) >= 3


def _filled(lines: list[str]) -> int:
    return sum(1 for line in lines if line.strip())


def _unsigned(lines: list[str]) -> tuple[list[str], str]:
    """The lines above the signature, and the name that stands below a sign-off."""
    for place, line in enumerate(lines):
        if place and _SIGNATURE.match(line):
            lines = lines[:place]
            break
    filled = [place for place, line in enumerate(lines) if line.strip()]
    for place in filled[-SIGN_OFF_LINES:]:
        if place and _SIGN_OFF.match(lines[place]):
            below = [line.strip() for line in lines[place + 1 :] if line.strip()]
            return lines[:place], below[0] if below else ""
    return lines, ""


def _joined(lines: list[str]) -> list[str]:
    """Lines that were wrapped at a width become one."""
    joined: list[str] = []
    goes_on = False
    for line in lines:
        if goes_on and line.strip() and not _BULLET.match(line) and len(joined[-1]) < MOST_CHARACTERS:
            joined[-1] = f"{joined[-1].rstrip()} {line.strip()}"
        else:
            joined.append(line)
        goes_on = len(line.strip()) >= LEAST_WRAPPED and line.rstrip()[-1:] not in ".!?:;"
    return joined


def _sentences(line: str) -> list[str]:
    bullet = _BULLET.match(line)
    rest = line[bullet.end() :] if bullet else line
    found: list[str] = []
    start = 0
    for match in _END.finditer(rest):
        if _ABBREVIATION.search(rest[max(start, match.start() - 8) : match.start()]):
            continue
        found.append(rest[start : match.start()])
        start = match.end()
    found.append(rest[start:])
    return [part for sentence in found for part in _parts(sentence.strip())]


def _parts(sentence: str) -> list[str]:
    parts = []
    while len(sentence) > MOST_CHARACTERS:
        at = sentence.rfind(" ", 1, MOST_CHARACTERS)
        at = MOST_CHARACTERS if at < 0 else at
        parts.append(sentence[:at])
        sentence = sentence[at:].lstrip()
    return [*parts, sentence] if sentence else parts
