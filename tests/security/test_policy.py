"""Decision rights: the shipped file, what is wrong with others, and the page that tells them."""

import datetime as dt
import re
from pathlib import Path

import pytest

from app.domain.authority import Found, Proposal
from app.domain.problems import InvalidArguments, Problem
from app.security.policy import FILE, GROUPS, LINES, Policy, load_policy, require_groups
from app.security.principals import Principal

PAGE = Path("docs/decision-rights.md")

ALONE = {
    "diagnostics", "customer_message", "configuration_pattern", "workload_priority", "internal_knowledge",
    "escalation_start", "staffing_input", "vendor_input",
}  # fmt: skip
APPROVED = {
    "holding_message": "support_lead",
    "template_change": "peer",
    "external_guidance": "peer",
    "process_change": "support_lead",
    "engineering_timeline": "engineering",
    "custom_solution": "engineering",
    "contractual_obligation": "manager",
    "guarantee": "manager",
    "policy_exception": "manager",
    "data_deletion": "security",
    "priority_conflict": "manager",
    "scope_boundary": "manager",
    "security_statement": "security",
    "discount": "commercial",
    "credit": "commercial",
    "price": "commercial",
    "payment_terms": "commercial",
    "blame_admission": "executive",
    "purchase": "executive",
    "roadmap_promise": "product",
    "hiring": "executive",
}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


def found(*kinds: str) -> tuple[Found, ...]:
    return tuple(Found(kind=kind, words="…", rule="…") for kind in kinds)


def caller(role: str = "cse", *groups: str) -> Principal:
    return Principal("key_1", "Kim", role, groups=frozenset(groups))  # type: ignore[arg-type]


def test_who_approves_what(policy: Policy) -> None:
    assert {name: kind.approves for name, kind in policy.kinds.items() if kind.approves} == APPROVED
    assert {name for name, kind in policy.kinds.items() if not kind.approves} == ALONE


def test_every_line_of_the_blueprint_is_a_kind(policy: Policy) -> None:
    lines = {f"{heading} {line}" for heading, last in LINES.items() for line in range(1, last + 1)}
    assert {kind.section for kind in policy.kinds.values()} == lines


@pytest.mark.parametrize("kind", sorted(ALONE))
def test_a_cse_does_it_alone(policy: Policy, kind: str) -> None:
    assert policy.kind(kind).proposes == "cse"
    assert policy.approvals_needed(found(kind)) == ()


def test_a_holding_message_is_reviewed_within_a_day(policy: Policy) -> None:
    kind = policy.kind("holding_message")
    assert kind.is_review
    assert kind.lives == dt.timedelta(hours=24)
    assert [name for name, each in policy.kinds.items() if each.is_review] == ["holding_message"]


def test_approvals_are_told_once_in_the_order_found(policy: Policy) -> None:
    needed = policy.approvals_needed(found("roadmap_promise", "customer_message", "credit", "roadmap_promise", "price"))
    assert needed == (("roadmap_promise", "product"), ("credit", "commercial"), ("price", "commercial"))
    assert policy.approvals_needed(()) == ()


@pytest.mark.parametrize("name", ["", "Discount", "discounts", "discount ", "approve", "__class__", "kinds"])
def test_unknown_kinds_are_refused(policy: Policy, name: str) -> None:
    with pytest.raises(InvalidArguments) as problem:
        policy.kind(name)
    assert problem.value.code == "unknown_kind"
    with pytest.raises(InvalidArguments):
        policy.approvals_needed(found("discount", name))


@pytest.mark.parametrize(
    ("principal", "group", "may"),
    [
        (caller("cse", "commercial"), "commercial", True),
        (caller("cse", "executive"), "commercial", True),  # its deputy
        (caller("cse", "support_lead"), "peer", True),
        (caller("cse", "peer"), "support_lead", False),
        (caller("cse", "manager"), "manager", True),
        (caller("manager"), "manager", True),
        (caller("admin"), "manager", True),
        (caller("manager"), "engineering", True),  # its deputy is the manager
        (caller("manager"), "commercial", False),
        (caller("admin"), "security", False),  # who runs the service approves nothing by that
        (caller("cse"), "peer", False),
    ],
)
def test_who_may_decide(policy: Policy, principal: Principal, group: str, may: bool) -> None:
    assert policy.may_decide(principal, group) is may  # type: ignore[arg-type]


@pytest.mark.parametrize("group", GROUPS)
def test_a_key_that_joins_a_group_may_decide(policy: Policy, group: str) -> None:
    require_groups([group])
    assert policy.may_decide(caller("cse", group), group)  # type: ignore[arg-type]


@pytest.mark.parametrize("names", [["sales"], ["peer", "Peer"], [""], ["manager "]])
def test_no_key_joins_a_group_that_is_none(names: list[str]) -> None:
    with pytest.raises(InvalidArguments, match="groups are peer") as problem:
        require_groups(names)
    assert problem.value.code == "unknown_group"


def test_what_a_proposal_does_not_bring(policy: Policy) -> None:
    bare = Proposal("20% off", found("discount"), reason=" \n")
    whole = Proposal("20% off", found("discount"), account_id="a1", reason="renewal at risk")
    assert policy.kind("discount").missing_evidence(bare) == ("account", "reason")
    assert policy.kind("discount").missing_evidence(whole) == ()
    assert policy.kind("purchase").missing_evidence(whole) == ("figures",)
    assert policy.kind("customer_message").missing_evidence(bare) == ()


DISCOUNT = "    title: Discount\n    section: executive 2\n    proposes: cse\n    approves: commercial\n"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (DISCOUNT, DISCOUNT.replace("commercial", "sales"), "kinds.discount.approves"),
        (DISCOUNT, DISCOUNT.replace("cse", "intern"), "kinds.discount.proposes"),
        (DISCOUNT, DISCOUNT.replace("cse", "viewer"), "a viewer proposes nothing"),
        (DISCOUNT, DISCOUNT.replace("executive 2", "executive 5"), "name a line of §13: independent 1 to 5"),
        (DISCOUNT, DISCOUNT.replace("executive 2", "pricing"), "kinds.discount.section"),
        (DISCOUNT, DISCOUNT.replace("    approves: commercial\n", ""), "name a group in approves"),
        (DISCOUNT + "    lives_hours: 72\n", DISCOUNT, "say in lives_hours how long it may wait"),
        (DISCOUNT + "    lives_hours: 72\n", DISCOUNT + "    lives_hours: 0\n", "kinds.discount.lives_hours"),
        ("    lives_hours: 24\n    is_review: true\n", "    is_review: true\n", "kinds.holding_message"),
        ("evidence: [account]", "evidence: [invoice]", "kinds.holding_message.evidence.0"),
        ("evidence: [account]", "evidence: [account, account]", "evidence is named twice"),
        ("  discount:\n", "  Dis count:\n", "kinds with a wrong name: Dis count"),
        ("  discount:\n", "  credit:\n", "credit is there twice"),
        ("deputy: support_lead}", "deputy: peer}", "their own deputy: peer"),
        ("deputy: support_lead}", "deputy: boss}", "groups.peer.deputy"),
        ('  peer: {title: "a peer of the team", deputy: support_lead}\n', "", "groups without a rule: peer"),
        ("  product: {", "  products: {", "groups.products"),
        ("    is_review: true\n", "    is_reviewed: true\n", "kinds.holding_message.is_reviewed"),
        ("kinds:\n", "", "kinds"),
    ],
)
def test_a_wrong_policy_stops_the_start_and_tells_the_mend(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    wrong = tmp_path / "decision_rights.yaml"
    wrong.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(Problem) as problem:
        load_policy(wrong)
    assert told in problem.value.detail
    assert (problem.value.code, problem.value.status) == ("policy", 500)


@pytest.mark.parametrize("content", [b"", b"[]", b"groups: {", b"\xff\xfe\x00", b"groups: {}\nkinds: {}"])
def test_no_policy_stops_the_start(tmp_path: Path, content: bytes) -> None:
    wrong = tmp_path / "decision_rights.yaml"
    wrong.write_bytes(content)
    with pytest.raises(Problem, match=r"decision_rights\.yaml"):
        load_policy(wrong)
    with pytest.raises(Problem, match="nowhere"):
        load_policy(tmp_path / "nowhere.yaml")


def test_the_page_tells_what_the_policy_says(policy: Policy) -> None:
    rows = {cells[0]: cells[1:] for line in PAGE.read_text("utf-8").splitlines() if (cells := _cells(line))}
    assert rows == {
        f"`{name}`": [
            kind.title,
            kind.section,
            kind.proposes,
            kind.approves or "nobody: recorded",
            policy.groups[kind.approves].deputy if kind.approves else "–",
            _life(kind.lives_hours, kind.is_review),
            ", ".join(kind.evidence) or "–",
        ]
        for name, kind in policy.kinds.items()
    }


def _cells(line: str) -> list[str]:
    """The cells of a row of the table of kinds, which begins with a kind's name."""
    return [cell.strip() for cell in line.strip("|").split("|")] if re.match(r"\| `\w+` \|", line) else []


def _life(hours: int | None, is_review: bool) -> str:
    if hours is None:
        return "–"
    return f"due in {hours} h" if is_review else f"{hours} h"
