"""What a customer gets of /onboard is whole: no row, column, sentence or program is held back."""

from typing import Any

import pytest

from app.domain.blocks import Draft, Table
from app.domain.command import Outcome
from app.domain.disclosure import Unsaid, directory_of
from app.domain.disclosure_blocks import Disclosed, for_customer
from app.domain.figures import Figure
from app.domain.records import Integration
from app.render.values import with_shown
from app.security.disclosure import load_disclosure
from tests.snapshots import daily_usage
from tests.tools.onboard.desk import ask, context, newcomer
from tools.onboard.arguments import Action

RULES = load_disclosure()
UNSAID = Unsaid(people=frozenset({"sam"}), directory=directory_of(()), account_id="acme", name="Acme")
JUDGED = {"verdict"}
"""Lines at the head are for colleagues."""


def disclosed(action: Action | None, **facts: Any) -> Disclosed:
    outcome: Outcome = ask(context(fields={"audience": "customer"}, **facts), action)
    figures: tuple[Figure, ...] = with_shown(outcome.report.figures)
    return for_customer(outcome.report.blocks, figures, RULES, UNSAID)


@pytest.mark.parametrize("model", ["hybrid", "api", "seats"])
@pytest.mark.parametrize("action", [None, "readiness", "go-live", "samples"])
def test_nothing_is_held_back(action: Action | None, model: str) -> None:
    told = disclosed(action, one=newcomer(usage_model=model))
    assert {left.kind for left in told.withheld} <= JUDGED
    assert any(isinstance(block, Table | Draft) for block in told.blocks)


def test_of_the_design_note_only_what_states_no_figure_is_held_back() -> None:
    live = [Integration(account_id="acme", kind="shop", auth="API key", status="live")]
    told = disclosed("integration", integrations=live, usage=daily_usage(days=28, active_users=9, api_calls=900))
    assert {left.kind for left in told.withheld} <= JUDGED | {"paragraph"}
    assert sum(isinstance(block, Table) for block in told.blocks) == 2
    assert [len(block.fields) for block in told.blocks if isinstance(block, Draft)] == [3]
