"""/onboard integration: the design note, with the pattern of use, webhooks, sign-in, data mapping and a diagram."""

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.domain.blocks import Block, Draft, DraftField, Heading, Paragraph, Table, Verdict
from app.domain.command import Context, Report
from app.domain.figures import Evidence, Figure, Text, text
from app.domain.records import Integration
from tools.onboard import checklists
from tools.onboard.data import DesignData, MappingData
from tools.onboard.diagram import chosen, mermaid
from tools.onboard.material import Material
from tools.onboard.parameters import Carries
from tools.onboard.told import Told, told_of
from tools.onboard.traffic import planned
from tools.onboard.words import table

Pattern = Literal["steady", "uneven", "bursty"]
MONTH = 28
MINUTES = 1_440
IDENTITY = "identity"
_DIRECTIONS = {"in": "into our product", "out": "out of our product", "both": "both ways"}


@dataclass(frozen=True, slots=True)
class Use:
    """How the API is used on the last 28 covered days: its pattern, and the busiest day."""

    pattern: Pattern
    peak: Figure
    peak_on: dt.date
    mean: Figure


def report(ctx: Context) -> Report:
    """The design note of the context's account, as a draft for the customer."""
    told = told_of(ctx)
    material = told.material
    architecture = chosen(material.parameters.architectures, material.account.usage_model)
    use = _use(told)
    drawn = mermaid(architecture, _names(material))
    missing = tuple(_missing(told, use))
    lines = _lines(told, use)
    blocks: list[Block] = [_verdict(told, architecture.title, missing, lines if ctx.audience == "internal" else ())]
    blocks += [Heading(text=text("Integrations")), _mapping(material)]
    blocks += [Heading(text=text("Pattern of use")), *(Paragraph(text=line) for line in lines)]
    blocks += [Heading(text=text("Mapping of fields")), _fields(material)]
    blocks.append(
        Draft(
            title=text(f"Integration design: {architecture.title}"),
            audience="customer",
            account_id=material.account.id,
            fields=(
                DraftField(label="Diagram (Mermaid)", text=text(drawn), verbatim=True),
                DraftField(label="Webhooks", text=text(_webhook_words())),
                DraftField(label="Sign-in", text=text(_sign_in_words(material))),
            ),
        )
    )
    data = DesignData(
        account_id=material.account.id,
        architecture=architecture.key,
        pattern=use.pattern if use else None,
        peak_calls=int(use.peak.value) if use and isinstance(use.peak.value, (int, float)) else None,
        mappings=tuple(_mapping_data(material, each) for each in material.integrations),
        diagram=drawn,
        missing=missing,
    )
    return Report(data, tuple(blocks), told.stated.figures)


def _verdict(told: Told, title: str, missing: tuple[str, ...], lines: tuple[Text, ...]) -> Verdict:
    live = checklists.live(told.material, "production")
    state = f"live in production: {', '.join(i.kind for i in live)}" if live else "nothing is live in production yet"
    told_lines = [text(f"On record: {len(told.material.integrations)} integrations; {state}."), *lines[:2]]
    if missing:
        told_lines.append(text(f"To be settled: {'; '.join(missing)}."))
    told_lines.append(
        text("Next step: go through the mapping with their developers, then check mapping yes and where it is kept.")
    )
    return Verdict(
        tone="neutral", headline=text(f"Integration design of {told.name}: {title.lower()}"), lines=tuple(told_lines)
    )


# ── Use ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _use(told: Told) -> Use | None:
    """The pattern of the last 28 covered days; None where no call is on record, or use is too old."""
    material, daily = told.material, told.material.daily
    if daily is None or not material.usable("usage"):
        return None
    within = (daily.day > daily.last - MONTH) & (daily.day <= daily.last) & ~np.isnan(daily.api_calls)
    calls, days = daily.api_calls[within], daily.day[within]
    if not len(calls) or not calls.sum():
        return None
    at = int(np.argmax(calls))
    on = dt.date.fromordinal(int(days[at]))
    evidence = (Evidence(kind="usage", date=on),)
    rule = "the day with the most API calls of the last 28 covered days"
    peak = told.stating(
        material.figure("peak_day_calls", "API calls of the busiest day", float(calls[at]), "calls", rule, evidence)
    )
    mean_value = float(calls.sum()) / len(calls)
    mean_rule = "API calls ÷ days with a row, of the last 28 covered days"
    mean = told.stating(material.figure("mean_day_calls", "API calls of a mean day", mean_value, "calls", mean_rule))
    words = material.parameters.integration.usage_words
    share = float(calls[at]) / mean_value
    pattern: Pattern = "steady" if share <= words.steady else "bursty" if share >= words.bursty else "uneven"
    return Use(pattern, peak, on, mean)


def _lines(told: Told, use: Use | None) -> tuple[Text, ...]:
    return tuple(
        line
        for line in (_pattern_line(told, use), _limit_line(told, use), _volume_line(told), _error_line(told))
        if line
    )


def _pattern_line(told: Told, use: Use | None) -> Text:
    if told.material.account.usage_model == "seats":
        return text("People use the dashboards; the account makes no API calls of its own.")
    if use is None:
        return text("No API calls of the last 28 days are on record, so the pattern is to be asked for.")
    advice = {
        "steady": "one sender with a small queue is enough",
        "uneven": "let a queue smooth the busy days",
        "bursty": "queue, batch and spread: a burst meets the rate limit, not the quota",
    }[use.pattern]
    return text(
        f"Use is {use.pattern}: ",
        use.mean,
        " API calls on a mean day, ",
        use.peak,
        f" on the busiest, {use.peak_on}; {advice}.",
    )


def _limit_line(told: Told, use: Use | None) -> Text:
    """The rate limit of the plan beside the busiest day's mean minute: the least that the peak minute can be."""
    account = told.material.account
    snapshot_plan = next((p for p in told.found.snapshot.plans if p.name == account.plan), None)
    if snapshot_plan is None or not snapshot_plan.rate_limit:
        return ()
    evidence = (Evidence(kind="plans", id=snapshot_plan.name),)
    limit = told.stating(
        told.material.figure(
            "rate_limit", "Rate limit", snapshot_plan.rate_limit, "calls", "the plan's calls a minute", evidence
        )
    )
    if use is None or not isinstance(use.peak.value, (int, float)):
        return text(f"Rate limit of the plan {snapshot_plan.name}: ", limit, " calls a minute.")
    minute = use.peak.value / MINUTES
    rule = f"calls of the busiest day ÷ {MINUTES} minutes: the peak minute is higher"
    mean = told.stating(
        told.material.figure(
            "peak_day_minute_calls", "Calls a minute on the busiest day", minute, "calls", rule, use.peak.evidence
        )
    )
    return text(
        f"Rate limit of the plan {snapshot_plan.name}: ",
        limit,
        " calls a minute; the busiest day had ",
        mean,
        " in a mean minute; the peak minute is higher, and to be confirmed.",
    )


def _volume_line(told: Told) -> Text:
    volume = planned(told.material)
    if told.material.account.usage_model == "seats":
        return ()
    if volume is None:
        return text("Planned volume: not on record.")
    return text(f"Volume to plan for: {volume.calls:,.10g} calls a month ({volume.words}).")


def _error_line(told: Told) -> Text:
    """The share of failed calls, as /health states it."""
    share = told.found.watch.get("error_spike", {}).get("share")
    if share is None or not isinstance(share.value, (int, float)) or math.isnan(share.value):
        return ()
    told.stated.add((share,))
    return text("Failed calls of the last 7 days: ", share, ".")


# ── Integrations ──────────────────────────────────────────────────────────────────────────────────────────────────


def _names(material: Material) -> dict[str, str]:
    """The customer's own system and identity provider, as they are on record."""
    systems = [i.kind for i in material.integrations if IDENTITY not in i.kind.lower()]
    identities = [i.kind for i in material.integrations if IDENTITY in i.kind.lower()]
    source = list(dict.fromkeys(systems))
    return {
        "source": _capital(source[0]) if source else "Source system",
        "identity": _capital(identities[0]) if identities else "Identity provider",
    }


def _capital(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}"


def _carries(material: Material, integration: Integration) -> Carries:
    rules, kind = material.parameters.integration, integration.kind.lower()
    return next((role for word, role in rules.roles.items() if word in kind), rules.other_role)


def _mapping_data(material: Material, integration: Integration) -> MappingData:
    carries = _carries(material, integration)
    return MappingData(
        integration=integration.kind,
        environment=integration.environment,
        direction=carries.direction,
        carries=carries.carries,
        auth=integration.auth,
        status=integration.status,
    )


def _mapping(material: Material) -> Block:
    if not material.integrations:
        return Paragraph(text=text("No integration is on record: ask which of their systems are connected, and how."))
    rows = []
    for each in material.integrations:
        carries = _carries(material, each)
        rows.append(
            (
                text(each.kind),
                text(each.environment),
                text(_DIRECTIONS[carries.direction]),
                text(carries.carries),
                text(each.auth or "to be agreed"),
                text(each.status or "not on record"),
            )
        )
    return table(("Integration", "Environment", "Direction", "Carries", "Sign-in", "Status"), rows)


def _fields(material: Material) -> Table:
    rows = [
        (text(each.ours), text(each.meaning), text(f"to be filled in: {each.theirs}"))
        for each in material.parameters.integration.mapping
    ]
    return table(("Field of our event", "Means", "Their field"), rows)


def _webhook_words() -> str:
    return (
        "Each delivery is signed as Standard Webhooks says: webhook-id, webhook-timestamp, webhook-signature over "
        "id.timestamp.body. Verify on the raw body, refuse what is older than five minutes, answer 2xx at once, work "
        "from a queue, and take each webhook-id once. Deliveries come at least once, and not in order."
    )


def _sign_in_words(material: Material) -> str:
    """What single sign-on and provisioning are on, as far as that is on record."""
    signs = [i for i in material.integrations if checklists.signs_in(material, i)]
    words = "; ".join(f"{i.kind}: {i.auth} ({i.environment}, {i.status or 'no status'})" for i in signs)
    scim = next((line for line in checklists.readiness(material) if line.item.key == "provisioning"), None)
    people = "is in place" if scim is not None and scim.state == "yes" else "is to be agreed"
    if not words:
        words = "no single sign-on is on record; SAML 2.0 or OpenID Connect with PKCE, tested with one group first"
    provisioning = f"Provisioning of people by SCIM {people}; whoever leaves loses access the same day."
    return f"{words[:1].upper()}{words[1:]}. {provisioning}"


def _missing(told: Told, use: Use | None) -> Iterator[str]:
    material = told.material
    if not material.integrations:
        yield "which systems are connected"
    if material.account.usage_model != "seats":
        if use is None:
            yield "the pattern of calls (peak minute, calls a day)"
        if planned(material) is None:
            yield "the planned volume (answer planned_calls NUMBER)"
    if material.account.usage_model != "api" and not any(
        checklists.signs_in(material, i) for i in material.integrations
    ):
        yield "single sign-on"
    if material.check("readiness", "mapping") is None:
        yield "the mapping of fields"
