"""Steps that bring a settings record of an older medview to the present schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Record = dict[str, Any]
Migration = Callable[[Record], Record]

MIGRATIONS: tuple[Migration, ...] = ()
"""Step n (from 0) turns schema n + 1 into n + 2. Steps are never changed, only appended."""


def schema_number(migrations: Sequence[Migration] = MIGRATIONS) -> int:
    """The number written into new files."""
    return len(migrations) + 1


class NewerSchemaError(Exception):
    """The record was written by a newer medview."""


def migrate(record: Record, migrations: Sequence[Migration] = MIGRATIONS) -> Record:
    """Bring `record` to the present schema.

    Raises
    ------
    NewerSchemaError
        If its number is higher than any this version knows.
    ValueError
        If its number is missing or none at all.
    """
    number = record.get("schema")
    if type(number) is not int or number < 1:
        raise ValueError("no schema number")
    if number > schema_number(migrations):
        raise NewerSchemaError(number)
    for step in migrations[number - 1 :]:
        record = step(dict(record))
    return {**record, "schema": schema_number(migrations)}
