"""Killed at any step, the next run goes on: nothing is made twice, nothing is left behind."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.engine import Engine
from tests.lab.engine.conftest import PROGRAMS
from tests.lab.engine.killing import Killing, run_killed
from tests.lab.engine.stacks import SMALL, Account

CHANGING_CALLS = 22  # that `up` of the program makes from nothing, or a few more


def survive(
    operation: str, account: Account, state: Path, *, overrides: dict[str, object] | None = None
) -> int:
    """Kill the operation at its first call, then at the second of what is left … until it ends."""
    for call in range(1, 60):
        if run_killed(
            Killing(operation, PROGRAMS / "small", state, account.endpoint, call, overrides=overrides or {})
        ):
            return call
    raise AssertionError("it never came to an end")


def test_up_and_destroy_survive_being_killed_again_and_again(engine, account: Account, tmp_path: Path):
    state = tmp_path / "stacks" / "dev.json"
    assert survive("up", account, state) > 3
    assert account.census() == SMALL
    settled = engine()
    settled.up()
    assert settled.changes.empty
    assert json.loads(state.read_text())["deployment"]["pending_operations"] == []
    assert survive("destroy", account, state) > 3
    assert account.empty()


def test_a_replacement_survives_being_killed_again_and_again(engine, account: Account, tmp_path: Path):
    engine().up()
    moved = {"network": {"cidr": "10.9.0.0/16"}}
    assert survive("up", account, tmp_path / "stacks" / "dev.json", overrides=moved) > 3
    assert account.census() == SMALL
    settled = engine(**moved)
    settled.up()
    assert settled.changes.empty


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(call=st.integers(1, CHANGING_CALLS), when=st.sampled_from(["before", "after"]))
def test_killed_at_any_call_then_up_has_exactly_one_of_each(engine, account: Account, tmp_path, call, when):
    state = tmp_path / "stacks" / "dev.json"
    run_killed(Killing("up", PROGRAMS / "small", state, account.endpoint, call, when))
    engine().up()
    assert account.census() == SMALL
    engine().destroy()
    assert account.empty()


def test_killed_then_destroyed_leaves_nothing(engine, account: Account, tmp_path: Path):
    state = tmp_path / "stacks" / "dev.json"
    assert not run_killed(Killing("up", PROGRAMS / "small", state, account.endpoint, 8, "after"))
    assert not account.empty()
    engine().destroy()
    assert account.empty()


def test_killed_then_the_settings_changed_ends_with_the_new_ones(
    engine: type[Engine], account: Account, tmp_path
):
    state = tmp_path / "stacks" / "dev.json"
    for call in (3, 2, 2, 2):
        run_killed(Killing("up", PROGRAMS / "small", state, account.endpoint, call, "after"))
    engine(machines=0, network={"cidr": "10.9.0.0/16"}).up()
    assert account.census() == {**SMALL, "instances": 0, "interfaces": 0, "volumes": 0}
    vpcs = account.client("ec2").describe_vpcs()["Vpcs"]
    assert [one["CidrBlock"] for one in vpcs if not one["IsDefault"]] == ["10.9.0.0/16"]
