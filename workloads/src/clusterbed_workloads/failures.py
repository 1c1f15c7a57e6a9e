"""What an exception of an engine means, in one sentence."""

from __future__ import annotations

from typing import Final

from clusterbed_workloads.errors import WorkloadsError

KNOWN: Final = (
    ("DSQuotaExceededException", "HDFS is full: the directory's quota is used up."),
    ("could only be written to 0 of the", "HDFS is full or has no live DataNode: no DataNode took a block."),
    ("No space left on device", "A disk is full (no space left on device)."),
    ("Could not obtain block", "HDFS lost a block: no live DataNode has it."),
    ("BlockMissingException", "HDFS lost a block: no live DataNode has it."),
    ("OutOfMemoryError", "A JVM ran out of memory."),
    ("OutOfMemory", "Ray ended a task because its node ran out of memory."),
    ("NodeDiedError", "A Ray node died."),
    ("ExecutorLostFailure", "Spark lost an executor more often than it may."),
    ("SafeModeException", "HDFS is in safe mode."),
    ("Connection refused", "A service does not listen (connection refused)."),
)
"""Text of an exception → what it means. The first that occurs counts."""

_EXCERPT: Final = 600


def explained(error: BaseException) -> str:
    """The meaning, where it is known, and the exception's own words, cut to a readable length."""
    if isinstance(error, WorkloadsError):
        return str(error)
    text = str(error).strip() or "no message"
    own = f"{type(error).__name__}: {text[:_EXCERPT]}"
    for mark, meaning in KNOWN:
        if mark in text or mark in type(error).__name__:
            line = next((line.strip() for line in text.splitlines() if mark in line), "")
            return f"{meaning} ({type(error).__name__}: {line[:_EXCERPT]})"
    return own
