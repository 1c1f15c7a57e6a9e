"""Deleting resources: those that others need last, the independent ones at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from lab.engine.order import dependents
from lab.engine.resource import Resource

PARALLEL = 16  # deletions at once; nearly all of their time is waiting for the cloud


def remove_all(resources: Sequence[Resource], remove: Callable[[Resource], None]) -> None:
    """Call `remove` for each, in reverse order of need.

    After a failure or Ctrl-C no further one is begun; those under way end, and are recorded by
    `remove` itself, before the first error is raised.
    """
    waiting = dependents(resources)
    left = {id(one): one for one in resources}
    failure: BaseException | None = None
    with ThreadPoolExecutor(PARALLEL, thread_name_prefix="removal") as pool:
        running: dict[Future[None], int] = {}
        while left or running:
            if failure is None:
                for key in [key for key in left if not waiting[key]]:
                    running[pool.submit(remove, left.pop(key))] = key
            if not running:
                break
            try:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
            except KeyboardInterrupt as interrupt:
                failure = interrupt
                continue
            for future in done:
                gone = running.pop(future)
                failure = failure or future.exception()
                for others in waiting.values():
                    others.discard(gone)
    if failure:
        raise failure
