"""Open promises in the answers of /health."""

import datetime as dt

from app.domain.records import Commitment
from app.render.text import to_text
from tests.snapshots import AS_OF, account, contact, portfolio, ticket
from tests.tools.health.conftest import account_report, portfolio_report


def promise(number: int, overdue: int | None, by: str = "us", account_id: str = "acme") -> Commitment:
    """A promise whose due day is over for so many days; None: it has none."""
    due = None if overdue is None else AS_OF - dt.timedelta(days=overdue)
    return Commitment(id=f"c-{number}", account_id=account_id, what=f"deliver part {number}", by=by, due=due)


def test_an_overdue_promise_leads_the_actions_after_a_sev1() -> None:
    made = [promise(1, 3), promise(2, 9), promise(3, -4)]
    data, report = account_report(commitments=made)
    assert data.actions[0].key == "overdue_promise"
    words = " ".join(to_text(report.blocks, report.figures).split())
    assert "“deliver part 2”, 9 days overdue (7 working days), and 1 more" in words
    assert "in 4 days (2 working days)" in words
    assert "/health acme log kept c-2" in words
    data, _ = account_report(commitments=made, tickets=[ticket("t1", severity="SEV1")])
    assert [action.key for action in data.actions[:2]] == ["open_sev1", "overdue_promise"]


def test_a_promise_of_theirs_is_listed_and_is_no_action_of_ours() -> None:
    people = [contact("c1", name="Maria Santos")]
    data, report = account_report(commitments=[promise(1, 3, "Maria"), promise(2, None, "customer")], contacts=people)
    assert [(each.side, each.overdue, each.days_left) for each in data.promises] == [
        ("customer", True, -3),
        ("customer", False, None),
    ]
    assert "overdue_promise" not in {action.key for action in data.actions}
    figures = {figure.key: figure for figure in report.figures}
    overdue = figures["promise.c-1.days_overdue"]
    assert (overdue.value, overdue.unit, overdue.evidence[0].id) == (3, "days", "c-1")


def test_overdue_promises_of_ours_head_the_portfolio() -> None:
    many = portfolio(
        [account("acme"), account("beta")],
        commitments=[
            *(promise(number, number) for number in range(1, 7)),
            promise(7, 20, "Kim", "beta"),
            promise(8, 30, "customer"),
            promise(9, 0),
        ],
    )
    data, report = portfolio_report(many)
    assert [each.id for each in data.overdue_promises] == ["c-7", "c-6", "c-5", "c-4", "c-3", "c-2", "c-1"]
    verdict, heading, table, folded, *_ = report.blocks
    words = to_text((verdict,), report.figures)
    assert words.split("\n")[1] == "- 7 promises of ours are overdue; unknown whose: 1."
    assert (heading.type, table.type, folded.type) == ("heading", "table", "heading")
    assert len(table.rows) == 5  # type: ignore[union-attr]
    assert folded.folded  # type: ignore[union-attr]
    count = next(figure for figure in report.figures if figure.key == "portfolio.promises.overdue")
    assert (count.value, len(count.evidence)) == (7, 7)
    filtered, _ = portfolio_report(many, owner="nobody")
    assert filtered.overdue_promises == ()


def test_no_overdue_promise_leaves_the_day_as_it_is() -> None:
    _, report = portfolio_report(portfolio([account("acme")], commitments=[promise(1, 0), promise(2, None)]))
    assert "promise" not in to_text(report.blocks, report.figures)
