"""Reads labelled lines (`**Severity:** SEV1`, `- Endpoint: …`, `request ids: …; environment: …`, `kind=bug`)."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.escalate.logs import is_log_line
from tools.escalate.parameters import EscalateParameters

ONE_WORD = frozenset({"severity", "kind", "customers_affected", "latency_ms", "normal_latency_ms"})
"""Fields whose value after `=` is one word; what follows is prose again."""

JOINED = frozenset({"timestamps", "request_ids", "logs", "not_applicable"})
"""Fields that add up when they are stated again; of others the last statement counts."""

SEVERAL_LINES = frozenset(
    {"issue", "reproduction", "request", "error", "logs", "impact", "business_impact", "customer_expectation"}
)
"""Fields whose value goes on over the next lines; of others only where the label's own line has none."""

ON_THEIR_OWN = frozenset({"error", "logs"})
"""Fields of which prose on the next line is no part, only log lines and indented ones."""

MARK = re.compile("\x1a(\\d+)\x1a")
"""Stands in the text for a curl command, by its number."""

_ONE_VALUE = re.compile(r"\S+(?:[ ]?(?:-{1,2}>|=>|→)[ ]?\S+)?")
"""A word, or where a measure went from and to: `200ms -> 4s`."""

_FENCE = re.compile(r"\s*(?:```|~~~)")
_MARKS = r"(?:\*\*|__|`)?+"


@dataclass(frozen=True, slots=True)
class Label:
    """What a label states: a field, or a part of it that is kept with its label (`Region: …`)."""

    field: str
    is_part: bool = False


@dataclass(slots=True)
class _Section:
    """A labelled part of the text as it is read."""

    name: str
    label: Label
    lines: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not any(line.strip() for line in self.lines)

    def ends_before(self, line: str) -> bool:
        """Whether a line with no label is no more of this value: blank, or prose after an error, logs or command."""
        if self.empty:
            return False
        on_its_own = self.label.field in ON_THEIR_OWN or MARK.fullmatch(self.lines[-1].strip()) is not None
        return not line.strip() or (on_its_own and not line[0].isspace() and not is_log_line(line))

    @property
    def value(self) -> str:
        value = "\n".join(self.lines).strip("\n")
        return value.rstrip() if "\n" in value else value.strip(' \t`*"“”')


@dataclass(frozen=True, slots=True)
class Labelled:
    """What labelled lines state, by field, and the rest of the text.

    `earlier` are values that a later line replaced; `continued` are the lines on which values go on after their label's
    own line: the rest of a sentence, or an answer that was added below.
    """

    values: Mapping[str, str]
    earlier: Mapping[str, str]
    prose: str
    continued: str


def labels_of(parameters: EscalateParameters) -> dict[str, Label]:
    """Every label, in lower case with single spaces, and what it states."""
    found: dict[str, Label] = {}
    for name, item in parameters.items.items():
        found |= {_normal(label): Label(name) for label in (name, *item.labels)}
        found |= {_normal(label): Label(name, is_part=True) for label in item.parts}
    for other, labels in parameters.labels.items():
        found |= {_normal(label): Label(other) for label in (other, *labels)}
    return found


def closed_sets(parameters: EscalateParameters) -> dict[str, tuple[str, ...]]:
    """What the values of fields from a closed set are called."""
    severities = (name for level in parameters.severities.values() for name in level.names)
    kinds = (name for kind, rule in parameters.kinds.items() for name in (kind.replace("_", " "), *rule.names))
    return {"severity": tuple(severities), "kind": tuple(kinds)}


def read_labels(text: str, labels: Mapping[str, Label], closed: Mapping[str, tuple[str, ...]]) -> Labelled:
    """Split the text into labelled values and prose. What follows a value from a closed set is prose."""
    reader = _Reader(labels, closed)
    for line in text.split("\n"):
        reader.read(line)
    return _gather(reader.sections, "\n".join(reader.prose))


class _Reader:
    """Reads line by line; a value goes on until a blank line, the next label or the end of its code fence."""

    def __init__(self, labels: Mapping[str, Label], closed: Mapping[str, tuple[str, ...]]) -> None:
        self._labels = labels
        self._closed = closed
        self._pattern = _pattern(tuple(sorted(labels, key=len, reverse=True)))
        self._current: _Section | None = None
        self._fence: bool | None = None  # in a fence: whether it belongs to the current value
        self.sections: list[_Section] = []
        self.prose: list[str] = []

    def read(self, line: str) -> None:
        if _FENCE.match(line):
            self._toggle_fence()
        elif self._fence or is_log_line(line) or not self._read_labels(line):
            self._go_on(line)

    def _toggle_fence(self) -> None:
        if self._fence is None:
            self._fence = self._current is not None and self._current.empty
            return
        if self._fence:
            self._current = None
        self._fence = None

    def _go_on(self, line: str) -> None:
        """A line with no label: of the current value, or prose."""
        if self._current is not None and not self._fence and self._current.ends_before(line):
            self._current = None
        (self.prose if self._current is None else self._current.lines).append(line)

    def _read_labels(self, line: str) -> bool:
        """Take the labels of a line, each with the text up to the next one; False where it has none."""
        found = list(self._pattern.finditer(line))
        if not found:
            return False
        if found[0].start() > 0:
            self._go_on(line[: found[0].start()])
        whole = next((n for n, m in enumerate(found, 1) if self._label(m).field == "not_applicable"), len(found))
        found = found[:whole]  # it lists items, and no label after it on the line stands for itself
        ends = [match.start() for match in found[1:]] + [len(line)]
        for match, end in zip(found, ends, strict=True):
            self._begin(match, line[match.end() : end].strip(" \t;,|"))
        return True

    def _label(self, match: re.Match[str]) -> Label:
        return self._labels[_normal(match["label"] or match["key"])]

    def _begin(self, match: re.Match[str], value: str) -> None:
        section = _Section(match["label"] or match["key"], self._label(match))
        self.sections.append(section)
        self._current = section
        value, rest = self._value_and_rest(section.label.field, value, one_word=match["key"] is not None)
        if rest:
            self.prose.append(rest)
            self._current = None
        if value:
            section.lines.append(value)
            if section.label.field not in SEVERAL_LINES:
                self._current = None

    def _value_and_rest(self, field: str, text: str, *, one_word: bool) -> tuple[str, str]:
        """A field's value, and what goes on after it on the line: only where the value is one of a closed set."""
        names = self._closed.get(field, ())
        if names and (match := _value(names).match(text)):
            return match.group(), text[match.end() :].lstrip(" \t.,;:–—-")
        if one_word and field in ONE_WORD:
            end = match.end() if (match := _ONE_VALUE.match(text)) else 0
            return text[:end].rstrip(",;"), text[end:].strip()
        if names and not _any_name(names).search(text):
            value, comma, rest = text.partition(",")
            return value, rest.strip() if comma else ""
        return text, ""


@functools.lru_cache(maxsize=8)
def _value(names: tuple[str, ...]) -> re.Pattern[str]:
    """One of the names at the start, with its remark in brackets; not the first of several: "SEV1 or SEV2"."""
    one = _any_name(names).pattern
    joined = rf"[ \t]{{0,3}}(?:[,/–—→>-]{{1,3}}[ \t]{{0,3}})?(?:(?:or|and|to|maybe)[ ])?{one}"
    return re.compile(rf"[*_`]*+{one}[*_`]*+(?!{joined})(?:[ \t]{{0,3}}\([^()]*\))?", re.IGNORECASE)


@functools.lru_cache(maxsize=8)
def _any_name(names: tuple[str, ...]) -> re.Pattern[str]:
    written = "|".join(re.escape(name).replace(r"\ ", "[ _-]") for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{written})(?![\w-])", re.IGNORECASE)


@functools.lru_cache(maxsize=8)
def _pattern(labels: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(r"[ _-]".join(re.escape(word) for word in label.split(" ")) for label in labels)
    start_of_line = rf"^[\s>#*•+_`-]*+(?:\d{{1,3}}[.)][ \t]++)?{_MARKS}"
    within_line = rf"[;,.|][ \t]++{_MARKS}|[ \t](?:[*•-][ \t]++)?(?:\*\*|(?-i:(?=[A-Z])))"
    return re.compile(
        rf"(?:{start_of_line}|{within_line})(?=[a-z])(?P<label>{names}){_MARKS}[ \t]*+:(?!//)[*_`]*+"
        rf"|(?:^|(?<=[\s;,]))(?=[a-z])(?P<key>{names})=(?!=)",
        re.IGNORECASE,
    )


def _normal(label: str) -> str:
    return " ".join(re.split(r"[\s_-]+", label.lower()))


def _gather(sections: list[_Section], prose: str) -> Labelled:
    """One value a field: all that add up, the last of others; parts are kept with their label."""
    stated: dict[tuple[str, str], list[str]] = {}
    for section in sections:
        if not section.empty:
            part = _normal(section.name) if section.label.is_part else ""
            value = f"{section.name}: {section.value}" if part else section.value
            stated.setdefault((section.label.field, part), []).append(value)
    values: dict[str, str] = {}
    earlier: dict[str, str] = {}
    for (name, _), found in stated.items():
        value = "\n".join(found) if name in JOINED else found[-1]
        if name not in JOINED and len(set(found)) > 1:
            earlier[name] = found[-2]
        values[name] = f"{values[name]}\n{value}" if name in values else value
    continued = "\n".join(line for section in sections for line in section.lines[1:])
    return Labelled(values, earlier, prose, continued)
