"""The web page: files are chosen, dropped or pasted, sent with a message or taken away; and a diagnosis is drawn."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from app.settings import Settings
from tests.fakes.reading_command import put_in_place
from tests.service.conftest import Service, prepare, serve, settings_in
from tests.web.test_page import ANSWER, Visit, answer_chat
from tests.web.test_page import visit as visit


def made_in_a_thread(settings: Settings) -> str:
    """Playwright's event loop runs in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(lambda: asyncio.run(prepare(settings, filled=False))).result()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose /inspect reads files."""
    settings = settings_in(tmp_path_factory.mktemp("web"))
    with pytest.MonkeyPatch.context() as patch:
        put_in_place(patch)
        key = made_in_a_thread(settings)
        for url in serve(settings):
            yield Service(url, settings, key)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "app.log"
    file.write_bytes(b"POST /v1/orders 401\n" * 100)
    return file


def files_of(visit: Visit) -> Locator:
    return visit.page.get_by_role("list", name="Attached files").get_by_role("listitem")


def choose(visit: Visit, *paths: Path) -> None:
    """By the keyboard, as a person does."""
    button = visit.page.get_by_role("button", name="Attach files")
    button.focus()
    with visit.page.expect_file_chooser() as chooser:
        button.press("Enter")
    chooser.value.set_files([str(path) for path in paths])


def test_a_file_goes_with_the_message(visit: Visit, log: Path) -> None:
    choose(visit, log)
    expect(files_of(visit)).to_contain_text("app.log")
    expect(files_of(visit)).to_contain_text("2 kB, log")
    turn = visit.ask("/inspect it fails")
    expect(files_of(visit)).to_have_count(0)
    expect(turn.locator(".verdict")).to_contain_text("app.log: POST /v1/orders 401")
    expect(turn).to_contain_text("With app.log")
    visit.page.reload()
    expect(visit.last_turn).to_contain_text("With app.log")
    assert visit.complaints == []


def test_files_alone_can_be_sent(visit: Visit, log: Path) -> None:
    send = visit.page.get_by_role("button", name="Send")
    expect(send).to_be_disabled()
    choose(visit, log)
    expect(send).to_be_enabled()
    send.click()
    expect(visit.last_turn.get_by_role("heading", name="app.log")).to_be_visible()
    expect(visit.last_turn.get_by_role("region", name="Question")).to_contain_text("What failed?")


def test_a_file_can_be_taken_away_again(visit: Visit, log: Path) -> None:
    choose(visit, log, log)
    expect(files_of(visit)).to_have_count(2)
    visit.page.get_by_role("button", name="Remove app.log").first.press("Enter")
    expect(files_of(visit)).to_have_count(1)


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_a_file_can_be_dropped_and_pasted(visit: Visit, event: str) -> None:
    visit.page.evaluate(
        """([event, target]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["first line"], "dropped.txt"));
            const made = event === "drop"
                ? new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true })
                : new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
            document.querySelector(target).dispatchEvent(made);
        }""",
        [event, "main" if event == "drop" else "textarea"],
    )
    expect(files_of(visit)).to_contain_text("dropped.txt")


def test_a_long_paste_becomes_a_file(visit: Visit) -> None:
    paste = """text => {
        const transfer = new DataTransfer();
        transfer.setData("text/plain", text);
        const made = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
        return document.querySelector("textarea").dispatchEvent(made);
    }"""
    assert visit.page.evaluate(paste, "x" * 1_000)  # the browser pastes it itself
    expect(files_of(visit)).to_have_count(0)
    assert not visit.page.evaluate(paste, "x" * 300_000)
    expect(files_of(visit)).to_contain_text("pasted.txt")


def test_what_could_not_be_read_says_why_and_holds_the_message_back(visit: Visit, log: Path) -> None:
    problem = {"code": "file_too_large", "detail": "app.log has more than it may have."}
    visit.page.route("**/v1/attachments", lambda route: route.fulfill(status=413, json=problem))
    choose(visit, log)
    expect(files_of(visit)).to_contain_text("app.log has more than it may have. Remove it to send the message.")
    expect(visit.page.get_by_role("button", name="Send")).to_be_disabled()
    visit.page.get_by_role("button", name="Remove app.log").click()
    visit.page.unroute("**/v1/attachments")
    choose(visit, *[log] * 11)
    expect(files_of(visit).last).to_contain_text("10 files at most")


def test_a_diagnosis_says_how_sure_each_cause_is(visit: Visit) -> None:
    cause = {
        "rule": "token_expired", "title": ["The token had expired"], "certainty": "likely", "side": "customer",
        "evidence": [{"text": ["its exp is 14:00 UTC"], "where": "line 12"}],
        "against": [{"text": ["the clock may be off"], "where": ""}], "settles": [["Decode the token of the call"]],
    }  # fmt: skip
    block = {
        "type": "diagnosis", "audience": "internal", "side": "customer", "known": [["All calls got 401"]],
        "assumed": [["The times are UTC"]],
        "hypotheses": [cause, {**cause, "certainty": "possible", "side": "external"}],
    }  # fmt: skip
    visit.page.set_viewport_size({"width": 360, "height": 740})
    answer_chat(visit, "done", {**ANSWER, "blocks": [block]})
    drawn = visit.ask("anything").get_by_role("region", name="Diagnosis")
    for told in (
        "Where the fault lies: with the customer", "All calls got 401", "Assumed, not proven", "The times are UTC",
        "Likely The token had expired (with the customer)", "its exp is 14:00 UTC (line 12)", "Against it",
        "To settle it", "Possible The token had expired (outside (a third party or the network))",
    ):  # fmt: skip
        expect(drawn).to_contain_text(told)
    assert visit.page.evaluate("document.documentElement.scrollWidth") == 360
