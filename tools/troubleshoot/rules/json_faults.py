"""Why a text that is meant as JSON cannot be read, in words that name the usual slips."""

import json
import re

from tools.troubleshoot.facts.base import LONGEST_TEXT

_ABRIDGED = re.compile(r"\.\.\.|…|\{\{|<[\w -]{1,40}>|\$\{?[A-Za-z_]")
"""A body that was shortened for the eye, or whose values a template fills in, says nothing of the one that was sent."""

_SLIPS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r",\s{0,80}[}\]]"), "a comma before the closing bracket"),
    (re.compile(r"[{,\[]\s{0,80}'"), "single quotes, where JSON has double ones"),
    (re.compile(r"[:\[,]\s{0,80}-?(?:NaN|Infinity)\b"), "NaN or Infinity, which JSON does not have"),
    (re.compile(r"[:\[,]\s{0,80}(?:True|False|None|undefined)\b"), "a word of a programming language (True, None)"),
    (re.compile(r"[{,]\s{0,80}[A-Za-z_]\w{0,60}\s{0,80}:"), "a name without quotes"),
    (re.compile(r"[“”]"), "curly quotes, where JSON has straight ones"),
)


def json_fault(body: str | None) -> str | None:
    """What is wrong with the body; None where it is JSON, is not meant as JSON, or was cut or shortened."""
    written = (body or "").strip()
    if not written.startswith(("{", "[")) or len(written) >= LONGEST_TEXT or _ABRIDGED.search(written):
        return None
    try:
        json.loads(written, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        return _slip(written) or f"{error.msg.lower()} (line {error.lineno}, column {error.colno})"
    except ValueError:
        return _slip(written) or "a number that JSON does not have"
    except RecursionError:
        return "it is nested too deep"
    return None


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _slip(written: str) -> str | None:
    return next((words for pattern, words in _SLIPS if pattern.search(written)), None)
