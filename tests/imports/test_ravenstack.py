"""The RavenStack extract: input that nobody here wrote. It is not part of the project; without it the tests skip."""

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.domain.snapshot import PortfolioSnapshot
from app.imports.report import ImportReport
from app.store.snapshots import build_portfolio, default_as_of
from tests.imports.conftest import NOW, UTC, Desk, new_desk

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "ravenstack"
CUT = dt.date(2024, 12, 31)

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="needs ../shared/data/ravenstack beside the repository")


@pytest.fixture(scope="module")
def loaded(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, ImportReport]]:
    """Loaded once: no test here changes anything."""
    with new_desk(database, tmp_path_factory.mktemp("ravenstack")) as desk:
        yield desk, desk.run(FOLDER, profile="ravenstack")


def source_rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / f"ravenstack_{name}.csv").open(newline="") as file:
        yield from csv.DictReader(file)


def snapshot(desk: Desk, as_of: dt.date) -> PortfolioSnapshot:
    with desk.store.reading() as conn:
        return build_portfolio(conn, None, as_of, desk.version, UTC)


def test_what_is_read(loaded: tuple[Desk, ImportReport]) -> None:
    _, report = loaded
    assert report.errors == []
    assert {table: counts.numbers() for table, counts in report.tables.items()} == {
        table: {"read": read, "created": created, "updated": 0, "unchanged": 0, "rejected": 0, "unmatched": unmatched}
        for table, read, created, unmatched in [
            ("accounts", 500, 500, 0),
            ("tickets", 2000, 2000, 0),
            ("feature_usage", 25000, 24981, 0),
            ("signals", 600, 196, 404),
            ("arr_movements", 5000, 4459, 0),
        ]
    }
    assert report.tables["feature_usage"].warnings == {
        "added to another row of the same key": 19,
        "dated before its subscription starts; kept": 19142,
        "dated after its subscription ended; kept": 290,
    }
    assert list(report.tables["accounts"].warnings.values()) == [110]
    assert any("renewal date is assumed" in note for note in report.notes)


def test_no_use_is_lost(loaded: tuple[Desk, ImportReport]) -> None:
    """Not even that of the 21 usage ids which stand for two rows each."""
    desk, _ = loaded
    told = sum(int(row["usage_count"]) for row in source_rows("feature_usage"))
    assert sum(count for _, count in desk.rows("feature_usage", "day", "count")) == told


@pytest.mark.parametrize("as_of", ["2023-06-30", "2024-03-01", "2024-12-30", "2024-12-31"])
def test_arr_is_that_of_the_paid_subscriptions_that_run(loaded: tuple[Desk, ImportReport], as_of: str) -> None:
    desk, _ = loaded
    running: dict[str, float] = {}
    for row in source_rows("subscriptions"):
        if row["start_date"] <= as_of and (not row["end_date"] or as_of < row["end_date"]):
            running[row["account_id"]] = running.get(row["account_id"], 0) + float(row["arr_amount"])
    portfolio = snapshot(desk, dt.date.fromisoformat(as_of))
    found = dict(zip((account.id for account in portfolio.accounts), portfolio.arr, strict=True))
    assert sum(running.values()) > 0
    for account_id, arr in found.items():
        assert arr == pytest.approx(running.get(account_id, 0)), account_id
    assert np.isnan(portfolio.arr_mismatch).all()


def test_the_state_is_that_of_the_day_it_was_cut(loaded: tuple[Desk, ImportReport]) -> None:
    desk, _ = loaded
    reached = ("2024-12-31", "2024-12-31")
    assert desk.feeds() == dict.fromkeys(("tickets", "feature_usage", "signals", "arr_movements"), reached)
    with desk.store.reading() as conn:
        assert default_as_of(conn, desk.version, NOW.date()) == CUT
    portfolio = snapshot(desk, CUT)
    assert len(portfolio) == 500
    assert not portfolio.assumed_since.any()
    for account in portfolio.accounts:
        assert account.lifecycle is None  # each has a paid subscription
        assert account.renewal_date is not None
        assert account.renewal_date > CUT
        assert account.usage_model == "hybrid"
    assert not portfolio.feeds.connected("usage").any()
    assert not portfolio.feeds.connected("nps").any()


def test_tickets(loaded: tuple[Desk, ImportReport]) -> None:
    desk, _ = loaded
    tickets = {row[0]: row[1:] for row in desk.rows("tickets", "id", "opened_at", "first_response_at", "resolved_at",
                                                    "severity", "csat", "escalated")}  # fmt: skip
    severities = {"urgent": "SEV1", "high": "SEV2", "medium": "SEV3", "low": "SEV4"}
    for row in source_rows("support_tickets"):
        opened, answered, resolved, severity, csat, escalated = tickets[row["ticket_id"]]
        assert opened.date().isoformat() == row["submitted_at"]
        assert (resolved - opened).total_seconds() == 3600 * float(row["resolution_time_hours"])
        assert (answered - opened).total_seconds() == 60 * float(row["first_response_time_minutes"])
        assert severity == severities[row["priority"]]
        assert csat == (float(row["satisfaction_score"]) if row["satisfaction_score"] else None)
        assert escalated == (row["escalation_flag"] == "TRUE")


def test_a_second_import_changes_nothing(loaded: tuple[Desk, ImportReport]) -> None:
    desk, _ = loaded
    again = desk.run(FOLDER, profile="ravenstack")
    assert (again.placed, again.version) == (False, 1)
    assert not any(counts.created or counts.updated for counts in again.tables.values())
