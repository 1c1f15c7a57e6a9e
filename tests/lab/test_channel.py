"""Asking the running lab."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from contract.errors import ClusterbedError, WorkstationError
from lab.channel import Listener, ask


@pytest.fixture
def place(tmp_path: Path) -> Path:
    def broken() -> None:
        raise ClusterbedError("it is broken", way_out="Mend it.")

    path = tmp_path / "control"
    handlers = {"add": lambda a, b: a + b, "broken": broken, "bug": lambda: 1 / 0}
    Listener(path, handlers, os.getuid()).start()
    return path


def test_an_answer(place: Path) -> None:
    assert ask(place, "add", a=1, b=2) == 3


def test_an_error_keeps_its_words(place: Path) -> None:
    with pytest.raises(ClusterbedError) as caught:
        ask(place, "broken")
    assert (caught.value.what, caught.value.way_out) == ("it is broken", "Mend it.")


def test_a_failure_of_the_lab_itself_is_said(place: Path) -> None:
    with pytest.raises(ClusterbedError, match="the lab failed at 'bug': division by zero"):
        ask(place, "bug")


def test_no_lab(tmp_path: Path) -> None:
    with pytest.raises(WorkstationError, match="no lab runs"):
        ask(tmp_path / "none", "add")


def test_only_its_owner_may_ask(place: Path) -> None:
    assert place.stat().st_mode & 0o077 == 0
