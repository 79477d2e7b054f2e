"""The lines with which messages of a thread begin: of mails, tickets and chats."""

import re
from typing import Final, NamedTuple

from tools.escalate.moments import find_moments

_NAME = r"[^\W\d_][\w.'’-]{0,30}(?: [^\W\d_][\w.'’-]{0,30}){0,3}"
_SOURCE = r"(?: ?[(,|·•-]{1,2} ?[\w .&'-]{1,40}\)?)?"
_DAY_NAME = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? "
_DAY = (
    r"(?:\d{4}[-/]\d\d[-/]\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
    r"|\d{1,2} [A-Z][a-z]{2,8}\.?,?(?: \d{4})?|[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?(?:, \d{4})?"
    r"|[Tt]oday|[Yy]esterday)"
)
_CLOCK = r"\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp]\.?[Mm]\.?)?"
_ZONE = r"(?: ?\(?(?:[A-Z]{2,5}|Z|[+-]\d\d:?\d\d)\)?)?"
_WHEN = rf"(?:{_DAY_NAME})?(?:{_DAY}(?:,| at|T)? ?{_CLOCK}|{_CLOCK}){_ZONE}"

_WROTE = re.compile(
    rf"[> ]{{0,6}}(?:On|Am|Le) (?P<when>[^\n<>]{{4,80}}?(?: [AaPp]\.?[Mm]\.?)?),? (?P<who>{_NAME})"
    r"(?: ?\([^()\n]{1,40}\))?"
    r"(?: ?<[^<>\n]{3,120}>)? (?:wrote|schrieb|a écrit) ?:$"
)
_NAME_THEN_TIME = re.compile(
    rf"(?P<who>{_NAME}){_SOURCE}[ \t]{{0,4}}[,|·•:@—–-]{{0,2}} ?\[?(?P<when>{_WHEN})\]?(?::(?P<rest> .*)?)?$"
)
_TIME_THEN_NAME = re.compile(
    rf"\[?(?P<when>{_WHEN})\]?,? ?[-|—–]? ?(?P<who>{_NAME})(?: \([\w .&'-]{{1,40}}\))?:(?P<rest> .*)?$"
)
_FIELD = re.compile(r"[> ]{0,6}\*?(From|Sent|Date|To|Cc|Subject|Reply-To)\*?: ?(\S.{0,300})$")
_ORIGINAL = re.compile(r"-{2,12} ?(?:Original Message|Forwarded message) ?-{2,12}$", re.IGNORECASE)
_MAIL_ADDRESS = re.compile(r" ?[<\[(][^<>\[\]()]{3,120}[>\])]|\"")
_NO_NAMES: Final = frozenset(
    {
        "hi",
        "hello",
        "hey",
        "dear",
        "team",
        "all",
        "the",
        "we",
        "it",
        "our",
        "error",
        "warning",
        "info",
        "debug",
        "fatal",
        "critical",
        "note",
        "update",
        "at",
        "on",
        "since",
        "from",
        "until",
    }
    | {"today", "yesterday", "time", "date", "started", "ended", "expires", "last", "first", "between", "around"}
)
_SECONDS = re.compile(r"\d:\d\d:\d\d")  # a log's line, if it stands in no brackets
LONGEST_HEAD: Final = 240
_LONGEST_ZONE: Final = 5  # UTC, CEST and the like are no names


class Head(NamedTuple):
    """A message begins at this line (from 0): who wrote it, when as written, and its words on the same line.

    `body` is the first line of its body. `is_reply` says that it is an older message which a newer one quotes.
    """

    line: int
    body: int
    who: str
    when: str
    rest: str
    is_reply: bool


def heads_of(lines: list[str]) -> list[Head]:
    """The heads of messages, in the order of their lines."""
    heads: list[Head] = []
    place = 0
    while place < len(lines):
        head = _head_at(lines, place)
        if head is None:
            place += 1
            continue
        heads.append(head)
        place = max(head.body, place + 1)
    return heads


def _head_at(lines: list[str], place: int) -> Head | None:
    line = lines[place].strip()
    if not line:
        return None
    if _ORIGINAL.match(line) and place + 1 < len(lines):
        below = _block_at(lines, place + 1)
        return below._replace(line=place) if below else None
    return _block_at(lines, place) or _line_at(line[:LONGEST_HEAD], line, place)


def _block_at(lines: list[str], place: int) -> Head | None:
    """A block of `From:`, `Sent:`, `To:`, `Subject:`: a name, and at least one other field."""
    found: dict[str, str] = {}
    end = place
    while end < len(lines) and end - place < 8:
        field = _FIELD.match(lines[end][:LONGEST_HEAD])
        if field is None or field[1] in found:
            break
        found[field[1]] = field[2]
        end += 1
    if "From" not in found or len(found) < 2:
        return None
    who = _MAIL_ADDRESS.sub("", found["From"]).strip() or found["From"]
    return Head(place, end, who[:80], found.get("Sent", found.get("Date", "")), "", is_reply=place > 0)


def _line_at(line: str, whole: str, place: int) -> Head | None:
    wrote = _WROTE.match(line)
    if wrote:
        return Head(place, place + 1, wrote["who"], wrote["when"], "", is_reply=True)
    match = _NAME_THEN_TIME.match(line) or _TIME_THEN_NAME.match(line)
    if match is None or not _is_person(match["who"]) or not any(find_moments(match["when"])):
        return None
    if match.re is _TIME_THEN_NAME and line[0] != "[" and _SECONDS.search(match["when"]):
        return None
    who = (
        line[match.start("who") : match.start("when")].strip(" \t,|·•:@—–-[")
        if match.re is _NAME_THEN_TIME
        else match["who"]
    )
    rest = whole[match.start("rest") :].strip() if match["rest"] else ""
    return Head(place, place + 1, who, match["when"], rest, is_reply=False)


def _is_person(name: str) -> bool:
    if not name[0].isupper() or (name.isupper() and len(name) <= _LONGEST_ZONE):
        return False
    return not any(word.strip(".'’-").lower() in _NO_NAMES for word in name.split())
