"""/onboard readiness, go-live, integration: what is open, what is on record, and a diagram that names cannot break."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.blocks import Draft
from app.domain.records import Check, CheckState, Integration, Plan
from tests.snapshots import AS_OF, daily_usage, features_used, ticket
from tests.tools.onboard.desk import PARAMETERS, SHIPPED, ask, calls, context, headline, newcomer, told
from tools.onboard import OnboardParameters
from tools.onboard.checklists import SHOWN_BY
from tools.onboard.data import DesignData, ListData
from tools.onboard.diagram import chosen, mermaid
from tools.onboard.parameters import measure_of


def said(item: str, state: CheckState, checklist: str = "readiness") -> Check:
    return Check.model_validate(
        {"account_id": "acme", "checklist": checklist, "item": item, "state": state, "note": "so", "checked_on": AS_OF}
    )


def states(action: Any, **facts: Any) -> dict[str, tuple[str | None, str | None]]:
    data = ask(context(**facts), action).report.data
    assert isinstance(data, ListData)
    return {item.key: (item.state, item.source) for item in data.items}


LIVE = Integration(account_id="acme", kind="identity provider", auth="SAML", status="live")
SHOP = Integration(account_id="acme", kind="shop", auth="API key", status="live")
SANDBOX = Integration(account_id="acme", kind="shop", environment="sandbox", auth="API key", status="live")


def test_what_is_on_record_shows_items_and_what_was_said_comes_first() -> None:
    found = states("readiness", integrations=[LIVE, SHOP, SANDBOX])
    assert [found[key] for key in ("sso", "api_keys", "test_data")] == [("yes", "data")] * 3
    assert found["firewall"] == (None, None)
    found = states("readiness", integrations=[LIVE], checks=[said("sso", "no")])
    assert found["sso"] == ("no", "said")


def test_items_are_those_of_the_usage_model() -> None:
    assert "sso" not in states("readiness", one=newcomer(usage_model="api"))
    assert "api_keys" not in states("readiness", one=newcomer(usage_model="seats"))


def test_an_open_sev2_keeps_the_go_live_open_and_an_unknown_feed_too() -> None:
    assert states("go-live")["no_severe"] == ("yes", "data")
    severe = ticket("t", days_ago=1, severity="SEV2")
    assert states("go-live", tickets=[severe])["no_severe"] == (None, None)
    assert states("go-live", covered={"tickets": None})["no_severe"] == (None, None)


def test_the_verdict_names_what_is_open_by_area_and_who_closes_it() -> None:
    outcome = ask(context(checks=[said("firewall", "no")]), "readiness")
    assert headline(outcome) == "Environment not ready at Acme: required and open, 9"
    words = told(outcome)
    assert "0 of 9 required items are in place or do not apply." in words
    assert "Said not to be in place: firewall." in words
    assert "Network: firewall, webhook reach." in words


def test_everything_required_in_place_is_ready() -> None:
    required = [item.key for area in PARAMETERS.readiness.areas for item in area.items if item.required]
    checks = [said(key, "not_applicable" if key == "sso" else "yes") for key in required]
    assert headline(ask(context(checks=checks), "readiness")) == "Environment ready at Acme"


def test_the_customers_form_of_a_list_has_no_notes() -> None:
    note = said("firewall", "no").model_copy(update={"note": "their board is slow"})
    words = told(ask(context(checks=[note], fields={"audience": "customer"}), "readiness"))
    assert "slow" not in words
    assert "not in place" in words


@pytest.mark.parametrize("action", ["readiness", "go-live", "integration"])
def test_an_account_of_which_nothing_is_known(action: Any) -> None:
    bare = newcomer(contract_start=None, lifecycle=None, licensed_seats=None, api_quota_monthly=None, owner=None)
    assert "None" not in told(ask(context(bare), action))


# ── Design note ───────────────────────────────────────────────────────────────────────────────────────────────────


def design(**facts: Any) -> tuple[DesignData, str]:
    outcome = ask(context(**facts), "integration")
    assert isinstance(outcome.report.data, DesignData)
    return outcome.report.data, told(outcome)


def test_the_pattern_of_use_and_the_busiest_day() -> None:
    usage = [*calls(1_000, 28)[1:], calls(8_000, 1)[0]]  # 27 days of 1,000 and one of 8,000: a mean of 1,250
    plan = Plan(name="Growth", rate_limit=1_500)
    data, words = design(one=newcomer(plan="Growth"), usage=usage, plans=[plan])
    assert (data.pattern, data.peak_calls) == ("bursty", 8_000)
    assert "1,250 API calls on a mean day, 8,000 on the busiest" in words
    assert "1,500 calls a minute; the busiest day had 5.6 in a mean minute" in words


@pytest.mark.parametrize(("peak", "pattern"), [(1_000, "steady"), (2_000, "uneven")])
def test_steady_and_uneven(peak: int, pattern: str) -> None:
    assert design(usage=[*calls(1_000, 28)[1:], calls(peak, 1)[0]])[0].pattern == pattern


def test_the_architecture_is_that_of_the_usage_model() -> None:
    drawn = [design(one=newcomer(usage_model=model))[0].architecture for model in ("hybrid", "api", "seats")]
    assert drawn == ["event_hub", "api_pipeline", "workspace"]
    assert "no API calls of its own" in design(one=newcomer(usage_model="seats"), usage=daily_usage(active_users=3))[1]


def test_integrations_are_mapped_by_their_kind() -> None:
    data, words = design(integrations=[LIVE, SHOP], feature_usage=features_used())
    assert [(m.integration, m.direction) for m in data.mappings] == [("identity provider", "both"), ("shop", "in")]
    assert 'src["Shop"]' in data.diagram
    assert "identity provider: SAML" in words or "Identity provider: SAML" in words


_TEXT = r'(?:#\w+;|[^"\[\]{}|;<>\n])*'
LINE = re.compile(rf'    [a-z]+\["{_TEXT}"\]|    [a-z]+ -->\|"{_TEXT}"\| [a-z]+')


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=90))
def test_no_name_breaks_the_diagram(name: str) -> None:
    architecture = chosen(PARAMETERS.architectures, "hybrid")
    first, *lines = mermaid(architecture, {"source": name, "identity": name}).split("\n")
    assert first == "flowchart LR"
    assert len(lines) == len(architecture.nodes) + len(architecture.edges)
    assert all(LINE.fullmatch(line) for line in lines)


@pytest.mark.parametrize(
    "name", ['x"]; click src "javascript:alert(1)"', "%%{init: {}}%%", "a\n    b --> c", "`md`", "{identity}"]
)
def test_hostile_names_stay_labels(name: str) -> None:
    data, _ = design(integrations=[SHOP.model_copy(update={"kind": name})])
    assert all(LINE.fullmatch(line) for line in data.diagram.split("\n")[1:])


def test_the_diagram_is_a_verbatim_part_of_the_draft() -> None:
    (draft,) = [b for b in ask(context(), "integration").report.blocks if isinstance(b, Draft)]
    assert [field.verbatim for field in draft.fields] == [True, False, False]
    assert draft.audience == "customer"


# ── Parameters ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_item_is_shown_by_something_that_there_is() -> None:
    items = [i for area in (*PARAMETERS.readiness.areas, *PARAMETERS.go_live.areas) for i in area.items if i.by]
    assert {item.by.split()[0] for item in items if item.by} <= SHOWN_BY


@pytest.mark.parametrize(
    ("written", "known"),
    [("calls 1000", True), ("kickoff", True), ("calls", False), ("kickoff 3", False), ("luck 3", False), ("", False)],
)
def test_measures_as_they_are_written(written: str, known: bool) -> None:
    assert (measure_of(written) is not None) == known


@pytest.mark.parametrize(
    ("place", "change", "expected"),
    [
        (0, {"measures": ["luck"]}, "a measure is"),
        (0, {"after": ["goals"]}, "which is not before it"),
        (0, {"day": 200}, "in the order of their days"),
        (1, {"key": "kickoff"}, "a key of its own"),
        (0, {"owner": "Nobody"}, "none of the roles"),
    ],
)
def test_a_wrong_template_is_refused(place: int, change: dict[str, Any], expected: str) -> None:
    milestones = [dict(each) for each in SHIPPED["milestones"]]
    milestones[place] |= change
    with pytest.raises(ValueError, match=expected):
        OnboardParameters.model_validate({**SHIPPED, "milestones": milestones})
