"""Whether an issue meets the criteria for engineering: met, not met, or unknown, each with why."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tools.escalate.parameters import EscalateParameters, Kind
from tools.escalate.statement import Statement

CriterionKey = Literal["outage", "data_corruption", "security", "latency", "several_customers", "bug"]
Met = bool | Literal["unknown"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion. `kind` is the kind of issue it belongs to; a kind qualifies where all of its criteria are met.

    `asks` are the fields that would settle it.
    """

    key: CriterionKey
    kind: Kind
    met: Met
    because: str
    asks: tuple[str, ...] = ()


def judge(stated: Statement, peers: int, parameters: EscalateParameters) -> tuple[Criterion, ...]:
    """Every criterion. `peers` is the number of other accounts that report something similar."""
    return tuple(_criteria(stated, peers, parameters))


def qualifies(criteria: tuple[Criterion, ...], kind: Kind | None) -> bool:
    """Whether all criteria of the issue's kind are shown to be met. What is unknown is not shown."""
    own = [criterion for criterion in criteria if criterion.kind == kind]
    return bool(own) and all(criterion.met is True for criterion in own)


def _criteria(stated: Statement, peers: int, parameters: EscalateParameters) -> Iterator[Criterion]:
    for kind in parameters.kinds:
        if stated.kind == "performance" == kind:
            yield _latency(stated, parameters)
            yield _several_customers(stated, peers, parameters)
        elif stated.kind == "bug" == kind:
            yield _bug(stated, parameters)
        else:
            met, because = _by_kind(kind, stated, parameters)
            keys: tuple[CriterionKey, ...] = ("latency", "several_customers") if kind == "performance" else (kind,)
            yield from (Criterion(key, kind, met, because) for key in keys)


def _by_kind(kind: Kind, stated: Statement, parameters: EscalateParameters) -> tuple[Met, str]:
    """A criterion that rests on the kind alone."""
    if stated.kind is None:
        return "unknown", "the kind of issue is not stated"
    if stated.kind != kind:
        label = parameters.kinds[stated.kind].label
        return (False, f"the issue is stated as {label}") if stated.kind_named else ("unknown", f"read as {label}")
    return True, "stated as such" if stated.kind_named else f"the text says “{stated.kind_reading.quote}”"


def _bug(stated: Statement, parameters: EscalateParameters) -> Criterion:
    """An error in our code that can be reproduced."""
    asks = tuple(name for name in ("error", "reproduction") if not has(stated, name))
    if asks:
        return Criterion("bug", "bug", "unknown", f"not shown to be reproducible: no {' and no '.join(asks)}", asks)
    theirs = sorted(parameters.request_statuses.intersection(stated.statuses))
    if theirs and not stated.kind_named:
        because = f"status {theirs[0]} points at the request or its limits; once that is ruled out, state kind=bug"
        return Criterion("bug", "bug", "unknown", because, ("kind",))
    return Criterion("bug", "bug", True, "the error is there, and how to reproduce it")


def _latency(stated: Statement, parameters: EscalateParameters) -> Criterion:
    factor = f"{parameters.latency_factor:g} times normal"
    ratio = stated.latency_ratio
    if ratio is None:
        known = {"latency_ms": stated.latency.now_ms, "normal_latency_ms": stated.latency.normal_ms}
        asks = tuple(name for name, value in known.items() if value is None)
        because = f"latency above {factor} is not shown: {' and '.join(_words(name) for name in asks)} not stated"
        return Criterion("latency", "performance", "unknown", because, asks)
    met = ratio > parameters.latency_factor
    quote = f" (“{stated.latency.quote}”)" if stated.latency.quote else ""
    because = f"latency is {'above' if met else 'not above'} {factor}{quote}"
    return Criterion("latency", "performance", met, because)


def _several_customers(stated: Statement, peers: int, parameters: EscalateParameters) -> Criterion:
    least = parameters.several_customers
    if stated.customers.several:
        because = f"several customers are affected (“{stated.customers.quote}”)"
        return Criterion("several_customers", "performance", True, because)
    if peers and peers + 1 >= least:
        said = "stated as one customer, but " if stated.customers.count == 1 else ""
        because = f"{said}other accounts report something similar"
        return Criterion("several_customers", "performance", True, because)
    count = stated.customers.count
    if count is None:
        because = "several customers affected is not shown: none stated, and no similar ticket of another account"
        return Criterion("several_customers", "performance", "unknown", because, ("customers_affected",))
    because = f"{'several customers are' if count >= least else 'only one customer is'} stated as affected"
    return Criterion("several_customers", "performance", count >= least, because)


def has(stated: Statement, field: str) -> bool:
    """Whether a field is stated; a request that can be sent again, with the error it gives, is a reproduction."""
    if field == "timestamps":
        return any(moment.zone for moment in stated.moments)
    if field == "request_ids":
        return bool(stated.request_ids)
    if field == "reproduction" and "request" in stated.texts and "error" in stated.texts:
        return True
    return bool(stated.texts.get(field))


def _words(name: str) -> str:
    return {"latency_ms": "the latency now", "normal_latency_ms": "the normal latency"}[name]
