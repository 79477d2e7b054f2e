"""The answer as people read it, and the promises that hold for all of it."""

import datetime as dt

import pytest

from app.domain.blocks import Heading, Table, Verdict
from app.domain.problems import InvalidArguments
from app.domain.records import Ticket
from app.render.text import to_text
from tests.snapshots import account
from tests.tools.metrics.world import PARAMETERS, ask, of_period
from tools.metrics.arguments import MetricsArgs
from tools.metrics.data import PeriodMetrics
from tools.metrics.parameters import METRICS

BLUEPRINT = {
    "ttfv", "onboarding_cycle_time", "activation_rate", "feature_adoption_depth", "escalation_rate",
    "escalation_quality", "mttr", "fcr", "sla_adherence", "ticket_deflection", "kb_contribution", "enablement", "csat",
    "net_retention_influence", "feedback_acceptance", "repeat_issue_rate", "incident_involvement", "collaboration",
    "documentation_hygiene",
}  # fmt: skip
PERSONA = {"nrr", "grr", "ttv", "health_score", "nps", "ticket_volume", "feature_adoption"}


def test_every_metric_of_the_two_tables_is_measured_or_named_with_what_it_needs() -> None:
    assert len(BLUEPRINT) == 19
    assert set(METRICS) | set(PARAMETERS.not_measured) == BLUEPRINT | PERSONA
    data = of_period([account()], "2026Q1")
    assert {m.key for m in data.metrics} | {m.key for m in data.not_measured} == BLUEPRINT | PERSONA
    assert all(each.needs for each in data.not_measured)


def test_the_verdict_comes_first_and_speed_never_stands_alone() -> None:
    at = dt.datetime(2026, 2, 2, 10, tzinfo=dt.UTC)
    tickets = [
        Ticket(
            id="t",
            account_id="acme",
            opened_at=at,
            resolved_at=at + dt.timedelta(hours=9),
            severity="SEV1",
            category="sso",
        )
    ]
    report = ask([account()], "2026Q1", tickets=tickets).report
    verdict = report.blocks[0]
    assert isinstance(verdict, Verdict)
    assert len(verdict.lines) <= 11
    said = to_text((verdict,), report.figures)
    assert "MTTR 9 hours, over target: SEV1; beside it, repeats: 0% of tickets came back within 30 days." in said


def test_two_tables_are_open_and_the_rest_is_folded() -> None:
    blocks = ask([account()], "2026Q1").report.blocks
    headings = [block for block in blocks if isinstance(block, Heading)]
    assert [heading.folded for heading in headings] == [False, False, *(True,) * (len(headings) - 2)]
    assert sum(isinstance(block, Table) for block in blocks) == len(headings)


def test_every_value_and_every_target_of_the_data_is_a_figure() -> None:
    report = ask([account()], "2026Q1").report
    values = {figure.key: figure.value for figure in report.figures}
    assert len(values) == len(report.figures)
    assert isinstance(report.data, PeriodMetrics)
    told = [each for each in report.data.metrics if each.value is not None]
    assert len(told) >= 5
    for each in told:
        assert values[each.figure] == each.value
        if each.target is not None and each.target.rule in ("above", "below", "at_least", "at_most"):
            assert each.target.goal in values.values()


@pytest.mark.parametrize(
    ("args", "words"),
    [({"segment": "galactic"}, "galactic"), ({"period": "soon"}, "soon"), ({"period": "2031"}, "after")],
)
def test_what_does_not_exist_is_said(args: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidArguments, match=words):
        ask([account()], args=args)


def test_nobody_at_all() -> None:
    data = of_period([], "2026Q1")
    assert {m.verdict for m in data.metrics} <= {"cannot_tell", "no_target"}


@pytest.mark.parametrize(
    ("given", "field", "value"),
    [
        ({"asked": "2026Q2"}, "period", "2026Q2"),
        ({"action": "ramp", "asked": "Sofia Lindqvist"}, "owner", "Sofia Lindqvist"),
        ({"action": "ramp", "asked": "sign-off two articles", "owner": "S"}, "note", "two articles"),
        ({"action": "sign-off", "asked": "two articles"}, "note", "two articles"),
        ({"action": "backtest", "asked": "red"}, "indicators", "red"),
    ],
)
def test_free_words_go_where_the_subcommand_takes_them(given: dict[str, str], field: str, value: str) -> None:
    args = MetricsArgs.model_validate(given)
    assert getattr(args, field) == value
    assert args.asked is None
    assert args.action == ("sign-off" if "sign-off" in given.get("asked", "") else given.get("action"))
