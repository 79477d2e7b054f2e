"""The command line as a person runs it: as a process of its own.

Most are forked from one that has imported it already; `cse` from the start is in the tests of settings and of the demo.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.channels import cli
from tests import processes
from tests.demo_folder import fill

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("CSE_")} | {"COLUMNS": "100"}
FRESH = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    fill(folder)
    return folder


def run(folder: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """`cse` with these words."""
    said = {name: folder.parent / f"{folder.name}.{name}" for name in ("stdin", "stdout", "stderr")}
    said["stdin"].write_text(stdin)
    code = processes.ended(processes.start(_cse, {**ENVIRONMENT, "CSE_DATA_DIR": str(folder)}, words, *said.values()))
    assert code is not None
    return subprocess.CompletedProcess(words, code, said["stdout"].read_text(), said["stderr"].read_text())


def _cse(environment: dict[str, str], words: tuple[str, ...], stdin: Path, stdout: Path, stderr: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, (file, mode) in enumerate([(stdin, os.O_RDONLY), (stdout, FRESH), (stderr, FRESH)]):
        os.dup2(os.open(file, mode, 0o600), number)
    sys.stdin = stdin.open(encoding="utf-8")
    sys.argv = ["cse", *words]
    cli.main()


def test_ask_prints_the_answer(folder: Path) -> None:
    done = run(folder, "ask", "/health")
    assert (done.returncode, done.stderr) == (0, "")
    assert "ARR at risk" in done.stdout


def test_ask_as_json_is_json_alone(folder: Path) -> None:
    answer = json.loads(run(folder, "ask", "/health", "--json").stdout)
    account = answer["data"]["accounts"][0]["id"]
    one = json.loads(run(folder, "ask", "-", "--json", stdin=f"/health {account}").stdout)
    assert one["account_id"] == account


def test_a_problem_is_one_sentence_on_stderr(folder: Path) -> None:
    done = run(folder, "ask", "/nonsense")
    assert done.returncode == 1
    assert "unknown_command" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("name", "value"), [("CSE_PORT", "many"), ("CSE_TIMEZONE", "Mars/Olympus"), ("CSE_DATABASE_URL", "mysql://x")]
)
def test_a_wrong_setting_names_its_variable(folder: Path, name: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.channels.cli", "keys", "list"],
        env={**ENVIRONMENT, "CSE_DATA_DIR": str(folder), name: value},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_keys(folder: Path) -> None:
    made = json.loads(run(folder, "keys", "create", "--role", "cse", "--name", "Ann", "--json").stdout)
    assert set(made) == {"id", "key", "role"}
    assert made["key"] not in run(folder, "keys", "list").stdout
    assert run(folder, "keys", "revoke", made["id"]).returncode == 0
    assert run(folder, "keys", "revoke", "key_none").returncode == 1
    assert run(folder, "keys", "create", "--role", "king", "--name", "x").returncode == 1


def test_import_as_json(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("id,name\nx1,Xylem Ltd\nx2,\n")
    report = json.loads(run(folder, "import", str(tmp_path), "--dry-run", "--json").stdout)
    assert report["accounts"] == {"read": 2, "created": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    assert report["errors"][0]["line"] == 3
    assert run(folder, "ask", "/health x1").returncode == 1
    assert run(folder, "import", str(tmp_path)).returncode == 0
    assert run(folder, "ask", "/health x1").returncode == 0
    assert run(folder, "import", str(tmp_path / "none.csv")).returncode == 1


def test_knowledge_base(folder: Path) -> None:
    assert run(folder, "kb", "sync").returncode == 0
    found = json.loads(run(folder, "kb", "search", "webhook signature", "--json").stdout)
    assert found["results"]


def test_the_manifest_of_the_slack_app(folder: Path) -> None:
    made = json.loads(run(folder, "slack", "manifest", "--url", "https://cse.example.com", "--command", "/desk").stdout)
    (command,) = made["features"]["slash_commands"]
    assert (command["command"], command["url"]) == ("/desk", "https://cse.example.com/slack/events")
    assert "health" in command["usage_hint"]
    refused = run(folder, "slack", "manifest", "--url", "http://cse.example.com")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "https" in refused.stderr


def test_the_demo_is_loaded_by_an_interpreter_of_its_own(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.channels.cli", "demo", "load"],
        env={**ENVIRONMENT, "CSE_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "The demo portfolio is loaded" in done.stdout


def test_openapi_document(folder: Path) -> None:
    document = json.loads(run(folder, "openapi").stdout)
    assert "/v1/chat" in document["paths"]
