"""Running the Pulumi program in this process, as often as needed, each time from scratch."""

from __future__ import annotations

import asyncio
import contextvars
import os
import runpy
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from pulumi import RunError
from pulumi.runtime import config, run_in_stack
from pulumi.runtime.settings import Settings, configure

from contract.errors import ClusterbedError

THREADS = 32  # registrations that wait for the cloud at once


def run_program(
    main: Path,
    settings: Callable[[], Settings],
    values: Mapping[str, str],
    on_end: Callable[[BaseException | None], None],
) -> None:
    """Run the program at `main` until all it registered is settled.

    `settings` is called in the run's own context; `values` is the stack's configuration.
    `on_end` hears of a failure or an interruption before what is under way is awaited.

    Raises:
        ClusterbedError: what the program raised, itself or as the cause of a RunError.
        KeyboardInterrupt: Ctrl-C; steps under way have ended.
    """
    contextvars.Context().run(_run, main, settings, values, on_end)


def _run(
    main: Path,
    settings: Callable[[], Settings],
    values: Mapping[str, str],
    on_end: Callable[[BaseException | None], None],
) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="register"))
        # Outputs that wait for a failed resource fail too, one by one; the first error says it all.
        loop.set_exception_handler(lambda _loop, _context: None)
        configure(settings())
        config.set_all_config(dict(values), [])
        try:
            await run_in_stack(program)
        except BaseException as error:
            on_end(error)
            raise

    raised: list[BaseException] = []

    def program() -> None:
        try:
            runpy.run_path(str(main), run_name="__main__")
        except BaseException as error:
            raised.append(error)  # the SDK raises a later one instead when a resource failed too
            raise

    try:
        with fresh_modules(main):  # to the end: the SDK looks types up in them when outputs arrive
            asyncio.run(run())
    except Exception as error:
        first = raised[0] if raised else error
        raise meant(first)  # noqa: B904 - it carries its own causes


def meant(error: BaseException) -> BaseException:
    """The error a user should see: the ClusterbedError in a chain of causes, or the error itself."""
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and cause not in chain:
        chain.append(cause)  # the SDK makes an error its own cause at times
    found = next((one for one in chain if isinstance(one, ClusterbedError)), None)
    if found is None and isinstance(error, RunError):
        return ClusterbedError(str(error))
    return found or error


@contextmanager
def fresh_modules(main: Path) -> Iterator[None]:
    """Forget the program's own modules before and after, so that each run imports them anew."""
    before = _modules_of(main)
    for name in before:
        del sys.modules[name]
    try:
        yield
    finally:
        for name in _modules_of(main):
            del sys.modules[name]
        sys.modules.update(before)


def _modules_of(main: Path) -> dict[str, ModuleType]:
    folder = f"{(main if main.is_dir() else main.parent).resolve()}{os.sep}"
    return {
        name: module
        for name, module in list(sys.modules.items())
        if name != "__main__" and (getattr(module, "__file__", None) or "").startswith(folder)
    }
