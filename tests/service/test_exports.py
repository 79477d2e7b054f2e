"""Exports over HTTP: the caller's own answers as documents."""

import asyncio
import csv
import datetime as dt
import io
import zipfile
from contextlib import closing
from typing import Any

import httpx
import pypdfium2 as pdfium
import pytest
from pptx import Presentation
from sqlalchemy import update

from app.channels.export_routes import attachment
from app.domain.events import Answer
from app.resources import exports
from app.store.engine import Store
from app.store.tables import TABLES
from tests.service.conftest import Service


@pytest.fixture(scope="module")
def client(service: Service) -> httpx.Client:
    return service.client()


@pytest.fixture(scope="module")
def answer(client: httpx.Client) -> dict[str, Any]:
    response = client.post("/v1/chat", json={"message": "/health"})
    found: dict[str, Any] = response.json()
    return found


def export(client: httpx.Client, answer: dict[str, Any], form: str) -> httpx.Response:
    return client.get(f"/v1/turns/{answer['turn_id']}/export", params={"format": form})


def test_markdown_is_the_answer_under_what_it_is_about(client: httpx.Client, answer: dict[str, Any]) -> None:
    document = export(client, answer, "md")
    assert document.headers["content-type"] == "text/markdown; charset=utf-8"
    assert document.text == f"/health · as of {answer['as_of']}\n\n{answer['text']}"
    name = f"health-{answer['as_of']}.md"
    assert document.headers["content-disposition"] == f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}"


def tables_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in answer["blocks"] if block["type"] == "table"]


def test_csv_holds_the_tables_with_numbers_as_numbers(client: httpx.Client, answer: dict[str, Any]) -> None:
    document = export(client, answer, "csv")
    assert document.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(document.content.decode("utf-8-sig"))))
    tables = tables_of(answer)
    heads = [[column["label"] for column in table["columns"]] for table in tables]
    assert [row for row in rows if row in heads] == heads
    assert len(rows) == sum(len(table["rows"]) + 2 for table in tables) + len(tables) - 1
    head = next(place for place, row in enumerate(rows) if "ARR" in row)
    arr = rows[head + 1][rows[head].index("ARR")]
    assert float(arr) > 0
    assert f",{arr}," in document.text.replace("\r\n", ",")  # not quoted: a number


def test_a_workbook_holds_tables_and_figures_and_no_formula(client: httpx.Client, answer: dict[str, Any]) -> None:
    document = export(client, answer, "xlsx")
    with zipfile.ZipFile(io.BytesIO(document.content)) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        names = book.read("xl/workbook.xml").decode()
    assert len(sheets) == len(tables_of(answer)) + 1
    assert 'name="Figures"' in names
    assert not [sheet for sheet in sheets if "<f>" in sheet or "<f " in sheet or "<hyperlink" in sheet]
    assert sheets[-1].count("<row ") == len(answer["figures"]) + 1


def test_slides_are_a_deck_about_the_answer(client: httpx.Client, answer: dict[str, Any]) -> None:
    document = export(client, answer, "pptx")
    assert document.headers["content-type"].endswith(".presentationml.presentation")
    assert f"health-{answer['as_of']}.pptx" in document.headers["content-disposition"]
    told = [slide_text(slide) for slide in Presentation(io.BytesIO(document.content)).slides]
    assert told[0].startswith(f"Health\n/health\nAs of {answer['as_of']}\nInternal: not for the customer")
    assert len(told) > 2
    accounts = [row[0][0] for row in tables_of(answer)[0]["rows"]]
    assert [name for name in accounts if not any(name in slide for slide in told)] == []


def slide_text(slide: Any) -> str:
    frames = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    tables = [shape.table for shape in slide.shapes if shape.has_table]
    cells = [cell.text for table in tables for row in table.rows for cell in row.cells]
    return "\n".join(text for text in (*frames, *cells) if text)


def test_a_pdf_is_the_answer_set_for_paper(client: httpx.Client, answer: dict[str, Any]) -> None:
    document = export(client, answer, "pdf")
    assert document.headers["content-type"] == "application/pdf"
    told = pdf_text(document.content)
    assert "Internal: not for the customer" in told
    assert "Where the figures come from" in told
    assert export(client, answer, "pdf").content == document.content


def pdf_text(content: bytes) -> str:
    pages = pdfium.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


@pytest.mark.parametrize("form", ["md", "csv", "xlsx", "pptx", "pdf"])
def test_a_customer_s_document_says_nothing_to_colleagues(client: httpx.Client, form: str) -> None:
    asked = {"message": "/health cobalt-harbor", "audience": "customer"}
    answer = client.post("/v1/chat", json=asked).json()
    assert "For you alone" in answer["text"]
    document = export(client, answer, form)
    name = f"cobalt-harbor-{answer['as_of']}.{form}"
    assert document.headers["content-disposition"] == f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}"
    told = document.content.decode(errors="ignore")
    if form == "pptx":
        told = "\n".join(map(slide_text, Presentation(io.BytesIO(document.content)).slides))
    if form == "pdf":
        told = pdf_text(document.content)
    if form in ("md", "pptx", "pdf"):
        assert "API calls" in told
    for word in ("For you alone", "Left out", "/health", "nternal", "Where the figures come from"):
        assert word not in told


def test_a_customer_s_document_with_nothing_in_it_is_none(client: httpx.Client) -> None:
    answer = client.post("/v1/chat", json={"message": "/feedback", "audience": "customer"}).json()
    refused = export(client, answer, "pdf")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_answer")


def test_another_caller_s_turn_is_as_absent(service: Service, answer: dict[str, Any]) -> None:
    other = service.client()
    absent = other.get("/v1/turns/turn_none/export", params={"format": "md"})
    foreign = export(other, answer, "md")
    assert (absent.status_code, foreign.status_code) == (404, 404)
    assert absent.json()["code"] == foreign.json()["code"] == "turn_not_found"


@pytest.mark.parametrize("form", ["docx", "", "../md", "MD"])
def test_a_format_that_there_is_none_of_names_those_there_are(
    client: httpx.Client, answer: dict[str, Any], form: str
) -> None:
    refused = export(client, answer, form)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_arguments")
    assert "'md', 'csv', 'xlsx', 'pptx' or 'pdf'" in refused.json()["detail"]


def test_a_turn_without_an_answer_says_so(service: Service, client: httpx.Client) -> None:
    begun = client.post("/v1/chat", json={"message": "/health"}).json()
    with closing(Store(service.settings.store_url, service.settings.data_dir)) as store:
        stopped = update(TABLES["turn"]).where(TABLES["turn"].c.id == begun["turn_id"])
        asyncio.run(store.write(lambda conn: conn.execute(stopped.values(answer=None, status="stopped"))))
    refused = export(client, begun, "csv")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_answer")


@pytest.mark.parametrize(
    ("command", "account", "name"),
    [
        ("health", "acme", "health-acme-2026-01-31.md"),
        (None, None, "answer-2026-01-31.md"),
        ("health", "../../etc/passwd", "health-etc-passwd-2026-01-31.md"),
        ("health", 'a"\r\nSet-Cookie: x', "health-a-Set-Cookie-x-2026-01-31.md"),
        ("health", "größe\u202e", "health-größe-2026-01-31.md"),
        ("health", "x" * 300, "health-" + "x" * 93 + ".md"),
    ],
)
def test_a_file_s_name_is_no_path_and_ends_no_header(command: str | None, account: str | None, name: str) -> None:
    day = dt.date(2026, 1, 31)
    made = exports._file_name(Answer(thread_id=None, turn_id="t", command=command, account_id=account, as_of=day), "md")
    assert made == name
    header = attachment(made)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
