"""DuckDB, the second opinion: the answers of Spark and Ray are computed again with it, on the same files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb

MEMORY: Final = "1GB"
"""A t2.large has 8 GB (S1.1); the engines' daemons keep theirs while an answer is verified."""


class Reference:
    """A DuckDB connection with views of Parquet files."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def view(self, name: str, files: Sequence[Path]) -> None:
        """Let queries read the Parquet files as table `name`.

        Raises:
            ValueError: there is no file.
        """
        if not files:
            raise ValueError(f"there is no file for the view {name}")
        self._connection.read_parquet([str(file) for file in files]).create_view(name, replace=True)

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of the answer."""
        return self._connection.execute(query, list(parameters)).fetchall()

    def row(self, query: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...]:
        """The one row of the answer."""
        (only,) = self.rows(query, parameters)
        return only

    def columns(self, table: str) -> dict[str, str]:
        """Column → DuckDB type."""
        described = self.rows(f"describe {table}")
        return {str(name): str(kind) for name, kind, *_ in described}


@contextmanager
def reference(scratch: Path) -> Iterator[Reference]:
    """A connection that spills to `scratch` and never takes more than `MEMORY`."""
    scratch.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(scratch),
        "preserve_insertion_order": False,
    }
    with duckdb.connect(":memory:", config=settings) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield Reference(connection)
