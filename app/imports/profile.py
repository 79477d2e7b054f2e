"""Mapping profiles: which file and column of an export fill which field of our records. Data, in YAML.

The project's own CSV set is the profile in which every file and column bears the name of its table and field.
"""

import datetime as dt
from fnmatch import fnmatch
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, field_validator, model_validator

from app.domain.problems import Problem
from app.domain.records import RECORD_TYPES, Record
from app.imports.derivations import CHECKS, DERIVATIONS
from app.imports.subscriptions import Subscription

OWN_NAME, OWN_SOURCE = "own", "csv"
"""Name and source of the project's own CSV set."""

SUBSCRIPTIONS, MOVEMENTS = "subscriptions", "arr_movements"
PROFILES = "profiles"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldSource(_Part):
    """Where a field's value comes from: a column, a constant, or a named derivation over columns."""

    column: str | None = None
    constant: str | None = None
    derive: str | None = None
    columns: tuple[str, ...] = ()
    values: dict[str, str] | None = None  # the source's word → ours
    otherwise: Literal["reject", "empty", "unmatched"] = "reject"  # for a word that `values` does not know
    dates: tuple[str, ...] = ()  # strptime formats, tried in turn

    @model_validator(mode="after")
    def _check(self) -> Self:
        if [self.column, self.constant, self.derive].count(None) != 2:
            raise ValueError("give one of column, constant and derive")
        if self.derive is None:
            if self.columns:
                raise ValueError("columns go with derive")
            return self
        if self.derive not in DERIVATIONS:
            raise ValueError(f"no derivation {self.derive}; there are {', '.join(sorted(DERIVATIONS))}")
        wanted = DERIVATIONS[self.derive].columns
        if len(self.columns) != wanted:
            raise ValueError(f"{self.derive} takes {wanted} columns")
        return self

    def reads(self) -> tuple[str, ...]:
        """The columns that it needs."""
        return self.columns if self.column is None else (self.column,)


def _short_form(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


FieldSources = dict[str, Annotated[FieldSource, BeforeValidator(_short_form)]]


class NamedCheck(_Part):
    """A look at each row that counts what is odd in a column; it rejects nothing."""

    name: str
    column: str

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.name not in CHECKS:
            raise ValueError(f"no check {self.name}; there are {', '.join(sorted(CHECKS))}")
        return self


class FileMap(_Part):
    """A file, by its name or a pattern such as `*_accounts.csv`, and how its columns fill a record's fields."""

    file: str
    fields: FieldSources
    sum: tuple[str, ...] = ()  # rows of one key are added up in these fields
    checks: tuple[NamedCheck, ...] = ()

    def matches(self, name: str) -> bool:
        return fnmatch(name.lower(), self.file.lower())

    @property
    def needs_subscriptions(self) -> bool:
        """Whether a derivation or check looks into the profile's subscriptions."""
        derived = [DERIVATIONS[source.derive] for source in self.fields.values() if source.derive]
        checks = [CHECKS[check.name] for check in self.checks]
        return any(d.needs_subscriptions for d in derived) or any(c.needs_subscriptions for c in checks)


class Profile(_Part):
    """How an export becomes records.

    `extract_day` is the day on which a closed extract was cut: undated state counts from it and event feeds reach to
    it, unless --effective and --through say otherwise. `subscriptions` are read first and stay in memory; ARR movements
    are computed from them.
    """

    name: str
    about: str = ""
    source: str
    time_zone: str = "UTC"  # of times that name none
    extract_day: dt.date | None = None
    notes: tuple[str, ...] = ()  # what is assumed, told with each report
    subscriptions: FileMap | None = None
    tables: dict[str, FileMap]

    @field_validator("time_zone")
    @classmethod
    def _check_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name!r} is no time zone")
        return name

    @model_validator(mode="after")
    def _check(self) -> Self:
        for table, made in self.tables.items():
            if table not in RECORD_TYPES:
                raise ValueError(f"no table {table}; there are {', '.join(RECORD_TYPES)}")
            _check_fields(table, made, RECORD_TYPES[table])
            if made.needs_subscriptions and self.subscriptions is None:
                raise ValueError(f"{table} needs a section `subscriptions`")
        if self.subscriptions is not None:
            _check_fields("subscriptions", self.subscriptions, Subscription)
            if MOVEMENTS in self.tables:
                raise ValueError(f"{MOVEMENTS} are computed from the subscriptions; leave them out")
        return self

    @property
    def is_own(self) -> bool:
        """Whether this is the project's own CSV set, in which every column has a meaning."""
        return self.name == OWN_NAME

    def files(self) -> dict[str, FileMap]:
        """Every file in the order of reading, by table; SUBSCRIPTIONS stands for the subscriptions."""
        first = {} if self.subscriptions is None else {SUBSCRIPTIONS: self.subscriptions}
        return first | {table: self.tables[table] for table in RECORD_TYPES if table in self.tables}


def _check_fields(table: str, made: FileMap, record: type[Record]) -> None:
    known = record.model_fields
    if unknown := [name for name in (*made.fields, *made.sum) if name not in known]:
        raise ValueError(f"{table} has no field {', '.join(unknown)}")
    if lacking := [name for name, field in known.items() if field.is_required() and name not in made.fields]:
        raise ValueError(f"{table} needs the field {', '.join(lacking)}")


@cache
def own_profile() -> Profile:
    """The project's own CSV set."""
    return Profile(
        name=OWN_NAME,
        source=OWN_SOURCE,
        tables={
            table: FileMap(file=f"{table}.csv", fields={name: FieldSource(column=name) for name in record.model_fields})
            for table, record in RECORD_TYPES.items()
        },
    )


def profile_names() -> list[str]:
    """The profiles that are shipped."""
    folder = resources.files("app.imports") / PROFILES
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def load_profile(name: str) -> Profile:
    """A shipped profile.

    Raises:
        Problem: `unknown_profile`, naming those there are; `invalid_profile`, naming the place that is wrong.
    """
    names = profile_names()
    if name not in names:
        raise Problem(f"There is no profile {name!r}; there is {', '.join(names)}.", code="unknown_profile", status=422)
    text = (resources.files("app.imports") / PROFILES / f"{name}.yaml").read_text(encoding="utf-8")
    return parse_profile(text)


def parse_profile(text: str) -> Profile:
    """A profile from its YAML text.

    Raises:
        Problem: `invalid_profile`.
    """
    try:
        return Profile.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise Problem(f"The profile is not valid YAML: {error}", code="invalid_profile", status=422) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the profile"
        raise Problem(f"The profile is wrong at {place}: {first['msg']}.", code="invalid_profile", status=422) from None
