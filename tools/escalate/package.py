"""The package for engineering: as data for programs, and as a draft with every field for people."""

from app.domain.blocks import Draft, DraftField
from app.domain.figures import Figure, Text, joined, text
from tools.escalate.case import Case
from tools.escalate.data import FollowData, PackageData
from tools.escalate.statement import clip

NOT_GIVEN = "not given"
VERBATIM = ("request", "error", "logs")


def package_data(case: Case) -> PackageData:
    """The package. It may go only where the gate says so."""
    stated, account, figures = case.stated, case.account, case.figures
    text_fields = {name: stated.texts.get(name) for name in _TEXTS}
    return PackageData(
        account_id=account.id,
        customer=account.name,
        arr=_number(figures["arr"]),
        currency=figures["arr"].unit,
        plan=account.plan,
        lifecycle=account.lifecycle,
        renewal_date=account.renewal_date,
        decision_date=account.decision_date,
        open_tickets=_count(figures["tickets.open"]),
        severity=stated.severity,
        kind=stated.kind,
        route=case.route,
        issue=clip(stated.summary, case.parameters.shown.summary),
        error_share_7d=_number(figures.get("usage.error_share.7d")),
        customers_affected=stated.customers.count,
        latency_ms=stated.latency.now_ms,
        normal_latency_ms=stated.latency.normal_ms,
        timestamps=tuple(moment.text for moment in stated.moments[: case.parameters.shown.list]),
        request_ids=stated.request_ids[: case.parameters.shown.list],
        incomplete=case.gate.incomplete,
        follows=tuple(FollowData(field=f.field, owner=f.owner, due=f.due) for f in case.follows),
        **text_fields,
    )


def package_text(case: Case) -> str:
    """The package as labelled lines, as it is kept: `understand` reads them again."""
    package = package_data(case)
    known = (None, "", ())
    lines = [_line(name, value) for name, value in package if value not in known and name not in _NOT_KEPT]
    return "\n".join(lines)


def _line(name: str, value: object) -> str:
    """A field and its value; several values are listed, a value of several lines stands below its label."""
    listed = ", ".join(str(part) for part in value) if isinstance(value, tuple) else str(value).replace("_", " ")
    value_text = listed if isinstance(value, tuple) or name == "kind" else str(value)
    gap = "\n" if "\n" in value_text else " "
    return f"{name.replace('_', ' ').capitalize()}:{gap}{value_text}"


_NOT_KEPT = (
    "account_id", "incomplete", "follows", "route", "arr", "currency", "plan", "lifecycle", "renewal_date",
    "decision_date", "open_tickets", "error_share_7d",
)  # fmt: skip
"""What the account's own records say, at any time."""


def draft(case: Case) -> Draft:
    """The package as text: every field, those that nobody stated marked as not given."""
    status = "" if case.gate.sendable else " (not ready to send)"
    incomplete = " (incomplete)" if case.gate.sendable and case.gate.incomplete else ""
    return Draft(
        title=text(f"Escalation to engineering: {case.account.name}{status}{incomplete}"),
        audience="internal",
        fields=tuple(_fields(case)),
    )


_TEXTS = (
    "impact",
    "business_impact",
    "reproduction",
    "endpoint",
    "request",
    "error",
    "environment",
    "customer_expectation",
    "logs",
)


def _fields(case: Case) -> list[DraftField]:
    stated = case.stated
    fields = [
        DraftField(label="Customer", text=_customer(case)),
        DraftField(label="Severity", text=text(_severity(case))),
        DraftField(label="Kind", text=text(_kind(case))),
        DraftField(label="Issue", text=text(clip(stated.summary, case.parameters.shown.summary) or NOT_GIVEN)),
        _stated(case, "impact", "Impact"),
        DraftField(label="Failed calls (from usage data)", text=_error_share(case)),
        DraftField(label="Customers affected", text=_customers(case)),
    ]
    if stated.kind == "performance" or case.figures.get("escalation.latency_ratio"):
        fields.append(DraftField(label="Latency", text=_latency(case)))
    fields += [
        _stated(case, "business_impact", "Business impact"),
        _stated(case, "reproduction", "Reproduction"),
        _stated(case, "endpoint", "Endpoint"),
        _stated(case, "request", "Request"),
        _stated(case, "error", "Error"),
        _listed(case, "timestamps", "Timestamps", tuple(moment.text for moment in stated.moments)),
        _listed(case, "request_ids", "Request IDs", stated.request_ids),
        _stated(case, "environment", "Environment"),
        _stated(case, "customer_expectation", "Customer expectation"),
        _stated(case, "logs", "Logs"),
    ]
    if case.follows:
        missing = ", ".join(follow.field.replace("_", " ") for follow in case.follows)
        fields.append(DraftField(label="Incomplete", text=text(f"{missing} to follow by {case.due}")))
    return fields


def _customer(case: Case) -> Text:
    """Name, ARR, renewal and decision date, plan, lifecycle and open tickets, as on record."""
    account, figures = case.account, case.figures
    parts: list[Text] = [text(f"{account.name} (ARR ", figures["arr"])]
    if "renewal.days_to_renewal" in figures:
        parts.append(text("renewal in ", figures["renewal.days_to_renewal"], " days on ", figures["renewal.date"]))
        parts.append(text("decision by ", figures["renewal.decision_date"]))
    elif "renewal.days_lapsed" in figures:
        parts.append(text("contract lapsed ", figures["renewal.days_lapsed"], " days ago"))
    else:
        parts.append(text("renewal date unknown"))
    parts += [text(f"plan {account.plan}")] if account.plan else []
    parts += [text(account.lifecycle)] if account.lifecycle else []
    parts.append(text("open tickets: ", figures["tickets.open"], ")"))
    return joined(parts, ", ")


def _kind(case: Case) -> str:
    """The kind; where nobody stated it, that it was read from the text."""
    if case.stated.kind is None or case.stated.kind_named:
        return case.kinds or NOT_GIVEN
    return f"{case.kinds} (read from the text)"


def _severity(case: Case) -> str:
    """The severity with what the text says beside it."""
    severity, note = case.stated.severity, case.stated.severity_note
    if severity is None:
        return NOT_GIVEN
    if severity in note.upper():
        return note
    return f"{severity} ({note})" if note else severity


def _stated(case: Case, name: str, label: str) -> DraftField:
    value = case.stated.texts.get(name)
    if value is None and name == "reproduction" and {"request", "error"} <= case.stated.texts.keys():
        value = "send the request below; it answers with the error below"
    if value is None:
        return DraftField(label=label, text=text(_unstated(case, name)))
    return DraftField(label=label, text=text(value), verbatim=name in VERBATIM)


def _listed(case: Case, name: str, label: str, values: tuple[str, ...]) -> DraftField:
    most = case.parameters.shown.list
    more = f" and {len(values) - most} more" if len(values) > most else ""
    value = ", ".join(values[:most]) + more
    reason = next((mark.because for mark in case.gate.marks if mark.name == name and mark.missing), "")
    if values and reason:
        value = f"{value} ({reason.partition(':')[0]})"
    return DraftField(label=label, text=text(value or _unstated(case, name)))


def _unstated(case: Case, name: str) -> str:
    mark = next((mark for mark in case.gate.marks if mark.name == name), None)
    return f"not applicable: {mark.because}" if mark and mark.state == "not_applicable" else NOT_GIVEN


def _error_share(case: Case) -> Text:
    figures = case.figures
    if "usage.error_share.7d" not in figures:
        return text("unknown")
    share, errors, calls = (figures[f"usage.{name}.7d"] for name in ("error_share", "errors", "api_calls"))
    last = share.evidence[0].last
    return text(share, " of API calls: ", errors, " of ", calls, f" in the 7 days to {last}")


def _customers(case: Case) -> Text:
    stated = case.stated.customers
    said = f"{stated.count}, as stated" if stated.count else f"“{stated.quote}”" if stated.several else NOT_GIVEN
    others = case.figures.get("escalation.similar_accounts")
    return text(said, "; other accounts with a similar ticket: ", others) if others else text(said)


def _latency(case: Case) -> Text:
    latency, ratio = case.stated.latency, case.figures.get("escalation.latency_ratio")
    now = f"{latency.now_ms:g} ms now" if latency.now_ms else "now not given"
    normal = f"{latency.normal_ms:g} ms normally" if latency.normal_ms else "normally not given"
    told = text(f"{now}, {normal}")
    return text(told, ", ", ratio, " times normal") if ratio else told


def _number(figure: Figure | None) -> float | None:
    return float(figure.value) if figure and isinstance(figure.value, int | float) else None


def _count(figure: Figure) -> int | None:
    return figure.value if isinstance(figure.value, int) else None
