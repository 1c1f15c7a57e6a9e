"""`fab` as it is typed: what is refused before anything is touched, with which exit code."""

from __future__ import annotations

from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from tests.journey.fab import Fab


@pytest.fixture
def fab(tmp_path: Path) -> Fab:
    return Fab(tmp_path / "home", tmp_path / "results")


def test_the_list_of_tasks_reads_like_a_manual(fab: Fab) -> None:
    text = fab("--list")
    for task in ("up", "deploy", "run-bench", "status", "ssh", "logs", "pull", "report", "destroy"):
        assert f"\n  {task} " in text


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("up", "--setup", "spark-rey", "--lab"), "spark-rey"),
        (("up", "--setup", "spark-ray", "--lab", "--workers", "0"), "clusterbed:machines.workers"),
        (("up", "--setup", "spark-ray", "--lab", "--workers", "many"), "clusterbed:machines.workers"),
        (("up", "--setup", "spark-ray", "--lab", "--set", "machines.wrkers=1"), "clusterbed:machines.wrkers"),
        (("up", "--setup", "spark-ray", "--lab", "--set", "machines"), "--set machines"),
        (("up", "--setup", "spark-ray", "--lab", "--set", "experiments.rows=0"), "experiments.rows"),
        (("deploy",), "no current cluster"),
        (("run-bench",), "no current cluster"),
        (("destroy",), "no current cluster"),
        (("report",), "holds no run"),
    ],
)  # fmt: skip
def test_nonsense_is_one_message_that_names_it(fab: Fab, arguments: tuple[str, ...], named: str) -> None:
    text = fab(*arguments, exit_code=2)
    assert named in text
    assert "Traceback" not in text
    assert not (fab.home / "lab").exists()


def test_aws_without_credentials_says_so_and_names_the_lab(fab: Fab) -> None:
    text = fab("up", "--setup", "spark-ray", exit_code=4)
    assert "us-east-1" in text
    assert "AWS_PROFILE" in text
    assert "--lab" in text


def test_aws_without_the_pulumi_cli_says_how_to_get_it(fab: Fab, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        # `Fab` leaves the caller's AWS access out; what is given to it by name goes through.
        given = Fab(
            fab.home,
            fab.results,
            {
                "AWS_ENDPOINT_URL": f"http://{host}:{port}",
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "PATH": "/usr/bin:/bin",
            },
        )
        text = given("up", "--setup", "spark-ray", exit_code=3)
    finally:
        server.stop()
    assert "Pulumi CLI" in text
    assert "https://www.pulumi.com/docs/install/" in text
