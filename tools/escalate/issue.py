"""Reads the text of an issue: labelled lines first, then free prose. The text is data: nothing in it is run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from app.domain.records import Severity
from app.domain.word_rules import Match, Words
from tools.escalate.arguments import not_applicable_items
from tools.escalate.curl import Curl, find_curl
from tools.escalate.endpoints import find_code_request, find_endpoint
from tools.escalate.environment import find_environment
from tools.escalate.errors import find_error, find_statuses
from tools.escalate.kinds import KindReading, named_alone, named_kind, recognise_kind
from tools.escalate.labels import MARK, closed_sets, labels_of, read_labels
from tools.escalate.logs import attached_files, is_log_line, log_excerpt
from tools.escalate.measures import (
    Customers,
    Latency,
    Money,
    Renewal,
    find_arr,
    find_customers,
    find_latency,
    find_renewal,
    milliseconds,
)
from tools.escalate.moments import Moment, common_zone, find_moments, zone_in
from tools.escalate.parameters import EscalateParameters, ItemName, Kind
from tools.escalate.request_ids import find_request_ids, listed_ids
from tools.escalate.words import names_in, reader_of

MOST_MOMENTS = 1_000
"""Times that are looked at in a text."""

_IN_BRACKETS = re.compile(r"[*_`\s]*\w+[*_`\s]*\((?P<remark>[^()]*)\)[\s.]*")

_SEARCHED = ("issue", "severity", "kind", "reproduction", "error", "impact", "request")
"""Labelled values that are searched like prose for what other labels would state."""

_AROUND_MARK = re.compile(rf"(?P<before>[.,;:]?)[ \t]{{0,3}}{MARK.pattern}(?:\s{{0,3}}(?P<after>[.,;]))?")
_SEVERITY = re.compile(r"(?<![\w-])(?:sev|severity)[ =:-]?\d{1,3}(?![\w-])", re.IGNORECASE)
_NOT_APPLICABLE = re.compile(
    r"(?:n/?a|not applicable|does not apply)\b[\s:,;(–—-]*(?:because\s|since\s|as\s)?(?P<reason>.*)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Issue:
    """What the text states. `texts` holds the fields that are free text; empty or None: not stated.

    `replaced` are labelled values that a later line of the text replaced; `unreasoned` are the items that the text
    calls not applicable without a reason.
    """

    summary: str
    texts: Mapping[str, str]
    labelled: frozenset[str]
    replaced: Mapping[str, str]
    curl: tuple[Curl, ...]
    kind: KindReading
    kind_named: bool
    severity: Severity | None
    severity_candidates: tuple[str, ...]
    severity_note: str
    statuses: tuple[int, ...]
    moments: tuple[Moment, ...]
    request_ids: tuple[str, ...]
    latency: Latency
    customers: Customers
    customer: str | None
    arr: Money | None
    renewal: Renewal | None
    not_applicable: Mapping[ItemName, str] = field(default_factory=dict)
    unreasoned: tuple[str, ...] = ()


def read_issue(text: str, parameters: EscalateParameters, beside: str = "") -> Issue:
    """What the text states; kind and statuses also from `beside`, what is given by itself.

    Both must be masked and free of control characters.
    """
    reading = _Reading(text, parameters, beside)
    severity, candidates = reading.severity()
    return Issue(
        summary=reading.summary(),
        texts=reading.texts(),
        labelled=frozenset(reading.values),
        replaced=reading.labelled.earlier,
        curl=reading.curl,
        kind=reading.kind(),
        kind_named=reading.named_kind() is not None,
        severity=severity,
        severity_candidates=candidates,
        severity_note=reading.severity_note(),
        statuses=reading.statuses(),
        moments=reading.moments(),
        request_ids=reading.request_ids(),
        latency=reading.latency(),
        customers=reading.customers(),
        customer=reading.customer(),
        arr=find_arr(reading.searched_with_customer),
        renewal=find_renewal(reading.searched_with_customer),
        not_applicable=reading.not_applicable,
        unreasoned=tuple(reading.unreasoned),
    )


def _remark(value: str) -> str:
    """What stands in brackets after a short value, "SEV1 (revenue is blocked)": words of their own; else the value."""
    match = _IN_BRACKETS.fullmatch(value)
    return match["remark"] if match else value


def says_something(
    name: str,
    value: str,
    parameters: EscalateParameters,
    not_applicable: dict[ItemName, str],
    unreasoned: list[str],
) -> bool:
    """Whether a field's value states it: not "unknown", "to follow" and the like.

    "n/a, no call was made" puts the item with its reason into `not_applicable`, "n/a" alone into `unreasoned`.
    """
    item = next((item for item in parameters.items if item == name), None)
    match = _NOT_APPLICABLE.fullmatch(value)
    if item is None or match is None:
        return bool(value) and value.strip(" .").lower() not in parameters.not_given
    if reason := match["reason"].strip(" )\n"):
        not_applicable[item] = reason
    else:
        unreasoned.append(name)
    return False


class _Reading:
    """A text being read: its labelled values, its prose without curl commands, and the prose as words."""

    def __init__(self, text: str, parameters: EscalateParameters, beside: str) -> None:
        self.parameters = parameters
        self.beside = beside
        self.reader = reader_of(parameters)
        self.curl = find_curl(text)
        self.labelled = read_labels(_mark(text, self.curl), labels_of(parameters), closed_sets(parameters))
        self.not_applicable: dict[ItemName, str] = {}
        self.unreasoned: list[str] = []
        self.values = self._stated_values()
        self.prose = _unmarked(self.labelled.prose)
        self.answers = f"{self.prose}\n{_unmarked(self.labelled.continued)}"
        self.searched = self._with_values(self.answers)
        self.searched_with_customer = f"{self.values.get('customer', '')}\n{self.searched}"
        self.words = Words(self.searched)
        self.log = log_excerpt(self.prose)
        self.heard = {
            name: match
            for name, item in parameters.items.items()
            if name not in self.values and (match := self.reader.find(self.words, item.words))
        }

    def _stated_values(self) -> dict[str, str]:
        """The labelled values, without "n/a", "unknown" and the like."""
        values: dict[str, str] = {}
        for name, marked in self.labelled.values.items():
            value = MARK.sub(lambda match: self.curl[int(match[1])].text, marked)
            if name == "not_applicable":
                self._take_not_applicable(value)
            elif says_something(name, value, self.parameters, self.not_applicable, self.unreasoned):
                values[name] = value
        return values

    def _take_not_applicable(self, value: str) -> None:
        for part in re.split(r"[;\n]", value):
            try:
                self.not_applicable |= not_applicable_items(part)
            except ValueError:
                self.unreasoned.append(part.strip())

    def _with_values(self, text: str) -> str:
        """The text and the labelled values that are searched with it, without log lines and curl commands."""
        values = (_remark(_unmarked(self.labelled.values[name])) for name in _SEARCHED if name in self.values)
        return "\n".join(line for part in (text, *values) for line in part.split("\n") if not is_log_line(line))

    def summary(self) -> str:
        labelled = self.labelled.values["issue"] if "issue" in self.values else ""
        stated = _unmarked(labelled) or "\n".join(x for x in self.prose.split("\n") if not is_log_line(x))
        if not stated.strip():
            stated = next((v for n in ("kind", "severity") if " " in (v := self.values.get(n, ""))), "")
        return " ".join(stated.split()).lstrip(".,;: ")

    def texts(self) -> dict[str, str]:
        """The fields that are free text: as labelled, else as heard in prose."""
        heard: dict[str, str] = {name: match.sentence for name, match in self.heard.items()}
        heard |= {
            "request": "\n".join(command.text for command in self.curl) or find_code_request(self.prose) or "",
            "endpoint": str(find_endpoint(self.searched) or ""),
            "error": find_error(self.searched) or find_error(self.log or "") or "",
            "environment": find_environment(self.searched) or "",
            "logs": self._logs(),
        }
        labelled = {name: self.values[name] for name in (*self.parameters.items, "request") if name in self.values}
        return {name: value for name, value in (heard | labelled).items() if value}

    def _logs(self) -> str:
        files = attached_files(self.searched)
        said = self.heard.get("logs")
        parts = [f"attached: {', '.join(files)}" if files else said.sentence if said else "", self.log or ""]
        return "\n".join(part for part in parts if part)

    def kind(self) -> KindReading:
        if kind := self.named_kind():
            return KindReading(kind, kind.replace("_", " "), (kind,))
        own = self._with_values(self.prose)
        words = self.words if own == self.searched else Words(own)
        return recognise_kind(
            (words, Words(self.beside)), self.statuses(), self.parameters, self.reader, self.latency().quote
        )

    def named_kind(self) -> Kind | None:
        """The kind that a labelled line, or a line with nothing else, names."""
        stated = self.values.get("kind")
        if stated and (kind := named_kind(stated, self.parameters, self.reader)):
            return kind
        return named_alone(self.answers, {kind: rule.names for kind, rule in self.parameters.kinds.items()})

    def severity(self) -> tuple[Severity | None, tuple[str, ...]]:
        """The severity, where one is stated; else those that are named."""
        names: dict[Severity, tuple[str, ...]] = {s: level.names for s, level in self.parameters.severities.items()}
        stated = self.values.get("severity")
        if not stated and (alone := named_alone(self.answers, names)):
            return alone, (alone,)
        found = names_in(Words(stated) if stated else self.words, names, self.reader)
        return found[0] if len(found) == 1 else None, found

    def severity_note(self) -> str:
        """The severity as it is written, with its remark; also one that the policy does not have."""
        unknown = _SEVERITY.search(self.searched)
        return self.values.get("severity", "") or (unknown.group() if unknown and not self.severity()[1] else "")

    def statuses(self) -> tuple[int, ...]:
        """The statuses that the text names, without those that it denies: "no 503s seen"."""
        said = (s for s in find_statuses(self.searched) if not self.reader.denies(self.words, str(s)))
        return tuple(dict.fromkeys((*said, *find_statuses(f"{self.log or ''}\nstatus {self.beside}"))))

    def moments(self) -> tuple[Moment, ...]:
        """The times of the failure: as labelled, else those in prose and logs. A deadline is none of them."""
        stated = tuple(islice(find_moments(self.values.get("timestamps", "")), MOST_MOMENTS))
        deadline = self.heard.get("customer_expectation")
        prose = _without(self.searched, deadline)
        found = stated or tuple(islice(find_moments(f"{prose}\n{self.log or ''}"), MOST_MOMENTS))
        zone = zone_in(self.values.get("time_zone", "")) or common_zone(self.answers)
        if zone is None:
            return found
        return tuple(moment if moment.zone else Moment(f"{moment.text} {zone}", zone) for moment in found)

    def request_ids(self) -> tuple[str, ...]:
        listed = listed_ids(self.values.get("request_ids", ""))
        found = find_request_ids("\n".join([self.answers, self.searched, *(c.text for c in self.curl)]))
        return tuple(dict.fromkeys((*listed, *found)))

    def latency(self) -> Latency:
        found = find_latency("\n".join([self.values.get("latency_ms", ""), self.searched]))
        both = find_latency(self.values.get("latency_ms", ""))
        now = both.now_ms if both.normal_ms else milliseconds(self.values.get("latency_ms", ""))
        normal = milliseconds(self.values.get("normal_latency_ms", ""))
        return Latency(now or found.now_ms, normal or found.normal_ms, found.factor, found.quote)

    def customers(self) -> Customers:
        stated = self.values.get("customers_affected", "")
        if count := re.match(r"\d{1,6}\b", stated):
            return Customers(int(count.group()), quote=stated)
        return find_customers(f"{stated} affected\n{self.searched}" if stated else self.searched)

    def customer(self) -> str | None:
        """The customer's name as the text has it, without what stands in brackets after it."""
        return re.split(r"[(,;\n]", self.values.get("customer", ""))[0].strip() or None


def _unmarked(text: str) -> str:
    """The text without its curl commands, and without the second of two stops that a command stood between."""
    return _AROUND_MARK.sub(lambda match: f"{match['before'] or match['after'] or ''} ", text)


def _mark(text: str, commands: tuple[Curl, ...]) -> str:
    """The text with a mark in place of each curl command, so that nothing in a command is taken for a label."""
    parts, position = [], 0
    for number, command in enumerate(commands):
        parts += [text[position : command.start], f"\x1a{number}\x1a"]
        position = command.start + len(command.text)
    return "".join([*parts, text[position:]])


def _without(text: str, match: Match | None) -> str:
    return text[: match.start] + text[match.end :] if match else text
