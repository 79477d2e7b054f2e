"""Values of fields: numbers, durations, statuses, addresses, as structured lines write them."""

import math
import re
from typing import Any, Final

LONGEST_TEXT, LONGEST_VALUE = 200, 2_000

_UNITS: Final = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "s": 1e3, "sec": 1e3, "m": 6e4, "min": 6e4}
_DURATION = re.compile(r"(\d{1,15}(?:\.\d{1,12})?) ?(ns|[uµμ]s|ms|s|sec|m|min)?$")
_LONGEST_DURATION_MS = 1e9


def status_of(value: Any) -> int | None:
    """An HTTP status, from a number or a text of three digits."""
    number = int(value) if isinstance(value, str) and len(value) == 3 and value.isdecimal() else value
    return number if isinstance(number, int) and not isinstance(number, bool) and 100 <= number <= 599 else None


def number_of(value: Any) -> float | None:
    """A finite number, also where it is written as a text."""
    if isinstance(value, str) and len(value) > 40:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def product_of(agent: str) -> str:
    """The program that a user agent names, such as acme-python/2.3.1; empty for a browser."""
    product = agent.partition(" ")[0]
    return "" if product.startswith("Mozilla/") or "/" not in product else product[:80]


def milliseconds(value: Any, unit: float) -> float | None:
    """A duration in ms; `unit` is the ms of 1 where the value names none. A count beyond 10⁷ is of nanoseconds."""
    if isinstance(value, str):
        match = _DURATION.match(value)
        if match is None:
            return None
        value, unit = match[1], _UNITS[match[2]] if match[2] else unit
    number = number_of(value)
    if number is None or number < 0:
        return None
    if unit == 1.0 and number >= 1e7:
        unit = 1e-6
    return number * unit if number * unit <= _LONGEST_DURATION_MS else None


def text_of(value: Any) -> str:
    """A text, cut, or a whole number as one; empty for anything else."""
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**30 else ""


def long_text_of(value: Any) -> str:
    """A text of several sentences, cut; empty for anything else."""
    return value[:LONGEST_VALUE] if isinstance(value, str) else ""


def address_of(text: str) -> str:
    """The first address of a list, without its port where it is an IPv4 address."""
    first = text.partition(",")[0].strip()
    address, colon, port = first.rpartition(":")
    return address if colon and port.isdigit() and ":" not in address else first
