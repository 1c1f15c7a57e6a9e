"""Settings as the Pulumi CLI hands them over: in the environment, as text."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from pulumi.runtime.config import CONFIG

from contract.errors import SettingError
from infra import configuration


@pytest.fixture(autouse=True)
def nothing_set_by_hand() -> Iterator[None]:
    token = CONFIG.set({})
    yield
    CONFIG.reset(token)


def handed_over(monkeypatch: pytest.MonkeyPatch, **stack: str) -> None:
    monkeypatch.setenv(
        "PULUMI_CONFIG", json.dumps({f"clusterbed:{key}": text for key, text in stack.items()})
    )


def test_sections_come_as_json_and_names_as_they_are(monkeypatch):
    handed_over(monkeypatch, machines='{"workers": 3}', services='["hdfs"]', name="mine")
    settings = configuration.settings()
    assert settings.machines.workers == 3
    assert settings.services == ("hdfs",)
    assert settings.name == "mine"


def test_a_key_nobody_asks_for_is_refused(monkeypatch):
    handed_over(monkeypatch, colour="green")
    with pytest.raises(SettingError, match="unknown setting clusterbed:colour"):
        configuration.settings()


def test_keys_of_others_are_left_alone(monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"aws:region": "eu-west-1", "mine:colour": "green"}))
    assert configuration.settings().machines.workers == 1
    assert configuration.region() == "eu-west-1"
