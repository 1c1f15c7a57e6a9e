"""Which cluster is the current one, and how settings from the command line lie over the stack file's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract import Cloud
from contract.errors import SettingError
from tasks.workspace import Selection, Workspace, given, overlay

STACK = """
config:
  aws:region: eu-central-1
  clusterbed:machines:
    workers: 2
    volume_gb: 20
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "Pulumi.small.yaml").write_text(STACK)
    return Workspace(project=tmp_path, home=tmp_path / "home", results=tmp_path / "results")


def test_what_up_chose_is_found_again(workspace: Workspace) -> None:
    selection = Selection(stack="small", cloud=Cloud.LAB, overrides={"clusterbed:ray": {"port": 7000}})
    workspace.remember(selection)
    assert workspace.current() == selection
    workspace.forget()
    assert workspace.current_or_none() is None


def test_no_current_cluster_says_how_to_make_one(workspace: Workspace) -> None:
    with pytest.raises(SettingError) as caught:
        workspace.current()
    assert "fab up" in caught.value.way_out


def test_an_unreadable_selection_is_named(workspace: Workspace) -> None:
    workspace.home.mkdir()
    (workspace.home / "current.json").write_text("{}")
    with pytest.raises(SettingError, match=r"current\.json"):
        workspace.current()


def test_an_unknown_setup_is_refused_with_those_there_are(workspace: Workspace) -> None:
    with pytest.raises(SettingError, match="'large'") as caught:
        workspace.stack_config("large")
    assert "small" in caught.value.way_out


def test_the_command_line_lies_over_the_stack_file(workspace: Workspace) -> None:
    chosen = Selection(stack="small", cloud=Cloud.LAB, overrides=given(["machines.workers=3"]))
    machines = workspace.settings(chosen).machines
    assert (machines.workers, machines.volume_gb) == (3, 20)
    assert workspace.region(chosen) == "eu-central-1"


@pytest.mark.parametrize(
    ("assignments", "named", "config"),
    [
        (["machines.workers=3"], {}, {"clusterbed:machines": {"workers": 3}}),
        ([], {"machines.workers": "3"}, {"clusterbed:machines": {"workers": 3}}),
        ([], {"machines.workers": ""}, {}),
        (["name=mine"], {}, {"clusterbed:name": "mine"}),
        ([], {"experiments.ids": "E1.2,E1.3"}, {"clusterbed:experiments": {"ids": ["E1.2", "E1.3"]}}),
        (
            ["spark.executor_cores=1", "spark.executor_memory_mib=900"],
            {},
            {"clusterbed:spark": {"executor_cores": 1, "executor_memory_mib": 900}},
        ),
    ],
)
def test_given(assignments: list[str], named: dict[str, str], config: dict[str, Any]) -> None:
    assert given(assignments, named) == config


@pytest.mark.parametrize("text", ["machines.workers", "=3", "machines.workers={"])
def test_an_assignment_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match=r"machines|=3"):
        given([text])


def test_overlay_keeps_what_is_not_named() -> None:
    assert overlay({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9}}) == {"a": {"b": 9, "c": 2}, "d": 3}
