"""What a row is made of: columns, parameters, and where each number comes from.

docs/decisions/generator.md derives the parameters from the figures the document prints.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

VERSION: Final = 1
"""Part of every fingerprint: raise it when a row of the same seed and id would change."""

COLUMNS: Final = {
    "id": "int64",
    "name": "string",
    "age": "int32",
    "salary": "double",
    "signup_date": "timestamp[us, tz=UTC]",
    "is_active": "bool",
}
"""Column → Arrow type, as the Parquet files hold them."""

NAMES: Final = ("Alice", "Bob", "Charlie", "David", "Eve")
AGE_MIN: Final = 18
AGE_MAX: Final = 80
SALARY_AT_ZERO: Final = 72_500.0
SALARY_PER_YEAR: Final = 100.0
SALARY_SD: Final = 25_900.0
SIGNUP_FIRST: Final = date(2020, 1, 1)
SIGNUP_DAYS: Final = 3_650
ACTIVE_SHARE: Final = 0.5

PUBLISHED: Final = date(2025, 1, 1)
"""What counts as the future: the document calls 2027 and 2028 future and 2023 not, and bears no date."""

FUTURE_SHARE: Final = 1.0 - ((PUBLISHED - SIGNUP_FIRST).days + 1) / SIGNUP_DAYS
"""Expected share of signup dates after `PUBLISHED`."""


@dataclass(frozen=True, slots=True)
class Population:
    """A data set: `rows` rows of ids 0 … rows - 1, all drawn from `seed`."""

    seed: int
    rows: int

    @property
    def fingerprint(self) -> str:
        """Names the content: equal fingerprints mean equal rows, however the files are cut."""
        return f"employees-v{VERSION}-seed{self.seed}-rows{self.rows}"
