"""The API calls of an account in numbers and by month, how the limit is computed, and the drafts that it calls for."""

from collections.abc import Iterator, Mapping

from app.domain.blocks import Block, Chart, Column, Heading, Paragraph, Series, Table
from app.domain.figures import Ref, text
from tools.adoption.offers import note_figures, quota_mail, sales_note
from tools.adoption.telling import Telling

LABELS: Mapping[str, str] = {
    "quota.monthly": "Calls a month in your contract",
    "quota.used.month_to_date": "Calls this month",
    "quota.used_share.month_to_date": "Share of the month's calls",
    "quota.covered_to": "Counted to",
    "quota.run_rate": "Calls a day, last 28 days",
    "quota.projected.month": "Calls by the end of the month at this pace",
    "quota.projected_share.month": "Share by the end of the month",
    "quota.limit_on": "Used up on",
}
NO_PROJECTION = "under a week of calls is on record, so nothing is projected"


def quota_blocks(telling: Telling) -> Iterator[Block]:
    """Nothing where no quota applies, or it is not known."""
    found, quota = telling.found, telling.quota
    if found.quota.state in ("unknown", "not_applicable"):
        return
    yield Heading(text=text("API calls"), folded=True)
    rows = [(text(label), text(telling.keep(quota[key]))) for key, label in LABELS.items() if key in quota]
    if found.growth is not None:
        label = f"Change of {found.months[-1].period.name} to the month before"
        rows.append((text(label), text(telling.keep(found.growth))))
    yield Table(columns=(Column(label="What"), Column(label="Now", align="right")), rows=tuple(rows))
    yield from _chart(telling)
    yield Heading(text=text("How the limit is computed"), folded=True)
    told = quota.get("quota.limit_on") or quota.get("quota.projected.month")
    rule = told.formula if told else NO_PROJECTION
    yield Paragraph(text=text(f"{rule[:1].upper()}{rule[1:]}."))


def draft_blocks(telling: Telling) -> Iterator[Block]:
    """The mail to the customer and the note for Sales, where the quota calls for them."""
    found = telling.found
    mail, note = quota_mail(found), sales_note(found)
    if mail is None or note is None:
        return
    months = (month.figure for month in found.months[-1:])
    for figure in (*telling.quota.values(), *months, *note_figures(found)):
        telling.keep(figure)
    yield Heading(text=text("Mail to the customer"), folded=True)
    yield mail
    yield Heading(text=text("Note for Sales: a proposal, nothing is offered yet"), folded=True)
    yield note


def _chart(telling: Telling) -> Iterator[Chart]:
    months, account = telling.found.months, telling.found.account.id
    if len(months) < 2:
        return
    calls = tuple(Ref(figure=telling.keep(month.figure).key, account_id=account) for month in months)
    limit = tuple(Ref(figure="quota.monthly", account_id=account) for _ in months)
    yield Chart(
        title=text("API calls by month"),
        form="bar",
        labels=tuple(month.period.name for month in months),
        series=(Series(label="API calls", points=calls), Series(label="Calls in the contract", points=limit)),
    )
