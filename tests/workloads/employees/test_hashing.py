"""XXH64 in NumPy against values that Spark 4.3 printed for `select xxhash64(…)`."""

import numpy as np
import pytest

from clusterbed_workloads.employees.hashing import spark_xxhash64


@pytest.mark.parametrize(
    ("columns", "printed"),
    [
        ((0,), -5252525462095825812),
        ((1,), -7001672635703045582),
        ((-1,), 3858142552250413010),
        ((9223372036854775807,), -3246596055638297850),
        ((42, 1, 29_999_999), 4146770794176860338),
    ],
)
def test_equals_what_spark_prints(columns: tuple[int, ...], printed: int) -> None:
    words = [np.array([column], dtype=np.int64).astype(np.uint64) for column in columns]
    assert spark_xxhash64(*words).astype(np.int64)[0] == printed
