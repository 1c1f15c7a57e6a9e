import pytest

from clusterbed_workloads.engines.ray_placement import turns

pytestmark = pytest.mark.engines


def test_nodes_take_turns_as_often_as_they_have_cores() -> None:
    assert turns({"a": 2, "b": 1, "c": 0}) == ("a", "b", "a")
    assert turns({"master": 2, "worker": 2}) == ("master", "worker", "master", "worker")
