"""The web page: one run through all of it, and what happens where something is wrong."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.service.conftest import Service
from tests.service.test_sign_in import make_code

ACCOUNT = "cobalt-harbor"
ANSWER: dict[str, Any] = {
    "thread_id": None, "turn_id": "turn_1", "command": None, "account_id": None, "as_of": None, "text": "x",
    "blocks": [], "figures": [], "degraded": None, "error": None,
}  # fmt: skip
"""An answer that says nothing."""

KNOWLEDGE_QUESTION = "How should our customers retry when they get a 429?"


@dataclass
class Visit:
    """A signed-in browser, and what it asked of whom."""

    page: Page
    link: str
    origin: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def message(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message")

    @property
    def last_turn(self) -> Locator:
        return self.page.locator("article").last

    @property
    def evidence(self) -> Locator:
        return self.page.get_by_role("complementary").filter(has=self.page.get_by_role("heading", name="Formula"))

    def ask(self, message: str) -> Locator:
        """Ask, wait for the answer, and give its turn."""
        before = self.page.locator("article").count()
        self.message.fill(message)
        self.message.press("Escape")
        self.message.press("Enter")
        expect(self.page.locator("article")).to_have_count(before + 1)
        expect(self.last_turn.get_by_role("button", name="Copy as Markdown")).to_be_visible()
        return self.last_turn


def sign_in_link(service: Service) -> str:
    """A link, made in a thread: Playwright's event loop runs in this one."""
    codes: list[str] = []
    thread = Thread(target=lambda: codes.append(make_code(service)))
    thread.start()
    thread.join()
    return f"{service.url}/sign-in?code={codes[0]}"


@pytest.fixture
def visit(service: Service, browser: Browser) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    visit = Visit(context.new_page(), sign_in_link(service), service.url)
    visit.page.on("request", lambda request: visit.requests.append(request.url))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("console", lambda m: visit.complaints.append(m.text) if m.type in ("error", "warning") else None)
    visit.page.goto(visit.link)
    expect(visit.page.get_by_role("heading", name="What do you want to know?")).to_be_visible()
    yield visit
    context.close()


def test_one_run_through_the_page(visit: Visit, service: Service) -> None:
    with service.client() as api:
        account = api.get(f"/v1/accounts/{ACCOUNT}").json()["name"]
    examples_propose_a_message(visit)
    menu_by_keyboard(visit, account)
    health_answer(visit, account)
    figure_by_keyboard(visit)
    records_behind_a_figure(visit)
    account_of_the_portfolio(visit, account)
    package_with_folded_section(visit)
    sources_of_a_knowledge_answer(visit)
    text_stays_text(visit)
    threads(visit)
    light_and_dark(visit)
    assert visit.complaints == []
    assert [url for url in visit.requests if not url.startswith(f"{visit.origin}/")] == []


def examples_propose_a_message(visit: Visit) -> None:
    examples = visit.page.locator(".empty").get_by_role("button")
    expect(examples).to_have_count(4)
    examples.first.click()
    expect(visit.message).not_to_have_value("")
    assert "acme" not in visit.message.input_value()
    expect(visit.message).to_be_focused()
    visit.message.fill("")


def menu_by_keyboard(visit: Visit, account: str) -> None:
    """`/`, arrow keys and Enter choose the command, then the account."""
    keyboard, chosen = visit.page.keyboard, visit.page.get_by_role("option", selected=True)
    keyboard.type("/")
    expect(chosen).to_have_count(1)
    commands = visit.page.get_by_role("option").count()
    keyboard.press("Escape")
    expect(visit.page.get_by_role("listbox")).to_be_hidden()
    keyboard.press("Backspace")
    keyboard.type("/")
    expect(chosen).to_have_count(1)
    for _ in range(commands):
        before = chosen.inner_text()
        if before.startswith("/health"):
            break
        keyboard.press("ArrowDown")
        expect(chosen).not_to_have_text(before)
    keyboard.press("Enter")
    expect(visit.message).to_have_value("/health ")
    keyboard.type(account[:6].lower())
    expect(visit.page.get_by_role("option", name=account)).to_be_visible()
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(visit.message).to_have_value(f"/health {account} ")
    expect(visit.page.get_by_role("listbox")).to_be_hidden()
    keyboard.press("Enter")


def health_answer(visit: Visit, account: str) -> None:
    verdict = visit.last_turn.locator(".verdict")
    expect(verdict).to_contain_text(account)
    expect(verdict).to_contain_text("Next:")
    card = visit.last_turn.get_by_role("region", name="Score")
    expect(card).to_contain_text("of 100")
    assert card.get_by_role("listitem").count() == 10
    headers = visit.last_turn.get_by_role("columnheader")
    assert "Indicator" in headers.all_inner_texts()
    assert "…" not in visit.last_turn.inner_text()


def figure_by_keyboard(visit: Visit) -> None:
    """Shift+Tab from the message reaches the answer; Enter opens a figure, Escape gives the focus back."""
    focused = visit.page.locator(":focus")
    for _ in range(60):
        visit.page.keyboard.press("Shift+Tab")
        if focused.and_(visit.page.locator("article button.figure")).count():
            break
    assert focused.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    shown = focused.inner_text()
    visit.page.keyboard.press("Enter")
    expect(visit.evidence.locator(".value")).to_contain_text(shown)
    expect(visit.evidence.get_by_role("heading", level=2)).to_be_focused()
    visit.page.keyboard.press("Escape")
    expect(visit.evidence).to_have_count(0)
    expect(focused).to_have_text(shown)


def records_behind_a_figure(visit: Visit) -> None:
    """From the score to a component to what it was computed from, and to the records."""
    card = visit.last_turn.get_by_role("region", name="Score")
    card.locator(".score").get_by_role("button").click()
    evidence = visit.evidence
    expect(evidence.locator(".formula")).to_contain_text("100 ×")
    evidence.get_by_role("button", name="Points of Daily active users").click()
    expect(evidence.get_by_role("button", name="← Health score")).to_be_visible()
    evidence.get_by_role("button", name="Mean active users").click()
    rows = evidence.get_by_role("group", name="Records: usage").get_by_role("row")
    expect(rows.nth(1)).to_be_visible()
    assert f"{rows.count() - 1}" == evidence.locator(".count").inner_text()
    evidence.get_by_role("button", name="Close").click()
    card.get_by_role("listitem").filter(has_text="Ticket volume").get_by_role("button").last.click()
    expect(evidence.get_by_role("group", name="Records: tickets")).to_contain_text(f"{ACCOUNT}-t")
    visit.page.keyboard.press("Escape")


def account_of_the_portfolio(visit: Visit, account: str) -> None:
    turn = visit.ask("/health")
    row = turn.get_by_role("row").filter(has_text=account).filter(has_text="red")
    expect(row).to_be_visible()
    row.get_by_role("button", name=account).click()
    expect(visit.page.locator("article")).to_have_count(3)
    expect(visit.last_turn.locator(".verdict")).to_contain_text(account)


def package_with_folded_section(visit: Visit) -> None:
    turn = visit.ask(f"/escalate {ACCOUNT} API returns 503 Service Unavailable")
    expect(turn.locator(".draft")).to_contain_text("503 Service Unavailable")
    folded = turn.locator("details.folded").first
    expect(folded.get_by_role("table").first).to_be_hidden()
    folded.locator("summary").click()
    expect(folded.get_by_role("table").first).to_be_visible()
    expect(turn.get_by_role("region", name="Question")).to_be_visible()


def sources_of_a_knowledge_answer(visit: Visit) -> None:
    turn = visit.ask(KNOWLEDGE_QUESTION)
    source = turn.get_by_role("region", name="Sources").get_by_role("listitem").first
    expect(source).to_contain_text("lines")
    expect(source.locator("blockquote")).to_be_hidden()
    source.locator("summary").press("Enter")
    expect(source.locator("blockquote")).to_be_visible()


def text_stays_text(visit: Visit) -> None:
    hostile = "<img src=x onerror=alert(1)> <b>https://example.com</b> fails with 503"
    turn = visit.ask(f"/escalate {ACCOUNT} {hostile}")
    expect(turn.locator(".asked")).to_contain_text(hostile)
    expect(turn.locator(".draft")).to_contain_text(hostile)
    assert turn.locator("img, b, a:not([download])").count() == 0


def threads(visit: Visit) -> None:
    page = visit.page
    turns = page.locator("article").count()
    page.get_by_role("button", name="New thread").click()
    expect(page.locator("article")).to_have_count(0)
    visit.ask("/help")
    listed = page.get_by_role("navigation", name="Threads").get_by_role("link")
    expect(listed).to_have_count(2)
    listed.last.click()
    expect(page.locator("article")).to_have_count(turns)
    page.reload()
    expect(page.locator("article")).to_have_count(turns)
    expect(listed.last).to_have_attribute("aria-current", "page")
    page.go_back()
    expect(page.locator("article")).to_have_count(1)


def light_and_dark(visit: Visit) -> None:
    page = visit.page
    background = "getComputedStyle(document.body).backgroundColor"
    page.emulate_media(color_scheme="light")
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(background)
    assert light != dark
    page.get_by_role("button", name="Light").click()
    assert page.evaluate(background) == light
    page.reload()
    expect(page.get_by_role("button", name="Dark")).to_be_visible()
    assert page.evaluate(background) == light


def test_everything_can_be_reached_by_keyboard(visit: Visit) -> None:
    visit.ask(f"/health {ACCOUNT}")
    unreachable = visit.page.locator("button, a, summary, input, textarea, .scroller").evaluate_all(
        "elements => elements.filter((e) => e.tabIndex < 0).map((e) => e.outerHTML)"
    )
    assert unreachable == []
    nameless = visit.page.get_by_role("button", name="", exact=True)
    assert nameless.count() == 0


def test_a_phone_has_no_sideways_scroll(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 740})
    turn = visit.ask(f"/health {ACCOUNT}")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.locator("main").evaluate("main => main.scrollWidth - main.clientWidth") == 0
    turn.locator(".score").get_by_role("button").click()
    expect(visit.evidence).to_be_in_viewport()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Threads").click()
    expect(page.get_by_role("button", name="New thread")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="New thread")).to_be_hidden()


def test_a_timeline_fits_a_phone_and_says_how_each_event_went(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 360, "height": 740})
    turn = visit.ask("/health kestrel handover")
    events = turn.get_by_role("list").filter(has_text="Contract began").get_by_role("listitem")
    expect(events.first).to_contain_text("Contract began")
    expect(events.filter(has_text="Goal at risk").first).to_contain_text("warning: ")
    assert visit.page.evaluate("document.documentElement.scrollWidth") == 360


def stream(event: str, data: dict[str, Any]) -> dict[str, Any]:
    """A response of one event, after which the connection ends."""
    return {"content_type": "text/event-stream", "body": f"event: {event}\ndata: {json.dumps(data)}\n\n"}


def answer_chat(visit: Visit, event: str, data: dict[str, Any]) -> None:
    """Answer the next message with this event in place of the service."""
    visit.page.route("**/v1/chat", lambda route: route.fulfill(**stream(event, data)))


def test_a_dropped_connection_is_resumed(visit: Visit) -> None:
    """The stream breaks off after its first event; the rest comes from the turn's own events."""
    done = visit.page.evaluate(
        """async () => {
            const headers = { "Content-Type": "application/json" };
            const body = JSON.stringify({ message: "/help" });
            return (await fetch("/v1/chat", { method: "POST", headers, body })).json();
        }"""
    )
    status = {"turn_id": done["turn_id"], "thread_id": done["thread_id"], "text": "Looking"}
    answer_chat(visit, "status", status)
    visit.message.fill("/help")
    visit.message.press("Enter")
    expect(visit.last_turn.get_by_text("Looking")).to_be_visible()
    expect(visit.last_turn.locator(".verdict")).to_contain_text("Type a command")
    assert any(url.endswith(f"/v1/turns/{done['turn_id']}/events") for url in visit.requests)


def test_an_answer_that_is_less_than_it_could_be_says_so(visit: Visit) -> None:
    """`degraded`, `error`, a question's choices, and parts that this page does not know."""
    question = {"type": "question", "text": ["Which one?"], "fields": ["account"], "choices": ["cobalt-harbor"]}
    problem = {"code": "x", "detail": "Something is missing."}
    blocks = [{"type": "hologram"}, question]
    answer_chat(visit, "done", {**ANSWER, "blocks": blocks, "degraded": "The model did not answer.", "error": problem})
    turn = visit.ask("anything")
    for told in ("The model did not answer.", "Something is missing.", "“hologram”"):
        expect(turn.locator(".notice").filter(has_text=told)).to_be_visible()
    visit.page.unroute("**/v1/chat")
    turn.get_by_role("button", name="cobalt-harbor").click()
    expect(visit.page.locator("article h2").last).to_have_text("cobalt-harbor")


def test_how_it_is_to_be_answered_goes_with_the_message(visit: Visit) -> None:
    """As of an earlier day; and in words, where a model is there to find them."""
    page, switch = visit.page, visit.page.get_by_role("switch", name="In words")
    expect(switch).to_be_hidden()
    page.route("**/readyz", lambda route: route.fulfill(json={"status": "ok", "model": {"name": "some"}}))
    page.reload()
    switch.check()
    page.get_by_label("As of").fill("2026-01-31")
    answer_chat(visit, "done", {**ANSWER, "as_of": "2026-01-31"})
    with page.expect_request("**/v1/chat") as asked:
        turn = visit.ask("/health")
    expect(turn).to_contain_text("as of 2026-01-31")
    sent = {"message": "/health", "thread_id": None, "as_of": "2026-01-31", "narrate": True}
    assert asked.value.post_data_json == sent
    page.get_by_role("button", name="Now").click()
    expect(page.get_by_label("As of now")).to_have_value("")


def test_stop_stops(visit: Visit) -> None:
    status = {"turn_id": "turn_1", "thread_id": "thread_1", "text": "Thinking"}
    stopped: list[str] = []

    def stop(route: Route) -> None:
        stopped.append(route.request.method)
        route.fulfill(status=204)

    def events(route: Route) -> None:
        problem = {"code": "stopped", "detail": "The turn was stopped."}
        route.fulfill(**(stream("error", problem) if stopped else stream("status", status)))

    answer_chat(visit, "status", status)
    visit.page.route("**/v1/turns/turn_1/stop", stop)
    visit.page.route("**/v1/turns/turn_1/events", events)
    visit.message.fill("a long question")
    visit.message.press("Enter")
    visit.page.get_by_role("button", name="Stop").click()
    expect(visit.last_turn.locator(".notice")).to_have_text("Note: The turn was stopped.")
    expect(visit.page.get_by_role("button", name="Send")).to_be_visible()
    assert stopped == ["POST"]


def quarters(values: dict[str, list[float | None]], form: str) -> dict[str, Any]:
    """An answer of one chart: for each series its values, from the first quarter on."""
    figures: list[dict[str, Any]] = [
        {
            "key": f"{label}.{n}", "label": label, "value": value, "unit": "calls", "account_id": "a",
            "as_of": "2026-01-31", "formula": "sum", "evidence": [], "shown": f"{value:,}" if value else "unknown",
        }
        for label, points in values.items() for n, value in enumerate(points)
    ]  # fmt: skip
    series = [
        {"label": label, "points": [{"figure": f"{label}.{n}", "account_id": "a"} for n in range(len(points))]}
        for label, points in values.items()
    ]
    labels = [f"Q{n + 1}" for n in range(len(next(iter(values.values()))))]
    about = {"type": "chart", "title": ["Calls a quarter"], "form": form, "labels": labels, "note": ["They rise."]}
    return {**ANSWER, "blocks": [{**about, "series": series}], "figures": figures}


@pytest.mark.parametrize("form", ["bar", "line"])
def test_a_chart_tells_its_values_to_mouse_keyboard_and_table(visit: Visit, form: str) -> None:
    answer_chat(visit, "done", quarters({"Calls": [1200, 1900, None, 2500], "Goal": [1500, 1600, 2000, 2200]}, form))
    chart = visit.ask("How do calls go?").locator(".chart")
    expect(chart).to_contain_text("Calls a quarter")
    expect(chart.get_by_role("listitem")).to_have_text(["Calls", "Goal"])
    assert chart.locator("svg g rect, svg circle").count() == 7
    plot = chart.get_by_role("slider", name="Chart: Calls a quarter")
    height = plot.bounding_box()
    plot.focus()
    visit.page.keyboard.press("ArrowRight")
    expect(plot).to_have_attribute("aria-valuetext", "Q2: Calls 1,900, Goal 1,600")
    visit.page.keyboard.press("End")
    expect(chart.locator(".reading")).to_contain_text("Calls 2,500")
    assert plot.bounding_box() == height
    plot.hover(position={"x": 100, "y": 60})
    expect(chart.locator(".reading")).to_contain_text("Calls 1,200")
    chart.get_by_text("Values as a table").click()
    expect(chart.get_by_role("row").nth(3)).to_contain_text("Q3unknown2,000")
    chart.get_by_role("button", name="1,900").click()
    expect(visit.evidence).to_contain_text("sum")
    assert visit.complaints == []


def test_who_is_not_signed_in_is_told_how(visit: Visit, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(visit.origin)
    expect(page.get_by_role("heading", name="Sign in with a link")).to_be_visible()
    expect(page.get_by_text("cse link")).to_be_visible()
    page.goto(visit.link)  # it was used already
    expect(page.get_by_text("This link was used already")).to_be_visible()
    context.close()


def test_the_built_page_names_no_other_address(service: Service, browser: Browser) -> None:
    index = httpx.get(service.url)
    policy = index.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
    assert "unsafe" not in policy
    parts = [part.split('"')[0] for part in index.text.split('"/')[1:]]
    assert len(parts) == 3
    for part in parts:
        response = httpx.get(f"{service.url}/{part}")
        assert response.status_code == 200
        assert "immutable" in response.headers["cache-control"]
        assert "://" not in response.text.replace("http://www.w3.org/", "")  # names of XML, not addresses
        assert "sourceMappingURL" not in response.text
    assert "<style" not in index.text
    assert "<script>" not in index.text
