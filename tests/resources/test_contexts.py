"""What a context holds for further days: the parameters that were in force then."""

import asyncio
import copy
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from app.domain.command import Context, Needs
from app.domain.periods import PeriodQuery
from app.domain.problems import Problem
from app.domain.records import Account, Touchpoint
from app.resources.contexts import gather
from app.runtime import Runtime, open_runtime
from app.security.principals import LOCAL
from app.store import parameter_sets, versions
from app.store.tables import TABLES
from tests.service.conftest import settings_in
from tools.health import HealthParameters

TODAY = dt.date(2026, 3, 10)
EARLIER = dt.date(2026, 3, 2)
NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


def context(runtime: Runtime, older: dict[str, Any]) -> Context:
    """A context with the day before, on which only the `older` parameters of /health were in force."""
    call = Touchpoint(id="t", account_id="acme", date=EARLIER, kind="call", status="attended")
    with runtime.store.writing() as conn:
        conn.execute(TABLES["parameters_in_force"].delete())
        parameter_sets.put_in_force(conn, "older", {"health": older}, dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        parameter_sets.put_in_force(conn, runtime.parameters.version, runtime.parameters.content, NOW)
        write = versions.begin_write(conn, "test", "test", NOW, "")
        versions.put(conn, write, "accounts", [Account(id="acme", name="Acme")], "crm", TODAY)
        versions.put(conn, write, "touchpoints", [call], "crm", TODAY)
        versions.place(conn, write)
    with runtime.store.reading() as conn:
        return gather(conn, runtime, LOCAL, "health", Needs(account="acme", days=("last_contact",)), TODAY)


def run(folder: Path, change: Any) -> Context:
    async def work() -> Context:
        async with open_runtime(settings_in(folder)) as runtime:
            older = copy.deepcopy(runtime.parameters.content["health"])
            change(older)
            return context(runtime, older)

    return asyncio.run(work())


def test_settings_of_an_older_release_count_and_what_it_did_not_know_is_as_now(tmp_path: Path) -> None:
    def change(older: dict[str, Any]) -> None:
        older["tiers"]["green"] = 85
        del older["watch"]
        del older["playbook"]["gone_quiet"]

    found = run(tmp_path, change).days["last_contact"]
    assert found.as_of == EARLIER
    assert isinstance(found.parameters, HealthParameters)
    assert found.parameters.tiers.green == 85
    assert found.parameters.watch.error_spike.factor == 3
    assert list(found.parameters.playbook)[-1] == "pricing_discussion"


def test_settings_that_mean_nothing_any_more_are_a_problem(tmp_path: Path) -> None:
    with pytest.raises(Problem) as found:
        run(tmp_path, lambda older: older.update({"no_longer": 1}))
    assert found.value.code == "parameters_outdated"


def test_a_period_comes_with_the_data_before_it_and_at_its_end(tmp_path: Path) -> None:
    """Of the period that still runs the end is as_of; before the first day on record there is nothing."""
    ended, running = PeriodQuery("2026-02"), PeriodQuery("this")
    needs = Needs(portfolio=True, periods=(ended, running), parameters_of=("escalate",))

    async def work() -> Context:
        async with open_runtime(settings_in(tmp_path)) as runtime:
            with runtime.store.writing() as conn:
                write = versions.begin_write(conn, "test", "test", NOW, "")
                versions.put(conn, write, "accounts", [Account(id="acme", name="Acme")], "crm", TODAY)
                call = Touchpoint(id="t", account_id="acme", date=dt.date(2026, 2, 1), kind="call", status="attended")
                versions.put(conn, write, "touchpoints", [call], "crm", TODAY)
                versions.place(conn, write)
            with runtime.store.reading() as conn:
                return gather(conn, runtime, LOCAL, "health", needs, TODAY)

    found = asyncio.run(work())
    before, after = found.periods[ended].before, found.periods[ended].end
    assert (before, after.as_of) == (None, dt.date(2026, 2, 28))
    assert after.portfolio is not None
    assert len(after.portfolio) == 1
    assert isinstance(after.parameters, HealthParameters)
    assert found.others.keys() == after.others.keys() == {"escalate"}
    still = found.periods[running]
    assert (still.period.name, still.before, still.end.as_of) == ("2026Q1", None, TODAY)
