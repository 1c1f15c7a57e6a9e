"""An exception's meaning comes first, whatever an engine wraps around it."""

import pytest

from clusterbed_workloads.errors import EngineLost
from clusterbed_workloads.failures import explained


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (
            "Job aborted.\nFile /x could only be written to 0 of the 1 minReplication nodes.",
            "HDFS is full or",
        ),
        ("org.apache.hadoop.hdfs.protocol.DSQuotaExceededException: The DiskSpace quota", "HDFS is full"),
        ("java.io.IOException: No space left on device", "A disk is full"),
        ("BlockMissingException: Could not obtain block: BP-1", "HDFS lost a block"),
        ("java.lang.OutOfMemoryError: Java heap space", "A JVM ran out of memory"),
    ],
)
def test_known_texts(text: str, meaning: str) -> None:
    assert explained(RuntimeError(text)).startswith(meaning)


def test_an_unknown_exception_speaks_for_itself() -> None:
    assert explained(KeyError("salary")) == "KeyError: 'salary'"


def test_own_errors_keep_their_way_out() -> None:
    assert explained(EngineLost("no executor.", way_out="Look there.")) == "no executor. Look there."


def test_long_messages_are_cut() -> None:
    assert len(explained(ValueError("x" * 10_000))) < 1000
