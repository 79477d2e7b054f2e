"""Small sentences of the answer: a rule's texts filled with what its finding found, places, times, lists."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from app.domain.blocks import Side
from app.domain.figures import Text, text
from tools.troubleshoot.diagnosis import Found
from tools.troubleshoot.parameters import RuleTexts, TroubleshootParameters

SIDES: Mapping[Side, str] = {
    "customer": "on the customer's side",
    "product": "in our product",
    "external": "with a third party",
    "undecided": "not decidable yet",
}

_PLACE = re.compile(r"\{([a-z][a-z0-9_]{0,40})\}")
_SPACES = re.compile(r"\s+")


def texts_of(found: Found, parameters: TroubleshootParameters) -> RuleTexts:
    """The texts of the rule that holds."""
    return parameters.rules[found.rule.id]


def filled(template: str, values: Mapping[str, str]) -> str:
    """One of our sentences with its places filled; "" where the finding has no value for one of them."""
    if any(name not in values for name in _PLACE.findall(template)):
        return ""
    return _PLACE.sub(lambda match: one_line(values[match[1]]), template).strip()


def sentences(templates: Iterable[str], found: Found) -> list[str]:
    """The sentences that can be filled, each once."""
    told = (filled(template, found.finding.values) for template in templates)
    return list(dict.fromkeys(sentence for sentence in told if sentence))


def one_line(said: str, most: int = 0) -> str:
    """On one line; cut to `most` characters where that is given."""
    line = _SPACES.sub(" ", said).strip()
    return line if not most or len(line) <= most else f"{line[: most - 1]}…"


def capital(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}"


def sentence(said: Text) -> Text:
    """The text with a full stop, unless it ends with one already."""
    last = said[-1] if said else ""
    return said if isinstance(last, str) and last.endswith((".", "?", "!", "…", ":")) else text(said, ".")


def listing(items: Sequence[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def moment(at: dt.datetime, zone: ZoneInfo) -> str:
    """A point in time, to the minute, in the deployment's zone."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}"
