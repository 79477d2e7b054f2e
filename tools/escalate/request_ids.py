"""Finds request, trace and correlation ids in a text."""

import re
from collections.abc import Iterator
from itertools import islice

MOST_FOUND = 200

_HAS_DIGIT = r"(?=[\w-]{0,80}\d)"
_PREFIXED = re.compile(rf"(?<![\w-])req[_-](?!ids?\b){_HAS_DIGIT}[A-Za-z0-9][\w-]{{1,80}}", re.IGNORECASE)
_NAMED = re.compile(
    rf"""\b(?:x-)?(?:request|req|trace|correlation|transaction|operation|amzn?-?request|amzn-trace)[ _-]?ids?\\?["']?
        [ ]{{0,2}}(?:is[ ]|was[ ]|are[ ])?[:=\#]?[ ]{{0,2}}\\?["']?(?P<id>{_HAS_DIGIT}[A-Za-z0-9][\w-]{{4,80}})
      | \bcf-ray[: =]{{1,3}}(?P<ray>[0-9a-f]{{12,20}}(?:-[A-Z]{{3}})?)
      | \btraceparent[: =]{{1,3}}(?P<parent>00-[0-9a-f]{{32}}-[0-9a-f]{{16}}-\d\d)""",
    re.IGNORECASE | re.VERBOSE,
)
_LISTED = re.compile(r"[^\s,;]+")
_ID = re.compile(r"(?=[^\d_-]*[\d_-])[A-Za-z0-9][\w:.=-]{2,100}")


def find_request_ids(text: str) -> tuple[str, ...]:
    """The ids in free text, each once: `req_…`, or what stands after "request id", "X-Request-Id:", "trace id" …"""
    return tuple(dict.fromkeys(islice(_ids(text), MOST_FOUND)))


def listed_ids(text: str) -> tuple[str, ...]:
    """The ids in a text that is a list of them."""
    words = (match.group().strip("\"'`[]().:") for match in _LISTED.finditer(text))
    return tuple(dict.fromkeys(islice((word for word in words if _ID.fullmatch(word)), MOST_FOUND)))


def _ids(text: str) -> Iterator[str]:
    for match in _PREFIXED.finditer(text):
        yield match.group()
    for match in _NAMED.finditer(text):
        yield match["id"] or match["ray"] or match["parent"]
