"""Mapping profiles: which file and column of an export fill which field of our records. Data, in YAML.

The project's own CSV set is the profile in which every file and column bears the name of its table and field.
"""

import datetime as dt
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from zoneinfo import available_timezones

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from app.domain.problems import Problem
from app.domain.records import RECORD_TYPES, Record
from app.imports.derivations import CHECKS, DERIVATIONS, NAMED_FORMATS
from app.imports.subscriptions import Subscription

OWN_NAME, OWN_SOURCE = "own", "csv"
"""Name and source of the project's own CSV set."""

SUBSCRIPTIONS, MOVEMENTS = "subscriptions", "arr_movements"
PROFILES = "profiles"
MAX_PROFILE_BYTES = 1024 * 1024
"""A longer file is no profile."""

ENVELOPES = ("records", "results", "items", "values", "data")
"""Names under which answers of an API hold their records."""

FileKey = tuple[str, int]
"""A table (or SUBSCRIPTIONS), and the place of a file among those that fill it."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _word(value: Any) -> Any:
    """YAML reads true, no and 1 as something else than words; a file has words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _words(value: Any) -> Any:
    if isinstance(value, dict):
        return {_word(key): _word(word) for key, word in value.items()}
    return [_word(word) for word in value] if isinstance(value, list | tuple) else _listed(_word(value))


_ANY_DAY = dt.datetime(2026, 12, 31, tzinfo=dt.UTC)


def _check_formats(formats: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in formats:
        if pattern in NAMED_FORMATS:
            continue
        try:
            dt.datetime.strptime(_ANY_DAY.strftime(pattern), pattern)  # noqa: DTZ007 - read to see whether it can be
        except (ValueError, re.error):
            is_sound = False
        else:
            is_sound = "%" in pattern
        if not is_sound:
            known = ", ".join(NAMED_FORMATS)
            raise ValueError(f'{pattern!r} is no form of dates; write 31.12.2026 as "%d.%m.%Y", or one of {known}')
    return formats


def fold_word(word: str) -> str:
    """A word in the form in which it is looked up in a map of values."""
    return word.strip().casefold()


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Formats = Annotated[Names, AfterValidator(_check_formats)]
WordMap = Annotated[dict[str, str], BeforeValidator(_words)]
WordList = Annotated[tuple[str, ...], BeforeValidator(_words)]


class FieldSource(_Part):
    """Where a field's value comes from: a column, a constant, or a named derivation over columns.

    `column` may name several columns: the first of them that is filled counts. With `joined` all values of the
    column, which may be repeated, or of all `columns` are taken, with that text between them.
    """

    column: Names = ()
    constant: Annotated[str | None, BeforeValidator(_word)] = None
    derive: str | None = None
    columns: Names = ()
    joined: str | None = None
    prefix: str = ""  # put before the value: ids of one source must not be taken for another's
    values: WordMap | None = None  # the source's word, in any case → ours
    otherwise: Literal["reject", "empty", "unmatched"] = "reject"  # for a word that `values` does not know
    dates: Formats = ()  # strptime formats, iso, epoch or epoch_ms, tried in turn

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.columns and self.derive is None and self.joined is None:
            raise ValueError("columns go with derive or joined")
        if self.column and self.columns:
            raise ValueError("columns go with derive or joined, and not with column")
        named = bool(self.column or self.columns)
        if (self.constant is None) != (named or self.derive is not None):
            raise ValueError("give one of column, constant and derive")
        if self.derive is None:
            return self
        if self.derive not in DERIVATIONS:
            raise ValueError(f"no derivation {self.derive}; there are {', '.join(sorted(DERIVATIONS))}")
        wanted = DERIVATIONS[self.derive].columns
        if len(self.inputs()) != wanted:
            raise ValueError(f"{self.derive} takes {wanted} columns")
        return self

    def inputs(self) -> tuple[tuple[str, ...], ...]:
        """The columns that it needs; for each, those of which the first that is filled counts."""
        return tuple((name,) for name in self.columns) or ((self.column,) if self.column else ())

    def reads(self) -> tuple[str, ...]:
        """Every column that it may look at."""
        return self.columns or self.column


def _alternatives(value: Any) -> Any:
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple({"column": each} if isinstance(each, str) else each for each in listed)


FieldSources = dict[str, Annotated[tuple[FieldSource, ...], Field(min_length=1), BeforeValidator(_alternatives)]]
"""For each field its sources in turn: the first that gives a value counts."""


class NamedCheck(_Part):
    """A look at each row that counts what is odd in a column; it rejects nothing."""

    name: str
    column: str

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.name not in CHECKS:
            raise ValueError(f"no check {self.name}; there are {', '.join(sorted(CHECKS))}")
        return self


class LeftOut(_Part):
    """Rows to leave out: those whose first filled `column` is among `values`, or is not among `unless`."""

    column: Names
    values: WordList = ()
    unless: WordList = ()
    reason: str

    @model_validator(mode="after")
    def _check(self) -> Self:
        if bool(self.values) == bool(self.unless):
            raise ValueError("give one of values and unless")
        return self

    def holds(self, cell: str) -> bool:
        word = fold_word(cell)
        if self.values:
            return word in map(fold_word, self.values)
        return word not in map(fold_word, self.unless)


class Clues(_Part):
    """Columns that tell whose row it is, beside the source's own id of the account (field `account_id`)."""

    crm_id: Names = ()  # an id that another source or we ourselves have for the account
    name: Names = ()  # the account's name or alias
    email: Names = ()  # the person's address
    domain: Names = ()  # the account's domain or website

    def reads(self) -> tuple[str, ...]:
        return (*self.crm_id, *self.name, *self.email, *self.domain)


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class FileMap(_Part):
    """A file, by its name or a pattern such as `*_accounts.csv`, and how its columns fill a record's fields."""

    file: Annotated[Names, Field(min_length=1)]
    records: Names = ENVELOPES  # JSON: the records stand under one of these names, where they are not all there is
    fields: FieldSources
    match: Clues = Clues()
    leave_out: tuple[LeftOut, ...] = ()
    sum: Names = ()  # rows of one key are added up in these fields
    distinct: dict[str, str] = {}  # in these fields, rows of one key give the number of different values of a column
    checks: tuple[NamedCheck, ...] = ()

    def matches(self, name: str) -> bool:
        return any(fnmatch(name.lower(), pattern.lower()) for pattern in self.file)

    @property
    def adds_up(self) -> bool:
        """Whether rows of one key become one record."""
        return bool(self.sum or self.distinct)

    @property
    def needs_subscriptions(self) -> bool:
        """Whether a derivation or check looks into the profile's subscriptions."""
        derived = [DERIVATIONS[source.derive] for _, source in self.sources() if source.derive]
        checks = [CHECKS[check.name] for check in self.checks]
        return any(d.needs_subscriptions for d in derived) or any(c.needs_subscriptions for c in checks)

    def sources(self) -> Iterator[tuple[str, FieldSource]]:
        """Each field with each of its sources."""
        return ((name, source) for name, sources in self.fields.items() for source in sources)

    def reads(self) -> set[str]:
        """Every column that is looked at."""
        read = {column for _, source in self.sources() for column in source.reads()}
        read |= {check.column for check in self.checks} | set(self.match.reads()) | set(self.distinct.values())
        return read | {column for rule in self.leave_out for column in rule.column}


def _maps(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


FileMaps = Annotated[tuple[FileMap, ...], BeforeValidator(_maps)]


class Profile(_Part):
    """How an export becomes records.

    `accounts` says whose the accounts' ids in the files are. own: they are ours; a row of an account that nobody knows
    is rejected. create: the source's; accounts that nobody knows are created. link: the source's; accounts are never
    created. With create and link, rows of accounts that nobody knows wait for a match.

    `extract_day` is the day on which a closed extract was cut: undated state counts from it and event feeds reach to
    it, unless --effective and --through say otherwise. `subscriptions` are read first and stay in memory; ARR movements
    are computed from them.
    """

    name: Name
    about: str = ""
    source: Name
    accounts: Literal["own", "create", "link"] = "own"
    time_zone: str = "UTC"  # of times that name none
    dates: Formats = ()  # of fields that name none
    decimal_comma: bool = False  # numbers in CSV are written as 1.234,50
    prefixes: Names = ()  # of columns' names, which may be left out
    extract_day: dt.date | None = None
    notes: Names = ()  # what is assumed, told with each report
    subscriptions: FileMap | None = None
    tables: dict[str, FileMaps]

    @field_validator("time_zone")
    @classmethod
    def _check_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name!r} is no time zone")
        return name

    @model_validator(mode="after")
    def _check(self) -> Self:
        for table, maps in self.tables.items():
            if table not in RECORD_TYPES:
                raise ValueError(f"no table {table}; there are {', '.join(RECORD_TYPES)}")
            for made in maps:
                _check_fields(table, made, RECORD_TYPES[table])
                if made.needs_subscriptions and self.subscriptions is None:
                    raise ValueError(f"{table} needs a section `subscriptions`")
        if not self.files():
            raise ValueError("tables is empty; name a table and its file")
        if self.subscriptions is not None:
            _check_fields("subscriptions", self.subscriptions, Subscription)
            if MOVEMENTS in self.tables:
                raise ValueError(f"{MOVEMENTS} are computed from the subscriptions; leave them out")
            if self.matches:
                raise ValueError("subscriptions go with `accounts: own`")
        return self

    @property
    def is_own(self) -> bool:
        """Whether this is the project's own CSV set, in which every column has a meaning."""
        return self.name == OWN_NAME

    @property
    def matches(self) -> bool:
        """Whether the accounts' ids are the source's, and have to be matched with ours."""
        return self.accounts != "own"

    def files(self) -> dict[FileKey, FileMap]:
        """Every file in the order of reading; SUBSCRIPTIONS stands for the subscriptions."""
        first: dict[FileKey, FileMap] = {} if self.subscriptions is None else {(SUBSCRIPTIONS, 0): self.subscriptions}
        tables = (table for table in RECORD_TYPES if table in self.tables)
        return first | {(table, n): made for table in tables for n, made in enumerate(self.tables[table])}

    def patterns(self) -> list[str]:
        """Names and patterns of the files, each once."""
        return list(dict.fromkeys(pattern for made in self.files().values() for pattern in made.file))


def plain_types(record_type: type[Record], name: str) -> set[Any]:
    """The types that a field's annotation is made of."""
    return _parts(record_type.model_fields[name].annotation)


def is_number(record_type: type[Record], name: str) -> bool:
    """Whether a field is a number."""
    return bool(plain_types(record_type, name) & {int, float})


def _parts(annotation: Any) -> set[Any]:
    parts = get_args(annotation)
    return {annotation} if not parts else set().union(*map(_parts, parts))


def _check_fields(table: str, made: FileMap, record: type[Record]) -> None:
    known = record.model_fields
    if unknown := [name for name in (*made.fields, *made.sum, *made.distinct) if name not in known]:
        raise ValueError(f"{table} has no field {', '.join(unknown)}; there are {', '.join(known)}")
    if lacking := [name for name, field in known.items() if field.is_required() and name not in made.fields]:
        raise ValueError(f"{table} needs the field {', '.join(lacking)}")
    if uncounted := [name for name in (*made.sum, *made.distinct) if not is_number(record, name)]:
        raise ValueError(f"{table} has no number in {', '.join(uncounted)}; sum and distinct go with numbers")


@cache
def own_profile() -> Profile:
    """The project's own CSV set."""
    return Profile(
        name=OWN_NAME,
        source=OWN_SOURCE,
        tables={
            table: (
                FileMap(
                    file=(f"{table}.csv",),
                    fields={name: (FieldSource(column=(name,)),) for name in record.model_fields},
                ),
            )
            for table, record in RECORD_TYPES.items()
        },
    )


def profile_names(folder: Path | None = None) -> list[str]:
    """The profiles that are shipped, and those in `folder`."""
    shipped = resources.files("app.imports") / PROFILES
    names = {entry.name.removesuffix(".yaml") for entry in shipped.iterdir() if entry.name.endswith(".yaml")}
    own = {path.stem for path in folder.glob("*.yaml")} if folder else set()
    return sorted(names | own)


def load_profile(name: str, folder: Path | None = None) -> Profile:
    """A profile by its name: the one in `folder`, a deployment's own, goes before the shipped one.

    Raises:
        Problem: `unknown_profile`, naming those there are; `invalid_profile`, naming the place that is wrong.
    """
    names = profile_names(folder)
    if name not in names:
        raise Problem(f"There is no profile {name!r}; there is {', '.join(names)}.", code="unknown_profile", status=422)
    own = folder / f"{name}.yaml" if folder else None
    if own is not None and own.is_file():
        return read_profile(own)
    return parse_profile((resources.files("app.imports") / PROFILES / f"{name}.yaml").read_text(encoding="utf-8"))


def read_profile(path: Path) -> Profile:
    """A profile from a YAML file.

    Raises:
        Problem: `unknown_profile`, there is no such file; `invalid_profile`.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_PROFILE_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        detail = f"The profile {path} cannot be read: {error.strerror}."
        raise Problem(detail, code="unknown_profile", status=422) from None
    except UnicodeDecodeError:
        raise Problem(f"The profile {path.name} is no UTF-8 text.", code="invalid_profile", status=422) from None
    if len(content) > MAX_PROFILE_BYTES:
        raise Problem(f"{path.name} is too long for a profile.", code="invalid_profile", status=422)
    return parse_profile(text, path.name)


def parse_profile(text: str, called: str = "The profile") -> Profile:
    """A profile from its YAML text.

    Raises:
        Problem: `invalid_profile`.
    """
    try:
        profile = Profile.model_validate(yaml.load(text, _Loader))  # noqa: S506 - it is a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        detail = _place_of(error) if isinstance(error, ValidationError) else f" is not valid YAML: {error}"
        raise Problem(f"{called}{detail}.", code="invalid_profile", status=422) from None
    if profile.is_own:
        detail = f"{called} is wrong at name: {OWN_NAME} is the project's own set of files; choose another."
        raise Problem(detail, code="invalid_profile", status=422)
    return profile


class _Loader(yaml.SafeLoader):
    """Refuses a key that is there twice: YAML's last one would silently take the place of the first."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    told = f"the key {key.value} is there twice; several files of one table are a list"
                    raise yaml.constructor.ConstructorError(None, None, told, key.start_mark)
                seen.add(key.value)
        return node


_REASONS = {
    "missing": "is required",
    "extra_forbidden": "there is no such key; see docs/data.md",
    "model_type": "it must be keys with values",
    "dict_type": "it must be keys with values",
    "tuple_type": "it must be a list",
    "string_type": "it must be a text; put it in quotation marks",
    "too_short": "it must not be empty",
    "string_too_short": "it must not be empty",
}


def _place_of(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    said = first["msg"].removeprefix("Value error, ").replace("Input should be", "it must be")
    reason = _REASONS.get(first["type"], said)
    return f" is wrong at {place}: {reason}" if place else f" is wrong: {reason}"
