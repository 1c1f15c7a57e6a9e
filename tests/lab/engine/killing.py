"""An operation in a process of its own that is killed, without warning, at a call to the cloud."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from contract.events import silent
from lab.engine import Engine
from tests.lab.engine.stacks import REGION

READING = ("Describe", "Get", "Head", "List")
DONE = 0

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["pulumi_aws", "boto3", "lab.engine"])


@dataclass(frozen=True)
class Killing:
    """`up` or `destroy`, SIGKILLed at its `call`-th changing call: `before` it is sent or `after` it was."""

    operation: str
    project: Path
    state: Path
    endpoint: str
    call: int
    when: str = "after"
    overrides: dict[str, Any] = field(default_factory=dict)


def run_killed(killing: Killing) -> bool:
    """Run it; returns whether it came to its end without being killed."""
    process = _processes.Process(target=_run, args=(killing,))
    process.start()
    process.join(60)
    assert process.exitcode in {DONE, -signal.SIGKILL}, process.exitcode
    return process.exitcode == DONE


def _run(killing: Killing) -> None:
    session = boto3.Session("test", "test", region_name=REGION)
    calls = itertools.count(1)

    def count(model: Any = None, **_: Any) -> None:
        if not model.name.startswith(READING) and next(calls) == killing.call:
            os.kill(os.getpid(), signal.SIGKILL)

    session.events.register("before-call" if killing.when == "before" else "after-call", count)
    engine = Engine(
        killing.project,
        "dev",
        killing.state,
        endpoint=killing.endpoint,
        region=REGION,
        overrides=killing.overrides,
        sink=silent,
        session=session,
    )
    getattr(engine, killing.operation)()
