"""/escalate blast: which accounts a fault has hit, by feature, endpoint and days, with one draft for each."""

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from app.domain.blocks import Block, Column, Draft, DraftField, Heading, Notice, Table, Tone, Verdict
from app.domain.command import Context, Needs, Outcome, Report
from app.domain.contract import contract_figures
from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence, Figure, Text, account_figure, joined, text
from app.domain.problems import InvalidArguments
from app.domain.records import Account
from app.domain.snapshot import Exposure, ExposureQuery, PortfolioSnapshot, Voice
from tools.escalate.blast_data import BlastAccount, BlastData, BlastTotal, Hit
from tools.escalate.endpoints import find_endpoints, names_path, read_endpoint, same_endpoint
from tools.escalate.parameters import Blast

STATES: tuple[Hit, ...] = ("hit", "unknown", "not_hit")
HEADLINES: Mapping[Hit, str] = {"hit": "Hit", "unknown": "Not known", "not_hit": "Not hit"}
CLEARING: tuple[Hit, ...] = ("not_hit", "unknown", "hit")
"""Of a fault in a feature at an endpoint, the state that counts is the first of these: a hit shows both."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The part of the product at fault, a feature, an endpoint or both, and the days, both included."""

    feature: str | None
    endpoint: str | None
    first: dt.date
    last: dt.date

    @property
    def part(self) -> str:
        return " at ".join(filter(None, (self.feature, self.endpoint)))

    @property
    def days(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"

    @property
    def slug(self) -> str:
        """The part and the days as they stand in a figure's key."""
        return self.slug_of(self.part)

    def slug_of(self, part: str) -> str:
        named = re.sub(r"[\W_]+", "-", part.casefold()).strip("-")
        return f"{named}.{self.first}.{self.last}"

    def is_named_in(self, words: str) -> bool:
        """Whether a text names the feature, as whole words, or the endpoint."""
        if self.feature and re.search(rf"(?<!\w){re.escape(self.feature)}(?!\w)", words, re.IGNORECASE):
            return True
        ours, theirs = read_endpoint(self.endpoint or ""), tuple(find_endpoints(words))
        if ours is None:
            return False
        by_other_method = any(each.path.casefold() == ours.path.casefold() for each in theirs)
        return any(same_endpoint(ours, each) for each in theirs) or (not by_other_method and names_path(words, ours))


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of one account. `row` is its place in the portfolio."""

    row: int
    account: Account
    state: Hit
    because: str
    tickets: tuple[Voice, ...] = ()


def fault_of(feature: str | None, endpoint: str | None, first: dt.date | None, last: dt.date | None) -> Fault:
    """The fault that is asked about.

    Raises:
        InvalidArguments: no part or no day is named, the endpoint is none, or the days are in the wrong order.
    """
    if not feature and not endpoint:
        raise InvalidArguments(
            "Which part of the product failed? Give feature=NAME or endpoint=/v1/….", missing=["endpoint"]
        )
    if endpoint and read_endpoint(endpoint) is None:
        raise InvalidArguments(
            f"“{endpoint[:80]}” is no endpoint. Write it as POST /v1/…, or name a feature: feature=….",
            invalid=["endpoint"],
        )
    if first is None:
        raise InvalidArguments("Since which day? Give since=YYYY-MM-DD, and until=YYYY-MM-DD.", missing=["since"])
    until = last or first
    if until < first:
        raise InvalidArguments(f"until={until} lies before since={first}. Turn them round.")
    return Fault(feature, endpoint, first, until)


def needs(fault: Fault) -> Needs:
    """The data that `run` will look at."""
    query = ExposureQuery(fault.first, fault.last, fault.feature)
    return Needs(portfolio=True, exposure=query, voices_since=fault.first)


def run(ctx: Context, fault: Fault, account_id: str | None, parameters: Blast) -> Outcome:
    """The accounts that the fault hit, that it did not hit, and those of which that is not known.

    Days after as_of are left out.

    Raises:
        InvalidArguments: the window is too long, or begins after as_of.
    """
    if ctx.portfolio is None or ctx.exposure is None:
        raise ValueError("/escalate blast needs the portfolio and its exposure in its context")
    if (days := (fault.last - fault.first).days + 1) > parameters.longest_window_days:
        raise InvalidArguments(f"{days} days are too many; the limit is {parameters.longest_window_days}.")
    if fault.first > ctx.as_of:
        raise InvalidArguments(f"The window begins on {fault.first}, after the answer's day {ctx.as_of}.")
    if fault.last > ctx.as_of:
        fault = replace(fault, last=ctx.as_of)
    found = judge(ctx.portfolio, ctx.exposure, ctx.voices, fault, parameters)
    if account_id is not None:
        found = [finding for finding in found if finding.account.id == account_id]
    return Outcome(_Telling(ctx, ctx.portfolio, ctx.exposure, fault, found, parameters).report())


def judge(
    portfolio: PortfolioSnapshot,
    exposure: Exposure,
    voices: Sequence[Voice],
    fault: Fault,
    parameters: Blast,
) -> list[Finding]:
    """Each customer of the window's days, the hit ones first, then by ARR.

    A ticket of the days that names the part is a hit whatever is counted. A feature's use is a hit, no use on days that
    are covered is none. An endpoint's calls are not counted apart from others: a share of failed calls at or above
    `error_share` is a hit, fewer is none. Of a feature at an endpoint both must show it. What is not covered is not
    known.
    """
    naming: dict[str, list[Voice]] = {}
    part = " or ".join(filter(None, (fault.feature, fault.endpoint)))
    for voice in voices:
        words = f"{voice.subject}\n{voice.text}"
        if voice.kind == "tickets" and fault.first <= voice.day <= fault.last and fault.is_named_in(words):
            naming.setdefault(voice.account_id, []).append(voice)
    found = []
    for row, account in enumerate(portfolio.accounts):
        if account.lifecycle == "churned" or portfolio.not_yet[row]:
            continue
        tickets = tuple(naming.get(account.id, ()))
        state, because = _state(exposure, row, fault, parameters)
        if tickets:
            state, because = "hit", f"{because}; its ticket of these days names {part}"
        found.append(Finding(row, account, state, because, tickets))
    return sorted(found, key=lambda f: (STATES.index(f.state), -_known(portfolio.arr[f.row]), f.account.id))


def _state(exposure: Exposure, row: int, fault: Fault, parameters: Blast) -> tuple[Hit, str]:
    """The state, and all that says so."""
    found = [_by_use(exposure, row)] if fault.feature else []
    found += [_by_calls(exposure, row, parameters)] if fault.endpoint else []
    state = min((state for state, _ in found), key=CLEARING.index)
    return state, "; ".join(because for each, because in found if each == state)


def _by_use(exposure: Exposure, row: int) -> tuple[Hit, str]:
    uses = float(exposure.uses[row])
    if uses > 0:
        return "hit", "used it on these days"
    if exposure.covered[row] and uses == 0:
        return "not_hit", "did not use it on these days"
    return "unknown", "its use on these days is not on record"


def _by_calls(exposure: Exposure, row: int, parameters: Blast) -> tuple[Hit, str]:
    calls, errors, covered = float(exposure.calls[row]), float(exposure.errors[row]), bool(exposure.calls_covered[row])
    if covered and calls == 0:
        return "not_hit", "made no API call on these days"
    if math.isnan(calls) or math.isnan(errors) or calls <= 0:
        return "unknown", "its calls and errors on these days are not on record"
    if 100 * errors / calls >= parameters.error_share:
        return "hit", f"at least {parameters.error_share:g}% of its calls failed"
    if not covered:
        return "unknown", "its usage data do not cover these days in full"
    return "not_hit", f"under {parameters.error_share:g}% of its calls failed"


def _known(amount: float) -> float:
    return 0.0 if math.isnan(amount) else float(amount)


class _Telling:
    """Makes the report. Figures are made for what is shown."""

    def __init__(
        self,
        ctx: Context,
        portfolio: PortfolioSnapshot,
        exposure: Exposure,
        fault: Fault,
        found: Sequence[Finding],
        parameters: Blast,
    ) -> None:
        self._ctx = ctx
        self._portfolio = portfolio
        self._exposure = exposure
        self._fault = fault
        self._by_state: dict[Hit, list[Finding]] = {s: [f for f in found if f.state == s] for s in STATES}
        self._parameters = parameters
        self._figures: dict[tuple[str, str | None], Figure] = {}

    def report(self) -> Report:
        hit = self._by_state["hit"]
        blocks: list[Block] = [self._verdict()]
        for state in STATES:
            blocks += self._section(state)
        if hit:
            blocks.append(Heading(text=text("Drafts, one for each account that was hit"), folded=True))
            blocks += map(self._draft, hit[: self._parameters.shown])
        if len(hit) > self._parameters.shown:
            said = f"For the draft to an account that is not listed, name it: /escalate blast ACCOUNT {self._asked()}."
            blocks.append(Notice(tone="neutral", text=text(said)))
        data = BlastData(
            part=self._fault.part,
            first=self._fault.first,
            last=self._fault.last,
            totals=tuple(self._total(state) for state in STATES),
            accounts=tuple(self._line(f) for state in STATES for f in self._by_state[state]),
        )
        return Report(data, tuple(blocks), tuple(self._figures.values()))

    def _asked(self) -> str:
        parts = {"feature": self._fault.feature, "endpoint": self._fault.endpoint}
        named = " ".join(f'{name}="{part}"' for name, part in parts.items() if part)
        return f"{named} since={self._fault.first} until={self._fault.last}"

    def _verdict(self) -> Verdict:
        hit, unknown, clear = (self._by_state[state] for state in STATES)
        tone: Tone = "bad" if hit else "warning" if unknown else "good"
        headline = text(
            f"{self._fault.part}, {self._fault.days}: ", self._count("hit"), " hit, ", self._count("not_hit"),
            " not hit, ", self._count("unknown"), " not known",
        )  # fmt: skip
        lines: list[Text] = []
        for state in ("hit", "unknown"):
            if amounts := self._amounts(state):
                lines.append(text(f"ARR {HEADLINES[state].lower()}: ", amounts, "."))
        if first := next(iter(hit), None):
            contract = self._contract(first)
            renewal = contract.get("renewal.date") if "renewal.days_to_renewal" in contract else None
            told = text(", renewal on ", renewal) if renewal else text("")
            largest = "largest ARR" if _known(self._portfolio.arr[first.row]) else "ARR not known"
            lines.append(
                text(f"Next: write to {first.account.name} first ({largest}", told, "); the drafts are below.")
            )
        elif not self._exposure.known:
            lines.append(text(f"Next: check the name. No use of {self._fault.feature} is on record, on any day."))
        elif unknown:
            lines.append(text("Next: ask the accounts that are not known, or import their usage of these days."))
        elif not clear:
            lines.append(text("None of the accounts asked for is a customer: nobody is counted."))
        elif clear:
            lines.append(text("Next: nothing to send; watch the tickets of the next days."))
        if hit:
            lines.append(text(self._how_sure()))
        return Verdict(tone=tone, headline=headline, lines=tuple(lines))

    def _how_sure(self) -> str:
        """What a hit is told by: neither use nor failed calls prove that it was this fault."""
        used = "they used it on these days" if self._fault.feature else ""
        failed = f"at least {self._parameters.error_share:g}% of all their calls failed" if self._fault.endpoint else ""
        shown = " and ".join(filter(None, (used, failed)))
        if self._fault.endpoint:
            return f"Usage does not tell endpoints apart: hit means that {shown}, or that their ticket names it."
        return f"Hit means that {shown}, or that their ticket names it: ask whether it failed for them."

    def _section(self, state: Hit) -> Iterable[Block]:
        found = self._by_state[state]
        if not found:
            return
        yield Heading(text=text(HEADLINES[state]), folded=state != "hit")
        shown = found[: self._parameters.shown]
        more = text(f"{len(found) - len(shown)} more are in the data.") if len(found) > len(shown) else ()
        used = ("Used",) if self._fault.feature else ()
        called = ("Calls", "Failed") if self._fault.endpoint else ()
        labels = ("Account", "ARR", "Renewal", *used, *called, "Because")
        numbers = {"ARR", "Used", "Calls", "Failed"}
        yield Table(
            columns=tuple(Column(label=name, align="right" if name in numbers else "left") for name in labels),
            rows=tuple(self._row(finding) for finding in shown),
            more=more,
        )

    def _row(self, finding: Finding) -> tuple[Text, ...]:
        contract = self._contract(finding)
        renewal = contract.get("renewal.date")
        used = (self._used(finding),) if self._fault.feature else ()
        called = (self._called(finding), self._failed(finding)) if self._fault.endpoint else ()
        return (
            text(f"{finding.account.name} ({finding.account.id})"),
            text(contract["arr"]),
            text(renewal) if renewal else text("unknown"),
            *(text(figure) if figure else text("unknown") for figure in (*used, *called)),
            text(finding.because),
        )

    def _draft(self, finding: Finding) -> Draft:
        """To the customer: the effect on them first, their own numbers only, and what we ask of them.

        Neither use, nor failed calls, nor a ticket proves that it was this fault: it may have been.
        """
        uses = self._used(finding) if self._fault.feature else None
        calls, failed = (self._called(finding), self._failed(finding)) if self._fault.endpoint else (None, None)
        effect = text(f"A fault in {self._fault.part} ({self._fault.days}) may have affected you.")
        numbers: list[Text] = []
        if uses and uses.value:
            numbers.append(text("On these days you used it ", uses, " times."))
        if calls and failed and failed.value:
            numbers.append(text("On these days ", failed, " of all your ", calls, " API calls failed."))
        if finding.tickets:
            ids = ", ".join(voice.id for voice in finding.tickets[:MAX_LISTED_EVIDENCE])
            numbers.append(text(f"You wrote to us about it in {ids}."))
        body = text(
            effect, " ", *(span for number in numbers for span in (*number, " ")),
            "We are looking into it and will write to you with what we find. "
            "Did you see failures on these days, do you still, and what do they stop at your end?",
        )  # fmt: skip
        return Draft(
            title=text(f"To {finding.account.name}"),
            audience="customer",
            fields=(
                DraftField(label="Subject", text=text(f"{self._fault.part}, {self._fault.days}: were you affected?")),
                DraftField(label="Message", text=body),
            ),
            account_id=finding.account.id,
        )

    def _line(self, finding: Finding) -> BlastAccount:
        row = finding.row
        return BlastAccount(
            id=finding.account.id,
            name=finding.account.name,
            state=finding.state,
            because=finding.because,
            arr=_or_none(self._portfolio.arr[row]),
            currency=self._currency(finding),
            renewal_date=finding.account.renewal_date,
            owner=finding.account.owner,
            uses=_or_none(self._exposure.uses[row]) if self._fault.feature else None,
            calls=_or_none(self._exposure.calls[row]),
            errors=_or_none(self._exposure.errors[row]),
            tickets=tuple(voice.id for voice in finding.tickets),
        )

    def _total(self, state: Hit) -> BlastTotal:
        return BlastTotal(state=state, accounts=len(self._by_state[state]), arr=self._sums(state))

    def _sums(self, state: Hit) -> dict[str, float]:
        """Known ARR by currency: currencies are never added up."""
        sums: dict[str, float] = {}
        for finding in self._by_state[state]:
            currency = self._currency(finding)
            sums[currency] = sums.get(currency, 0.0) + _known(self._portfolio.arr[finding.row])
        return dict(sorted(sums.items()))

    def _amounts(self, state: Hit) -> Text:
        """The sums of a state as figures, with commas between them."""
        parts: list[Figure] = []
        for currency, amount in self._sums(state).items():
            rule = f"sum of the known ARR of the accounts that are {HEADLINES[state].lower()}"
            label = f"ARR {HEADLINES[state].lower()}"
            parts.append(self._whole(f"{state}.arr.{currency}", label, amount, currency, rule))
        return joined(parts, ", ")

    def _count(self, state: Hit) -> Figure:
        rule = "customers of these days, by what is on record of their use and tickets"
        return self._whole(
            f"{state}.accounts", f"Accounts {HEADLINES[state].lower()}", len(self._by_state[state]), "count", rule
        )

    def _whole(self, name: str, label: str, value: float, unit: str, formula: str) -> Figure:
        """A figure over all accounts of a state."""
        found = self._by_state[next(state for state in STATES if name.startswith(f"{state}."))]
        evidence = tuple(Evidence(kind="accounts", id=f.account.id) for f in found[:MAX_LISTED_EVIDENCE])
        if len(found) > MAX_LISTED_EVIDENCE:
            evidence = (Evidence(kind="accounts", count=len(found), href="/v1/accounts"),)
        return self._keep(
            Figure(
                key=f"blast.{self._fault.slug}.{name}",
                label=f"{label}, {self._fault.part}, {self._fault.days}",
                value=value,
                unit=unit,
                account_id=None,
                as_of=self._ctx.as_of,
                formula=formula,
                evidence=evidence,
            )
        )

    def _contract(self, finding: Finding) -> Mapping[str, Figure]:
        figures = contract_figures(self._portfolio, finding.row, self._ctx.currency)
        for name in ("arr", "renewal.date"):
            if name in figures:
                self._keep(figures[name])
        return figures

    def _used(self, finding: Finding) -> Figure | None:
        """Uses of the feature within the days."""
        feature = self._fault.feature or ""
        key, label = f"usage.feature.{self._fault.slug_of(feature)}", f"Uses of {feature}"
        return self._counted(finding, key, label, float(self._exposure.uses[finding.row]), "feature_usage")

    def _called(self, finding: Finding) -> Figure | None:
        key = f"usage.api_calls.{self._fault.first}.{self._fault.last}"
        return self._counted(finding, key, "API calls", float(self._exposure.calls[finding.row]), "usage")

    def _failed(self, finding: Finding) -> Figure | None:
        key = f"usage.errors.{self._fault.first}.{self._fault.last}"
        return self._counted(finding, key, "Failed calls", float(self._exposure.errors[finding.row]), "usage")

    def _counted(self, finding: Finding, key: str, label: str, value: float, table: str) -> Figure | None:
        if math.isnan(value):
            return None
        account, first, last = finding.account, self._fault.first, self._fault.last
        href = f"/v1/accounts/{quote(account.id, safe='')}/{table}?from={first}&to={last}"
        rows = int((self._exposure.call_rows if table == "usage" else self._exposure.rows)[finding.row])
        evidence = (Evidence(kind=table, first=first, last=last, count=rows, href=href),)
        formula = f"sum over {self._fault.days}"
        unit = "calls" if table == "usage" else "count"
        return self._keep(
            account_figure(
                account.id, self._ctx.as_of, key, f"{label}, {self._fault.days}", value, unit, formula, evidence
            )
        )

    def _keep(self, figure: Figure) -> Figure:
        return self._figures.setdefault((figure.key, figure.account_id), figure)

    def _currency(self, finding: Finding) -> str:
        return finding.account.currency or self._ctx.currency


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
