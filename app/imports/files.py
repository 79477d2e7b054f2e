"""Which files an import reads: those under a path whose names the profile knows."""

from dataclasses import dataclass, field
from pathlib import Path

from app.domain.problems import Problem
from app.imports.profile import FileKey, Profile
from app.imports.reader import FileRefused, open_regular, refuse_other_formats
from app.imports.rows import open_file

UNKNOWN = "unknown file"
MAX_TOLD = 5
"""Files in another format that are told by name where none can be read."""


@dataclass(slots=True)
class Selection:
    """The files to read for each file of the profile, and those that are left aside with the reason."""

    paths: dict[FileKey, list[Path]] = field(default_factory=dict)
    aside: list[tuple[Path, str]] = field(default_factory=list)

    def size(self) -> int:
        """Bytes in all; a file that has gone counts as empty, one that is read for two tables counts twice."""
        return sum(_size(path) for paths in self.paths.values() for path in paths)

    def count(self) -> int:
        return sum(map(len, self.paths.values()))


def select_files(path: Path, profile: Profile) -> Selection:
    """The profile's files in the folder `path`, or `path` itself.

    Raises:
        Problem: `path` is not there, is a file the profile does not know, or a folder without any that it knows.
    """
    if path.is_dir():
        return _in_folder(path, profile)
    keys = _keys_of(path, profile)
    try:
        with open_file(path, profile.files()[keys[0]] if keys else next(iter(profile.files().values()))):
            pass
    except FileRefused as refused:
        gone = refused.code == "file_gone"
        detail = f"There is no file or folder at {path}." if gone else f"{path.name}: {refused.reason}."
        raise Problem(detail, code=refused.code, status=422) from None
    if not keys:
        raise Problem(f"{path.name} is none of the files {_known(profile)}.", code="unknown_file", status=422)
    return Selection({key: [path] for key in keys})


def _in_folder(folder: Path, profile: Profile) -> Selection:
    selection = Selection()
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        detail = f"The folder {folder.name} cannot be read: {error.strerror}."
        raise Problem(detail, code="file_unreadable", status=422) from None
    for path in paths:
        if path.name.startswith(".") or (path.is_dir() and not path.is_symlink()):
            continue
        keys = _keys_of(path, profile)
        if not keys:
            selection.aside.append((path, _why_unknown(path, profile)))
        for key in keys:
            if profile.is_own and key in selection.paths:
                selection.aside.append((path, f"{selection.paths[key][0].name} is read for the same table"))
            else:
                selection.paths.setdefault(key, []).append(path)
    if not selection.paths:
        foreign = [f" {path.name}: {reason}." for path, reason in selection.aside if not reason.startswith(UNKNOWN)]
        detail = f"There is none of the files {_known(profile)}.{''.join(foreign[:MAX_TOLD])}"
        raise Problem(detail, code="no_csv_files", status=422)
    return selection


def _why_unknown(path: Path, profile: Profile) -> str:
    try:
        with open_regular(path) as stream:
            refuse_other_formats(stream.read(8))
    except FileRefused as refused:
        return refused.reason
    return f"{UNKNOWN}; known are {_known(profile)}"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _keys_of(path: Path, profile: Profile) -> list[FileKey]:
    """What the profile makes of a file: for each table the first that knows its name."""
    found: dict[str, FileKey] = {}
    for key, made in profile.files().items():
        if made.matches(path.name):
            found.setdefault(key[0], key)
    return list(found.values())


def _known(profile: Profile) -> str:
    return ", ".join(profile.patterns())
