"""Profiles: how exports of other systems are read. A deployment may have its own beside the shipped ones."""

from pathlib import Path

from pydantic import BaseModel

from app.imports.profile import Profile, load_profile, own_profile, profile_names, read_profile
from app.runtime import Runtime

SUFFIXES = (".yaml", ".yml")


class ProfileLine(BaseModel):
    """A profile and what it reads. `own` says that it lies in the data folder, where it goes before a shipped one."""

    name: str
    about: str
    accounts: str
    reads: dict[str, list[str]]
    own: bool


def folder(runtime: Runtime) -> Path:
    """Where a deployment's own profiles lie."""
    return runtime.settings.data_dir / "profiles"


def by_name(runtime: Runtime, name: str | None) -> Profile:
    """The profile of this name; the project's own CSV set where there is none.

    Raises:
        Problem: there is none (`unknown_profile`), or it is wrong (`invalid_profile`).
    """
    return own_profile() if name is None else load_profile(name, folder(runtime))


def by_name_or_path(runtime: Runtime, given: str | None) -> Profile:
    """Like `by_name`; `given` may also be the path of a YAML file. For those who may read the machine's files only.

    Raises:
        Problem: `unknown_profile` or `invalid_profile`.
    """
    if given is not None and given.endswith(SUFFIXES):
        return read_profile(Path(given))
    return by_name(runtime, given)


def list_profiles(runtime: Runtime) -> list[ProfileLine]:
    """All profiles by name.

    Raises:
        Problem: one of the deployment's own is wrong (`invalid_profile`).
    """
    own = folder(runtime)
    found = []
    for name in profile_names(own):
        profile = load_profile(name, own)
        reads: dict[str, list[str]] = {}
        for (table, _), made in profile.files().items():
            reads.setdefault(table, []).extend(made.file)
        is_own = (own / f"{name}.yaml").is_file()
        found.append(ProfileLine(name=name, about=profile.about, accounts=profile.accounts, reads=reads, own=is_own))
    return found
