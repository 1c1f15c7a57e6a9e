"""What a machine finds on itself at first boot: cloud-init's seed, and this machine's way to the world."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path

from lab.addresses import RESOLVER
from lab.cloud import Boot, Instance, domain

_SEED = "var/lib/cloud/seed/nocloud"

_CARRIED_VARIABLES = (
    "PIP_",
    "UV_",
    "SSL_CERT_",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
)
"""Settings of package clients: where this machine finds its packages, its machines do too."""

_CARRIED_FILES = (Path("/etc/pip.conf"), Path("/etc/uv/uv.toml"), Path("/etc/ssl/certs/ca-certificates.crt"))
_UBUNTU_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""As Ubuntu's /etc/environment has it: sysctl and ip are found without root."""

_CERTIFICATES = Path("/usr/local/share/ca-certificates")


def files(instance: Instance, boot: Boot, endpoint: str) -> dict[str, bytes]:
    """The files, by their path below the machine's root."""
    found = {
        f"{_SEED}/user-data": boot.user_data,
        f"{_SEED}/meta-data": _meta_data(instance, boot).encode(),
        "etc/hosts": b"127.0.0.1 localhost\n::1 ip6-localhost ip6-loopback\n",
        "etc/environment": _environment(endpoint, os.environ).encode(),
    }
    carried = [*_CARRIED_FILES, *(sorted(_CERTIFICATES.rglob("*.crt")) if _CERTIFICATES.is_dir() else [])]
    found |= {str(path).lstrip("/"): path.read_bytes() for path in carried if path.is_file()}
    personal = Path("~/.config/pip/pip.conf").expanduser()
    if personal.is_file() and "etc/pip.conf" not in found:
        found["etc/pip.conf"] = personal.read_bytes()
    return found


def resolv_conf(instance: Instance) -> str:
    """Where it asks for names: its VPC's own name server."""
    return f"nameserver {RESOLVER}\nsearch {domain(instance.region)}\n"


def archive(contents: Mapping[str, bytes]) -> bytes:
    """A tar archive of these files, all root's; the seed is readable by root alone."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path, data in contents.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            entry.mode = 0o600 if path.startswith(_SEED) else 0o644
            tar.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def _meta_data(instance: Instance, boot: Boot) -> str:
    # JSON is YAML too.
    document: dict[str, object] = {"instance-id": instance.id, "local-hostname": instance.host_name}
    if boot.public_key:
        document["public-keys"] = [boot.public_key]
    return json.dumps(document, indent=2)


def _environment(endpoint: str, variables: Mapping[str, str]) -> str:
    lines = {"PATH": _UBUNTU_PATH, "AWS_ENDPOINT_URL": endpoint}
    for name, value in sorted(variables.items()):
        known = name.upper().startswith(_CARRIED_VARIABLES)
        # A folder or file of this machine means nothing there, unless it is carried along.
        local = value.startswith("/") and Path(value) not in _CARRIED_FILES and not _everywhere(value)
        if known and not local:
            lines[name] = value
    return "".join(f'{name}="{value}"\n' for name, value in lines.items())


def _everywhere(value: str) -> bool:
    return Path(value) == Path("/etc/ssl/certs")
