"""The arguments of /escalate. From a chat everything stands in `issue`; programs may give each field by itself.

A subcommand names an escalation by its id or its ticket's: as `escalation`, or as the first word of `text`.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, StringConstraints

from app.domain.command import Args, free_words, raw_text
from app.domain.records import Severity
from tools.escalate.measures import milliseconds
from tools.escalate.parameters import ItemName, Kind

_WORD_BREAK = re.compile(r"[\s-]+")
_REASON = re.compile(r"\s*[=:]\s*|\s+because\s+")


def not_applicable_items(value: Any) -> Any:
    """Items and reasons from a mapping, from `item=reason`, or from several of those (a list, or separated by `;`).

    Anything else is left as it is, for the field's own type to refuse.

    Raises:
        ValueError: an item is none of the rubric, or has no reason.
    """
    if value is None or isinstance(value, Mapping):
        pairs: Iterable[tuple[Any, Any]] = (value or {}).items()
    elif not isinstance(value, str | list | tuple):
        return value
    else:
        parts = value.split(";") if isinstance(value, str) else list(value)
        pairs = [_item_and_reason(str(part)) for part in parts if str(part).strip()]
    items = {_WORD_BREAK.sub("_", str(name).strip().lower()): str(reason or "").strip() for name, reason in pairs}
    for name, reason in items.items():
        if name not in get_args(ItemName):
            raise ValueError(f"{name} is no rubric item; the items are {', '.join(get_args(ItemName))}")
        if not reason:
            raise ValueError(f"{name} is not applicable for which reason? Write {name}=reason")
    return items


def _item_and_reason(text: str) -> tuple[str, str]:
    name, *reason = _REASON.split(text, maxsplit=1)
    return name, "".join(reason)


def _kind(value: Any) -> Any:
    """The one kind that an answer such as "data corruption" or "a bug, I think" names."""
    if not isinstance(value, str):
        return value
    named = [kind for kind in get_args(Kind) if re.search(rf"\b{kind.replace('_', '[ _-]')}\b", value, re.IGNORECASE)]
    return named[0] if len(named) == 1 else value.strip() or None


def _severity(value: Any) -> Any:
    """The one severity that an answer such as "sev 2" or "SEV2, for now" names."""
    if not isinstance(value, str):
        return value
    named = {f"SEV{level}" for level in re.findall(r"\bsev(?:erity)?[ -]?([1-4])\b", value, re.IGNORECASE)}
    return named.pop() if len(named) == 1 else value.strip() or None


def _duration(value: Any) -> Any:
    """A duration such as `5 s`, also as "normal latency: 300 ms"."""
    return milliseconds(re.split(r"[:=]", value)[-1].strip()) or value if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    """Several values in one text stand on lines of their own, or are separated by semicolons."""
    return [part.strip() for part in re.split(r"[;\n]", value) if part.strip()] if isinstance(value, str) else value


Statement = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100_000)] | None
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] | None
Milliseconds = Annotated[float | None, Field(gt=0, le=1e9, allow_inf_nan=False), BeforeValidator(_duration)]


Action = Literal["list", "update", "check", "resolve", "reopen", "close", "similar", "postmortem", "blast"]
WRITES = ("update", "check", "resolve", "reopen", "close")
"""The subcommands that write."""


class EscalateArgs(Args):
    """An issue at an account; or what `action` says of escalations that are open, or were.

    A field given by itself counts before what the issue's text says of it.
    """

    action: Action | None = Field(
        None,
        description="list what is open; update, check, resolve, reopen, close one; similar cases; postmortem: a draft; "
        "blast: whom it hit",
    )
    account: str | None = Field(None, description="The account that reports the issue, or whose escalation is meant")
    issue: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] | None = raw_text(
        "What happened: labelled lines or free prose, with curl command, error, times, ids and logs",
        None,
        actions=("",),
    )
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)] | None = raw_text(
        "What is new, was checked or fixed; from a chat after the escalation's id",
        None,
        actions=WRITES,
        about_account=False,
    )
    escalation: Named = free_words("The escalation's id, or its ticket's", None, actions=("similar", "postmortem"))
    owner: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)] | None = Field(
        None, description="Who leads it, where that is not you; of a list: only theirs"
    )
    ticket: Named = Field(None, description="The support ticket that it is about")
    status: Literal["open", "all"] = Field("open", description="Of a list: those that are open, or all")
    kind: Annotated[Kind | None, BeforeValidator(_kind)] = Field(
        None, description="Outage, performance, data_corruption, security or bug; else read from the issue"
    )
    severity: Annotated[Severity | None, BeforeValidator(_severity)] = Field(
        None, description="SEV1 (production down) to SEV4 (a minor fault); never guessed"
    )
    endpoint: Statement = Field(None, description="Method and path, such as POST /v1/payments")
    feature: Named = Field(None, description="Of a blast: the feature at fault; with an endpoint, both count")
    since: dt.date | None = Field(None, description="Of a blast: its first day")
    until: dt.date | None = Field(None, description="Of a blast: its last day; without it, the first")
    request: Statement = Field(None, description="The request as curl command or code; it is never run")
    error: Statement = Field(None, description="The exact error message")
    timestamps: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field((), description="Times with their zone")
    started_at: Statement = Field(None, description="When it began, with the time zone")
    request_ids: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field((), description="Ids of failed calls")
    environment: Statement = Field(None, description="Production, staging or sandbox; region; SDK version")
    reproduction: Statement = Field(None, description="Steps to reproduce")
    logs: Statement = Field(None, description="A log excerpt, or the names of attached files")
    impact: Statement = Field(None, description="Which share of calls or users is hit")
    business_impact: Statement = Field(None, description="What it costs the customer")
    customer_expectation: Statement = Field(None, description="What the customer expects by when")
    customers_affected: Annotated[int, Field(ge=1, le=10**6)] | None = Field(
        None, description="How many customers are affected, this one included"
    )
    latency_ms: Milliseconds = Field(None, description="How long a call takes now: milliseconds, or such as 5 s")
    normal_latency_ms: Milliseconds = Field(None, description="How long the same call usually takes")
    not_applicable: Annotated[dict[ItemName, str], BeforeValidator(not_applicable_items)] = Field(
        {}, description="Rubric items that do not apply, each with its reason: item=reason; item=reason"
    )

    @property
    def named(self) -> str | None:
        """The id that stands for the escalation; of a text its first word, which may be one."""
        first = next(iter((self.text or "").split(maxsplit=1)), "")
        return self.escalation or first.rstrip(":,;.") or None
