"""docs/security.md: what it says is covered, is."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
RISKS = [*(f"LLM{n:02}" for n in range(1, 11)), *(f"API{n}" for n in range(1, 11))]


def test_every_file_that_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:tests|app|prompts)/[\w/.]*)`", TEXT))
    assert len(named) > 40
    assert not [name for name in named if not (ROOT / name).exists()]


def test_every_risk_has_a_test_that_covers_it() -> None:
    rows = {line.split()[1]: line for line in TEXT.splitlines() if re.match(r"\| (LLM|API)\d", line)}
    assert list(rows) == RISKS
    assert not [risk for risk, row in rows.items() if "`tests/" not in row.rpartition(" | ")[2]]


def test_its_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / "docs" / link).is_file(), link
