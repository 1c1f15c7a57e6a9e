"""What all nodes must say before it is known, and what is lost with a node."""

from __future__ import annotations

import dataclasses

import pytest

from contract import Settings
from contract.errors import MachineError, SettingError
from provision.census import Census
from provision.deploy import combined
from provision.exchange import Exchange
from provision.runner import StepError
from tests.provision.sites import DOCUMENTED, Heard, make_cluster

CLUSTER = make_cluster(workers=2)
HEAD, FIRST, SECOND = CLUSTER.nodes


class Told:
    def __init__(self) -> None:
        self.messages: dict[str, str] = {}

    def __call__(self, message: dict[str, str]) -> None:
        name = message.get("fact") or message["lost"]
        self.messages[name] = message.get("value") or f"lost: {message['why']}"


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def census(told: Told, heard: Heard) -> Census:
    exchange = Exchange()
    exchange.listen(told)
    return Census(CLUSTER, Settings.parse({"machines": {"workers": 2}}, path="x"), exchange, heard)


def test_executors_are_sized_when_the_last_worker_has_spoken(census: Census, told: Told) -> None:
    census.recognise(FIRST, ("k1",))
    census.note(FIRST, DOCUMENTED)
    census.recognise(HEAD, ("k0",))
    census.note(HEAD, DOCUMENTED)
    assert told.messages == {}
    census.recognise(SECOND, ("k2",))
    census.note(SECOND, DOCUMENTED)
    assert told.messages["executor"] == "2 3072"
    assert told.messages["known_hosts"].count("\n") == 2


def test_what_was_made_smaller_is_said_aloud(census: Census, heard: Heard) -> None:
    small = dataclasses.replace(DOCUMENTED, cores=1)
    for node in CLUSTER.nodes:
        census.recognise(node, ("k",))
        census.note(node, small)
    assert any("made smaller: spark.executor_cores 2 → 1" in event.text for event in heard.events)


def test_a_worker_that_never_spoke_takes_its_facts_with_it(census: Census, told: Told) -> None:
    census.recognise(FIRST, ("k1",))
    census.note(FIRST, DOCUMENTED)
    census.lose(SECOND)
    assert told.messages == {
        "executor": "lost: worker-2 failed",
        "known_hosts": "lost: worker-2 failed",
    }


def test_a_worker_that_published_its_keys_and_then_froze_is_known_to_the_others(
    census: Census, told: Told
) -> None:
    for node in CLUSTER.nodes:
        census.recognise(node, ("k",))
    census.lose(SECOND)
    assert "worker-2" in told.messages["known_hosts"]
    assert told.messages["executor"] == "lost: worker-2 failed"


def test_a_worker_that_failed_later_takes_nothing(census: Census, told: Told) -> None:
    for node in CLUSTER.nodes:
        census.recognise(node, ("k",))
        census.note(node, DOCUMENTED)
    before = dict(told.messages)
    census.lose(SECOND)
    assert told.messages == before


def test_the_head_takes_its_key_and_the_image(census: Census, told: Told) -> None:
    census.recognise(HEAD, ("k0",))
    census.note(HEAD, DOCUMENTED)
    census.lose(HEAD)
    assert told.messages == {"head_ssh_key": "lost: master failed", "software_sha256": "lost: master failed"}


def test_one_dead_node_does_not_hide_another() -> None:
    """And what only followed from another's failure comes last."""
    first = StepError("worker: step software failed: needs it", way_out="later", follows=True)
    second = MachineError("master: unreachable", way_out="look at master")
    error = combined([first, second], total=3)
    assert type(error) is MachineError
    assert error.what.splitlines() == [
        "2 of 3 nodes failed:",
        "master: unreachable",
        "worker: step software failed: needs it",
    ]
    assert error.way_out == "look at master"


def test_a_single_error_is_raised_as_it_is() -> None:
    error = SettingError("wrong")
    assert combined([error], total=2) is error


def test_a_mistake_of_ours_is_not_dressed_up() -> None:
    mistake = KeyError("x")
    assert combined([MachineError("m"), mistake], total=2) is mistake
