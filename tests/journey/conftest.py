"""One cluster for the whole journey: three workers, small data, torn down whatever happens."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.fab import PROJECT, Fab


@pytest.fixture(scope="session")
def fab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fab]:
    """`fab` with a home of its own. Keeps the results for whoever looks at a failed build."""
    home = tmp_path_factory.mktemp("journey")
    driver = Fab(home / "home", Path(os.environ.get("CLUSTERBED_RESULTS", home / "results")))
    try:
        yield driver
    finally:
        log = driver.home / "lab" / "daemon.log"
        if log.exists():
            shutil.copy(log, home / "daemon.log")
        subprocess.run(
            driver.command(("lab-stop",)), cwd=PROJECT, env=driver.environment, check=False, timeout=300
        )
