"""What must hold of the repository as a whole: what is in it, and what must never be."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
WEB = "app/channels/web"
LOCKS = ("requirements.lock", "requirements-dev.lock")
REQUIRED = (
    ".ci/run",
    ".dockerignore",
    ".env.example",
    ".pre-commit-config.yaml",
    "CONTRIBUTING.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "app",
    "docs/decisions",
    "knowledge",
    "prompts",
    "pyproject.toml",
    "tests",
    "tools",
    *LOCKS,
)

# The dots and slashes keep these patterns from finding themselves.
FORBIDDEN = {
    "address of a package index": re.compile(
        r"pypi\.org|pythonhosted\.(?:org|com)|registry\.npmjs|proxy\.golang|(?:extra-)?index[-_]url|find[-_]links", re.I
    ),
    "path of somebody's machine": re.compile(r"(?<![\w.}/-])/(?:work|root|home/\w+|Users/\w+|opt/(?:pypi|wheels))/"),
    "private key": re.compile(r"-----BEGIN (?:\w+ )?PRIVATE KEY-----"),
    "conflict marker": re.compile(r"^(?:<{7} |>{7} )", re.M),
}
ALLOWED = {("Makefile", "address of a package index")}
"""`make lock` forbids such addresses by name."""


def tracked_files() -> list[Path]:
    """Files that are in git, or new and not ignored."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("needs git and a checkout")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = {name for name in listed.stdout.decode().split("\0") if name}
    return [path for name in sorted(names) if (path := ROOT / name).is_file()]


def readable(path: Path) -> str | None:
    """The file's text; None where it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def test_no_file_names_an_index_a_machine_or_a_secret() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {what}: {match[0]}"
        for path in tracked_files()
        if (text := readable(path)) is not None
        for what, pattern in FORBIDDEN.items()
        if (str(path.relative_to(ROOT)), what) not in ALLOWED
        for match in pattern.finditer(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    "planted", [("--find", "-links x"), ("PYPI", ".org"), ("/home", "/jane/data"), ("/root", "/x")]
)
def test_the_scan_finds_what_it_looks_for(planted: tuple[str, str]) -> None:
    assert any(pattern.search("".join(planted)) for pattern in FORBIDDEN.values())


def test_no_generated_or_fetched_file_is_in_git() -> None:
    names = {path.name for path in tracked_files()}
    assert not names & {"uv.lock", ".env", "poetry.lock"}
    fetched = {".onnx", ".safetensors", ".whl", ".db", ".sqlite3", ".pyc"}
    assert not [path for path in tracked_files() if path.suffix in fetched]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_with_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    requirements = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n", "", text).strip())
    assert len(requirements) > 50
    assert [r for r in requirements if not re.match(r"[a-z0-9._-]+==\S+.*\\\n\s+--hash=sha256:[0-9a-f]{64}", r)] == []


def test_the_lock_of_the_page_holds_pins_with_hashes_and_no_address() -> None:
    text = (ROOT / WEB / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    assert '"resolved"' not in text
    whole, *packages = json.loads(text)["packages"].items()
    assert len(packages) > 10
    assert [name for name, package in packages if not re.match(r"sha512-\S{86}==$", package["integrity"])] == []
    wanted = json.loads((ROOT / WEB / "package.json").read_text(encoding="utf-8"))
    pins = wanted["dependencies"] | wanted["devDependencies"]
    assert whole[1]["dependencies"] | whole[1]["devDependencies"] == pins
    assert [pin for pin in pins.values() if not re.fullmatch(r"\d+\.\d+\.\d+", pin)] == []


def test_the_locks_hold_every_dependency_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    assert set(names(project["project"]["dependencies"] + groups["build"])) <= locked("requirements.lock")
    assert set(names(groups["dev"])) | locked("requirements.lock") <= locked("requirements-dev.lock")


def names(requirements: list[str]) -> list[str]:
    return [re.split(r"[^\w.-]", r)[0].lower().replace("_", "-") for r in requirements]


def locked(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.M))


@pytest.mark.parametrize("path", REQUIRED)
def test_what_a_reader_looks_for_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_ci_script_can_be_run() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_a_document_names_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = set(re.findall(r"(?:`|^\$? *)make ([a-z]+)", (ROOT / document).read_text(encoding="utf-8"), re.M))
    assert named <= targets


def test_every_setting_is_in_the_example_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    settings = dict(line.removeprefix("# ").split("=", 1) for line in lines if line.startswith("# CSE_"))
    assert set(settings) == {f"CSE_{name.upper()}" for name in Settings.model_fields}
    given = {name.removeprefix("CSE_").lower(): value for name, value in settings.items() if value}
    assert Settings.model_validate(given) == Settings.model_validate({})
    assert [line for line in lines if line and not line.startswith("#")] == []


def test_the_commit_hooks_fetch_nothing() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    assert {hook["language"] for repo in config["repos"] for hook in repo["hooks"]} == {"system"}


def test_commands_have_their_prompt_and_prompts_their_front_matter() -> None:
    prompts = sorted((ROOT / "prompts").glob("*.md"))
    assert "persona" in {path.stem for path in prompts}
    for path in prompts:
        opening, front, text = path.read_text(encoding="utf-8").split("---\n", 2)
        matter = yaml.safe_load(front)
        assert opening == ""
        assert matter["id"] == path.stem
        assert isinstance(matter["version"], int)
        assert text.strip()
