"""Which tier of support a case is for, and until when its first response is due (persona §4.1)."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from app.domain.command import Context
from app.domain.snapshot import ArticleEntry
from tools.troubleshoot.diagnosis import Diagnosed, Found
from tools.troubleshoot.handover import Handover
from tools.troubleshoot.opened import Opened
from tools.troubleshoot.parameters import TroubleshootParameters
from tools.troubleshoot.wording import texts_of

Tier = Literal[1, 2, 3]


@dataclass(frozen=True, slots=True)
class Support:
    """`due` is until when somebody who can work on it answers first; None in tier 1, and where that has happened.

    `articles` tell more of the causes, those of the top cause first; `answers` is the one that answers all of it.
    """

    tier: Tier
    due: dt.datetime | None
    answers: ArticleEntry | None
    articles: tuple[ArticleEntry, ...]


def support(ctx: Context, opened: Opened, diagnosed: Diagnosed, found: Handover) -> Support:
    """The tier of a case: engineering by its criteria, self-service where an article answers the cause, else tier 2."""
    parameters = opened.case.parameters
    articles = _articles(ctx, diagnosed, parameters)
    if found.meets:
        return Support(3, _due(ctx, opened, is_sev1=found.severity == "SEV1"), None, articles)
    answers = _self_service(ctx, diagnosed.top, parameters)
    if answers is not None:
        return Support(1, None, answers, articles)
    return Support(2, _due(ctx, opened, is_sev1=found.severity == "SEV1"), None, articles)


def _due(ctx: Context, opened: Opened, *, is_sev1: bool) -> dt.datetime | None:
    """Hours from when the ticket was opened, else from now: of the clock for a SEV1, else of the desk's opening."""
    ticket, parameters = opened.ticket, opened.case.parameters
    if ticket is not None and ticket.first_response_at is not None:
        return None
    begin = ticket.opened_at if ticket is not None else ctx.now
    if is_sev1:
        return begin + dt.timedelta(hours=parameters.support.sev1_hours)
    wait = dt.timedelta(hours=parameters.support.standard_hours)
    return parameters.hours.after(begin, wait, ctx.timezone)


def _self_service(ctx: Context, top: Found | None, parameters: TroubleshootParameters) -> ArticleEntry | None:
    """The article in which a customer finds all of the top cause, where that is known or likely."""
    if top is None or top.finding.certainty == "possible" or not texts_of(top, parameters).self_service:
        return None
    found = _article(ctx, texts_of(top, parameters).article)
    return found if found is not None and found.audience == "customer" else None


def _articles(ctx: Context, diagnosed: Diagnosed, parameters: TroubleshootParameters) -> tuple[ArticleEntry, ...]:
    named = (_article(ctx, texts_of(each, parameters).article) for each in (*diagnosed.causes, *diagnosed.contexts))
    each_once = {found.id: found for found in named if found is not None}
    return tuple(each_once.values())[: parameters.shown.articles]


def _article(ctx: Context, document: str | None) -> ArticleEntry | None:
    """The article of this name, in whichever collection it is: its id there is `collection.name`."""
    return next((entry for entry in ctx.articles if document and own_id(entry) == document), None)


def own_id(entry: ArticleEntry) -> str:
    """The id of an article within its collection, as rules name it."""
    return entry.id.rpartition(".")[2]
