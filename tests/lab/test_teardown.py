"""The last of the lab's tests, by its name: nothing is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.errors import WorkstationError
from contract.events import silent
from lab import Lab, host
from lab.home import Home
from tests.lab.conftest import Pair

pytestmark = pytest.mark.lab


def test_a_second_lab_is_refused_and_names_the_first(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(WorkstationError, match="already runs on this machine, from"):
        Lab(tmp_path, silent, port=5999).start()


def test_start_again_changes_nothing(pair: Pair) -> None:
    pair.lab.start()
    assert pair.sh(pair.head, "echo still here") == "still here"


def test_stop_leaves_nothing_behind(pair: Pair, tmp_path: Path) -> None:
    forwarding = host.FORWARDING.read_text()
    pair.lab.stop()
    assert host.leftovers(Home(tmp_path)) == []
    assert not pair.lab.running
    assert forwarding == "1\n"
    pair.lab.stop()
