"""Logging a note in a chat, and taking it back: by word, by id, over HTTP."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.service.conftest import Service
from tests.service.test_records import ACCOUNTS, CONTACTS, load

NOTE = "/health acme log Call with Maria. They are evaluating RivalCo, we will send the fix by Friday. Tom left."


@pytest.fixture
def cse(empty_service: Service) -> Iterator[httpx.Client]:
    with empty_service.client("admin") as admin:
        load(admin, accounts=ACCOUNTS, contacts=CONTACTS)
    with empty_service.client("cse") as client:
        yield client


def say(client: httpx.Client, message: str, thread: str | None = None) -> dict[str, object]:
    answer = client.post("/v1/chat", json={"message": message, "thread_id": thread})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def records(client: httpx.Client) -> dict[str, object]:
    tables = ("touchpoints", "signals", "contacts", "commitments", "goals")
    return {table: client.get(f"/v1/accounts/acme/{table}").json()["items"] for table in tables}


def error(answer: dict[str, object]) -> str:
    problem = answer["error"]
    assert isinstance(problem, dict), answer["text"]
    return str(problem["code"])


def test_a_note_is_written_and_undone_by_a_word(cse: httpx.Client, today: dt.date) -> None:
    before = records(cse)
    health = cse.post("/v1/commands/health", json={"account": "acme"}).json()["data"]
    logged = say(cse, NOTE)
    text = str(logged["text"])
    assert "Logged: call" in text
    assert "undo" in text
    assert "Tom" in text  # is no contact: told, not written
    after = records(cse)
    assert [len(after[t]) - len(before[t]) for t in after] == [1, 1, 0, 1, 0]  # type: ignore[arg-type]
    thread = str(logged["thread_id"])
    undone = say(cse, "undo", thread)
    assert "Undone: 3 records" in str(undone["text"])
    assert records(cse) == before
    assert cse.post("/v1/commands/health", json={"account": "acme"}).json()["data"] == health
    assert error(say(cse, "undo", thread)) == "already_undone"
    again = cse.post(f"/v1/turns/{undone['turn_id']}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_undo")


def test_the_same_text_twice_is_one_note(cse: httpx.Client) -> None:
    first = say(cse, NOTE)
    second = say(cse, NOTE, str(first["thread_id"]))
    assert "Already logged" in str(second["text"])
    assert second["effects"] == []
    assert len(cse.get("/v1/accounts/acme/touchpoints").json()["items"]) == 1
    say(cse, "undo", str(first["thread_id"]))
    assert "Logged" in str(say(cse, NOTE)["text"])
    assert len(cse.get("/v1/accounts/acme/touchpoints").json()["items"]) == 1


def test_an_empty_note_asks_for_the_text_and_takes_the_next_message(cse: httpx.Client) -> None:
    asked = say(cse, "/health acme log")
    question = asked["question"]
    assert isinstance(question, dict)
    assert question["fields"] == ["text"]
    answered = say(cse, "QBR with Maria yesterday", str(asked["thread_id"]))
    assert "Logged: qbr" in str(answered["text"])
    called = cse.post("/v1/commands/health", json={"account": "acme", "action": "log"})
    assert (called.status_code, called.json()["missing"]) == (422, ["text"])


def test_undo_over_http_and_its_refusals(empty_service: Service, cse: httpx.Client) -> None:
    first = cse.post("/v1/accounts/acme/goals", json={"id": "g1", "title": "one"}).json()
    second = cse.post("/v1/accounts/acme/goals", json={"id": "g1", "title": "two"}).json()
    refused = cse.post(first["undo"])
    assert (refused.status_code, refused.json()["code"]) == (409, "changed_since")
    assert refused.json()["records"] == ["goals g1"]
    done = cse.post(second["undo"]).json()
    assert (done["undone"], [r["id"] for r in done["records"]]) == (second["turn_id"], ["g1"])
    assert [g["title"] for g in cse.get("/v1/accounts/acme/goals").json()["items"]] == ["one"]
    again = cse.post(second["undo"])
    assert (again.status_code, again.json()["code"]) == (409, "already_undone")
    assert cse.post(first["undo"]).status_code == 200
    assert cse.get("/v1/accounts/acme/goals").json()["items"] == []
    with empty_service.client("cse") as other:
        assert other.post(first["undo"]).status_code == 404
    assert cse.post("/v1/turns/turn_none/undo").status_code == 404


@pytest.mark.parametrize("words", ["undo please", "Please undo that", "undo the last note", "undo my note", "/undo"])
def test_ways_to_ask_for_it(cse: httpx.Client, words: str) -> None:
    logged = say(cse, "/health acme log Call with Maria")
    assert "Undone: 1 record" in str(say(cse, words, str(logged["thread_id"]))["text"])


def test_of_two_undos_at_once_one_is_carried_out(cse: httpx.Client) -> None:
    made = cse.post("/v1/accounts/acme/goals", json={"id": "g1", "title": "one"}).json()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: cse.post(made["undo"]), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"already_undone"}
    assert cse.get("/v1/accounts/acme/goals").json()["items"] == []


def test_undo_in_a_chat_that_wrote_nothing(cse: httpx.Client) -> None:
    assert error(say(cse, "undo")) == "nothing_to_undo"
    assert error(say(cse, "/undo turn_none")) == "turn_not_found"
    assert "undo" in str(say(cse, "/help")["text"])


def test_a_given_turn_is_undone_and_the_one_before_is_named(cse: httpx.Client) -> None:
    one = say(cse, "/health acme log Call with Maria")
    thread = str(one["thread_id"])
    two = say(cse, "/health acme log Budget was cut", thread)
    assert "Undone" in str(say(cse, "Undo.", thread)["text"])
    refused = say(cse, "/undo", thread)
    assert f"/undo {one['turn_id']}" in str(refused["text"])
    assert "Undone" in str(say(cse, f"/undo {one['turn_id']}", thread)["text"])
    assert error(say(cse, f"/undo {two['turn_id']}", thread)) == "already_undone"


def test_a_viewer_cannot_log_and_plain_words_do_not(empty_service: Service, cse: httpx.Client) -> None:
    with empty_service.client("viewer") as viewer:
        assert error(say(viewer, NOTE)) == "forbidden"
    say(cse, "log a call with acme: they are evaluating RivalCo")
    assert cse.get("/v1/accounts/acme/touchpoints").json()["items"] == []


def test_a_note_changes_of_a_contact_only_what_it_tells(cse: httpx.Client, today: dt.date) -> None:
    """A departure that lies ahead is no fact of today yet, and a later note does not wipe it out."""
    ahead = today + dt.timedelta(days=20)
    say(cse, f"/health acme log Maria Santos is leaving on {ahead}")
    logged = say(cse, "/health acme log Maria Santos is our champion")
    assert [effect["kind"] for effect in logged["effects"]] == ["log_touchpoint", "set_contact"]  # type: ignore[attr-defined]
    (maria,) = [c for c in cse.get("/v1/accounts/acme/contacts").json()["items"] if c["name"] == "Maria Santos"]
    assert (maria["left_on"], maria["is_champion"]) == (str(ahead), True)
