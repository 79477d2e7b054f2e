"""What an import did: counts for each table, every rejected row with its reason, and what was odd but taken."""

from dataclasses import dataclass, field
from typing import Any

from app.domain.records import RECORD_TYPES

MAX_LISTED, MAX_LISTED_IN_TEXT = 1000, 20
"""So many rejected rows are listed one by one; the counts are exact whatever their number."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row (or, without a line, a file) that was not taken. `line` is the number of the row's first line.

    JSON has records and no lines: `unit` says which of the two `line` counts.
    """

    file: str
    line: int | None
    column: str | None
    reason: str
    unit: str = "line"

    def as_json(self) -> dict[str, Any]:
        """The place under `line`, or under `record`."""
        place = {"line": self.line} if self.unit == "line" else {"line": None, self.unit: self.line}
        return {"file": self.file, **place, "column": self.column, "reason": self.reason}

    def __str__(self) -> str:
        places = (self.file, f"{self.unit} {self.line}" if self.line else None, self.column)
        return f"{', '.join(place for place in places if place)}: {self.reason}"


@dataclass(slots=True)
class TableCounts:
    """Rows of one table. `read` counts rows of its files.

    `unmatched` counts rows that wait until their account is matched, and those for which a profile knows no place.
    """

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    unmatched: int | None = None
    warnings: dict[str, int] = field(default_factory=dict)

    def add(self, created: int, updated: int, unchanged: int) -> None:
        self.created += created
        self.updated += updated
        self.unchanged += unchanged

    def warn(self, text: str, count: int = 1) -> None:
        self.warnings[text] = self.warnings.get(text, 0) + count

    def numbers(self) -> dict[str, int]:
        names = ("read", "created", "updated", "unchanged", "rejected", "unmatched")
        return {name: number for name in names if (number := getattr(self, name)) is not None}

    def as_json(self) -> dict[str, Any]:
        warnings = [{"count": count, "reason": reason} for reason, count in sorted(self.warnings.items())]
        return self.numbers() | ({"warnings": warnings} if warnings else {})


@dataclass(frozen=True, slots=True)
class Found:
    """An account that was found for what a source calls it, without anybody having said so before."""

    source: str
    external_id: str
    account_id: str
    how: str

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("source", "external_id", "account_id", "how")}

    def __str__(self) -> str:
        return f"{self.external_id} is {self.account_id}, by {self.how.replace('_', ' ')}"


@dataclass(slots=True)
class ImportReport:
    """The outcome of one import. `placed` says whether it made a version; `version` is the N after it either way."""

    dry_run: bool = False
    placed: bool = False
    version: int = 0
    tables: dict[str, TableCounts] = field(default_factory=dict)
    errors: list[Rejection] = field(default_factory=list)
    error_count: int = 0
    notes: tuple[str, ...] = ()
    links: list[Found] = field(default_factory=list)
    waiting: int = 0  # rows of the import that wait for a match
    released: dict[str, int] = field(default_factory=dict)  # rows of earlier imports that waited and are data now

    def reject(self, rejection: Rejection) -> None:
        self.error_count += 1
        if len(self.errors) < MAX_LISTED:
            self.errors.append(rejection)

    @property
    def changed(self) -> bool:
        return any(counts.created or counts.updated for counts in self.tables.values())

    @property
    def unlisted(self) -> int:
        """How many rejections are not among `errors`."""
        return self.error_count - len(self.errors)

    def as_json(self) -> dict[str, Any]:
        """One key a table, then `links` and `released`, where there are any, and `errors` (design, section 3).

        The last of the errors says how many more there are, if any.
        """
        errors = [rejection.as_json() for rejection in self.errors]
        if self.unlisted:
            more = f"{self.unlisted:,} more are not listed; mend these and import again"
            errors.append({"file": None, "line": None, "column": None, "reason": more})
        tables = {name: self.tables[name].as_json() for name in RECORD_TYPES if name in self.tables}
        links = [link.as_json() for link in self.links[:MAX_LISTED]]
        matched = {"links": links, "released": self.released}
        return {**tables, **{name: told for name, told in matched.items() if told}, "errors": errors}

    def as_text(self) -> str:
        """The report for people, with the first few rejections."""
        lines = [self._outcome()]
        for table in filter(self.tables.__contains__, RECORD_TYPES):
            counts = self.tables[table]
            lines.append(f"  {table}: " + ", ".join(f"{name} {n:,}" for name, n in counts.numbers().items()))
            lines += [f"    {count:,} × {reason}" for reason, count in sorted(counts.warnings.items())]
        lines += self._matches()
        listed = self.errors[:MAX_LISTED_IN_TEXT]
        lines += [f"Not taken: {self.error_count:,}"] if listed else []
        lines += [f"  {rejection}" for rejection in listed]
        if self.error_count > len(listed):
            lines.append(f"  and {self.error_count - len(listed):,} more; --json lists up to {MAX_LISTED:,}")
        return "\n".join(lines + [f"Note: {note}" for note in self.notes])

    def _matches(self) -> list[str]:
        lines = [f"Found: {len(self.links):,} accounts by what the files tell of them"] if self.links else []
        lines += [f"  {link}" for link in self.links[:MAX_LISTED_IN_TEXT]]
        if len(self.links) > MAX_LISTED_IN_TEXT:
            lines.append(f"  and {len(self.links) - MAX_LISTED_IN_TEXT:,} more; --json lists up to {MAX_LISTED:,}")
        if self.released:
            told = ", ".join(f"{table} {count:,}" for table, count in self.released.items())
            lines.append(f"Matched: rows of earlier imports that had waited: {told}")
        if self.waiting:
            lines.append(f"Waiting: {self.waiting:,} rows until their account is matched; see cse match list")
        return lines

    def _outcome(self) -> str:
        if self.dry_run:
            return "Dry run: nothing was written."
        return f"Imported; the data is now version {self.version}." if self.placed else "Nothing changed."
