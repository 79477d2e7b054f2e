"""The command syntax: parsing, validation, and answers to questions."""

import contextlib
import datetime as dt
import decimal
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, model_validator
from pydantic_core import core_schema

from app.domain.command import Args, Command, Context, Invocation, Needs, Outcome, Report, free_words, raw_text
from app.domain.directory import AccountDirectory, AccountName
from app.domain.problems import AccountNotFound, InvalidArguments, Problem
from app.domain.records import Listed
from app.domain.syntax import AccountChoice, fill, is_command, parse, parse_day, unknown_command, validate
from app.domain.syntax.arguments import REASONS, UNEXPLAINED


class _Command(Command[Any]):
    summary = "A command of the tests."
    examples = ()
    data = BaseModel

    def needs(self, args: Any) -> Needs:
        return Needs()

    def run(self, ctx: Context, args: Any) -> Outcome:
        return Outcome(Report(BaseModel(), ()))


class HealthArgs(Args):
    account: str | None = None
    segment: str | None = None
    renewal_within: Annotated[int, Field(ge=1, le=730)] | None = None
    churned: bool = False


class FeedbackArgs(Args):
    action: Literal["list", "add", "rank"] = "list"
    title: str | None = free_words("What is wanted.")
    category: Literal["bug", "ux"] | None = None
    reach: Annotated[float, Field(gt=0, lt=10_001)] | None = None
    urgent: bool | None = None
    account_ids: Listed = ()


class EscalateArgs(Args):
    account: str
    issue: str = raw_text("What is wrong.")
    kind: Literal["bug", "outage"] | None = None
    environment: str | None = None


class TroubleshootArgs(Args):
    account: str | None = None
    symptom: str = raw_text("The error as it was seen.")
    endpoint: str | None = None


class PlanArgs(Args):
    account: str
    action: Literal["show", "set"] = "show"
    due: str | None = None
    owner: str = "nobody"


class NotesArgs(Args):
    account: str
    action: Literal["list", "log"] = "list"
    note: str | None = raw_text("What was said.", default=None)


class DeskArgs(Args):
    """Only some subcommands take words or a raw text."""

    account: str | None = None
    action: Literal["log", "compare", "brief"] | None = None
    text: str | None = raw_text("What was said.", None, actions=("log",))
    dates: str | None = free_words("Two days.", actions=("compare",))
    owner: str | None = None


class CaseArgs(Args):
    """A raw text of its own without a subcommand and under one; the latter does without an account."""

    account: str | None = None
    action: Literal["list", "update", "similar"] | None = None
    issue: str | None = raw_text("What happened.", None, actions=("",))
    text: str | None = raw_text("What is new.", None, actions=("update",), about_account=False)
    case: str | None = free_words("Which case.", actions=("similar",))
    owner: str | None = None


class AdoptArgs(Args):
    account: str
    feature: str | None = free_words("Which feature.")


class SearchArgs(Args):
    query: str = raw_text("What is looked for.")
    limit: int = 5


class StrictArgs(Args):
    first: int
    second: Annotated[str, Field(min_length=2, max_length=3)] = "ab"
    either: int | Literal["all"] = "all"

    @model_validator(mode="after")
    def _check(self) -> "StrictArgs":
        if self.first == 13:
            raise ValueError("thirteen is unlucky")
        return self


class OddArgs(Args):
    """Types whose errors pydantic would tell in words of its own."""

    day: dt.date | None = None
    at: dt.datetime | None = None
    count: int | None = None
    parts: Annotated[dict[str, int], Field(max_length=1)] = {}  # noqa: RUF012 - pydantic copies it
    tags: Annotated[tuple[str, ...], Field(max_length=1)] = ()
    code: Annotated[str, Field(pattern="^a")] = "a"
    price: decimal.Decimal | None = None


def _named(command_name: str, command_args: type[Args]) -> Command[Any]:
    class Named(_Command):
        name = command_name
        args = command_args

    return Named()


ARGUMENTS: Mapping[str, type[Args]] = {
    "health": HealthArgs,
    "feedback": FeedbackArgs,
    "escalate": EscalateArgs,
    "troubleshoot": TroubleshootArgs,
    "plan": PlanArgs,
    "notes": NotesArgs,
    "adopt": AdoptArgs,
    "desk": DeskArgs,
    "case": CaseArgs,
    "search": SearchArgs,
    "strict": StrictArgs,
    "odd": OddArgs,
}
COMMANDS = {name: _named(name, args) for name, args in ARGUMENTS.items()}

ACME = AccountName("acc-1", "Acme")
EUROPE = AccountName("acc-2", "Acme Europe", ("AE",))
PUNCTUATED = AccountName("acc-3", "A&B, Inc.")
TWIN_1, TWIN_2 = AccountName("acc-4", "Twin Peaks"), AccountName("acc-5", "Twin Peaks")
SHOW = AccountName("acc-6", "Show")
NORTHWIND = AccountName("acc-7", "Northwind Traders")
EQUALS = AccountName("acc-8", "E=mc2 Labs")
DIRECTORY = AccountDirectory([ACME, EUROPE, PUNCTUATED, TWIN_1, TWIN_2, SHOW, NORTHWIND, EQUALS])


def read(message: str) -> Invocation | AccountChoice:
    return parse(message, COMMANDS, DIRECTORY)


def refused(message: str) -> Problem:
    with pytest.raises(Problem) as caught:
        read(message)
    return caught.value


# is_command


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("/health acme", True),
        ("  \n\t/health", True),
        ("\ufeff/health", True),
        ("\u200b /health", True),
        ("/HEALTH", True),
        ("/nosuch", True),
        ("/", True),
        ("/ health", True),
        ("/?", True),
        ("/health /v1/orders", True),
        ("/v1/orders returns 500", False),
        ("//", False),
        ("//health", False),
        ("", False),
        ("   ", False),
        ("health", False),
        ("see /health", False),
        ("🙂/health", False),
    ],
)
def test_is_command(message: str, expected: bool) -> None:
    assert is_command(message) is expected


# command names


@pytest.mark.parametrize(
    ("message", "closest"),
    [
        ("/helth", ["health"]),
        ("/HELTH acme", ["health"]),
        ("/esc", ["escalate"]),
        ("/health🙂", ["health"]),
        ("/xyzzy", []),
        ("/", []),
        ("//", []),
        ("/ health", []),
        ("", []),
        ("health", []),
        ("/" + "x" * 300_000, []),
        ("/\x00\ud800", []),
    ],
)
def test_an_unknown_command_names_the_closest(message: str, closest: list[str]) -> None:
    problem = refused(message)
    assert (problem.code, problem.status) == ("unknown_command", 404)
    assert problem.extra["closest"] == closest
    assert all(f"/{name}" in problem.detail for name in closest)
    assert "/help" in problem.detail
    assert len(problem.detail) < 200


def test_unknown_command_can_be_raised_by_others() -> None:
    assert unknown_command("Helth", COMMANDS).extra == {"command": "Helth", "closest": ["health"]}


@pytest.mark.parametrize("message", ["/health", "/HeAlTh", "\ufeff /health", "/health   \n\t\r\n", "\n\n/health"])
def test_a_command_alone(message: str) -> None:
    assert read(message) == Invocation("health")


# accounts


@pytest.mark.parametrize(
    ("message", "account", "arguments"),
    [
        ("/health acme", "acc-1", {}),
        ("/health acc-1", "acc-1", {}),
        ("/health ACC-2", "acc-2", {}),
        ("/health Acme Europe", "acc-2", {}),
        ("/health\tAcme\n \t Europe  ", "acc-2", {}),
        ("/health ae", "acc-2", {}),
        ("/health A&B, Inc.", "acc-3", {}),
        ("/health A&B", "acc-3", {}),
        ('/health "Acme Europe"', "acc-2", {}),
        ("/health “Acme Europe”", "acc-2", {}),
        ("/health 'Acme Europe'", "acc-2", {}),
        ("/health Acme Limited", "acc-1", {}),
        ("/health Acme?", "acc-1", {}),
        ("/health account=acme", "acc-1", {}),
        ('/health account="Acme Europe"', "acc-2", {}),
        ("/health --account acc-3", "acc-3", {}),
        ('/health "E=mc2 Labs"', "acc-8", {}),
        ("/health segment=SMB acme europe --churned", "acc-2", {"segment": "SMB", "churned": True}),
        ("/adopt Acme webhooks  and\nSSO", "acc-1", {"feature": "webhooks and SSO"}),
        ("/adopt Acme Europe", "acc-2", {}),
    ],
)
def test_the_account_is_the_longest_exact_match(message: str, account: str, arguments: dict[str, Any]) -> None:
    invocation = read(message)
    assert isinstance(invocation, Invocation)
    assert (invocation.account, invocation.arguments) == (account, arguments)


@pytest.mark.parametrize(
    ("message", "typed", "candidates", "exact", "arguments"),
    [
        ("/health twin peaks", "twin peaks", [TWIN_1, TWIN_2], True, {}),
        ("/health twin peaks segment=SMB", "twin peaks", [TWIN_1, TWIN_2], True, {"segment": "SMB"}),
        ('/health account="Twin Peaks"', "Twin Peaks", [TWIN_1, TWIN_2], True, {}),
        ("/adopt Twin Peaks SSO", "Twin Peaks", [TWIN_1, TWIN_2], True, {"feature": "SSO"}),
        ("/health Acmee", "Acmee", [ACME], False, {}),
        ("/health Acme Eurpoe", "Acme Eurpoe", [EUROPE], False, {}),
        ("/health Northwind", "Northwind", [NORTHWIND], False, {}),
        ("/health account=Acmee churned=yes", "Acmee", [ACME], False, {"churned": "yes"}),
        ("/adopt Acmee SSO tokens", "Acmee", [ACME], False, {"feature": "SSO tokens"}),
        ("/plan Acmee set due=friday", "Acmee", [ACME], False, {"action": "set", "due": "friday"}),
    ],
)
def test_an_uncertain_account_is_asked_for(
    message: str, typed: str, candidates: list[AccountName], exact: bool, arguments: dict[str, Any]
) -> None:
    choice = read(message)
    assert isinstance(choice, AccountChoice)
    assert (choice.typed, list(choice.candidates), choice.exact) == (typed, candidates, exact)
    assert choice.invocation == Invocation(message.split()[0][1:], None, arguments)


HARBOR = AccountName("p1", "Cobalt Harbor Freight", ("Cobalt Harbor",))
LOGISTICS = AccountName("p2", "Alder & Finch Logistics", ("Alder Finch",))
CUSTOMS = AccountName("p3", "Alder & Finch Customs")
KESTREL = AccountName("p4", "Kestrel Learning")
PLACES = AccountDirectory([HARBOR, LOGISTICS, CUSTOMS, KESTREL])


@pytest.mark.parametrize("typed", ["alder & finch", "finch", "alder"])
def test_accounts_that_are_equally_close_are_all_offered(typed: str) -> None:
    choice = parse(f"/health {typed}", COMMANDS, PLACES)
    assert choice == AccountChoice(Invocation("health"), typed, (CUSTOMS, LOGISTICS), exact=False)


@pytest.mark.parametrize(
    ("message", "in_detail"),
    [
        (
            "/health segment=mid market",
            'If “market” belongs to segment, put the value in quotes: segment="mid market".',
        ),
        ("/health --segment mid market size", 'segment="mid market size"'),
        ("/health kestrel learning segment=mid market", 'segment="mid market"'),
        ("/health cobalt harbor kestrel", "cannot use “kestrel”. A command is about one account"),
        ("/health kestrel cobalt harbor", "A command is about one account; ask for each by itself."),
        ("/health kestrel learning alder & finch", "A command is about one account"),
    ],
)
def test_what_cannot_be_placed_comes_with_a_hint(message: str, in_detail: str) -> None:
    with pytest.raises(Problem) as caught:
        parse(message, COMMANDS, PLACES)
    assert in_detail in caught.value.detail


def test_a_quoted_value_needs_no_hint() -> None:
    problem = refused('/health segment="mid market" Hooli')
    assert problem.detail == "No account is called “Hooli”. Give an account's id, name or alias."


@pytest.mark.parametrize("message", ["/health Hooli", "/plan Hooli set", "/adopt Hooli SSO", "/health account=Hooli"])
def test_an_account_that_is_like_none_is_not_found(message: str) -> None:
    problem = refused(message)
    assert isinstance(problem, AccountNotFound)
    assert problem.extra["account"] == "Hooli"
    assert "Hooli" in problem.detail


# subcommands


@pytest.mark.parametrize(
    ("message", "account", "arguments"),
    [
        ("/feedback", None, {}),
        ("/feedback rank", None, {"action": "rank"}),
        ("/feedback ADD Dark mode", None, {"action": "add", "title": "Dark mode"}),
        ("/feedback urgent=no add Dark mode", None, {"urgent": "no", "action": "add", "title": "Dark mode"}),
        ("/feedback dark add", None, {"title": "dark add"}),
        ('/feedback "add" it', None, {"title": "add it"}),
        ("/plan acme", "acc-1", {}),
        ("/plan acme set", "acc-1", {"action": "set"}),
        ("/plan set acme", "acc-1", {"action": "set"}),
        ("/plan acme action=set", "acc-1", {"action": "set"}),
        ("/plan show", None, {"action": "show"}),
        ("/plan show show", "acc-6", {"action": "show"}),
        ('/plan "show"', "acc-6", {}),
        ("/plan acc-6", "acc-6", {}),
        ("/notes acme log spoke to Jo: set x=1", "acc-1", {"action": "log", "note": "spoke to Jo: set x=1"}),
        ("/notes log acme  two  spaces", "acc-1", {"action": "log", "note": " two  spaces"}),
        ("/notes acme", "acc-1", {}),
    ],
)
def test_subcommands_go_before_account_names(message: str, account: str | None, arguments: dict[str, Any]) -> None:
    name = message.split()[0][1:]
    assert read(message) == Invocation(name, account, arguments)


# options


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("/health segment=SMB", {"segment": "SMB"}),
        ("/health SEGMENT=SMB", {"segment": "SMB"}),
        ('/health segment="Mid market"', {"segment": "Mid market"}),
        ("/health segment=“Mid market”", {"segment": "Mid market"}),
        ("/health segment='Mid market'", {"segment": "Mid market"}),
        ("/health segment=‘Mid market’", {"segment": "Mid market"}),
        ("""/health segment='the "mid" one'""", {"segment": 'the "mid" one'}),
        ('/health segment="a=b --c"', {"segment": "a=b --c"}),
        ('/health segment=""', {"segment": ""}),
        ("/health segment=a=b", {"segment": "a=b"}),
        ("/health segment='tis", {"segment": "'tis"}),
        ("/health --segment SMB", {"segment": "SMB"}),
        ("/health --segment=SMB", {"segment": "SMB"}),
        ('/health --segment "Mid market"', {"segment": "Mid market"}),
        ("/health --renewal-within 90", {"renewal_within": "90"}),
        ("/health renewal-within=90", {"renewal_within": "90"}),
        ("/health --churned", {"churned": True}),
        ("/health --churned segment=SMB", {"churned": True, "segment": "SMB"}),
        ("/health --churned=no", {"churned": "no"}),
        ("/feedback --urgent", {"urgent": True}),
        ("/feedback see https://x.test/?a=b&c=d", {"title": "see https://x.test/?a=b&c=d"}),
        ("/feedback -- -x 19\" it's 'so'", {"title": "-- -x 19\" it's 'so'"}),
        ("/feedback \x00 \x1b[31m 🙂", {"title": "\x00 \x1b[31m 🙂"}),
        ("/search limit=3 a=b --c", {"limit": "3", "query": "a=b --c"}),
    ],
)
def test_options(message: str, arguments: dict[str, Any]) -> None:
    invocation = read(message)
    assert isinstance(invocation, Invocation)
    assert invocation.arguments == arguments


@pytest.mark.parametrize(
    ("message", "field", "in_detail"),
    [
        ("/health acme segmnt=SMB", "segmnt", "Did you mean segment?"),
        ("/health acme --churn", "churn", "Did you mean churned?"),
        ("/health acme asof=2026-01-01", "asof", "as_of"),
        ("/health acme zzz=1", "zzz", "account, segment, renewal_within, churned, as_of"),
        ("/health segment=a segment=b", "segment", "twice"),
        ("/health segment=a --Segment b", "segment", "twice"),
        ("/health as_of=2026-01-01 as-of=2026-01-01", "as_of", "twice"),
        ("/plan acme set action=show", "set", "cannot use “set”"),
        ("/plan set action=show", "set", "cannot use “set”"),
        ("/feedback title=x more words", "title", "twice"),
        ("/escalate issue=x acme more", "issue", "twice"),
        ("/health segment=", "segment", "segment=VALUE"),
        ("/health segment= SMB", "segment", "segment=VALUE"),
        ("/health --segment", "segment", "segment=VALUE"),
        ("/health --segment --churned", "segment", "segment=VALUE"),
        ("/health as_of=", "as_of", "as_of=VALUE"),
        ('/health segment="Mid market', '"Mid market', "not closed"),
        ('/feedback add "Dark', '"Dark', "not closed"),
        ('/health "Acme', '"Acme', "not closed"),
        ("/health acme please", "please", "cannot use “please”"),
        ("/plan acme shwo", "shwo", "Did you mean show?"),
        ("/strict 12", "12", "cannot use “12”"),
        ("/escalate knd=bug acme it fails", "knd", "Did you mean kind?"),
    ],
)
def test_what_cannot_be_read_is_named(message: str, field: str, in_detail: str) -> None:
    problem = refused(message)
    assert isinstance(problem, InvalidArguments)
    assert problem.extra["missing"] == []
    assert [wrong["field"] for wrong in problem.extra["invalid"]] == [field]
    assert in_detail in problem.detail


@pytest.mark.parametrize(
    ("message", "account"),
    [
        ("/health as_of=2026-03-31 acme", "acc-1"),
        ("/health acme as_of=2026-03-31", "acc-1"),
        ("/health --as-of 2026-03-31 acme", "acc-1"),
        ("/feedback AS_OF=2026-03-31", None),
        ("/escalate as_of=2026-03-31 acme it fails", "acc-1"),
        ("/search as_of=2026-03-31 webhooks", None),
    ],
)
def test_every_command_takes_as_of(message: str, account: str | None) -> None:
    invocation = read(message)
    assert isinstance(invocation, Invocation)
    assert (invocation.as_of, invocation.account) == (dt.date(2026, 3, 31), account)
    assert "as_of" not in invocation.arguments


NO_DATES = (
    "yesterday",
    "2026-02-30",
    "2026-13-01",
    "20260331",
    "31.03.2026",
    "2026-W03-1",
    "2026-03-31T00:00:00Z",
    "2026-03-31?",
    "２０２６-03-31",
    "9" * 100_000,
)


@pytest.mark.parametrize("text", NO_DATES)
def test_a_date_that_is_none(text: str) -> None:
    problem = refused(f"/health acme as_of={text}")
    assert problem.code == "invalid_date"
    assert "YYYY-MM-DD" in problem.detail
    assert len(problem.detail) < 200
    with pytest.raises(Problem, match="YYYY-MM-DD"):
        parse_day(text)


# raw text


@pytest.mark.parametrize(
    ("message", "account", "raw"),
    [
        ("/escalate acme it fails", "acc-1", "it fails"),
        ("/escalate Acme Europe it fails", "acc-2", "it fails"),
        ("/escalate acme\nline 1\n\n  line 2\n", "acc-1", "line 1\n\n  line 2\n"),
        ("/escalate acme\r\nline 1\r\n", "acc-1", "line 1\r\n"),
        ("/escalate acme \n it", "acc-1", "\n it"),
        ("/escalate acme   it", "acc-1", "  it"),
        ("/escalate acme curl -H 'A: b' \"https://x?y=z\" --data a=b", "acc-1", None),
        ("/escalate acme kind=bug as_of=2026-01-01", "acc-1", "kind=bug as_of=2026-01-01"),
        ("/escalate kind=bug acme it fails", "acc-1", "it fails"),
        ('/escalate "Acme Europe" it fails', "acc-2", "it fails"),
        ("/escalate Acme: it fails", "acc-1", "it fails"),
        ("/escalate account=acme it = fails", "acc-1", "it = fails"),
        ("/escalate account=acme error=500", "acc-1", "error=500"),
        ("/troubleshoot acme 429", "acc-1", "429"),
        ("/troubleshoot GET /v1/x?a=b", None, "GET /v1/x?a=b"),
        ("/troubleshoot Acmee 429", None, "Acmee 429"),
        ("/troubleshoot error=500 on POST", None, "error=500 on POST"),
        ("/troubleshoot endpoint=/v1 acme error=500", "acc-1", "error=500"),
        ("/troubleshoot   indented", None, "  indented"),
        ("/search\nwebhooks", None, "webhooks"),
    ],
)
def test_raw_text_is_what_follows_the_account_verbatim(message: str, account: str | None, raw: str | None) -> None:
    invocation = read(message)
    assert isinstance(invocation, Invocation)
    field = {"escalate": "issue", "troubleshoot": "symptom", "search": "query"}[invocation.command]
    assert invocation.account == account
    assert invocation.arguments[field] == (message.split(" ", 2)[2] if raw is None else raw)


@pytest.mark.parametrize(
    ("message", "account"), [("/escalate", None), ("/escalate acme", "acc-1"), ("/escalate Acme \n ", "acc-1")]
)
def test_blank_raw_text_is_none(message: str, account: str | None) -> None:
    assert read(message) == Invocation("escalate", account)


@pytest.mark.parametrize(
    ("message", "typed", "candidates", "exact", "raw"),
    [
        ("/escalate Acmee it  fails\n=", "Acmee", [ACME], False, "Acmee it  fails\n="),
        ("/escalate Northwind Tradrs it fails", "Northwind Tradrs", [NORTHWIND], False, "Northwind Tradrs it fails"),
        ("/escalate Twin Peaks  it fails", "Twin Peaks", [TWIN_1, TWIN_2], True, " it fails"),
        ("/escalate The API is down", "The", [], False, "The API is down"),
        ("/escalate Hooli\nAcmee", "Hooli", [], False, "Hooli\nAcmee"),
        ("/escalate account=Hooli it fails", "Hooli", [], False, "it fails"),
    ],
)
def test_a_raw_text_is_kept_where_its_account_is_uncertain(
    message: str, typed: str, candidates: list[AccountName], exact: bool, raw: str
) -> None:
    choice = read(message)
    assert choice == AccountChoice(Invocation("escalate", None, {"issue": raw}), typed, tuple(candidates), exact)


@pytest.mark.parametrize(
    ("message", "typed", "candidates", "raw"),
    [
        ("/escalate alder & finch it  fails", "alder & finch", (LOGISTICS, CUSTOMS), "it  fails"),
        ("/escalate cobalt it fails", "cobalt", (HARBOR,), "it fails"),
        ("/escalate kestrel\ncurl -H 'a=b'", "kestrel", (KESTREL,), "curl -H 'a=b'"),
        ("/escalate kestrl it fails", "kestrl", (KESTREL,), "kestrl it fails"),
        ("/escalate alder it fails", "alder", (CUSTOMS, LOGISTICS), "alder it fails"),
    ],
)
def test_raw_text_begins_behind_the_words_that_begin_a_name(
    message: str, typed: str, candidates: tuple[AccountName, ...], raw: str
) -> None:
    choice = parse(message, COMMANDS, PLACES)
    assert choice == AccountChoice(Invocation("escalate", None, {"issue": raw}), typed, candidates, exact=False)


@pytest.mark.parametrize(
    ("message", "account", "arguments"),
    [
        ("/desk acme log a=b --owner x?\n y", "acc-1", {"action": "log", "text": "a=b --owner x?\n y"}),
        ("/desk log acme a=b", "acc-1", {"action": "log", "text": "a=b"}),
        ("/desk Acme Europe LOG brief", "acc-2", {"action": "log", "text": "brief"}),
        ("/desk owner=Sam acme log it", "acc-1", {"owner": "Sam", "action": "log", "text": "it"}),
        ("/desk acme log", "acc-1", {"action": "log"}),
        ("/desk acme compare 2026-01-01 2026-02-01", "acc-1", {"action": "compare", "dates": "2026-01-01 2026-02-01"}),
        ("/desk compare acme 2026-01-01", "acc-1", {"action": "compare", "dates": "2026-01-01"}),
        ("/desk acme brief owner=Sam", "acc-1", {"action": "brief", "owner": "Sam"}),
        ("/desk brief", None, {"action": "brief"}),
        ("/desk acme owner=Sam", "acc-1", {"owner": "Sam"}),
        ("/desk", None, {}),
    ],
)
def test_only_some_subcommands_take_words_or_raw_text(
    message: str, account: str | None, arguments: dict[str, Any]
) -> None:
    assert read(message) == Invocation("desk", account, arguments)


@pytest.mark.parametrize(
    ("message", "account", "arguments"),
    [
        ("/case acme it fails", "acc-1", {"issue": "it fails"}),
        ("/case acme update of the SDK breaks a=b", "acc-1", {"issue": "update of the SDK breaks a=b"}),
        ("/case acme list endpoint answers 500", "acc-1", {"issue": "list endpoint answers 500"}),
        ("/case acme list", "acc-1", {"action": "list"}),
        ("/case acme update", "acc-1", {"action": "update"}),
        ("/case list", None, {"action": "list"}),
        ("/case list acme owner=Sam", "acc-1", {"action": "list", "owner": "Sam"}),
        ("/case owner=Sam list", None, {"action": "list", "owner": "Sam"}),
        ("/case update esc-1 pool = full --x", None, {"action": "update", "text": "esc-1 pool = full --x"}),
        ("/case update esc-1\nline 1\n line 2", None, {"action": "update", "text": "esc-1\nline 1\n line 2"}),
        ("/case UPDATE acme the pool is full", "acc-1", {"action": "update", "text": "the pool is full"}),
        ("/case update", None, {"action": "update"}),
        ("/case similar esc-1", None, {"action": "similar", "case": "esc-1"}),
        ("/case similar acme", "acc-1", {"action": "similar"}),
        ("/case", None, {}),
    ],
)
def test_a_subcommand_leads_where_the_text_may_begin_with_such_a_word(
    message: str, account: str | None, arguments: dict[str, Any]
) -> None:
    assert read(message) == Invocation("case", account, arguments)


def test_an_issue_of_an_account_that_is_misspelt_is_kept_whole_whatever_words_are_in_it() -> None:
    choice = read("/case Northwind Tradrs fails after the update of its list")
    assert isinstance(choice, AccountChoice)
    assert choice.candidates[0] == NORTHWIND
    assert choice.invocation.arguments["issue"].endswith("fails after the update of its list")
    assert "action" not in choice.invocation.arguments


def test_an_answer_goes_to_the_raw_text_of_its_subcommand() -> None:
    asked = Invocation("case", None, {"action": "update", "text": "esc-1"})
    assert fill(COMMANDS["case"], asked, ("text",), "no change", DIRECTORY) == Invocation(
        "case", None, {"action": "update", "text": "esc-1\nno change"}
    )
    which = Invocation("case", None, {"action": "update", "text": "no change"})
    assert fill(COMMANDS["case"], which, ("case",), "esc-2", DIRECTORY) == Invocation(
        "case", None, {"action": "update", "text": "no change", "case": "esc-2"}
    )


@pytest.mark.parametrize("message", ["/desk acme 2026-01-01", "/desk acme brief 2026-01-01", "/desk acme text words"])
def test_words_have_no_place_under_other_subcommands(message: str) -> None:
    assert isinstance(refused(message), InvalidArguments | AccountNotFound)


def test_a_raw_text_of_a_subcommand_is_kept_where_its_account_is_uncertain() -> None:
    choice = read("/desk Northwind Tradrs log they left = sad")
    invocation = Invocation("desk", None, {"action": "log", "text": "they left = sad"})
    assert choice == AccountChoice(invocation, "Northwind Tradrs", (NORTHWIND,), exact=False)


@given(st.text().filter(lambda text: text.strip() != ""))
def test_any_raw_text_comes_through_verbatim(text: str) -> None:
    directory = AccountDirectory([AccountName("acc-1", "Acme, Inc.")])
    for typed in ("acc-1", "ACC-1", "Acme Inc.", '"Acme"'):
        read_raw = parse(f"/escalate {typed} {text}", COMMANDS, directory)
        assert read_raw == Invocation("escalate", "acc-1", {"issue": text})
    after_option = parse(f"/search limit=3 {text}", COMMANDS, directory)
    assert isinstance(after_option, Invocation)
    assert after_option.arguments["query"] == text


FRAGMENTS = st.sampled_from([
    "/", "/health", "/feedback", "/escalate", "/plan", "--", "=", '"', "“", "'", ";", ":", "\n", " ", "\t", "\x00",
    "\ud800", "🙂", "\u200b", "acme", "Acme Europe", "Acmee", "twin peaks", "set", "add", "segment", "as_of=",
    "2026-01-01", "issue", "account", "churned", "reach: 5",
])  # fmt: skip
MESSAGES = st.one_of(st.text(), st.lists(FRAGMENTS, max_size=12).map("".join), st.lists(FRAGMENTS).map(" ".join))


def read_or_refused(message: str) -> Invocation | AccountChoice | Problem:
    try:
        return read(message)
    except Problem as problem:
        return problem


@given(MESSAGES, st.sampled_from(sorted(COMMANDS)))
def test_parsing_raises_nothing_but_problems(text: str, name: str) -> None:
    is_command(text)
    for message in (text, f"/{name} {text}"):
        result = read_or_refused(message)
        if isinstance(result, Problem):
            assert result.detail.isprintable()
            assert len(result.detail) < 400
            continue
        invocation = result.invocation if isinstance(result, AccountChoice) else result
        assert set(invocation.arguments) <= set(ARGUMENTS[invocation.command].model_fields)


TAILS = ("x" * 250_000, "a " * 125_000, "'x " * 80_000, "a=" * 125_000, " " * 250_000, "-" * 250_000, "a-" * 125_000)


@pytest.mark.parametrize("tail", TAILS, ids=lambda tail: tail[:3])
@pytest.mark.parametrize("name", ["health", "feedback", "escalate", "adopt", "search"])
def test_a_huge_message_is_read_or_refused_in_a_short_sentence(name: str, tail: str) -> None:
    result = read_or_refused(f"/{name} {tail}")
    if isinstance(result, Problem):
        assert len(result.detail) < 400
    else:
        assert isinstance(result, AccountChoice) or result.command == name


# validate


def test_validate_gives_the_command_its_own_types() -> None:
    args = validate(COMMANDS["health"], {"account": "acc-1", "renewal_within": "90", "churned": "yes", "segment": None})
    assert args == HealthArgs(account="acc-1", renewal_within=90, churned=True)
    listed = validate(COMMANDS["feedback"], {"account_ids": "a; b", "reach": "1e3"})
    assert listed == FeedbackArgs(account_ids=("a", "b"), reach=1000)


@pytest.mark.parametrize(
    ("name", "arguments", "missing", "invalid"),
    [
        ("escalate", {}, ["account", "issue"], {}),
        ("escalate", {"account": None, "issue": "x"}, ["account"], {}),
        (
            "escalate",
            {"account": "a", "kind": "fire"},
            ["issue"],
            {"kind": "must be 'bug' or 'outage'"},
        ),
        ("health", {"renewal_within": "soon"}, [], {"renewal_within": "must be a whole number"}),
        ("health", {"renewal_within": 0}, [], {"renewal_within": "must be at least 1"}),
        ("health", {"renewal_within": 731}, [], {"renewal_within": "must be at most 730"}),
        ("health", {"churned": "perhaps"}, [], {"churned": "must be yes or no"}),
        ("health", {"segment": 3}, [], {"segment": "must be text"}),
        ("health", {"colour": "red"}, [], {"colour": "is not an option"}),
        ("feedback", {"reach": "0"}, [], {"reach": "must be above 0"}),
        ("feedback", {"reach": "10001"}, [], {"reach": "must be below 10001"}),
        ("feedback", {"reach": "many"}, [], {"reach": "must be a number"}),
        ("feedback", {"account_ids": 5}, [], {"account_ids": "must be a list"}),
        ("strict", {"first": "1", "second": "x"}, [], {"second": "must have 2 characters or more"}),
        ("strict", {"first": "1", "second": "wxyz"}, [], {"second": "must have 3 characters or fewer"}),
        ("strict", {"first": 1, "either": "some"}, [], {"either": "must be a whole number, or must be 'all'"}),
        ("odd", {"day": "soon"}, [], {"day": "must be a date, written YYYY-MM-DD"}),
        ("odd", {"day": "2026-02-30"}, [], {"day": "must be a date, written YYYY-MM-DD"}),
        ("odd", {"at": "soon"}, [], {"at": "must be a time with its zone, such as 2026-03-31T14:30:00Z"}),
        ("odd", {"count": "9" * 5000}, [], {"count": "must be a smaller whole number"}),
        ("odd", {"parts": "a"}, [], {"parts": "must be pairs of name and value"}),
        ("odd", {"parts": {"a": 1, "b": 2}}, [], {"parts": "must have 1 entries or fewer"}),
        ("odd", {"tags": ("a", "b")}, [], {"tags": "must have 1 entries or fewer"}),
        ("odd", {"code": "b"}, [], {"code": "is not written as it must be"}),
        ("odd", {"price": "dear"}, [], {"price": UNEXPLAINED}),
        ("strict", {"first": 13}, [], {"": "is not right: thirteen is unlucky"}),
    ],
)
def test_validate_names_what_is_missing_and_what_is_wrong(
    name: str, arguments: dict[str, Any], missing: list[str], invalid: dict[str, str]
) -> None:
    with pytest.raises(InvalidArguments) as caught:
        validate(COMMANDS[name], arguments)
    problem = caught.value
    assert problem.extra["missing"] == missing
    assert {wrong["field"]: wrong["reason"] for wrong in problem.extra["invalid"]} == invalid
    for field in missing:
        assert field in problem.detail
    for field, reason in invalid.items():
        assert f"{field.replace('_', ' ') or 'This'} {reason}." in problem.detail


def test_each_reason_is_for_an_error_that_there_is() -> None:
    assert set(REASONS) <= set(get_args(core_schema.ErrorType))


# fill


def filled(
    name: str, arguments: dict[str, Any], fields: tuple[str, ...], message: str, account: str | None = "acc-1"
) -> Invocation | AccountChoice:
    invocation = Invocation(name, account, arguments, dt.date(2026, 1, 1))
    return fill(COMMANDS[name], invocation, fields, message, DIRECTORY)


@pytest.mark.parametrize(
    ("fields", "message", "arguments"),
    [
        (("reach",), "50", {"reach": "50"}),
        (("reach",), "  50\n", {"reach": "50"}),
        (("reach",), "reach: 50", {"reach": "50"}),
        (("reach",), "Reach = 50", {"reach": "50"}),
        (("reach",), "- reach: 50", {"reach": "50"}),
        (("reach",), "about: 50", {"reach": "about: 50"}),
        (("title",), "tıtle: 50", {"title": "tıtle: 50"}),
        (("title",), "add title=x\nand: more", {"title": "add title=x\nand: more"}),
        (("title",), 'Title: "Dark mode"', {"title": "Dark mode"}),
        (("title",), "Title: Dark mode\nfor all; now", {"title": "Dark mode\nfor all; now"}),
        (("title",), "title:\nDark mode\nfor all", {"title": "Dark mode\nfor all"}),
        (("account_ids",), "Account IDs: a; b", {"account_ids": "a; b"}),
        (("account_ids",), "account-ids: a; b", {"account_ids": "a; b"}),
        (("reach", "category"), "reach: 50\ncategory: ux", {"reach": "50", "category": "ux"}),
        (("reach", "category"), "Here you are\r\n1. reach: 50\r\n2) category: ux", {"reach": "50", "category": "ux"}),
        (("reach", "category"), "reach: 50; category: ux", {"reach": "50", "category": "ux"}),
        (("reach", "category"), "reach: 50, category = ux", {"reach": "50", "category": "ux"}),
        (("reach", "category"), "reach=50 category=ux", {"reach": "50", "category": "ux"}),
        (("title", "reach"), "title=Dark mode; reach=50", {"title": "Dark mode", "reach": "50"}),
        (("title", "reach"), "title: uses reach=50 today", {"title": "uses reach=50 today"}),
        (("reach", "category"), "reach:\ncategory: ux", {"category": "ux"}),
        (("reach", "category"), "reach: 5\nreach: 6", {"reach": "5\n6"}),
    ],
)
def test_an_answer_fills_what_was_asked_for(fields: tuple[str, ...], message: str, arguments: dict[str, Any]) -> None:
    result = filled("feedback", {"action": "add"}, fields, message, account=None)
    assert result == Invocation("feedback", None, {"action": "add", **arguments}, dt.date(2026, 1, 1))


@pytest.mark.parametrize("message", ["50 and ux", "what?", "🙂"])
def test_several_fields_and_no_names_are_asked_for_again(message: str) -> None:
    with pytest.raises(InvalidArguments) as caught:
        filled("feedback", {}, ("reach", "account_ids"), message)
    assert caught.value.extra["missing"] == ["reach", "account_ids"]
    assert "reach: …; account ids: …" in caught.value.detail


CURL = "curl -H 'x: y; environment=prod' \"https://x?a=b\""


@pytest.mark.parametrize(
    ("before", "fields", "message", "after"),
    [
        ({}, ("issue",), "  it fails\n", {"issue": "  it fails\n"}),
        ({"issue": "it"}, ("environment",), "production", {"issue": "it", "environment": "production"}),
        ({"issue": "it fails"}, ("request_ids",), "req-1", {"issue": "it fails\nrequest ids: req-1"}),
        (
            {"issue": "it fails"},
            ("environment", "request_ids"),
            "in prod, req-1",
            {"issue": "it fails\nin prod, req-1"},
        ),
        ({}, ("environment", "request_ids"), "in prod\nreq-1", {"issue": "in prod\nreq-1"}),
        (
            {"issue": "it fails"},
            ("environment", "request_ids"),
            f"environment: prod\nRequest IDs: req-1, req-2\n{CURL}",
            {"environment": "prod", "issue": f"it fails\nrequest ids: req-1, req-2\n{CURL}"},
        ),
        (
            {"issue": "it fails"},
            ("environment", "logs"),
            "logs:\n```\nenvironment: staging\n```\n",
            {"issue": "it fails\nlogs:\n```\nenvironment: staging\n```"},
        ),
        ({"issue": "it fails"}, ("environment", "logs"), CURL, {"issue": f"it fails\n{CURL}"}),
        ({"issue": "it fails"}, ("issue", "environment"), "Issue: slow", {"issue": "it fails\nslow"}),
    ],
)
def test_what_names_no_field_goes_to_the_raw_text(
    before: dict[str, Any], fields: tuple[str, ...], message: str, after: dict[str, Any]
) -> None:
    assert filled("escalate", before, fields, message) == Invocation("escalate", "acc-1", after, dt.date(2026, 1, 1))


@pytest.mark.parametrize(
    ("before", "fields", "message", "account", "after"),
    [
        ({"issue": "it fails"}, ("account",), "Acme Europe", "acc-2", {"issue": "it fails"}),
        ({"issue": "it fails"}, ("account",), ' "acme" ', "acc-1", {"issue": "it fails"}),
        ({"issue": "it fails"}, ("account",), "account: acme", "acc-1", {"issue": "it fails"}),
        ({}, ("account", "issue"), "Acme the API  is down\n", "acc-1", {"issue": "the API  is down\n"}),
        ({}, ("account", "issue"), "account: acme\nissue: it fails", "acc-1", {"issue": "it fails"}),
        ({}, ("account", "issue"), "account: acme\nit fails", "acc-1", {"issue": "it fails"}),
        ({}, ("account", "issue"), "Acme\nissue: it fails", "acc-1", {"issue": "it fails"}),
        ({}, ("account", "issue"), "acme", "acc-1", {}),
        ({"issue": "it"}, ("account", "kind"), "acme fails", "acc-1", {"issue": "it\nfails"}),
    ],
)
def test_an_answer_may_give_the_account(
    before: dict[str, Any], fields: tuple[str, ...], message: str, account: str, after: dict[str, Any]
) -> None:
    result = filled("escalate", before, fields, message, account=None)
    assert result == Invocation("escalate", account, after, dt.date(2026, 1, 1))


@pytest.mark.parametrize(
    ("fields", "message", "typed", "candidates", "issue"),
    [
        (("account",), "Acmee", "Acmee", [ACME], "it fails"),
        (("account",), "twin peaks", "twin peaks", [TWIN_1, TWIN_2], "it fails"),
        (("account",), "Hooli", "Hooli", [], "it fails"),
        (("account", "issue"), "Acmee is slow", "Acmee", [ACME], "it fails\nAcmee is slow"),
        (("account", "issue"), "account: Hooli; issue: slow", "Hooli", [], "it fails\nslow"),
    ],
)
def test_an_account_in_an_answer_may_be_uncertain_too(
    fields: tuple[str, ...], message: str, typed: str, candidates: list[AccountName], issue: str
) -> None:
    choice = filled("escalate", {"issue": "it fails"}, fields, message, account=None)
    assert isinstance(choice, AccountChoice)
    assert (choice.typed, list(choice.candidates)) == (typed, candidates)
    assert choice.invocation == Invocation("escalate", None, {"issue": issue}, dt.date(2026, 1, 1))


@pytest.mark.parametrize(
    ("message", "account"),
    [
        ("the logistics one", "p2"),
        ("Customs, please", "p3"),
        ("account: customs", "p3"),
        ("p3", "p3"),
        ("Kestrel Learning", "p4"),
        ("alder finch", "p2"),
    ],
)
def test_an_answer_takes_one_of_the_accounts_that_were_offered(message: str, account: str) -> None:
    waiting = Invocation("escalate", None, {"issue": "it fails"})
    result = fill(COMMANDS["escalate"], waiting, ("account",), message, PLACES, choices=("p2", "p3"))
    assert result == Invocation("escalate", account, {"issue": "it fails"})


@pytest.mark.parametrize(
    ("message", "candidates"), [("the first", (LOGISTICS, CUSTOMS)), ("cobalt harbour", (HARBOR,))]
)
def test_an_answer_that_takes_none_leaves_those_that_were_offered(
    message: str, candidates: tuple[AccountName, ...]
) -> None:
    waiting = Invocation("escalate", None, {"issue": "it fails"})
    result = fill(COMMANDS["escalate"], waiting, ("account",), message, PLACES, choices=("p2", "p3", "gone"))
    assert result == AccountChoice(waiting, message, candidates, exact=False)


@given(
    st.sampled_from(sorted(COMMANDS)),
    st.lists(st.sampled_from(["account", "issue", "reach", "environment", "request_ids"]), max_size=4, unique=True),
    MESSAGES,
)
def test_filling_raises_nothing_but_problems(name: str, fields: list[str], message: str) -> None:
    with contextlib.suppress(Problem):
        result = filled(name, {}, tuple(fields), message, account=None)
        invocation = result.invocation if isinstance(result, AccountChoice) else result
        assert (invocation.command, invocation.as_of is None) == (name, False)


@given(st.lists(st.text(alphabet=st.characters(exclude_characters=":=`\n"), min_size=1), min_size=1).map("\n".join))
def test_no_line_of_an_answer_is_lost(message: str) -> None:
    before = {"issue": "it fails"}
    result = filled("escalate", before, ("environment", "request_ids"), f"{message}\nenvironment: prod")
    assert isinstance(result, Invocation)
    assert result.arguments["environment"] == "prod"
    assert result.arguments["issue"] == (f"it fails\n{message}" if message.strip() else "it fails")
