"""Which scopes an answer asks for, and which of them a token lacks."""

import re
from collections.abc import Sequence

_SCOPE = re.compile(r"[A-Za-z][\w-]{0,60}(?:[:.][\w*-]{1,60}){1,4}|https://[\w.-]{3,100}/auth/[\w./-]{1,100}")
_QUOTED = re.compile(
    r"(?:scopes?|permissions?|roles?|privileges?)[\"']?[:= ]{1,3}[\[\"'`]{1,2}([\w:.*/ -]{2,120})[\"'`]", re.I
)
_AFTER = re.compile(r"[\"'`]([\w:.*/-]{2,80})[\"'`] (?:scope|permission|role|privilege)", re.I)
_NOT_SCOPES = re.compile(
    r"^(?:https?:|\d)|\.(?:com|org|net|example|io|json|html)\b|^(?:error|message|status|code|type|date):", re.I
)


def named_scopes(line: str) -> tuple[str, ...]:
    """The scopes that a line names as needed."""
    quoted = _QUOTED.search(line) or _AFTER.search(line)
    if quoted:
        return tuple(quoted[1].split())
    found = [match.group().rstrip(".") for match in _SCOPE.finditer(line[:2_000])]
    return tuple(dict.fromkeys(each for each in found if not _NOT_SCOPES.search(each)))[:5]


def lacking(needed: str, granted: Sequence[str]) -> tuple[str, ...]:
    """Of the scopes that are needed those that are not granted; a scope that ends in `*` grants what begins alike."""
    wide = tuple(scope[:-1] for scope in granted if scope.endswith("*"))
    return tuple(each for each in needed.split() if each not in granted and not (wide and each.startswith(wide)))
