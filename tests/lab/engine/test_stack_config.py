"""A stack's configuration reaches the program as the CLI would pass it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contract.errors import SettingError
from lab.engine.project import Project


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text(
        "name: demo\nruntime: python\nmain: infra\n"
        "config:\n  size: {type: integer, default: 3}\n  demo:word: plain\n  declared: {type: string}\n"
    )
    (tmp_path / "Pulumi.dev.yaml").write_text(
        "config:\n  aws:region: us-west-2\n  demo:network: {cidr: 10.0.0.0/16, ports: [22, 80]}\n"
        "  demo:on: true\n  demo:many: 4\n"
    )
    return tmp_path


def load(root: Path, stack: str = "dev", **overrides: object) -> Project:
    return Project.load(root, stack, region="us-east-1", overrides=overrides)


def test_every_value_is_a_string(root: Path):
    project = load(root)
    assert project.main == root / "infra"
    assert dict(project.config) == {
        "demo:size": "3",
        "demo:word": "plain",
        "demo:network": '{"cidr": "10.0.0.0/16", "ports": [22, 80]}',
        "demo:on": "true",
        "demo:many": "4",
        "aws:region": "us-east-1",
    }


def test_overrides_are_laid_over_map_by_map(root: Path):
    project = load(root, **{"demo:network": {"ports": [443]}, "size": 5})
    assert json.loads(project.config["demo:network"]) == {"cidr": "10.0.0.0/16", "ports": [443]}
    assert project.config["demo:size"] == "5"


def test_a_stack_without_a_file_needs_overrides(root: Path):
    with pytest.raises(SettingError, match=r"there is no .*Pulumi\.other\.yaml"):
        load(root, "other")
    assert load(root, "other", word="x").config["demo:word"] == "x"


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("Pulumi.yaml", "runtime: python\n", "has no name"),
        ("Pulumi.yaml", "- a\n", "is not a map"),
        ("Pulumi.dev.yaml", "config: [\n", "is not YAML"),
        ("Pulumi.dev.yaml", "config:\n  demo:key: {secure: abc}\n", "demo:key is encrypted"),
    ],
)
def test_a_wrong_file_is_named(root: Path, file: str, text: str, message: str):
    (root / file).write_text(text)
    with pytest.raises(SettingError, match=message):
        load(root)


def test_no_project(tmp_path: Path):
    with pytest.raises(SettingError, match=r"there is no .*Pulumi\.yaml"):
        load(tmp_path)
