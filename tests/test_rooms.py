"""The direction of imports between rooms, as docs/design.md draws it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent

MAY_IMPORT: dict[str, set[str]] = {
    "contract": set(),
    "console": {"contract"},
    "infra": {"contract"},
    "provision": {"contract"},
    "workloads": set(),
    "report": {"contract", "clusterbed_workloads.record", "clusterbed_workloads.plan"},
    "lab": {"contract"},
    "tasks": {"contract", "console", "infra", "provision", "clusterbed_workloads", "report", "lab"},
}
ROOMS = {*MAY_IMPORT, "clusterbed_workloads", "fabfile"}


def imports_of(file: Path) -> set[str]:
    """Every module that `file` imports, absolute names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            assert node.module is not None
            names |= {node.module} if "." in node.module else {f"{node.module}.{a.name}" for a in node.names}
    return names


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_the_design_allows(room: str) -> None:
    own = "clusterbed_workloads" if room == "workloads" else room
    files = [file for file in (PROJECT / room).rglob("*.py") if "build" not in file.parts]
    assert files, f"{room} has no Python files"
    for file in files:
        for module in imports_of(file):
            top = module.split(".")[0]
            if top not in ROOMS or top == own:
                continue
            allowed = any(module == name or module.startswith(f"{name}.") for name in MAY_IMPORT[room])
            assert allowed, f"{file.relative_to(PROJECT)} imports {module}"
