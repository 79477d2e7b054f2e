"""The pictures of the web page: python docs/pictures/take.py URL-OF-SIGN-IN-LINK (`cse link` prints one)."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent
DESK = {"width": 1160, "height": 700}


def ask(page: Page, message: str) -> None:
    page.get_by_role("textbox", name="Message").fill(message)
    page.keyboard.press("Escape")  # closes the menu, so that Enter sends
    page.keyboard.press("Enter")
    page.locator("article").last.get_by_role("button", name="Copy as Markdown").wait_for()


def take(page: Page, name: str) -> None:
    page.mouse.move(0, 0)
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")


def take_all(page: Page, link: str) -> None:
    page.goto(link)
    for message in ("/health", "/feedback", "How soon must we respond to a SEV2?"):
        ask(page, message)
        page.get_by_role("button", name="New thread").click()
    ask(page, "/health cobalt harbor")
    take(page, "health")
    page.get_by_role("listitem").filter(has_text="Ticket volume").get_by_role("button").last.click()
    page.get_by_role("group", name="Records: tickets").wait_for()
    take(page, "figure")
    page.get_by_role("button", name="Close").click()
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("article").last.evaluate("article => article.scrollIntoView()")
    take(page, "phone")
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="dark")
    page.get_by_role("link", name="How soon must we respond").click()
    page.get_by_role("region", name="Sources").wait_for()
    take(page, "question")


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    take_all(browser.new_page(viewport=DESK), sys.argv[1])
