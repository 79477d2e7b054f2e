"""`cse ask` with files and standard input, as a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.channels import cli
from tests import processes
from tests.fakes.reading_command import put_in_place
from tests.service.test_cli import ENVIRONMENT, FRESH


def run(folder: Path, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """`cse` with these words, over a data folder in which nothing is."""
    said = {name: folder / f"said.{name}" for name in ("stdin", "stdout", "stderr")}
    said["stdin"].write_bytes(stdin)
    environment = {**ENVIRONMENT, "CSE_DATA_DIR": str(folder / "data")}
    code = processes.ended(processes.start(_cse, environment, words, *said.values()))
    assert code is not None
    return subprocess.CompletedProcess(words, code, said["stdout"].read_text(), said["stderr"].read_text())


def _cse(environment: dict[str, str], words: tuple[str, ...], stdin: Path, stdout: Path, stderr: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, (file, mode) in enumerate([(stdin, os.O_RDONLY), (stdout, FRESH), (stderr, FRESH)]):
        os.dup2(os.open(file, mode, 0o600), number)
    put_in_place(pytest.MonkeyPatch())
    sys.stdin = stdin.open(encoding="utf-8")
    sys.argv = ["cse", *words]
    cli.main()


def test_files_are_read_by_name_and_from_standard_input(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(b"first of the log\nsecond\n")
    words = ("ask", "/inspect it fails", "--file", str(log), "--file", "-", "--json")
    answer = json.loads(run(tmp_path, *words, stdin=b"first of stdin\n").stdout)
    files = answer["data"]["files"]
    assert [(file["name"], file["line"]) for file in files] == [
        ("app.log", "first of the log"),
        ("stdin", "first of stdin"),
    ]


def test_files_need_no_words(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(b"first of the log\n")
    done = run(tmp_path, "ask", "--file", str(log))
    assert (done.returncode, done.stderr) == (0, "")
    assert "app.log: first of the log" in done.stdout
    assert "cse ask --thread" in done.stdout  # it asks what failed


@pytest.mark.parametrize(
    ("words", "stdin", "told"),
    [
        (("ask", "-"), b"x" * 300_000, "cse ask --file. [message_too_large]"),
        (("ask", "-"), b"/nonsense \xff\xfe", "[unknown_command]"),
        (("ask", "-", "--file", "-"), b"x", "[stdin_twice]"),
        (("ask", "/inspect", "--file", "none.log"), b"", "none.log cannot be read: No such file or directory. ["),
        (("ask", "/health", "--file", "-"), b"x", "/health takes no files. /inspect does. [no_files_taken]"),
        (("ask",), b"", "[message_empty]"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, words: tuple[str, ...], stdin: bytes, told: str) -> None:
    done = run(tmp_path, *words, stdin=stdin)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
