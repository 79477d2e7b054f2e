"""Formulas take one set of parameters; accounts of different segments and lifecycles may have different ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np

from app.domain.parameters import Overridable
from app.domain.records import Account
from app.domain.snapshot import Index

P = TypeVar("P", bound=Overridable)
T = TypeVar("T")

Kind = tuple[str | None, str | None]
"""Segment and lifecycle: what parameters may depend on."""


def in_force(accounts: Sequence[Account], parameters: P) -> dict[Kind, P]:
    """The parameters in force for each kind of account among these."""
    kinds = {(account.segment, account.lifecycle) for account in accounts}
    return {kind: parameters.for_account(*kind) for kind in kinds}


def by_parameters(accounts: Sequence[Account], parameters: P) -> list[tuple[P, Index]]:
    """Each set of parameters in force for some accounts, with the rows of those accounts."""
    if not accounts:
        return [(parameters, np.empty(0, dtype=np.int32))]
    effective = in_force(accounts, parameters)
    names = {kind: p.model_dump_json(exclude={"overrides"}) for kind, p in effective.items()}
    groups: dict[str, tuple[P, list[int]]] = {}
    for row, account in enumerate(accounts):
        kind = (account.segment, account.lifecycle)
        groups.setdefault(names[kind], (effective[kind], []))[1].append(row)
    return [(p, np.array(rows, dtype=np.int32)) for p, rows in groups.values()]


def per_group(accounts: Sequence[Account], parameters: P, formula: Callable[[P], T]) -> T:
    """The formula's columns, each account's row computed with the parameters in force for it."""
    (first, _), *others = by_parameters(accounts, parameters)
    columns = formula(first)
    for effective, rows in others:
        columns = _with_rows(columns, rows, formula(effective))
    return columns


def _with_rows(columns: Any, rows: Index, other: Any) -> Any:
    """`columns` (arrays, in mappings and dataclasses) with `rows` taken from `other`."""
    if isinstance(columns, np.ndarray):
        merged = columns.copy()
        merged[rows] = other[rows]
        return merged
    if isinstance(columns, Mapping):
        return {name: _with_rows(column, rows, other[name]) for name, column in columns.items()}
    return replace(
        columns,
        **{f.name: _with_rows(getattr(columns, f.name), rows, getattr(other, f.name)) for f in fields(columns)},
    )
