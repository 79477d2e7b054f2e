"""The mails about a quota, and the note with the arithmetic for Sales. Service comes first; prices are for Sales."""

from collections.abc import Iterator, Mapping
from string import Formatter

from app.domain.blocks import Draft, DraftField
from app.domain.contract import contract_figures
from app.domain.figures import Figure, Text, joined, text
from app.domain.records import Contact
from app.domain.snapshot import AccountSnapshot
from tools.adoption.parameters import Drafted
from tools.adoption.plans import headroom_figures
from tools.adoption.quota import quota_figures
from tools.adoption.study import Study
from tools.feedback.replies import greeting
from tools.health.people import people
from tools.health.wording import filled

NOBODY = "a contact that you choose"
REGARDS = "Kind regards"


def letter(
    title: str, account_id: str, contact: Contact | None, mail: Drafted, figures: Mapping[str, Figure], **words: str
) -> Draft:
    """A mail to a customer; a paragraph with a figure or word that is not known is left out."""
    known = {*figures, *words}
    told = [filled(each, figures, words) for each in mail.paragraphs if _names(each) <= known]
    to = contact.name if contact and contact.name else NOBODY
    return Draft(
        title=text(title),
        audience="customer",
        fields=(
            DraftField(label="To", text=text(to)),
            DraftField(label="Subject", text=filled(mail.subject, figures, words)),
            DraftField(label="Message", text=joined((greeting(contact), *told, REGARDS), "\n\n")),
        ),
        account_id=account_id,
    )


def reader_of(snapshot: AccountSnapshot) -> Contact | None:
    """Whom to write to: the champion, else who decides, else whom we heard of last; nobody who has left."""
    here = [p.contact for p in people(snapshot) if p.contact.left_on is None or p.contact.left_on > snapshot.as_of]
    return here[0] if here else None


def quota_mail(found: Study) -> Draft | None:
    """The mail that the quota calls for: it is nearly used, or far larger than what is used."""
    if not (found.near_limit or found.tell_right_size):
        return None
    mails = found.parameters.mails
    figures = quota_figures(found.snapshot, found.quota)
    values = dict(_mail_figures(found, figures))
    month = {"month": f"{found.months[-1].period.first:%B}"} if found.months else {}
    return letter(
        f"To {found.account.name}",
        found.account.id,
        reader_of(found.snapshot),
        mails["near"] if found.near_limit else mails["right_size"],
        values,
        **month,
    )


def sales_note(found: Study) -> Draft | None:
    """What Sales needs to know of the quota; None where there is nothing to decide."""
    if not (found.near_limit or found.tell_right_size):
        return None
    lines = (*_facts(found), *(_growing(found) if found.near_limit else _shrinking(found)))
    fields = (DraftField(label=label, text=told) for label, told in lines)
    return Draft(title=text("Note for Sales"), audience="internal", fields=tuple(fields))


def note_figures(found: Study) -> Iterator[Figure]:
    """The figures that the note states beside those of the quota."""
    contract = contract_figures(found.found.case.portfolio, 0, found.currency)
    yield from (contract[key] for key in ("arr", "renewal.date") if key in contract)
    if found.next_plan is not None:
        yield from headroom_figures(found.account, found.as_of, found.next_plan, found.currency).values()


def headroom_words(found: Study) -> Text:
    """The next plan's quota and list price in multiples of the own ones, and the one per the other."""
    step = found.next_plan
    if step is None:
        return text("no bigger plan is on record; ask Sales what a larger quota would be")
    figures = headroom_figures(found.account, found.as_of, step, found.currency)
    own = f"{step.own.name} to {step.plan.name}" if step.own else step.plan.name
    told = text(f"{own}: ", figures["expansion.headroom"], " × the quota")
    if "expansion.cost" not in figures:
        return text(told, "; its price beside theirs is not on record")
    ratio = figures["expansion.headroom_per_cost"]
    return text(told, " for ", figures["expansion.cost"], " × the list price, headroom per cost ", ratio)


def _facts(found: Study) -> Iterator[tuple[str, Text]]:
    contract = contract_figures(found.found.case.portfolio, 0, found.currency)
    renewal = contract.get("renewal.date")
    told = text(f"{found.account.name} ({found.account.id}), ARR ", contract["arr"])
    yield "Customer", text(told, ", renewal ", renewal) if renewal else told
    figures = quota_figures(found.snapshot, found.quota)
    used, share = figures.get("quota.used.month_to_date"), figures.get("quota.used_share.month_to_date")
    if used and share:
        yield "Used", text(used, " of ", figures["quota.monthly"], " calls this month (", share, ")")
    if found.growth is not None and found.months:
        yield "Growth", text(found.growth, f" in {found.months[-1].period.name} against the month before")


def _growing(found: Study) -> Iterator[tuple[str, Text]]:
    figures = quota_figures(found.snapshot, found.quota)
    limit, projected = figures.get("quota.limit_on"), figures.get("quota.projected.month")
    if limit and projected:
        yield (
            "Limit",
            text("used up on ", limit, "; ", projected, f" calls by the end of the month: {projected.formula}"),
        )
    elif projected:
        yield "Limit", text("not reached this month; ", projected, f" calls by its end: {projected.formula}")
    yield "Next plan", headroom_words(found)
    if (ours := _listed_quota(found)) is not None:
        yield "Contract", text(ours)
    caution = f"Not now: {found.hold_off}. " if found.hold_off else ""
    yield (
        "To decide",
        text(f"{caution}Whether to offer it, at which price and from when is yours to say."),
    )


def _shrinking(found: Study) -> Iterator[tuple[str, Text]]:
    figures = quota_figures(found.snapshot, found.quota)
    yield "By the end of the month", text(figures["quota.projected_share.month"], " of the quota")
    smaller = found.smaller
    held = f"{smaller.name} ({smaller.quota_monthly:,} calls) holds the busiest month" if smaller else ""
    yield "Smaller plan", text(held or "none on record that is smaller and holds the busiest month with room to spare")
    yield (
        "To decide",
        text("How we tell them, before they find out at the renewal. No upsell of calls."),
    )


def _listed_quota(found: Study) -> str | None:
    """That the contract's quota is not that of the plan."""
    own = found.next_plan.own if found.next_plan else None
    if own is None or own.quota_monthly in (None, found.account.api_quota_monthly):
        return None
    return f"their quota differs from the {own.quota_monthly:,} calls of {own.name}: check the contract"


def _mail_figures(found: Study, figures: Mapping[str, Figure]) -> Iterator[tuple[str, Figure]]:
    names = {
        "covered": "quota.covered_to",
        "used": "quota.used.month_to_date",
        "quota": "quota.monthly",
        "share": "quota.used_share.month_to_date",
    }
    yield from ((name, figures[key]) for name, key in names.items() if key in figures)
    limit, days = found.quota.limit_on, figures.get("quota.limit_in")
    if found.quota.state == "reached":
        yield "limit_on", figures["quota.limit_on"]
    elif limit is not None and limit > found.as_of and days is not None:
        yield "limit_next", figures["quota.limit_on"]
        yield "limit_in", days
    growth = found.growth.value if found.growth else None
    if found.growth and isinstance(growth, float) and growth >= found.parameters.quota.growth_told:
        yield "growth", found.growth
    if found.months:
        yield "month_calls", found.months[-1].figure


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}
