"""/health compare: two days of one account, and why the score changed between them."""

import datetime as dt
from typing import Any

import pytest

from app.domain.blocks import Verdict
from app.domain.command import Context, OnDay, Report
from app.domain.problems import Problem
from app.domain.records import Account
from app.render.markdown import to_markdown
from app.render.text import to_text
from tests.snapshots import AS_OF, account, account_snapshot, days_before, goal, signal, ticket
from tests.tools.health.conftest import PARAMETERS, SHIPPED, account_report, context
from tests.tools.health.test_ledger import healthy_facts
from tests.tools.health.test_score import full_facts
from tools.health import COMMAND, HealthArgs, HealthParameters
from tools.health.data import HealthComparison
from tools.health.scoring import COMPONENTS

EARLIER = days_before(30)
TOLERANCE = 1e-9
WEIGHTS: dict[str, Any] = SHIPPED["weights"]
OTHER = HealthParameters.model_validate(SHIPPED | {"weights": WEIGHTS | {"dau": 10, "nps": 25}})


def days(
    one: Account | None = None,
    earlier: dt.date = EARLIER,
    later: dict[str, Any] | None = None,
    old: HealthParameters = PARAMETERS,
    new: HealthParameters = PARAMETERS,
    today: HealthParameters | None = None,
    was: Account | None = None,
    **facts: Any,
) -> Context:
    """The context of a comparison: the same facts on two days, `later` ones on the second alone."""
    one = one or account()
    now = account_snapshot(one, **facts | (later or {}))
    then = account_snapshot(was or one, as_of=earlier, **facts)
    base = context(one=now, parameters=today or new)
    on = {earlier: OnDay(earlier, old, then), 0: OnDay(AS_OF, new, now)}
    return Context(**{name: getattr(base, name) for name in Context.__dataclass_fields__} | {"days": on})


def compared(ctx: Context, **arguments: Any) -> tuple[HealthComparison, Report]:
    args = HealthArgs(action="compare", account="acme", **arguments or {"dates": str(EARLIER)})
    COMMAND.needs(args)
    report = COMMAND.run(ctx, args).report
    assert isinstance(report.data, HealthComparison)
    return report.data, report


def lines(data: HealthComparison) -> dict[str, tuple[str, float]]:
    return {line.key: (line.group, line.moved) for line in data.lines}


def told(report: Report) -> str:
    return to_text(report.blocks, report.figures, width=10_000)


@pytest.mark.parametrize(
    ("arguments", "as_of", "further"),
    [
        ({"dates": "2026-01-01 2026-03-01"}, "2026-03-01", ("2026-01-01", 0)),
        ({"dates": "2026-03-01, 2026-01-01"}, "2026-03-01", ("2026-01-01", 0)),
        ({"dates": "2026-01-01..2026-03-01"}, "2026-03-01", ("2026-01-01", 0)),
        ({"dates": "since 2026-01-01 to 2026-03-01"}, "2026-03-01", ("2026-01-01", 0)),
        ({"dates": "2026-01-01"}, None, ("2026-01-01", 0)),
        ({"since": dt.date(2026, 1, 1)}, None, ("2026-01-01", 0)),
        ({"since": dt.date(2026, 1, 1), "dates": "2026-03-01"}, "2026-03-01", ("2026-01-01", 0)),
    ],
)
def test_days(arguments: dict[str, Any], as_of: str | None, further: tuple[str, int]) -> None:
    needs = COMMAND.needs(HealthArgs(action="compare", account="acme", **arguments))
    assert (needs.account, str(needs.as_of) if needs.as_of else None) == ("acme", as_of)
    assert (str(needs.days[0]), needs.days[1]) == further


@pytest.mark.parametrize(
    ("arguments", "code", "words", "missing"),
    [
        ({}, "invalid_arguments", "the day to compare with", ["dates"]),
        ({"dates": "  "}, "invalid_arguments", "the day to compare with", ["dates"]),
        ({"dates": "2026-01-01", "account": None}, "invalid_arguments", "needs the account", ["account"]),
        ({"dates": "2026-01-01 2026-01-01"}, "invalid_arguments", "Both days are 2026-01-01", None),
        ({"dates": "2026-01-01 2026-02-01 2026-03-01"}, "invalid_arguments", "not 3", None),
        ({"dates": "2026-02-30"}, "invalid_date", "'2026-02-30' is no day", None),
        ({"dates": "last monday"}, "invalid_date", "'last' is no day", None),
        ({"dates": "01/02/2026"}, "invalid_date", "no day", None),
        ({"dates": "2026-01-01", "tier": "red"}, "invalid_arguments", "leave out tier", None),
    ],
)
def test_days_that_make_no_sense(arguments: dict[str, Any], code: str, words: str, missing: list[str] | None) -> None:
    with pytest.raises(Problem) as problem:
        COMMAND.needs(HealthArgs(action="compare", **{"account": "acme"} | arguments))
    assert problem.value.code == code
    assert words in problem.value.detail
    assert problem.value.extra.get("missing") == missing


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (f"{EARLIER} {days_before(1)}", "differ"),  # as_of names another day than the later one
        (str(AS_OF), "is not before"),
        (str(AS_OF + dt.timedelta(days=1)), "is not before"),
    ],
)
def test_the_answer_s_day_must_be_the_later_one(dates: str, words: str) -> None:
    with pytest.raises(Problem, match=words):
        COMMAND.run(days(), HealthArgs(action="compare", account="acme", dates=dates))


def test_the_ledger_s_figures_are_eleven_and_sum_to_the_change() -> None:
    data, report = compared(days(later={"tickets": [ticket(f"t{i}", days_ago=2) for i in range(9)]}, **full_facts()))
    ledger = [f for f in report.figures if f.key.startswith("health.ledger.")]
    names = [*COMPONENTS, "settings"]
    assert [f.key for f in ledger] == [f"health.ledger.{name}.since_{EARLIER}" for name in names]
    assert all((f.as_of, f.account_id, f.unit) == (AS_OF, "acme", "points") for f in ledger)
    together = sum(float(f.value) for f in ledger if isinstance(f.value, (int, float)))
    assert together == pytest.approx(data.change, abs=TOLERANCE)
    assert data.then.score is not None
    assert data.now.score is not None
    assert data.change == pytest.approx(data.now.score - data.then.score, abs=TOLERANCE)
    assert together != 0
    assert all(f.evidence for f in ledger)


def test_every_earlier_figure_is_what_health_says_of_that_day() -> None:
    """A suffix in the key says of which day the figure is; without one it is the answer's own day."""
    _, report = compared(days(**full_facts()))
    for day, suffix in ((EARLIER, f".on_{EARLIER}"), (AS_OF, "")):
        own = {f.key: f for f in account_report(as_of=day, **full_facts())[1].figures}
        ours = {f.key: f for f in report.figures}
        shared = [key for key in own if f"{key}{suffix}" in ours]
        assert len(shared) > 40
        for key in shared:
            assert ours[f"{key}{suffix}"].value == own[key].value, key
            assert ours[f"{key}{suffix}"].as_of == AS_OF
    keys = [(f.key, f.account_id, f.as_of) for f in report.figures]
    assert len(keys) == len(set(keys))


def test_evidence_that_is_figures_is_among_the_figures() -> None:
    _, report = compared(days(old=PARAMETERS, new=OTHER, **full_facts()))
    keys = {f.key for f in report.figures}
    named = {e.id for f in report.figures for e in f.evidence if e.kind == "figures"}
    assert {key for key in named if key not in keys} == set()


def test_an_answer_says_what_moved_the_score_and_what_to_do() -> None:
    """Nine tickets within a month: (15 − 9) ÷ 10 of the ten points are left, where all of them were."""
    facts = healthy_facts()
    later = {"tickets": [*facts["tickets"], *(ticket(f"n{i}", days_ago=2) for i in range(9))]}
    data, report = compared(days(later=later, **facts))
    group, moved = lines(data)["ticket_volume"]
    assert group == "changed"
    assert moved == pytest.approx(-4.0)
    assert report.blocks[0].type == "verdict"
    answer = told(report)
    assert f"Acme fell from 100.0 (green) on {EARLIER} to" in answer
    assert "9 tickets opened in 30 days; before: 1 ticket opened in 30 days" in answer
    assert "Mostly because Ticket volume -4.0 points" in answer
    assert "Next: " in answer


def test_what_appears_and_what_goes_missing() -> None:
    """The ticket feed stopped for ten days: its three components are unknown, and nothing else is told to fall."""
    facts = healthy_facts()
    stopped = {"covered": {"tickets": days_before(10)}, "goals": [goal("g1", "achieved"), goal("g2", "missed")]}
    data, report = compared(days(later=stopped, **{k: v for k, v in facts.items() if k != "goals"}, goals=[]))
    found = lines(data)
    assert {key for key, (group, _) in found.items() if group == "went_missing"} == {
        "ticket_volume",
        "resolution_time",
        "escalations",
    }
    assert found["outcomes"][0] == "appeared"
    assert {group for key, (group, _) in found.items() if key in ("dau", "api_calls", "nps")} == {"coverage"}
    answer = told(report)
    assert f"ticket data ends {days_before(10)}, 10 days before {AS_OF}; before: 1 ticket opened" in answer
    assert "what is known changed, and not the customer" in answer
    assert "over what is known on both days 100.0 became 100.0" in answer


def test_a_feed_that_stops_is_no_decline() -> None:
    data, report = compared(days(later={"covered": {"usage": days_before(10)}}, **healthy_facts()))
    assert [data.then.score, data.now.score] == pytest.approx([100, 100])
    assert list(data.now.band) == pytest.approx([70, 100])
    assert "fell" not in told(report)
    verdict = report.blocks[0]
    assert isinstance(verdict, Verdict)
    assert verdict.tone == "good"


def test_no_score_on_a_day_compares_what_is_known() -> None:
    facts = healthy_facts()
    few = {key: facts[key] for key in ("goals", "contacts", "touchpoints")}
    data, report = compared(days(later={"goals": [goal("g1", "missed")]}, **few, covered={"tickets": None}))
    assert (data.then.score, data.now.score) == (None, None)
    assert data.now.tier == "unknown"
    assert data.change == pytest.approx(data.now.share - data.then.share)
    assert sum(line.moved for line in data.lines) == pytest.approx(data.change, abs=TOLERANCE)
    assert f"no score on {EARLIER} and {AS_OF}, coverage is too little" in told(report)


def test_new_settings_are_a_line_of_their_own() -> None:
    """The same data, NPS weighs 25 and active users 10: only settings moved the score, and the answer names them."""
    facts = full_facts() | {"usage": [], "covered": {"usage": None}}
    data, report = compared(days(earlier=days_before(1), old=PARAMETERS, new=OTHER, **facts), dates=str(days_before(1)))
    group, moved = lines(data)["settings"]
    assert group == "settings"
    assert moved == pytest.approx(data.change - sum(line.moved for line in data.lines if line.key != "settings"))
    assert moved != 0
    assert {s.setting: (s.then, s.now) for s in data.settings} == {
        "weights.dau": ("20", "10"),
        "weights.nps": ("15", "25"),
    }
    assert "Settings changed: " in told(report)


def test_settings_of_neither_day_do_not_lend_their_keys() -> None:
    """A plain key is what /health says today: the values of days with other settings have keys of their own."""
    _, report = compared(days(old=PARAMETERS, new=OTHER, today=PARAMETERS, **full_facts()))
    figures = {f.key: f.value for f in report.figures}
    own = {f.key: f.value for f in account_report(**full_facts())[1].figures}
    assert figures[f"health.score.on_{AS_OF}"] != own["health.score"]
    assert figures["health.score"] == own["health.score"]  # the later data under the settings of the earlier day


def test_a_component_that_ceases_to_apply_has_changed() -> None:
    data, report = compared(days(account(usage_model="api"), was=account(usage_model="hybrid"), **healthy_facts()))
    found = {line.key: line for line in data.lines}
    assert found["dau"].group == "changed"
    assert found["dau"].moved == pytest.approx(-20)
    assert found["dau"].now is not None
    assert found["dau"].now.state == "not_applicable"
    assert [(f.field, f.then, f.now) for f in data.fields] == [("usage_model", "hybrid", "api")]
    assert "does not apply: the account is billed by API calls; before: 20 active users" in told(report)


def test_indicators_and_fields_that_changed() -> None:
    was = account(owner="Sam", licensed_seats=50, notice_days=30)
    now = account(owner="Kim", licensed_seats=40, notice_days=60, arr=80_000)
    later = {"signals": [signal("s", "budget_cut", days_ago=3)]}
    data, report = compared(days(now, was=was, later=later, **healthy_facts()))
    assert [(i.key, i.then, i.now) for i in data.indicators] == [("budget_cuts", "clear", "triggered")]
    assert [(f.field, f.then, f.now) for f in data.fields] == [
        ("owner", "Sam", "Kim"),
        ("licensed_seats", 50, 40),
        ("notice_days", 30, 60),
    ]
    answer = told(report)
    assert "newly triggered: budget cuts" in answer
    assert "ARR USD 80,000, was USD 100,000; changed: owner, licensed seats and days of notice." in answer


def test_days_the_other_way_round_are_told() -> None:
    data, report = compared(days(**full_facts()), dates=f"{AS_OF} {EARLIER}")
    assert (data.then.on, data.now.on) == (EARLIER, AS_OF)
    assert "The later day was given first" in told(report)


def test_an_account_that_was_no_customer_yet_is_told() -> None:
    start = days_before(10)
    data, report = compared(days(account(contract_start=start, lifecycle="onboarding"), **healthy_facts()))
    assert f"was not a customer yet on {EARLIER}: its contract starts {start}" in told(report)
    assert sum(line.moved for line in data.lines) == pytest.approx(data.change, abs=TOLERANCE)


def test_the_same_on_both_days() -> None:
    data, report = compared(days(earlier=days_before(1), goals=[goal("g", "achieved")]), dates=str(days_before(1)))
    assert data.change == 0
    assert "no score on" in told(report)
    assert "Mostly because" not in told(report)


def test_a_customer_s_words_are_text() -> None:
    name = "[x](http://evil) *Acme*"
    _, report = compared(days(account(name=name, plan="<b>"), was=account(name=name, plan="`x`"), **healthy_facts()))
    answer = to_markdown(report.blocks, report.figures)
    assert "\\[x](`http://evil`) \\*Acme\\*" in answer
    assert "\\<b>" in answer


def test_a_verdict_has_twelve_lines_at_most() -> None:
    one = account(renewal_date=AS_OF + dt.timedelta(days=5), lifecycle="onboarding", contract_start=days_before(20))
    later = {"covered": {"nps": days_before(20)}, "signals": [signal("s", "competitor")]}
    _, report = compared(days(one, was=account(owner="X"), new=OTHER, later=later, **full_facts()))
    verdict = report.blocks[0]
    assert isinstance(verdict, Verdict)
    assert 5 <= len(verdict.lines) <= 11
