"""E1.1's verification: right files pass, and each kind of damage is seen."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clusterbed_workloads.employees import judgement, model
from clusterbed_workloads.employees.model import Population
from clusterbed_workloads.employees.rows import employees
from clusterbed_workloads.reference import reference

POPULATION = Population(seed=7, rows=20_000)
SCHEMA = pa.schema([(name, kind) for name, kind in (
    ("id", pa.int64()), ("name", pa.string()), ("age", pa.int32()), ("salary", pa.float64()),
    ("signup_date", pa.timestamp("us", tz="UTC")), ("is_active", pa.bool_()),
)])  # fmt: skip


def written(directory: Path, rows: pd.DataFrame, schema: pa.Schema = SCHEMA) -> list[Path]:
    files = [directory / "part-0.parquet", directory / "part-1.parquet"]
    for file, part in zip(files, (rows.iloc[: len(rows) // 3], rows.iloc[len(rows) // 3 :]), strict=True):
        pq.write_table(pa.Table.from_pandas(part, schema=schema, preserve_index=False), file)
    return files


@pytest.fixture
def rows() -> pd.DataFrame:
    return employees(POPULATION.seed, np.arange(POPULATION.rows))


def test_right_files_pass_every_check(tmp_path: Path, rows: pd.DataFrame) -> None:
    files = written(tmp_path, rows)
    with reference(tmp_path / "scratch") as duck:
        duck.view("employees", files)
        found = judgement.distribution(duck)
    checks = (
        judgement.schema_check(files),
        judgement.rows_check(files, POPULATION),
        *judgement.distribution_checks(found, POPULATION),
    )
    assert [check for check in checks if not check.passed] == []


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda rows: rows.assign(salary=rows["salary"].where(rows["id"] != 5, 1.0)), "1 rows differ"),
        (lambda rows: rows.assign(is_active=rows["is_active"] ^ (rows["id"] == 9)), "1 rows differ"),
        (lambda rows: rows[rows["id"] != 11], "1 ids absent"),
        (lambda rows: pd.concat([rows, rows.iloc[[3]]]), "1 repeated or unknown"),
        (lambda rows: rows.assign(id=rows["id"].where(rows["id"] != 0, 99_999)), "1 ids absent"),
    ],
)
def test_damaged_rows_are_told(
    tmp_path: Path, rows: pd.DataFrame, damage: Callable[[pd.DataFrame], pd.DataFrame], told: str
) -> None:
    check = judgement.rows_check(written(tmp_path, damage(rows)), POPULATION)
    assert not check.passed
    assert told in check.got


def test_another_type_is_told(tmp_path: Path, rows: pd.DataFrame) -> None:
    other = SCHEMA.set(2, pa.field("age", pa.int64()))
    check = judgement.schema_check(written(tmp_path, rows, other))
    assert not check.passed
    assert "age int64" in check.got


def test_no_file_is_told() -> None:
    assert not judgement.schema_check([]).passed


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        (lambda rows: rows.iloc[:-1], "rows"),
        (lambda rows: rows.assign(is_active=True), "share of active employees"),
        (lambda rows: rows.assign(name="Mallory"), "names"),
        (lambda rows: rows.assign(age=rows["age"] + 1), "ages"),
        (lambda rows: rows.assign(salary=rows["salary"] - 100.0 * rows["age"]), "salary per year of age"),
        (lambda rows: rows.assign(signup_date=rows["signup_date"] + pd.Timedelta(hours=1)),
         "signup dates at midnight"),
        (lambda rows: rows.assign(signup_date=pd.Timestamp(model.SIGNUP_FIRST, tz="UTC")),
         "share of future signup dates"),
    ],
)  # fmt: skip
def test_a_wrong_distribution_is_told(
    tmp_path: Path, rows: pd.DataFrame, damage: Callable[[pd.DataFrame], pd.DataFrame], name: str
) -> None:
    with reference(tmp_path / "scratch") as duck:
        duck.view("employees", written(tmp_path, damage(rows)))
        checks = judgement.distribution_checks(judgement.distribution(duck), POPULATION)
    assert name in [check.name for check in checks if not check.passed]
