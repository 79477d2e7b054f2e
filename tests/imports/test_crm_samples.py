"""The shipped profiles on samples that nobody here wrote. They are no part of the project; without them this skips."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.imports.preview import preview
from app.imports.profile import load_profile
from app.imports.report import ImportReport
from tests.imports.conftest import NOW, UTC, Desk, new_desk

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "crm-samples"
LATE = NOW.replace(year=2026, month=11)

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="needs ../shared/data/crm-samples beside the repository")

READ = {
    # profile → table → (read, created, rejected, unmatched)
    "salesforce": {
        "accounts": (11, 2, 0, 0),
        "contacts": (4, 0, 0, 4),
        "touchpoints": (20, 0, 0, 20),
        "arr_movements": (10, 0, 0, 0),
    },
    "hubspot": {
        "accounts": (14, 14, 0, 0),
        "contacts": (11, 0, 0, 11),
        "tickets": (11, 0, 1, 10),
        "arr_movements": (13, 0, 0, 0),
    },
    "zendesk": {"accounts": (10, 0, 0, 10), "contacts": (10, 0, 0, 9), "tickets": (11, 0, 0, 9)},
    "jira": {"feedback": (7, 3, 0, 3)},
    "mixpanel": {"usage": (5, 0, 0, 5), "feature_usage": (5, 0, 0, 5)},
    "delighted": {"nps": (2, 0, 0, 2)},
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, dict[str, ImportReport]]]:
    """All loaded one after the other into one desk: no test here changes anything."""
    with new_desk("sqlite", tmp_path_factory.mktemp("samples")) as desk:
        yield desk, {name: desk.run(FOLDER, profile=load_profile(name), now=LATE) for name in READ}


@pytest.mark.parametrize("name", READ)
def test_what_is_read(loaded: tuple[Desk, dict[str, ImportReport]], name: str) -> None:
    desk, reports = loaded
    counts = reports[name].tables
    assert {t: (c.read, c.created, c.rejected, c.unmatched) for t, c in counts.items()} == READ[name]
    assert not desk.run(FOLDER, profile=load_profile(name), now=LATE).placed


def test_what_became_of_single_rows(loaded: tuple[Desk, dict[str, ImportReport]]) -> None:
    desk, reports = loaded
    accounts = {row[0]: row[1:] for row in desk.rows("accounts", "id", "name", "aliases", "owner", "origin")}
    assert accounts["0014W000027f6V2QAI"][:2] == ("Express Logistics and Transport", ())
    assert accounts["5000526215"] == ("Dataline", ("dataline.io",), "52550153", "hubspot")
    assert accounts["1001"] == ("Acme Inc", ("acme.com",), "Sarah Chen", "hubspot")
    assert desk.rows("feedback", "id", "title", "category", "severity") == [
        ("PAY-1", "Checkout revamp", "feature_request", "SEV2"),
        ("PAY-2", "Add Apple Pay", "feature_request", "SEV1"),
        ("TESTKEY13-1", "My Summary", "feature_request", "SEV4"),
    ]
    (error,) = reports["hubspot"].errors
    assert (error.file, error.line, error.column) == ("hubspot_ticket.csv", 2, "property_closed_date")
    assert ("nps", "delighted-980285131") in desk.rows("waiting_row", "table_name", "external_id")


@pytest.mark.parametrize("name", READ)
def test_a_preview_agrees_with_the_import_and_writes_nothing(tmp_path: Path, name: str) -> None:
    with new_desk("sqlite", tmp_path) as desk:
        shown = preview(desk.store, FOLDER, load_profile(name), now=LATE, zone=UTC)
        assert desk.all_rows() == 0
        assert {file.table for file in shown.files} == set(READ[name])
        for table, (read, *_) in READ[name].items():
            assert sum(file.rows for file in shown.files if file.table == table) == read
        assert "README.md" in shown.aside
        assert "←" in shown.as_text()
