"""Which kind of issue the words state: by rules that are data, never from other tickets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.word_rules import Reader, Words
from tools.escalate.parameters import EscalateParameters, Kind, KindRule
from tools.escalate.words import NameT, ended_in, names_in

LONGEST_ANSWER = 80
"""Characters of a line that may be a short answer."""


@dataclass(frozen=True, slots=True)
class KindReading:
    """What the words say of the kind. `kind` is None where they say nothing, or several kinds (`candidates`).

    `ended` is where they say that the trouble is over: then it is asked what is left of it.
    """

    kind: Kind | None = None
    quote: str = ""
    candidates: tuple[Kind, ...] = ()
    ended: str = ""


def named_kind(value: str, parameters: EscalateParameters, reader: Reader) -> Kind | None:
    """The kind that a value names, such as "Data corruption" or "outage, since noon"; None: none, or several."""
    names: dict[Kind, tuple[str, ...]] = {
        kind: (kind.replace("_", " "), *rule.names) for kind, rule in parameters.kinds.items()
    }
    words = " ".join(value.lower().replace("_", " ").replace("-", " ").split())
    for kind, written in names.items():
        if words in written:
            return kind
    found = names_in(Words(words), names, reader)
    return found[0] if len(found) == 1 else None


def recognise_kind(
    texts: Sequence[Words], statuses: tuple[int, ...], parameters: EscalateParameters, reader: Reader, latency: str
) -> KindReading:
    """The kind that the words and statuses of an issue state. A kind goes before those that its rule names `over`.

    `latency` is where the issue compares a latency with the normal one, else empty.
    """
    quotes: dict[Kind, str] = {"performance": latency} if latency else {}
    quotes |= {
        kind: quote
        for kind, rule in parameters.kinds.items()
        if (quote := _recognised(texts, statuses, rule, reader, parameters.request_statuses)) is not None
    }
    covered = {other for kind in quotes for other in parameters.kinds[kind].over}
    left = {kind: quote for kind, quote in quotes.items() if kind not in covered}
    ended = next((match.quote for text in texts if (match := ended_in(text, parameters.ended, reader))), "")
    if ended and left and not left.keys() - parameters.ended.kinds:
        return KindReading(ended=ended)
    if len(left) != 1:
        return KindReading(candidates=tuple(left))
    kind, quote = next(iter(left.items()))
    return KindReading(kind, quote, (kind,))


def _recognised(
    texts: Sequence[Words], statuses: tuple[int, ...], rule: KindRule, reader: Reader, of_request: frozenset[int]
) -> str | None:
    status = next((status for status in statuses if status in rule.statuses), None)
    if status is not None:
        return str(status)
    said = next((match.quote for text in texts if (match := reader.find(text, rule.words))), None)
    if said is not None or of_request.intersection(statuses):
        return said
    return next((match.sentence for text in texts if (match := reader.find_unless(text, rule.failing))), None)


def named_alone(prose: str, names: Mapping[NameT, tuple[str, ...]]) -> NameT | None:
    """The last of the names that stands alone on a line, or between commas on one, as in a short answer."""
    keys = {written: key for key, phrases in names.items() for written in (key.replace("_", " "), *phrases)}
    found: NameT | None = None
    for line in prose.lower().replace("_", " ").split("\n"):
        for part in line.split(",") if len(line) <= LONGEST_ANSWER else ():
            found = keys.get(" ".join(part.strip(" .!*").split()), found)
    return found
