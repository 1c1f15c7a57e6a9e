"""A cluster of a head and two workers in the lab, for the tests of this folder; nothing installed yet."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.events import silent
from lab.faults import Faults
from lab.home import SOCKET
from tasks.build import select, up
from tasks.clouds import LabStack
from tasks.cluster import Current, current
from tasks.workspace import CHECKOUT, Workspace, given

WORKLOADS = """
import json, sys, time
plan = json.load(open(sys.argv[sys.argv.index("--plan") + 1]))
for number in range(plan["lines"]):
    told = {"subject": "case", "text": f"line {number}", "state": "running"}
    print("@clusterbed " + json.dumps(told), flush=True)
    print(f"log {number}", flush=True)
    time.sleep(plan["pause_s"])
sys.exit(plan["exit_code"])
"""
"""Stands in for the workloads: says what the plan tells it to, then ends as the plan says."""


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Current]:
    folder = tmp_path_factory.mktemp("provision")
    workspace = Workspace(project=CHECKOUT, home=folder / "home", results=folder / "results")
    selection = select(workspace, "spark-ray", lab=True, given=given([], {"machines.workers": "2"}))
    try:
        up(workspace, selection)
        yield current(workspace)
    finally:
        LabStack(workspace, selection, silent).lab.stop()


@pytest.fixture
def faults(cluster: Current) -> Faults:
    return Faults(SOCKET)


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "workloads.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("clusterbed_workloads/__init__.py", "")
        archive.writestr("clusterbed_workloads/__main__.py", WORKLOADS)
    return path
