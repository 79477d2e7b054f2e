"""Which files an import reads, and what is told of the others."""

from pathlib import Path

import pytest

from app.domain.problems import Problem
from app.imports.files import select_files
from app.imports.profile import own_profile


def test_a_folder_gives_the_known_files_and_tells_the_others(tmp_path: Path) -> None:
    for name in ("Accounts.CSV", "accounts.csv", "usage.csv", "users.csv", "notes.txt", ".DS_Store"):
        (tmp_path / name).write_text("id,name\n")
    (tmp_path / "more").mkdir()
    selection = select_files(tmp_path, own_profile())
    assert {key: [path.name for path in paths] for key, paths in selection.paths.items()} == {
        ("accounts", 0): ["Accounts.CSV"],
        ("usage", 0): ["usage.csv"],
    }
    told = {path.name: reason for path, reason in selection.aside}
    assert set(told) == {"accounts.csv", "users.csv", "notes.txt"}
    assert "same table" in told["accounts.csv"]
    assert "known are accounts.csv, contacts.csv" in told["users.csv"]


def test_one_file(tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("id\n")
    assert select_files(path, own_profile()).paths == {("tickets", 0): [path]}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("users.csv", b"id,name\n", "unknown_file"),
        ("accounts.csv", b"PK\x03\x04", "not_csv"),
        ("export.zip", b"PK\x03\x04", "not_csv"),
        ("accounts.csv", b"", "empty_file"),
        ("accounts.csv", None, "file_gone"),
    ],
)
def test_one_file_that_cannot_be_read_is_a_problem(tmp_path: Path, name: str, content: bytes | None, code: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Problem, match=name) as problem:
        select_files(path, own_profile())
    assert (problem.value.code, problem.value.status) == (code, 422)


def test_symbolic_links_are_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "accounts.csv").write_text("id,name\n")
    link = tmp_path / "accounts.csv"
    link.symlink_to(tmp_path / "real" / "accounts.csv")
    with pytest.raises(Problem, match="symbolic link"):
        select_files(link, own_profile())


def test_an_archive_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / "export.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(Problem, match=r"export\.zip: this is a zip archive") as problem:
        select_files(tmp_path, own_profile())
    assert problem.value.code == "no_csv_files"


@pytest.mark.parametrize("names", [[], ["readme.txt"], ["users.csv"]])
def test_a_folder_with_nothing_to_read_is_a_problem(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("x")
    with pytest.raises(Problem, match=r"accounts\.csv") as problem:
        select_files(tmp_path, own_profile())
    assert problem.value.code == "no_csv_files"
