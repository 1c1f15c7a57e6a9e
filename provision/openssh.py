"""What plain `ssh -F` needs to reach the nodes as we do: verified, with our key, through the head."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from contract.cluster import Cluster
from provision.templates import text


def write(cluster: Cluster, host_keys: Mapping[str, tuple[str, ...]], folder: Path) -> Path:
    """Write `config` and `known_hosts` into `folder`; then `ssh -F <returned path> worker` works.

    `host_keys` are by node name, as hostkeys.line gives them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known_hosts = folder / "known_hosts"
    known_hosts.write_text(
        "".join(
            f"{node.instance_id} {key}\n" for node in cluster.nodes for key in host_keys.get(node.name, ())
        ),
        encoding="ascii",
    )
    config = folder / "config"
    config.write_text(_config(cluster, known_hosts), encoding="utf-8")
    return config


def _config(cluster: Cluster, known_hosts: Path) -> str:
    parts = []
    for node in cluster.nodes:
        # Host keys are filed under the instance: addresses come back with other machines.
        lines = [f"Host {node.name}", f"  HostKeyAlias {node.instance_id}"]
        if node.ssh_host:
            lines += [f"  HostName {node.ssh_host}", f"  Port {node.ssh_port}"]
        else:
            lines += [f"  HostName {node.private_ip}", f"  ProxyJump {cluster.head.name}"]
        parts.append("\n".join(lines))
    common = [
        "Host *",
        f"  User {cluster.ssh_user}",
        f"  IdentityFile {_quoted(cluster.ssh_key)}",
        f"  UserKnownHostsFile {_quoted(known_hosts)}",
    ]
    return "\n".join([*parts, *common]) + "\n" + text("ssh_config")


def _quoted(path: Path) -> str:
    """A path as ssh_config takes it: spaces inside quotes, `%` doubled."""
    return '"' + str(path.absolute()).replace("%", "%%") + '"'
