"""Settings of a setup: defaults are the documented values, and what is wrong is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import Settings
from contract.errors import SettingError
from contract.settings import FirewallProfile


def refused(config: dict[str, Any]) -> SettingError:
    with pytest.raises(SettingError) as caught:
        Settings.from_stack(config)
    return caught.value


def test_s1_1_defaults_are_two_t2_large_with_15_gb() -> None:
    machines = Settings().machines
    assert (machines.head_type, machines.worker_type, machines.workers) == ("t2.large", "t2.large", 1)
    assert machines.volume_gb == 15
    assert "ubuntu/server/22.04" in machines.image_parameter


def test_s1_6_spark_defaults() -> None:
    spark = Settings().spark
    assert spark.master_port == 7077
    assert (spark.executor_cores, spark.executor_memory_mib, spark.driver_memory_mib) == (2, 3072, 512)


def test_e1_sizes_are_the_documented_ones() -> None:
    experiments = Settings().experiments
    assert experiments.rows == 30_000_000
    assert experiments.training_rows == 10_000


def test_the_firewall_is_hardened_unless_asked_otherwise() -> None:
    assert Settings().network.firewall is FirewallProfile.HARDENED


def test_an_unknown_key_is_refused_with_those_that_exist() -> None:
    error = refused({"clusterbed:machines": {"wrkers": 3}})
    assert "clusterbed:machines.wrkers" in error.what
    assert "workers" in error.way_out
    assert error.exit_code == 2


def test_an_unknown_section_is_refused() -> None:
    assert "clusterbed:machine" in refused({"clusterbed:machine": {}}).what


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ({"clusterbed:machines": {"workers": 0}}, "clusterbed:machines.workers"),
        ({"clusterbed:machines": {"workers": "many"}}, "clusterbed:machines.workers"),
        ({"clusterbed:machines": {"head_type": "large"}}, "clusterbed:machines.head_type"),
        ({"clusterbed:experiments": {"rows": 0}}, "clusterbed:experiments.rows"),
        ({"clusterbed:experiments": {"ids": ["one"]}}, "clusterbed:experiments.ids"),
        ({"clusterbed:lifetime": {"deadline_h": 0}}, "clusterbed:lifetime.deadline_h"),
        ({"clusterbed:network": {"firewall": "off"}}, "clusterbed:network.firewall"),
        ({"clusterbed:network": {"private_cidr": "192.168.0.0/24"}}, "private_cidr"),
        ({"clusterbed:network": {"private_cidr": "10.0.1.0/25"}}, "overlaps"),
        ({"clusterbed:network": {"caller_cidr": "0.0.0.0/0"}}, "opens SSH to the world"),
        ({"clusterbed:hdfs": {"replication": 2}}, "hdfs.replication"),
        ({"clusterbed:name": "No Spaces"}, "clusterbed:name"),
    ],
)
def test_an_impossible_value_is_named(config: dict[str, Any], names: str) -> None:
    assert names in str(refused(config))


def test_other_namespaces_are_left_alone() -> None:
    assert Settings.from_stack({"aws:region": "eu-central-1", "pulumi:tags": {}}) == Settings()


def test_read_takes_what_a_pulumi_config_gives() -> None:
    config = {"machines": {"workers": 3}}
    assert Settings.read(config.get).machines.workers == 3


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists)))
def test_nonsense_is_a_setting_error_or_nothing(config: dict[str, Any]) -> None:
    try:
        Settings.from_stack({f"clusterbed:{key}": value for key, value in config.items()})
    except SettingError as error:
        assert error.what.startswith(("clusterbed", "unknown setting clusterbed"))


@given(st.integers())
def test_worker_counts_outside_1_to_64_are_refused(workers: int) -> None:
    config = {"clusterbed:machines": {"workers": workers}}
    if 1 <= workers <= 64:
        assert Settings.from_stack(config).machines.workers == workers
    else:
        refused(config)
