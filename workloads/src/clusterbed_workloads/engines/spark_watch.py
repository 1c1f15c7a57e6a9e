"""Ends Spark's endless wait: with no executor left, the driver would wait for a new one for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Protocol, Self

from clusterbed_workloads.engines.spark_rest import Executor
from clusterbed_workloads.errors import EngineLost

PATIENCE_S: Final = 45.0
"""How long a job may be without any executor. A restarted Spark worker is back within 10-20 s."""

_LOOK_EVERY_S: Final = 2.0


class Executors(Protocol):
    """What is watched."""

    def executors(self) -> tuple[Executor, ...]:
        """All that are or were."""


class SparkWatch:
    """While a job runs, look at the executors; when all are gone for `patience_s`, cancel the job."""

    def __init__(
        self, rest: Executors, cancel: Callable[[], None], *, patience_s: float = PATIENCE_S,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:  # fmt: skip
        self._rest = rest
        self._cancel = cancel
        self._patience_s = patience_s
        self._look_every_s = look_every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="spark-watch", daemon=True)
        self.loss: EngineLost | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        alone_since: float | None = None
        while not self._over.wait(self._look_every_s):
            try:
                executors = [executor for executor in self._rest.executors() if not executor.driver]
            except EngineLost:
                continue  # the job itself will say that its driver is gone
            if any(executor.active for executor in executors):
                alone_since = None
                continue
            alone_since = alone_since if alone_since is not None else time.monotonic()
            if time.monotonic() - alone_since >= self._patience_s:
                gone = ", ".join(sorted({executor.host for executor in executors})) or "no machine at all"
                self.loss = EngineLost(
                    f"Spark had no executor for {self._patience_s:.0f} s; the last ones ran on {gone}.",
                    way_out="Look at the worker and its spark-worker service; the next case connects anew.",
                )
                self._cancel()
                return
