"""Figures: every number that an answer states, with its unit, formula and the records it came from."""

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

MAX_LISTED_EVIDENCE = 20
"""Beyond so many records, evidence is one range with a count and a link (design, section 3)."""


class Evidence(BaseModel):
    """One record (`id`), or a range of them (`from`, `to`, `count`, `href`). `kind` is the table's name."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    kind: str
    id: str | None = None
    date: dt.date | None = None
    first: dt.date | None = Field(default=None, alias="from")
    last: dt.date | None = Field(default=None, alias="to")
    count: int | None = None
    href: str | None = None


class Figure(BaseModel):
    """A stated value. (key, account_id, as_of) is unique and means one thing in every command.

    `value` is unrounded and None where unknown. `unit` is one of: points, %, ratio, count, calls, users, seats,
    features, tickets, hours, days, weeks, ms, date, text, RICE, or an ISO 4217 currency code (money; a year
    where the key says so). The renderer alone rounds: `shown` is the value as it writes it, set in an answer.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    label: str
    value: float | int | str | dt.date | None
    unit: str
    account_id: str | None
    as_of: dt.date
    formula: str
    evidence: tuple[Evidence, ...] = ()
    shown: str = ""


class Ref(BaseModel):
    """A place in a text where a figure's value stands; the renderer fills it in."""

    model_config = ConfigDict(frozen=True)

    figure: str
    account_id: str | None = None


Span = str | Ref


def _as_spans(value: Any) -> Any:
    return (value,) if isinstance(value, (str, Ref)) else value


Text = Annotated[tuple[Span, ...], BeforeValidator(_as_spans)]
"""Plain text with figures in it. Never markup and never a template, so quoted customer text is safe in it."""


def text(*parts: "Span | Figure | Text") -> Text:
    """Join strings, figures and texts: `text("Score ", score, " of 100")`."""
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, Figure):
            spans.append(Ref(figure=part.key, account_id=part.account_id))
        elif isinstance(part, tuple):
            spans.extend(part)
        else:
            spans.append(part)
    return tuple(spans)


def joined(parts: "Iterable[Span | Figure | Text]", between: str) -> Text:
    """The parts in order, with `between` between them; nothing of none."""
    return text(*(each for place, part in enumerate(parts) for each in ((between, part) if place else (part,))))


def listed(kind: str, rows: "list[tuple[str, dt.date]]", href: str | None) -> tuple[Evidence, ...]:
    """Evidence for records given as (id, day): each of them, or one range where there are many.

    `href` leads to exactly these records; None where no address does.
    """
    if len(rows) <= MAX_LISTED_EVIDENCE:
        return tuple(Evidence(kind=kind, id=row_id, date=day) for row_id, day in rows)
    days = [day for _, day in rows]
    return (Evidence(kind=kind, first=min(days), last=max(days), count=len(rows), href=href),)


MEASURED_UNITS = ("points", "%", "ratio", "RICE")
"""Units whose values stay floats; in every other unit a whole float becomes an integer."""


def account_figure(
    account_id: str,
    as_of: dt.date,
    key: str,
    label: str,
    value: float | str | dt.date | None,
    unit: str,
    formula: str,
    evidence: tuple[Evidence, ...] = (),
) -> Figure:
    """A figure of one account. What is counted becomes an integer."""
    if isinstance(value, float) and value.is_integer() and unit not in MEASURED_UNITS:
        value = int(value)
    return Figure(
        key=key,
        label=label,
        value=value,
        unit=unit,
        account_id=account_id,
        as_of=as_of,
        formula=formula,
        evidence=evidence,
    )
