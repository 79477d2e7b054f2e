"""Logs for the tests of rules: from failures over time, and from shares by a dimension."""

import datetime as dt
from collections.abc import Mapping, Sequence

from tests.tools.troubleshoot.made import at, case_with
from tools.troubleshoot.facts.logs import Breakdown, Bucket, Dimension, LogSummary, Marker, MarkerKind, Share
from tools.troubleshoot.rules.rule import Finding, Rule

BEGIN = at("09:00")


def log_of(
    failures: Sequence[int] = (),
    counts: Sequence[int] | int = 100,
    *,
    medians: Sequence[float] = (),
    seconds: int = 60,
    markers: Sequence[Marker] = (),
    shares: Mapping[Dimension, Mapping[str, tuple[int, int]]] | None = None,
    zone_known: bool = True,
    begin: dt.datetime = BEGIN,
) -> LogSummary:
    """`failures` of `counts` in each span of `seconds`, or its `medians` in ms; `shares`: records and failures."""
    places = len(failures) or len(medians)
    many = [counts] * places if isinstance(counts, int) else list(counts)
    buckets = tuple(
        Bucket(
            start=begin + dt.timedelta(seconds=seconds * place),
            count=many[place],
            errors=failures[place] if failures else 0,
            p50_ms=medians[place] if medians else None,
            timed=many[place] if medians else 0,
        )
        for place in range(places)
    )
    breakdowns = tuple(
        Breakdown(
            dimension=dimension,
            values=tuple(Share(value=value, count=count, errors=errors) for value, (count, errors) in values.items()),
        )
        for dimension, values in (shares or {}).items()
    )
    return LogSummary(
        format="plain",
        lines=sum(many),
        parsed=sum(many),
        records=sum(many),
        errors=sum(failures),
        zone_known=zone_known,
        bucket_seconds=seconds,
        buckets=buckets,
        breakdowns=breakdowns,
        markers=tuple(markers),
    )


def marker(clock: str, what: MarkerKind = "deploy", line: int = 7) -> Marker:
    return Marker(what=what, at=at(clock), line=line, text=f"{what} of orders 2.4.1 finished")


def finding(rule: Rule, *logs: LogSummary, said: str = "") -> Finding | None:
    """What the rule finds in these logs."""
    return rule.examine(case_with(*logs, said=said))


def rule_of(rules: Sequence[Rule], id_: str) -> Rule:
    return next(rule for rule in rules if rule.id == id_)


def plain(finding: Finding) -> str:
    """The title, its figures as their names."""
    return "".join(span if isinstance(span, str) else f"[{span.figure}]" for span in finding.title)
