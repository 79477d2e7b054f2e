"""What a command looks at: gathered in one transaction, within the caller's scope."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from app.domain.command import Context, Listing, Needs, OnDay, OnPeriod, ReadFile, WantedDay
from app.domain.conversations import last_conversation
from app.domain.feedback_lookup import items_called
from app.domain.parameters import Parameters, merge
from app.domain.periods import PeriodQuery, period_of
from app.domain.problems import InvalidArguments, Problem
from app.domain.records import EARLIEST_YEAR, Contact, Record
from app.domain.snapshot import (
    AccountSnapshot,
    EscalationBook,
    Exposure,
    ExposureQuery,
    FeedbackBook,
    FirstUse,
    PortfolioSnapshot,
    ShippedQuery,
    Voice,
)
from app.domain.windows import end_of_day
from app.resources import attachments
from app.runtime import Runtime
from app.security.principals import Principal
from app.store import escalation_book, exposure, listings, parameter_sets, snapshots, versions, voices
from app.store.view import View, open_view


def gather(
    conn: Connection, runtime: Runtime, principal: Principal, command: str, needs: Needs, wanted: dt.date | None
) -> Context:
    """The context of a command, as of the `wanted` day.

    Raises:
        Problem: a day lies ahead (`as_of_in_future`) or before any data (`as_of_before_data`); `account_not_found`;
            `attachment_not_found`.
    """
    return _Gatherer(conn, runtime, principal, command, needs).context(wanted)


@dataclass(frozen=True, slots=True)
class _Shipped:
    """What is known of a feedback item that shipped: who asked, and who uses it."""

    portfolio: PortfolioSnapshot
    contacts: tuple[Contact, ...]
    exposure: Exposure | None


def _back(day: dt.date | int | None, as_of: dt.date) -> dt.date | None:
    """A day, or so many days before as_of."""
    return as_of - dt.timedelta(days=day) if isinstance(day, int) else day


class _Gatherer:
    """Builds one context; everything in it is of one version of the data."""

    def __init__(self, conn: Connection, runtime: Runtime, principal: Principal, command: str, needs: Needs) -> None:
        self._conn = conn
        self._runtime = runtime
        self._principal = principal
        self._command = command
        self._needs = needs
        self._version = versions.current(conn)
        self._zone = runtime.settings.zone
        self._accounts: dict[dt.date, AccountSnapshot] = {}  # by day: the further days may name one twice
        self._portfolios: dict[dt.date, PortfolioSnapshot] = {}

    def context(self, wanted: dt.date | None) -> Context:
        conn, needs, scope, version, zone = self._conn, self._needs, self._principal.accounts, self._version, self._zone
        today = self._runtime.today()
        as_of = self._day(wanted or needs.as_of or (today if needs.today else None))
        account, portfolio = self._account(as_of), self._portfolio(as_of)
        feedback = snapshots.build_feedback(conn, scope, as_of, version) if needs.feedback else None
        shipped = self._shipped(as_of, feedback, needs.shipped) if feedback and needs.shipped else None
        voices_since = _back(needs.voices_since, as_of)
        return Context(
            turn_id="",
            now=self._runtime.clock().astimezone(zone),
            as_of=as_of,
            version=version,
            timezone=zone,
            currency=self._runtime.settings.currency,
            audience="internal",
            parameters=self._runtime.parameters.by_command[self._command],
            account=account,
            portfolio=shipped.portfolio if shipped else portfolio,
            family=self._family(as_of),
            feedback=feedback,
            peers=snapshots.build_peers(conn, self._account_id, scope, as_of, version, zone) if needs.peers else (),
            escalations=self._escalations(wanted or today) if needs.escalations else None,
            exposure=shipped.exposure if shipped else self._exposure(portfolio),
            voices=self._voices(voices_since, as_of) if voices_since else (),
            listings=self._listings(as_of),
            daily=listings.daily_usage(self._view(as_of)) if needs.daily and account else None,
            feature_days=listings.feature_days(self._view(as_of)) if needs.daily and account else None,
            month_to_date=self._month_to_date(portfolio, as_of) if needs.month_to_date else None,
            first_use=self._first_use(as_of, account, portfolio) if needs.first_use else None,
            periods={query: around for query in needs.periods if (around := self._on_period(query, as_of))},
            articles=listings.articles(self._view(as_of)) if needs.articles else (),
            attachments=self._attachments(),
            others={name: self._runtime.parameters.by_command[name] for name in needs.parameters_of},
            fiscal_start=self._runtime.settings.fiscal_year_start,
            contacts=shipped.contacts if shipped else (),
            days={day: found for day in needs.days if (found := self._on_day(day, as_of, account))},
            actor=self._principal.name,
            disclosure=self._runtime.disclosure,
        )

    def _attachments(self) -> tuple[ReadFile, ...]:
        command = self._runtime.commands[self._command]
        return attachments.read_files(self._conn, self._principal, command, self._needs.attachments)

    @cached_property
    def _account_id(self) -> str | None:
        needs = self._needs
        if needs.account or not needs.account_of:
            return needs.account
        return escalation_book.account_of(self._conn, needs.account_of, self._principal.accounts, self._version)

    def _escalations(self, day: dt.date) -> EscalationBook:
        return escalation_book.build(self._conn, self._principal.accounts, day, self._version, self._zone)

    def _account(self, as_of: dt.date) -> AccountSnapshot | None:
        account_id = self._account_id
        if account_id is None:
            return None
        if as_of not in self._accounts:
            scope = self._principal.accounts
            found = snapshots.build_account(self._conn, account_id, scope, as_of, self._version, self._zone)
            self._accounts[as_of] = found
        return self._accounts[as_of]

    def _portfolio(self, as_of: dt.date) -> PortfolioSnapshot | None:
        if not self._needs.portfolio:
            return None
        if as_of not in self._portfolios:
            scope = self._principal.accounts
            self._portfolios[as_of] = snapshots.build_portfolio(self._conn, scope, as_of, self._version, self._zone)
        return self._portfolios[as_of]

    def _family(self, as_of: dt.date) -> PortfolioSnapshot | None:
        account_id, scope = self._needs.account, self._principal.accounts
        if account_id is None or not self._needs.family:
            return None
        return snapshots.build_family(self._conn, account_id, scope, as_of, self._version, self._zone)

    def _exposure(self, portfolio: PortfolioSnapshot | None) -> Exposure | None:
        query = self._needs.exposure
        return exposure.build(self._conn, portfolio, self._version, query) if query and portfolio else None

    def _voices(self, first: dt.date, as_of: dt.date) -> tuple[Voice, ...]:
        """What the customers in scope said, or the one account that the command is about."""
        scope, account = self._principal.accounts, self._needs.account
        if account is not None:
            scope = frozenset({account}) & (frozenset({account}) if scope is None else scope)
        return voices.build(self._conn, scope, first, as_of, self._version, self._zone)

    def _view(self, as_of: dt.date) -> View:
        account_id = self._account_id
        only = None if account_id is None else frozenset({account_id})
        return open_view(self._conn, self._version, as_of, self._zone, self._principal.accounts, only)

    def _listings(self, as_of: dt.date) -> Mapping[type[Record], Listing[Any]]:
        since = _back(self._needs.records_since, as_of)
        return {each: listings.listing(self._view(as_of), each, since) for each in self._needs.records}

    def _first_use(
        self, as_of: dt.date, account: AccountSnapshot | None, portfolio: PortfolioSnapshot | None
    ) -> FirstUse | None:
        """Of the portfolio, else of the one account."""
        whose = portfolio or (account.columns if account else None)
        return None if whose is None else listings.first_use(self._view(as_of), whose)

    def _month_to_date(self, portfolio: PortfolioSnapshot | None, as_of: dt.date) -> Exposure | None:
        """API calls from the first of the month to the day that usage covers: a part of a day is not counted."""
        if portfolio is None:
            return None
        covered = max((int(day) for day in portfolio.feeds.window_end("usage")), default=0)
        first = as_of.replace(day=1)
        last = max(first, min(as_of, dt.date.fromordinal(covered or 1)))
        return exposure.build(self._conn, portfolio, self._version, ExposureQuery(first, last))

    def _on_period(self, query: PeriodQuery, as_of: dt.date) -> OnPeriod | None:
        """The data before a period and at its end; None where it lies `back` and ended before any data.

        Raises:
            InvalidArguments: no such period (`invalid_period`), or the one that is named ended before any data
                (`as_of_before_data`).
        """
        period = period_of(query, as_of, self._runtime.settings.fiscal_year_start)
        before, last = period.first - dt.timedelta(days=1), min(period.last, as_of)
        if last < self._first_day:
            if query.back:
                return None
            raise InvalidArguments(
                f"{period.name} ended on {last}, before any data: the first day on record is {self._first_day}. "
                "Ask for a later one; `this` is the quarter that still runs.",
                code="as_of_before_data",
            )
        return OnPeriod(period, self._data_on(before) if before >= self._first_day else None, self._data_on(last))

    def _data_on(self, day: dt.date) -> OnDay:
        day = self._day(day)
        own, others = self._parameters(day, self._command), self._needs.parameters_of
        in_force = {name: self._parameters(day, name) for name in others}
        return OnDay(day, own, self._account(day), self._portfolio(day), in_force)

    def _shipped(self, as_of: dt.date, book: FeedbackBook, query: ShippedQuery) -> _Shipped | None:
        """The accounts that asked for the item, their people, and their use of it; None where no one item is meant."""
        found = items_called(book.newest, query.words)
        if len(found) != 1:
            return None
        item, scope = found[0], self._principal.accounts
        asking = frozenset(item.account_ids)
        portfolio = snapshots.build_portfolio(self._conn, scope, as_of, self._version, self._zone, asking)
        people = snapshots.build_contacts(self._conn, scope, asking, as_of, self._version, self._zone)
        first, used = query.on or item.shipped_on, None
        if first is not None:
            window = ExposureQuery(first, first + dt.timedelta(days=query.days - 1), query.feature or item.title)
            used = exposure.build(self._conn, portfolio, self._version, window)
        return _Shipped(portfolio, people, used)

    def _on_day(self, wanted: WantedDay, as_of: dt.date, account: AccountSnapshot | None) -> OnDay | None:
        match wanted:
            case int():
                day: dt.date | None = max(as_of - dt.timedelta(days=wanted), self._first_day)
            case dt.date():
                day = wanted
            case _:
                day = last_conversation(account)
        return None if day is None else self._data_on(day)

    def _parameters(self, day: dt.date, command: str) -> Parameters:
        """Those that were in force at the end of a day. What an older release did not know yet is as it is now.

        Raises:
            Problem: they were written for an older release, and mean nothing to this one (`parameters_outdated`).
        """
        newest, own = self._runtime.parameters, self._runtime.parameters.by_command[command]
        found = parameter_sets.in_force_before(self._conn, end_of_day(day, self._zone))
        if found is None or found[0] == newest.version or command not in found[1]:
            return own
        try:
            return type(own).model_validate(merge(own.model_dump(mode="json"), found[1][command]))
        except ValidationError:
            raise Problem(
                f"The parameters of /{command} that were in force on {day} belong to an older release, which "
                "told them in another way. Choose a later day.",
                code="parameters_outdated",
                status=409,
            ) from None

    def _day(self, wanted: dt.date | None) -> dt.date:
        today = self._runtime.today()
        if wanted is None:
            return snapshots.default_as_of(self._conn, self._version, today)
        if wanted > today:
            raise InvalidArguments(
                f"as_of={wanted} lies in the future; the latest possible day is {today}.", code="as_of_in_future"
            )
        if wanted < self._first_day:
            raise InvalidArguments(
                f"as_of={wanted} is before any data; the first day on record is {self._first_day}.",
                code="as_of_before_data",
            )
        return wanted

    @cached_property
    def _first_day(self) -> dt.date:
        found = snapshots.first_day(self._conn, self._version, self._principal.accounts)
        return found or dt.date(EARLIEST_YEAR, 1, 1)
