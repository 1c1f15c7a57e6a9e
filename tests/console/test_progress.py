"""What the user sees while something takes long."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from console import Progress, run_task
from contract import Event, State
from contract.errors import MachineError


def seen(events: list[tuple[float, Event]], *, terminal: bool) -> str:
    screen = io.StringIO()
    now = [0.0]
    console = Console(file=screen, force_terminal=terminal, width=100, color_system=None, soft_wrap=True)
    with Progress("deploy", console=console, clock=lambda: now[0]) as progress:
        for at, event in events:
            now[0] = at
            progress.sink(event)
    return screen.getvalue()


def test_without_a_terminal_every_event_is_a_line_with_its_time() -> None:
    text = seen(
        [(1.5, Event("master", "installing hdfs")), (67.0, Event("master", "healthy", State.OK))],
        terminal=False,
    )
    assert [line.split() for line in text.splitlines()] == [
        ["deploy"],
        ["1.5", "s", "›", "master", "installing", "hdfs"],
        ["1:07", "✓", "master", "healthy"],
        ["done", "in", "1:07"],
    ]


def test_on_a_terminal_the_last_line_of_a_subject_stays() -> None:
    text = seen(
        [(1.0, Event("worker", "waiting", State.WAITING)), (3.0, Event("worker", "dead", State.FAILED))],
        terminal=True,
    )
    assert "✗ worker" in text


def test_an_error_is_one_message_and_its_own_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    def task() -> None:
        raise MachineError("worker-2 does not answer", way_out="Look at it with fab ssh.")

    with pytest.raises(SystemExit) as caught:
        run_task(task)
    assert caught.value.code == 5
    assert capsys.readouterr().err == "error: worker-2 does not answer\n  Look at it with fab ssh.\n"


def test_an_interrupt_exits_130(capsys: pytest.CaptureFixture[str]) -> None:
    def task() -> None:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as caught:
        run_task(task)
    assert caught.value.code == 130


def test_a_defect_shows_no_traceback_unless_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run_task(lambda: 1 // 0)
    assert caught.value.code == 1
    text = capsys.readouterr().err
    assert "ZeroDivisionError" in text
    assert "Traceback" not in text
