"""What is stated of an issue, all told: the fields given by themselves, then what the text says. Secrets are masked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from app.domain.records import Severity
from app.domain.redact import SecretKind, mask
from tools.escalate.arguments import EscalateArgs
from tools.escalate.curl import Curl, find_curl
from tools.escalate.endpoints import Endpoint, read_endpoint, same_endpoint
from tools.escalate.issue import Issue, read_issue, says_something
from tools.escalate.kinds import KindReading
from tools.escalate.measures import Customers, Latency, Money, Renewal
from tools.escalate.moments import Moment, find_moments
from tools.escalate.parameters import EscalateParameters, ItemName, Kind

LONGEST_QUOTE = 80

_UNSEEN = re.compile(
    "\x1b\\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
_LINE_END = re.compile("\r\n?|[\u0085\u2028\u2029]")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Statement:
    """An issue as stated. `texts` are the fields of free text; empty or None: not stated.

    `kind_named`: a person named the kind, it was not read from the words. `disagreements` tell what contradicts what.
    """

    summary: str
    texts: Mapping[str, str]
    kind: Kind | None
    kind_named: bool
    kind_reading: KindReading
    severity: Severity | None
    severity_note: str
    severity_candidates: tuple[str, ...]
    statuses: tuple[int, ...]
    moments: tuple[Moment, ...]
    request_ids: tuple[str, ...]
    curl: tuple[Curl, ...]
    latency: Latency
    customers: Customers
    customer: str | None
    arr: Money | None
    renewal: Renewal | None
    not_applicable: Mapping[ItemName, str]
    unreasoned: tuple[str, ...]
    disagreements: tuple[str, ...]
    masked: tuple[SecretKind, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kind, or those that the words read as; empty where they read as none."""
        return (self.kind,) if self.kind else self.kind_reading.candidates

    @property
    def endpoint(self) -> Endpoint | None:
        return read_endpoint(self.texts.get("endpoint", ""))

    @property
    def latency_ratio(self) -> float | None:
        """How many times the normal latency it is now."""
        now, normal = self.latency.now_ms, self.latency.normal_ms
        return now / normal if now and normal else self.latency.factor


@dataclass(slots=True)
class _Given:
    """The fields given by themselves, cleaned; "n/a" with a reason makes an item not applicable."""

    texts: dict[str, str]
    moments: list[Moment]
    request_ids: list[str]
    not_applicable: dict[ItemName, str]
    unreasoned: list[str]


class _Cleaner:
    """Masks secrets, drops characters nobody sees, and remembers which kinds of secrets there were."""

    def __init__(self) -> None:
        self.masked: set[SecretKind] = set()

    def clean(self, text: str) -> str:
        found = mask(seen(text))
        self.masked.update(found.kinds)
        return found.text


def understand(args: EscalateArgs, parameters: EscalateParameters) -> Statement:
    """Put together what the fields and the text state. A field given by itself counts before the text."""
    cleaner = _Cleaner()
    given = _given(args, parameters, cleaner)
    beside = "\n".join(given.texts[name] for name in ("error", "impact", "reproduction") if name in given.texts)
    issue = read_issue(cleaner.clean(args.issue or ""), parameters, beside)
    curl = find_curl(given.texts.get("request", "")) or issue.curl
    called = {"endpoint": f"{curl[0].method} {curl[0].path}"} if curl else {}
    texts = {**called, **issue.texts, **given.texts}
    not_applicable = {**issue.not_applicable, **given.not_applicable}
    return Statement(
        summary=issue.summary,
        texts={name: clip(text, parameters.shown.field) for name, text in texts.items()},
        kind=args.kind or issue.kind.kind,
        kind_named=args.kind is not None or issue.kind_named,
        kind_reading=issue.kind,
        severity=args.severity or issue.severity,
        severity_note=issue.severity_note if args.severity in (None, issue.severity) else "",
        severity_candidates=issue.severity_candidates,
        statuses=issue.statuses,
        moments=_each_once([*given.moments, *issue.moments]),
        request_ids=_each_once([*given.request_ids, *issue.request_ids]),
        curl=curl,
        latency=_latency(args, issue.latency),
        customers=Customers(args.customers_affected) if args.customers_affected else issue.customers,
        customer=issue.customer,
        arr=issue.arr,
        renewal=issue.renewal,
        not_applicable=not_applicable,
        unreasoned=tuple(name for name in (*issue.unreasoned, *given.unreasoned) if name not in not_applicable),
        disagreements=tuple(_disagreements(args, given.texts, issue, curl, parameters)),
        masked=tuple(sorted(cleaner.masked)),
    )


def seen(text: str) -> str:
    """`text` without the characters that nobody sees, its lines ended in one way."""
    return _UNSEEN.sub("", _LINE_END.sub("\n", text))


def clip(text: str, limit: int) -> str:
    """`text`, cut after `limit` characters; how many are left out is said."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def _given(args: EscalateArgs, parameters: EscalateParameters, cleaner: _Cleaner) -> _Given:
    reasons = {item: cleaner.clean(reason) for item, reason in args.not_applicable.items()}
    given = _Given({}, [], [], reasons, [])
    for name, value in _given_values(args, parameters):
        text = cleaner.clean(value).strip()
        if not says_something(name, text, parameters, given.not_applicable, given.unreasoned):
            continue
        if name == "timestamps":
            given.moments += find_moments(text)
        elif name == "request_ids":
            given.request_ids += re.split(r"[\s,]+", text)
        else:
            given.texts[name] = text
    return given


def _given_values(args: EscalateArgs, parameters: EscalateParameters) -> Iterator[tuple[str, str]]:
    """The rubric's fields and the request as text, those that are lists with an entry a line."""
    for name in (*parameters.items, "request"):
        value: str | tuple[str, ...] | None = getattr(args, name)
        yield name, "\n".join(value) if isinstance(value, tuple) else value or ""
    yield "timestamps", args.started_at or ""


def _latency(args: EscalateArgs, read: Latency) -> Latency:
    both_given = args.latency_ms is not None and args.normal_latency_ms is not None
    return Latency(
        args.latency_ms or read.now_ms,
        args.normal_latency_ms or read.normal_ms,
        None if both_given else read.factor,
        read.quote,
    )


def _each_once(values: list[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))


def _disagreements(
    args: EscalateArgs, texts: Mapping[str, str], issue: Issue, curl: tuple[Curl, ...], parameters: EscalateParameters
) -> Iterator[str]:
    yield from _kind_disagreement(args, issue, parameters)
    pairs = {
        "severity": (args.severity, issue.severity),
        "customers_affected": (args.customers_affected, issue.customers.count),
        "latency_ms": (args.latency_ms, issue.latency.now_ms),
        "normal_latency_ms": (args.normal_latency_ms, issue.latency.normal_ms),
    }
    for name, (given, read) in pairs.items():
        if given is not None and read is not None and given != read:
            said = f"{given} is given by itself, the text says {read}; the former counts"
            yield f"{_words(name)}{' in ms' if name.endswith('_ms') else ''}: {said}."
    for name, text in texts.items():
        if name in issue.labelled and _differ(text, issue.texts.get(name, "")):
            quoted = f"“{_quote(text)}” is given by itself, the text says “{_quote(issue.texts[name])}”"
            yield f"{_words(name)}: {quoted}; the former counts."
    for name, earlier in issue.replaced.items():
        yield f"{_words(name)} is stated twice in the text, first as “{_quote(earlier)}”; the last counts."
    yield from _endpoint_disagreement(texts.get("endpoint") or issue.texts.get("endpoint", ""), curl)


def _kind_disagreement(args: EscalateArgs, issue: Issue, parameters: EscalateParameters) -> Iterator[str]:
    read = issue.kind.kind
    if args.kind is None or read is None or read == args.kind or read in parameters.kinds[args.kind].over:
        return
    said = f"the text reads as {parameters.kinds[read].label} (“{_quote(issue.kind.quote)}”)"
    yield f"Kind: {parameters.kinds[args.kind].label} is given by itself, {said}; the former counts."


def _endpoint_disagreement(stated: str, curl: tuple[Curl, ...]) -> Iterator[str]:
    endpoint = read_endpoint(stated)
    called = [Endpoint(command.path, command.method) for command in curl]
    if endpoint is None or not called or any(same_endpoint(endpoint, other) for other in called):
        return
    yield f"The endpoint ({endpoint}) and the curl command ({called[0]}) disagree. Say which one fails by endpoint: …"


def _differ(one: str, other: str) -> bool:
    """Whether neither text holds the other."""
    a, b = (" ".join(text.lower().split()) for text in (one, other))
    return bool(b) and a not in b and b not in a


def _words(name: str) -> str:
    return name.removesuffix("_ms").replace("_", " ").capitalize()


def _quote(text: str) -> str:
    return clip(" ".join(text.split()), LONGEST_QUOTE)
