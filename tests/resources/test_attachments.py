"""Files of a message: what is kept of them, whose they are, and how much may come."""

import asyncio
import hashlib
import io
import threading
from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import update

from app.domain.command import Invocation
from app.domain.problems import Problem
from app.resources import attachments, commands
from app.resources.attachments import AttachedFiles, File
from app.security.principals import LOCAL
from app.store.tables import TABLES
from tests.fakes.reading_command import FirstLine, Inspect, put_in_place
from tests.resources.conftest import Desk, Office

SECRET = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"


@pytest.fixture(autouse=True)
def inspecting(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch)


def file(content: bytes = b"one\ntwo\n", name: str = "app.log") -> File:
    return File(name, io.BytesIO(content))


async def add(desk: Desk, *files: File, by: Any = LOCAL) -> AttachedFiles:
    return await attachments.add(desk.runtime, by, files)


def refused(office: Office, *files: File) -> Problem:
    async def work(desk: Desk) -> Problem:
        with pytest.raises(Problem) as caught:
            await add(desk, *files)
        assert await desk.rows("attachment", "id") == []
        return caught.value

    return office.run(work)


@pytest.mark.parametrize(
    ("content", "lines"), [(b"", 0), (b"one", 1), (b"one\n", 1), (b"one\ntwo", 2), (b"\n\n", 2), (b"\0\xff\r\n", 1)]
)
def test_a_file_is_counted_whole_however_little_is_read_of_it(
    sqlite_office: Office, content: bytes, lines: int
) -> None:
    (told,) = sqlite_office.run(lambda desk: add(desk, file(content))).items
    assert (told.bytes, told.lines, told.read) == (len(content), lines, "log")
    assert told.sha256 == hashlib.sha256(content).hexdigest()


def test_only_what_was_read_is_kept(office: Office) -> None:
    async def work(desk: Desk) -> list[tuple[Any, ...]]:
        await add(desk, file(f"key {SECRET}\nthe second line\n".encode(), f"C:\\logs\\app {SECRET}.log"))
        return await desk.rows("attachment", "command", "name", "content")

    name = "app [api-key…p7dc].log"
    assert office.run(work) == [("inspect", name, {"name": name, "line": "key [api-key…p7dc]"})]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("app.log", "app.log"),
        ("/var/log/app.log", "app.log"),
        ("..\\..\\x.har", "x.har"),
        ("a\u202eb\n.log", "ab .log"),
        ("", "file"),
        ("dir/", "file"),
        ("x" * 500, "x" * 200),
    ],
)
def test_a_name_is_the_file_s_own(sqlite_office: Office, given: str, kept: str) -> None:
    assert sqlite_office.run(lambda desk: add(desk, file(name=given))).items[0].name == kept


def test_too_many_files_are_refused(sqlite_office: Office) -> None:
    problem = refused(sqlite_office, *(file() for _ in range(attachments.MOST_FILES + 1)))
    assert (problem.code, problem.status) == ("too_many_files", 413)
    assert "10 at most" in problem.detail
    assert refused(sqlite_office).code == "no_file"


@pytest.mark.parametrize("seekable", [True, False])
def test_too_large_a_file_is_refused(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch, seekable: bool) -> None:
    monkeypatch.setattr(attachments, "MOST_BYTES", 10)
    content = io.BytesIO(b"x" * 11) if seekable else Pipe(b"x" * 11)
    problem = refused(sqlite_office, file(b"fits"), File("big.log", content))
    assert (problem.code, problem.status) == ("file_too_large", 413)
    assert "big.log" in problem.detail
    assert sqlite_office.run(lambda desk: add(desk, file(b"x" * 10))).items


class Pipe(io.BytesIO):
    """What can be read once."""

    def seekable(self) -> bool:
        return False


def test_reading_that_takes_too_long_is_stopped(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, wait = threading.Event(), threading.Event()

    def read(self: Inspect, name: str, chunks: Iterable[bytes]) -> FirstLine:
        try:
            for _ in chunks:
                wait.wait(0.2)
        finally:
            ended.set()
        return FirstLine(name=name, line="")

    monkeypatch.setattr(Inspect, "read", read)
    monkeypatch.setattr(attachments, "READ_SECONDS", 0.05)
    monkeypatch.setattr(attachments, "CHUNK_BYTES", 1)
    problem = refused(sqlite_office, file(b"x" * 1000))
    assert (problem.code, problem.status) == ("reading_too_slow", 503)
    assert ended.wait(5)  # it does not read the rest for nobody


def test_another_s_file_is_not_there(office: Office) -> None:
    async def work(desk: Desk) -> None:
        own = (await add(desk, file(), by=await desk.key())).items[0].id
        for name in (own, "att_none"):
            with pytest.raises(Problem) as caught:
                await inspect(desk, (name,))
            assert caught.value.code == "attachment_not_found"
            assert caught.value.status == 404

    office.run(work)


async def inspect(desk: Desk, ids: tuple[str, ...]) -> commands.Executed:
    asked = Invocation("inspect", None, {"text": "fails", "attachments": ids})
    return await commands.execute(desk.runtime, LOCAL, asked, turn_id="t")


def test_files_come_in_the_order_in_which_they_are_named(office: Office) -> None:
    async def work(desk: Desk) -> list[str]:
        added = (await add(desk, file(b"1", "a"), file(b"2", "b"), file(b"3", "c"))).items
        a, b, c = (each.id for each in added)
        done = await inspect(desk, (c, a, b, c))
        return [each["name"] for each in done.outcome.report.data.model_dump()["files"]]

    assert office.run(work) == ["c", "a", "b", "c"]


def test_what_another_release_read_is_to_be_attached_again(office: Office) -> None:
    async def work(desk: Desk) -> Problem:
        (told,) = (await add(desk, file())).items
        await desk.runtime.store.write(lambda conn: conn.execute(update(TABLES["attachment"]).values(content={"x": 1})))
        with pytest.raises(Problem) as caught:
            await inspect(desk, (told.id,))
        return caught.value

    assert office.run(work).code == "attachment_outdated"


def test_a_command_that_reads_nothing_takes_no_files(sqlite_office: Office) -> None:
    async def work(desk: Desk) -> None:
        known = desk.runtime.commands
        with pytest.raises(Problem, match=r"/health takes no files\. /inspect does\.") as caught:
            attachments.with_files(known, Invocation("health"), ("att_1",))
        assert caught.value.code == "no_files_taken"
        assert attachments.with_files(known, Invocation("health"), ()) == Invocation("health")
        first = attachments.with_files(known, Invocation("inspect"), ("a", "b"))
        assert attachments.with_files(known, first, ("b", "c")).arguments == {"attachments": ("a", "b", "c")}
        typed = attachments.with_files(known, Invocation("inspect", None, {"attachments": "a, b"}), ("c",))
        assert typed.arguments == {"attachments": ("a", "b", "c")}
        with pytest.raises(Problem, match="10 at most"):
            attachments.with_files(known, first, tuple(map(str, range(9))))

    sqlite_office.run(work)


def test_two_uploads_are_read_at_a_time(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    together, most = [0], [0]
    pause = threading.Event()

    def read(self: Inspect, name: str, chunks: Iterable[bytes]) -> FirstLine:
        together[0] += 1
        most[0] = max(most[0], together[0])
        pause.wait(0.05)
        together[0] -= 1
        return FirstLine(name=name, line="")

    monkeypatch.setattr(Inspect, "read", read)

    async def work(desk: Desk) -> None:
        await asyncio.gather(*(add(desk, file()) for _ in range(6)))

    sqlite_office.run(work)
    assert most == [2]
