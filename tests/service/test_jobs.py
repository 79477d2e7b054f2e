"""Imports as jobs: progress, cancelling, limits, and what a server that dies leaves behind."""

import asyncio
import datetime as dt
import errno
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, event

from app.imports import rows
from app.imports.report import ImportReport
from app.resources import imports
from app.runtime import Runtime, open_runtime
from app.security.principals import LOCAL
from app.settings import Settings
from app.store import job_rows
from app.store.job_rows import Job
from tests.service.conftest import Service, bearer, prepare, serve, settings_in
from tests.service.subprocess_server import server_process
from tests.service.test_data import ACCOUNTS, load

WAIT_SECONDS = 60

SLOW = "from app.imports import rows; rows.PROGRESS_ROWS = 10\nimport time\n" + (
    "from app.resources import imports\n"
    "told = imports._Watched.on_progress\n"
    "imports._Watched.on_progress = lambda *args: (told(*args), time.sleep(0.05))\n"
    "imports.PROGRESS_SECONDS = 0.0\n"
)
"""A server that reads 200 rows a second and tells of each ten."""


def usage(row_count: int) -> bytes:
    days = [f"{year}-{month:02}-{day:02}" for year in (2024, 2025) for month in range(1, 13) for day in range(1, 29)]
    lines = (f"a{n // len(days)},{days[n % len(days)]},{n}\n" for n in range(row_count))
    return ("account_id,date,api_calls\n" + "".join(lines)).encode()


def accounts(count: int) -> bytes:
    return ("id,name\n" + "".join(f"a{n},Account {n}\n" for n in range(count))).encode()


LARGE = {"accounts.csv": accounts(10), "usage.csv": usage(6000)}


def send(client: httpx.Client, files: dict[str, bytes]) -> str:
    started = client.post("/v1/imports", files=[("files", (name, content)) for name, content in files.items()])
    assert started.status_code == 202, started.text
    job_id: str = started.json()["id"]
    return job_id


def wait_for(client: httpx.Client, job_id: str, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        job: dict[str, Any] = client.get(f"/v1/jobs/{job_id}").json()
        if is_so(job):
            return job
        time.sleep(0.02)
    raise AssertionError(f"it never came to that: {job}")


def has_begun(job: dict[str, Any]) -> bool:
    return bool(job["progress"]) and job["progress"]["rows"] > 100


def has_ended(job: dict[str, Any]) -> bool:
    return bool(job["status"] != "running")


def kept_uploads(folder: Path) -> list[str]:
    return [path.name for path in (folder / "uploads").rglob("*") if path.is_file()]


@pytest.fixture
def client(empty_service: Service) -> httpx.Client:
    return empty_service.client()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports that take a step each 50 ms."""
    monkeypatch.setattr(rows, "PROGRESS_ROWS", 10)
    monkeypatch.setattr(imports, "PROGRESS_SECONDS", 0.0)
    told = imports._Watched.on_progress

    def slowly(watched: imports._Watched, file: str, row_count: int, done: int, total: int) -> None:
        told(watched, file, row_count, done, total)
        time.sleep(0.05)

    monkeypatch.setattr(imports._Watched, "on_progress", slowly)


def test_a_job_tells_how_far_it_is(client: httpx.Client, slow: None) -> None:
    job_id = send(client, LARGE)
    progress = wait_for(client, job_id, has_begun)["progress"]
    assert progress["file"] == "usage.csv"
    assert progress["of_bytes"] == sum(map(len, LARGE.values()))
    assert 0 < progress["bytes"] < progress["of_bytes"]
    assert progress["percent"] == pytest.approx(100 * progress["bytes"] / progress["of_bytes"], abs=0.05)
    client.post(f"/v1/jobs/{job_id}/cancel")


def test_a_job_that_is_done_was_told_to_its_end(client: httpx.Client) -> None:
    job = load(client, LARGE)
    assert (job["status"], job["result"]["usage"]["created"]) == ("done", 6000)
    assert (job["progress"]["rows"], job["progress"]["percent"]) == (6010, 100.0)
    assert job["finished_at"] is not None


def test_a_cancelled_job_leaves_nothing(empty_service: Service, client: httpx.Client, slow: None) -> None:
    before = httpx.get(f"{empty_service.url}/readyz").json()["data_version"]
    job_id = send(client, LARGE)
    wait_for(client, job_id, has_begun)
    asked = client.post(f"/v1/jobs/{job_id}/cancel")
    assert asked.status_code == 202
    assert asked.json()["cancel_requested_at"] is not None
    job = wait_for(client, job_id, has_ended)
    assert (job["status"], job["result"]["problem"]["code"]) == ("cancelled", "cancelled")
    assert client.get("/v1/accounts").json()["items"] == []
    assert httpx.get(f"{empty_service.url}/readyz").json()["data_version"] == before
    assert kept_uploads(empty_service.settings.data_dir) == []


def test_a_job_that_has_ended_is_not_cancelled_any_more(client: httpx.Client) -> None:
    job = load(client, {"accounts.csv": ACCOUNTS})
    asked = client.post(f"/v1/jobs/{job['id']}/cancel")
    assert (asked.status_code, asked.json()) == (202, job)


def test_jobs_are_listed_newest_first_to_their_owner_alone(empty_service: Service, client: httpx.Client) -> None:
    ids = [load(client, {"accounts.csv": ACCOUNTS})["id"] for _ in range(3)]
    first = client.get("/v1/jobs", params={"limit": 2}).json()
    rest = client.get("/v1/jobs", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [job["id"] for job in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next_cursor"] is None
    other = empty_service.client("admin")
    assert other.get("/v1/jobs").json() == {"items": [], "next_cursor": None}
    for call in (
        other.get(f"/v1/jobs/{ids[0]}"),
        other.post(f"/v1/jobs/{ids[0]}/cancel"),
    ):
        assert (call.status_code, call.json()["code"]) == (404, "job_not_found")
    refused = other.get("/v1/jobs", params={"cursor": ids[0]})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_cursor")


def test_a_second_import_is_refused_while_one_runs(client: httpx.Client, slow: None) -> None:
    job_id = send(client, LARGE)
    refused = client.post("/v1/imports", files={"files": ("accounts.csv", ACCOUNTS)})
    assert (refused.status_code, refused.json()["code"]) == (409, "import_running")
    client.post(f"/v1/jobs/{job_id}/cancel")
    wait_for(client, job_id, has_ended)
    assert load(client, {"accounts.csv": ACCOUNTS})["status"] == "done"


@pytest.mark.parametrize("name", ["..", "x/.hidden", ".env", "n" * 300 + ".csv"])
def test_a_name_that_is_none_is_refused_before_anything_is_kept(
    empty_service: Service, client: httpx.Client, name: str
) -> None:
    refused = client.post("/v1/imports", files={"files": (name, ACCOUNTS)})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_arguments")
    assert client.get("/v1/jobs").json()["items"] == []
    assert kept_uploads(empty_service.settings.data_dir) == []


def test_two_files_of_one_name_are_refused(client: httpx.Client) -> None:
    files = [("files", ("accounts.csv", ACCOUNTS)), ("files", ("sub/accounts.csv", ACCOUNTS))]
    assert client.post("/v1/imports", files=files).json()["code"] == "invalid_arguments"


def test_too_many_files_are_refused(client: httpx.Client) -> None:
    files = [("files", (f"f{n}.csv", b"x")) for n in range(imports.MAX_FILES + 1)]
    refused = client.post("/v1/imports", files=files)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_many_files")


def test_too_many_bytes_are_refused(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.channels.body_limit.UPLOAD_BYTES", 1000)
    refused = client.post("/v1/imports", files={"files": ("accounts.csv", accounts(1000))})
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
    assert "several imports" in refused.json()["detail"]


def test_a_disk_that_is_full_while_files_arrive_is_told(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "write", write)
    refused = client.post("/v1/imports", files={"files": ("accounts.csv", ACCOUNTS)})
    assert (refused.status_code, refused.json()["code"]) == (507, "disk_full")


def test_a_wish_to_cancel_counts_until_the_last_moment(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    at_end = imports._Watched.at_end

    def cancelled_just_now(watched: imports._Watched, conn: Connection, report: ImportReport) -> None:
        job_rows.request_cancel(conn, watched._job_id, dt.datetime.now(dt.UTC))
        at_end(watched, conn, report)

    monkeypatch.setattr(imports._Watched, "at_end", cancelled_just_now)
    job = load(client, {"accounts.csv": ACCOUNTS})
    assert (job["status"], job["result"]["problem"]["code"]) == ("cancelled", "cancelled")
    assert client.get("/v1/accounts").json()["items"] == []


# What does not come over HTTP: faults of the machine, and the end of a process.


def run_job(folder: Path, files: dict[str, bytes], spoil: Callable[[Runtime, Path], None]) -> Job:
    """Import as a job in a service that is spoilt before."""

    async def run() -> Job:
        async with open_runtime(Settings(_env_file=None, data_dir=folder)) as runtime:
            spoil(runtime, folder)
            sources = folder / "sources"
            sources.mkdir()
            for name, content in files.items():
                (sources / name).write_bytes(content)
            uploads = [imports.Upload(name, (sources / name).open("rb")) for name in files]
            job = await imports.start(runtime, LOCAL, uploads, imports.Options())
            for _ in range(WAIT_SECONDS * 50):
                if job.status != "running":
                    return job
                await asyncio.sleep(0.02)
                job = await imports.get(runtime, LOCAL, job.id)
            raise AssertionError("the job did not end")

    return asyncio.run(run())


def test_a_full_database_is_told(tmp_path: Path) -> None:
    def spoil(runtime: Runtime, _: Path) -> None:
        def limit(connection: Any, _record: Any) -> None:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 20}")

        runtime.store.engine.dispose()
        event.listen(runtime.store.engine, "connect", limit)

    job = run_job(tmp_path, {"accounts.csv": accounts(5000)}, spoil)
    assert (job.status, (job.result or {})["problem"]["code"]) == ("failed", "disk_full")
    assert kept_uploads(tmp_path) == []


def test_files_that_cannot_be_kept_are_told(tmp_path: Path) -> None:
    def spoil(_: Runtime, folder: Path) -> None:
        (folder / "uploads").write_text("a file where the folder would be")

    job = run_job(tmp_path, {"accounts.csv": ACCOUNTS}, spoil)
    assert (job.status, (job.result or {})["problem"]["code"]) == ("failed", "file_unreadable")


@pytest.fixture
def folder(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def test_a_killed_server_leaves_an_interrupted_job_and_nothing_else(folder: Settings) -> None:
    key = asyncio.run(prepare(folder, filled=False))
    with server_process(folder, SLOW) as process, httpx.Client(base_url=process.url, headers=bearer(key)) as client:
        job_id = send(client, LARGE)
        wait_for(client, job_id, has_begun)
        assert sorted(kept_uploads(folder.data_dir)) == ["accounts.csv", "usage.csv"]
        process.kill()
    for url in serve(folder):
        with httpx.Client(base_url=url, headers=bearer(key)) as client:
            job = client.get(f"/v1/jobs/{job_id}").json()
            assert (job["status"], job["result"]["problem"]["code"]) == ("interrupted", "interrupted")
            assert client.get("/v1/accounts").json()["items"] == []
            assert kept_uploads(folder.data_dir) == []
            assert load(client, LARGE)["result"]["usage"]["created"] == 6000


def test_a_server_that_is_asked_to_end_ends_its_job(folder: Settings) -> None:
    key = asyncio.run(prepare(folder, filled=False))
    with server_process(folder, SLOW) as process, httpx.Client(base_url=process.url, headers=bearer(key)) as client:
        job_id = send(client, LARGE)
        wait_for(client, job_id, has_begun)
        process.terminate()
    assert kept_uploads(folder.data_dir) == []
    for url in serve(folder):
        with httpx.Client(base_url=url, headers=bearer(key)) as client:
            assert client.get(f"/v1/jobs/{job_id}").json()["status"] == "interrupted"


def test_another_process_beside_the_server_ends_nothing(folder: Settings) -> None:
    """Such as the command line, or a second server by mistake."""
    key = asyncio.run(prepare(folder, filled=False))
    with server_process(folder, SLOW) as process, httpx.Client(base_url=process.url, headers=bearer(key)) as client:
        job_id = send(client, LARGE)
        wait_for(client, job_id, has_begun)
        for url in serve(folder):
            assert httpx.get(f"{url}/livez").status_code == 200
        assert client.get(f"/v1/jobs/{job_id}").json()["status"] == "running"
        assert sorted(kept_uploads(folder.data_dir)) == ["accounts.csv", "usage.csv"]
        client.post(f"/v1/jobs/{job_id}/cancel")
        assert wait_for(client, job_id, has_ended)["status"] == "cancelled"
