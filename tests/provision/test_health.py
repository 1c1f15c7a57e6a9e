"""What the services' own answers mean. The answers are shortened real ones."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from contract.errors import ServiceError
from provision.health import health, until_healthy
from provision.services import hdfs, ray, spark
from tests.provision.sites import Heard, make_site

SITE = make_site(workers=2)


def namenode(*live: str, safemode: str = "") -> dict[str, object]:
    nodes = json.dumps({f"{name}:9866": {"infoAddr": "10.0.2.11:9864"} for name in live})
    return {"beans": [{"LiveNodes": nodes, "DeadNodes": "{}", "Safemode": safemode}]}


def master(**states: str) -> dict[str, object]:
    return {"workers": [{"host": host, "state": state} for host, state in states.items()]}


def dashboard(**states: str) -> dict[str, object]:
    nodes = [
        {"raylet": {"nodeName": name.replace("_", "-"), "state": state}} for name, state in states.items()
    ]
    return {"result": True, "data": {"summary": nodes}}


def test_hdfs_names_the_datanode_that_is_missing() -> None:
    assert hdfs.judge(SITE, namenode("worker", "worker-2")) == (True, "2 of 2 DataNodes live")
    assert hdfs.judge(SITE, namenode("worker")) == (False, "1 of 2 DataNodes live: worker-2 missing")


def test_hdfs_in_safe_mode_is_not_well() -> None:
    healthy, text = hdfs.judge(SITE, namenode("worker", "worker-2", safemode="Safe mode is ON."))
    assert not healthy
    assert "safe mode is on" in text


def test_a_namenode_that_is_starting_is_not_well() -> None:
    healthy, text = hdfs.judge(SITE, {"beans": []})
    assert not healthy
    assert "0 of 2" in text


def test_a_dead_spark_worker_does_not_count() -> None:
    assert spark.judge(SITE, master(worker="ALIVE", **{"worker-2": "DEAD"})) == (
        False,
        "1 of 2 Spark Workers alive: worker-2 missing",
    )
    assert spark.judge(SITE, master(worker="ALIVE", **{"worker-2": "ALIVE"}))[0]


def test_rays_head_counts_too() -> None:
    assert ray.judge(SITE, dashboard(worker="ALIVE", worker_2="ALIVE")) == (
        False,
        "2 of 3 Ray nodes alive: master missing",
    )
    assert ray.judge(SITE, dashboard(master="ALIVE", worker="ALIVE", worker_2="ALIVE"))[0]


class Head:
    """A head whose services answer what they are given, line after line."""

    name = "master"

    def __init__(self, *lines: str) -> None:
        self._lines = lines
        self.closed = False

    def start(self, command: str) -> Head:
        return self

    def write(self, text: str) -> None: ...

    def lines(self) -> Iterator[str]:
        yield from self._lines
        while True:
            yield self._lines[-1]

    def wait(self) -> tuple[int, str]:
        return 0, ""

    def close(self) -> None:
        self.closed = True


ILL = json.dumps(
    {"hdfs": namenode("worker"), "spark": {"error": "refused"}, "ray": dashboard(master="ALIVE")}
)
WELL = json.dumps(
    {
        "hdfs": namenode("worker", "worker-2"),
        "spark": master(worker="ALIVE", **{"worker-2": "ALIVE"}),
        "ray": dashboard(master="ALIVE", worker="ALIVE", worker_2="ALIVE"),
    }
)


def test_waits_until_all_are_well_and_says_for_what(heard: Heard) -> None:
    found = until_healthy(SITE, Head(ILL, ILL, WELL), heard)
    assert all(one.healthy for one in found)
    assert "worker-2 missing" in heard.events[0].text
    assert [str(event.state) for event in heard.events] == ["waiting", "ok", "ok", "ok"]


def test_a_service_that_stays_ill_is_an_error_that_names_what_is_missing(heard: Heard) -> None:
    head = Head(ILL)
    with pytest.raises(ServiceError) as caught:
        until_healthy(SITE, head, heard, deadline_s=0.0)
    assert "1 of 2 DataNodes live: worker-2 missing" in caught.value.what
    assert "spark does not answer: refused" in caught.value.what
    assert caught.value.exit_code == 6
    assert head.closed


def test_once_asked_each_service_has_its_text() -> None:
    assert [(one.service, one.healthy) for one in health(SITE, Head(ILL))] == [
        ("hdfs", False),
        ("spark", False),
        ("ray", False),
    ]


def test_a_head_that_cannot_ask_is_no_health() -> None:
    assert not any(one.healthy for one in health(SITE, Head("bash: python3: not found")))
