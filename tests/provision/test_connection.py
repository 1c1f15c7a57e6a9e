"""Connections and host keys, against a real SSH server on loopback and a real S3 API in this process."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import paramiko
import pytest
from moto import mock_aws
from mypy_boto3_s3 import S3Client

from contract import Cluster
from contract.errors import CloudError, HostKeyError, MachineError, WorkstationError
from provision import hostkeys, openssh
from provision.connections import Connections, read_key
from provision.hostkeys import HostKeys
from provision.machine import ConnectionLostError
from tests.provision.sites import Heard, make_cluster
from tests.provision.ssh_server import SshServer


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the key files `client`, `host` and `other`."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("client", "host", "other"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / name)]
        subprocess.run(command, check=True)
    return folder


@pytest.fixture(scope="module")
def keys(pairs: Path) -> dict[str, paramiko.PKey]:
    return {name: paramiko.PKey.from_path(pairs / name) for name in ("client", "host", "other")}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Client]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="results")
        yield client


@pytest.fixture
def server(keys: dict[str, paramiko.PKey]) -> Iterator[SshServer]:
    with SshServer(keys["host"], keys["client"]) as running:
        yield running


@pytest.fixture
def cluster(server: SshServer, pairs: Path) -> Cluster:
    made = make_cluster().reached_at({"i-head": ("127.0.0.1", server.port)})
    return made.model_copy(update={"ssh_key": pairs / "client"})


@pytest.fixture
def connections(
    cluster: Cluster, s3: S3Client, keys: dict[str, paramiko.PKey], tmp_path: Path, heard: Heard
) -> Iterator[Connections]:
    s3.put_object(Bucket="results", Key="hostkeys/i-head", Body=hostkeys.line(keys["host"]).encode())
    with Connections(cluster, HostKeys(s3, "results", tmp_path / "hostkeys", heard), heard) as opened:
        yield opened


def test_a_node_that_shows_what_it_published_is_trusted(cluster: Cluster, connections: Connections) -> None:
    head = connections.to(cluster.head)
    done = head.run("cat; echo problem >&2; exit 3", stdin="in")
    assert (done.exit_code, done.output, done.errors) == (3, "in", "problem\n")


def test_one_connection_serves_all(cluster: Cluster, connections: Connections, server: SshServer) -> None:
    for number in range(3):
        assert connections.to(cluster.head).run(f"echo {number}").output == str(number)
    assert len(server.transports) == 1


def test_a_broken_connection_is_made_again(
    cluster: Cluster, connections: Connections, server: SshServer
) -> None:
    head = connections.to(cluster.head)
    process = head.start("echo begun; sleep 60")
    lines = process.lines()
    assert next(lines) == "begun"
    server.cut()
    with pytest.raises(ConnectionLostError):
        list(lines)
    assert connections.to(cluster.head).run("echo again").output == "again"


def test_closing_ends_the_wait_for_a_node_that_is_not_there(
    cluster: Cluster, s3: S3Client, tmp_path: Path, heard: Heard
) -> None:
    """Ctrl-C while machines boot must not hang."""
    cancelled = threading.Event()
    host_keys = HostKeys(s3, "results", tmp_path, heard, cancelled=cancelled)
    connections = Connections(cluster, host_keys, heard, cancelled=cancelled)
    threading.Timer(0.3, connections.close).start()
    started = time.monotonic()
    with pytest.raises(ConnectionLostError, match="no longer waiting"):
        connections.to(cluster.head)
    assert time.monotonic() - started < 5


def test_a_command_that_hangs_is_ended(cluster: Cluster, connections: Connections) -> None:
    with pytest.raises(MachineError, match="`sleep 60` did not end within 0 s"):
        connections.to(cluster.head).run("sleep 60", deadline_s=0.2)


def test_a_key_that_was_not_published_is_refused(
    cluster: Cluster, s3: S3Client, keys: dict[str, paramiko.PKey], tmp_path: Path, heard: Heard
) -> None:
    s3.put_object(Bucket="results", Key="hostkeys/i-head", Body=hostkeys.line(keys["other"]).encode())
    with (
        Connections(cluster, HostKeys(s3, "results", tmp_path, heard), heard) as opened,
        pytest.raises(HostKeyError) as caught,
    ):
        opened.to(cluster.head)
    assert "master" in caught.value.what
    assert keys["host"].fingerprint in caught.value.what
    assert keys["other"].fingerprint in caught.value.what
    assert caught.value.way_out


def test_the_first_read_of_host_keys_counts(
    cluster: Cluster, s3: S3Client, keys: dict[str, paramiko.PKey], tmp_path: Path, heard: Heard
) -> None:
    s3.put_object(Bucket="results", Key="hostkeys/i-head", Body=hostkeys.line(keys["host"]).encode())
    first = HostKeys(s3, "results", tmp_path, heard).of(cluster.head)
    s3.put_object(Bucket="results", Key="hostkeys/i-head", Body=hostkeys.line(keys["other"]).encode())
    assert HostKeys(s3, "results", tmp_path, heard).of(cluster.head) == first


def test_host_keys_that_do_not_come_name_the_machine(
    cluster: Cluster, s3: S3Client, tmp_path: Path, heard: Heard
) -> None:
    with pytest.raises(
        MachineError, match=r"master \(i-head\) did not publish .*/hostkeys/i-head is not there"
    ):
        HostKeys(s3, "results", tmp_path, heard).of(cluster.head, deadline_s=0.1)
    assert any("waiting for the host keys" in event.text for event in heard.events)


def test_a_bucket_that_is_gone_is_the_clouds_error(
    cluster: Cluster, s3: S3Client, tmp_path: Path, heard: Heard
) -> None:
    with pytest.raises(CloudError, match="gone/hostkeys/i-head cannot be read"):
        HostKeys(s3, "gone", tmp_path, heard).of(cluster.head)


@pytest.mark.parametrize(
    "text", ["", "\n", "ssh-ed25519", "ssh-ed25519 !!", "ssh-ed25519 AAAA", "nonsense AAAA"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(HostKeyError, match="master"):
        hostkeys.parse(text, make_cluster().head)


def test_a_node_that_does_not_answer_says_what_was_last_seen(
    cluster: Cluster, s3: S3Client, keys: dict[str, paramiko.PKey], tmp_path: Path, heard: Heard
) -> None:
    s3.put_object(Bucket="results", Key="hostkeys/i-head", Body=hostkeys.line(keys["host"]).encode())
    nobody = cluster.reached_at({"i-head": ("127.0.0.1", 1)})
    with (
        Connections(nobody, HostKeys(s3, "results", tmp_path, heard), heard, answer_s=0.1) as opened,
        pytest.raises(
            MachineError,
            match=r"master \(127.0.0.1:1\) cannot be reached by SSH: .*last seen: .*Unable to connect",
        ),
    ):
        opened.to(nobody.head)


def test_a_key_that_the_node_does_not_know_is_named_as_such(
    cluster: Cluster, connections: Connections, pairs: Path
) -> None:
    connections._key = read_key(pairs / "other")
    connections.refusals_s = 0.0
    with pytest.raises(MachineError, match=r"master .* refuses the cluster's SSH key .*client"):
        connections.to(cluster.head)


def test_a_key_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkstationError, match=f"{tmp_path}/absent is not there"):
        read_key(tmp_path / "absent")
    (tmp_path / "text").write_text("no key")
    with pytest.raises(WorkstationError, match=f"{tmp_path}/text is not an SSH private key"):
        read_key(tmp_path / "text")
    with pytest.raises(WorkstationError, match=f"{tmp_path} cannot be read"):
        read_key(tmp_path)


def test_plain_ssh_knows_the_nodes_and_their_keys(
    cluster: Cluster, keys: dict[str, paramiko.PKey], tmp_path: Path
) -> None:
    folder = tmp_path / "with space"
    config = openssh.write(cluster, {"master": (hostkeys.line(keys["host"]),)}, folder)

    def resolved(name: str) -> dict[str, str]:
        done = subprocess.run(
            ["ssh", "-G", "-F", str(config), name], capture_output=True, text=True, check=True
        )
        return dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if " " in line)

    master, worker = resolved("master"), resolved("worker")
    assert (master["hostname"], master["user"]) == ("127.0.0.1", "ubuntu")
    assert master["stricthostkeychecking"] in {"true", "yes"}
    assert master["userknownhostsfile"] == str(folder / "known_hosts")
    assert (worker["hostname"], worker["proxyjump"]) == ("10.0.2.11", "master")
    assert worker["hostkeyalias"] == "i-worker1"
    assert (folder / "known_hosts").read_text() == f"i-head {hostkeys.line(keys['host'])}\n"
