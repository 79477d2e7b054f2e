"""Whether a case is one for engineering, by the criteria of /escalate, and the message that escalates it, prefilled.

Nothing is escalated here: a person reads the message and sends it.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.blocks import Draft, DraftField
from app.domain.command import Context
from app.domain.figures import Figure, text
from app.domain.records import Severity
from tools.escalate.arguments import EscalateArgs
from tools.escalate.case import Case as Escalation
from tools.escalate.case import open_case
from tools.escalate.criteria import Criterion, judge
from tools.escalate.parameters import EscalateParameters, Kind
from tools.escalate.rubric import Gate, decide
from tools.escalate.similar import (
    SAME_WORDS,
    SimilarEscalation,
    SimilarTicket,
    find_similar,
    find_similar_escalations,
)
from tools.escalate.statement import Statement, understand
from tools.troubleshoot import seen
from tools.troubleshoot.case import Case
from tools.troubleshoot.diagnosis import Diagnosed
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.impact import own_words
from tools.troubleshoot.wording import one_line, texts_of

LONGEST_ISSUE = 400
PLACEHOLDER = "ACCOUNT"
_FENCE = "```"
_ALONE = re.compile(r"[^\n:=;|]{0,400}")
"""A value in which nothing can be read as another label."""


@dataclass(frozen=True, slots=True)
class Handover:
    """A case as /escalate reads it. `offered`: it may be one for engineering; `package` are its labelled lines."""

    offered: bool
    package: str
    stated: Statement
    criteria: tuple[Criterion, ...]
    gate: Gate
    similar: tuple[SimilarTicket, ...]
    similar_escalations: tuple[SimilarEscalation, ...]
    figures: Mapping[str, Figure]

    @property
    def meets(self) -> bool:
        """Whether it meets the criteria, as far as they are shown, or goes to engineering at any quality."""
        return self.offered and (self.gate.qualifies or self.gate.at_once)

    @property
    def severity(self) -> Severity | None:
        """The severity that the text states; it is never guessed."""
        return self.stated.severity

    @property
    def own(self) -> tuple[Criterion, ...]:
        """The criteria of the issue's kind."""
        return tuple(each for each in self.criteria if each.kind == self.stated.kind)


def handover(ctx: Context, case: Case, diagnosed: Diagnosed, request: str | None) -> Handover:
    """The case as /escalate reads it. `request` is the masked request that failed, where one can be sent again."""
    parameters = ctx.others.get("escalate")
    if not isinstance(parameters, EscalateParameters):
        raise TypeError("/troubleshoot needs the parameters of /escalate in its context")
    said = understand(EscalateArgs(issue=case.statement.text or None), parameters)
    kind = _kind(case, diagnosed)
    package = "\n".join(_lines(case, diagnosed, said, kind, request))
    read = _read(ctx, package, parameters)
    return Handover(
        offered=_is_offered(diagnosed, said.kind, kind, parameters),
        package=package,
        stated=read.stated,
        criteria=read.criteria,
        gate=read.gate,
        similar=tuple(each for each in read.similar if has_signature(each)),
        similar_escalations=tuple(each for each in read.similar_escalations if has_signature(each)),
        figures=read.figures,
    )


def has_signature(found: SimilarTicket | SimilarEscalation) -> bool:
    """Whether more than words is alike: an endpoint, a status, the kind. Words alone call too much the same."""
    return not found.because.startswith(SAME_WORDS)


def message(found: Handover, account_id: str | None) -> str:
    """What a person sends to escalate it."""
    return f"/escalate {account_id or PLACEHOLDER}\n{found.package}"


def draft(found: Handover, account_id: str | None) -> Draft:
    """The message as a draft, ready to be sent as it stands."""
    return Draft(
        title=text(f"Package for engineering: read it, {'complete it, ' if found.gate.missing else ''}send it"),
        audience="internal",
        fields=(DraftField(label="Message", text=text(message(found, account_id)), verbatim=True),),
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """What of an escalation is looked at, with an account or without one."""

    stated: Statement
    criteria: tuple[Criterion, ...]
    gate: Gate
    similar: tuple[SimilarTicket, ...]
    similar_escalations: tuple[SimilarEscalation, ...]
    figures: Mapping[str, Figure]


def _read(ctx: Context, package: str, parameters: EscalateParameters) -> "Escalation | _Read":
    """The package as /escalate reads and judges it; without an account, what the account's records add is missing."""
    args = EscalateArgs(account=ctx.account.account.id if ctx.account else None, issue=package or None)
    if ctx.account is not None:
        return open_case(ctx, args, ctx.account, parameters)
    stated, book = understand(args, parameters), ctx.escalations
    similar = find_similar(stated, ctx.peers, tuple(peer.account_name for peer in ctx.peers), parameters)
    criteria = judge(stated, len({found.ticket.account_id for found in similar}), parameters)
    gate = decide(stated, criteria, parameters)
    alike = find_similar_escalations(stated, "", book, parameters) if book else ()
    return _Read(stated, criteria, gate, similar, alike, {})


def _kind(case: Case, diagnosed: Diagnosed) -> Kind | None:
    """The kind that the top cause stands for, where it lies with us and is more than possible."""
    top = diagnosed.top
    if top is None or top.side != "product" or top.finding.certainty == "possible":
        return None
    return case.parameters.handover.kinds.get(top.rule.id)


def _is_offered(diagnosed: Diagnosed, said: Kind | None, kind: Kind | None, parameters: EscalateParameters) -> bool:
    """Where the fault is ours, or people tell of an outage or corruption that is nobody else's yet; a breach always."""
    if said == "security" or kind is not None or diagnosed.side == "product":
        return True
    return diagnosed.side == "undecided" and said in parameters.at_once.kinds


def _lines(case: Case, diagnosed: Diagnosed, said: Statement, kind: Kind | None, request: str | None) -> Iterator[str]:
    stated = said.texts
    values: tuple[tuple[str, str | None], ...] = (
        ("Severity", said.severity),
        ("Kind", kind.replace("_", " ") if kind else None),
        ("Issue", _issue(case, diagnosed, said)),
        ("Impact", _impact(case, said)),
        ("Business impact", stated.get("business_impact") or case.statement.impact or own_words(case.statement)),
        ("Reproduction", stated.get("reproduction")),
        ("Endpoint", stated.get("endpoint") or _endpoint(case)),
        ("Request", request or stated.get("request")),
        ("Error", seen.error(case) or stated.get("error")),
        ("Timestamps", "; ".join(seen.moments(case))),
        ("Request IDs", ", ".join(seen.request_ids(case))),
        ("Environment", stated.get("environment")),
        ("Customers affected", str(said.customers.count or "")),
        ("Latency ms", _number(said.latency.now_ms)),
        ("Normal latency ms", _number(said.latency.normal_ms)),
        ("Customer expectation", stated.get("customer_expectation")),
        ("Logs", "\n".join(_log_lines(case))),
    )
    for label, value in values:
        if value:
            yield _labelled(label, value)


def _labelled(label: str, value: str) -> str:
    """A labelled line; a value that could be read as labels itself stands in a fence below its label."""
    if _ALONE.fullmatch(value) or label in ("Timestamps", "Request IDs", "Endpoint"):
        return f"{label}: {value}"
    return f"{label}:\n{_FENCE}\n{value.replace(_FENCE, '~' * 4)}\n{_FENCE}"


def _issue(case: Case, diagnosed: Diagnosed, said: Statement) -> str | None:
    """What people said beside the labelled lines, cut; else what the top cause is called, and how sure that is."""
    if told := one_line(said.summary, LONGEST_ISSUE):
        return told
    top = diagnosed.top
    if top is None:
        return seen.error(case)
    title = texts_of(top, case.parameters).title
    return title if top.finding.certainty == "known" else f"{title} ({top.finding.certainty}, not proven)"


def _impact(case: Case, said: Statement) -> str:
    """Which share fails, by the log; what is stated of it, or whom it hits, where the issue does not say that."""
    log = next((each for each, _ in seen.logs(case)), None)
    parts = [_share(log)] if log is not None and log.records and log.errors else []
    stated = [said.texts["impact"]] if "impact" in said.texts else list(case.statement.extent)
    return "; ".join([*parts, *(each for each in stated if not parts or each not in said.summary)])


def _endpoint(case: Case) -> str:
    found = seen.endpoint(case)
    return str(found) if found else ""


def _number(milliseconds: float | None) -> str:
    return f"{milliseconds:g}" if milliseconds else ""


def _share(log: LogSummary) -> str:
    """Of all records from the first minute on in which one failed: what was well before it does not lessen it."""
    place = next((place for place, bucket in enumerate(log.buckets) if bucket.errors), 0)
    since = log.buckets[place:]
    errors, records = sum(each.errors for each in since), sum(each.count for each in since)
    if not errors or not place or not log.zone_known:
        return f"{_percent(log.errors, log.records)} of requests failed ({log.errors:,} of {log.records:,} in the log)"
    begun = f"{since[0].start.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
    return f"{_percent(errors, records)} of requests failed since {begun} ({errors:,} of {records:,} in the log)"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.3g}%"


def _log_lines(case: Case) -> Iterator[str]:
    shown = case.parameters.shown
    for log, _ in seen.logs(case):
        yield from (one_line(each.sample, LONGEST_ISSUE) for each in seen.telling_lines(log, shown.lines))
