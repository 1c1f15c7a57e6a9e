"""EC2's instance metadata service, version 2 only, at 169.254.169.254 of every VPC."""

from __future__ import annotations

import datetime
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lab.addresses import METADATA
from lab.cloud import Instance, domain
from lab.identity.keys import ROLE_LIFETIME_S, Key
from lab.netns import Namespace

_TOKEN = "X-aws-ec2-metadata-token"  # noqa: S105 - the header's name
_TOKEN_LIFETIME = "X-aws-ec2-metadata-token-ttl-seconds"  # noqa: S105
_LONGEST_TOKEN_S = 21600


@dataclass(frozen=True, slots=True)
class Description:
    """What the service tells an instance of itself. `credentials` makes them when asked."""

    instance: Instance
    user_data: bytes
    public_key: str | None
    role: str | None
    account: str
    credentials: Callable[[], Key]


Directory = Callable[[str], Description | None]
"""Finds the instance of a private address; one directory a VPC."""


def tree(one: Description) -> dict[str, Callable[[], str]]:
    """Every path below /latest/ that this instance can read."""
    texts = {
        "meta-data/ami-id": one.instance.image_id,
        "meta-data/hostname": f"{one.instance.host_name}.{domain(one.instance.region)}",
        "meta-data/instance-id": one.instance.id,
        "meta-data/instance-type": one.instance.type,
        "meta-data/local-ipv4": str(one.instance.private_ip),
        "meta-data/placement/availability-zone": one.instance.zone,
        "meta-data/placement/region": one.instance.region,
        "meta-data/services/domain": "amazonaws.com",
        "meta-data/services/partition": "aws",
    }
    texts["meta-data/local-hostname"] = texts["meta-data/hostname"]
    if one.instance.public_ip is not None:
        texts["meta-data/public-ipv4"] = str(one.instance.public_ip)
    if one.public_key is not None:
        texts["meta-data/public-keys/"] = f"0={one.instance.key_name}"
        texts["meta-data/public-keys/0/openssh-key"] = one.public_key
    found: dict[str, Callable[[], str]] = {path: lambda text=text: text for path, text in texts.items()}  # type: ignore[misc]
    document = {
        "accountId": one.account,
        "availabilityZone": one.instance.zone,
        "imageId": one.instance.image_id,
        "instanceId": one.instance.id,
        "instanceType": one.instance.type,
        "privateIp": str(one.instance.private_ip),
        "region": one.instance.region,
    }
    found["dynamic/instance-identity/document"] = lambda: json.dumps(document, indent=2)
    if one.role is not None:
        role = one.role
        found["meta-data/iam/security-credentials/"] = lambda: role
        found[f"meta-data/iam/security-credentials/{role}"] = lambda: _credentials(one.credentials())
    return found


class MetadataService:
    """The service of one VPC. An instance is told by the address it asks from."""

    def __init__(self, namespace: Namespace, directory: Directory, clock: Callable[[], float]) -> None:
        self._tokens: dict[str, tuple[str, float]] = {}
        self._directory = directory
        self._clock = clock
        self._server = ThreadingHTTPServer(("", 0), _handler(self), bind_and_activate=False)
        self._server.daemon_threads = True
        self._server.socket.close()
        self._server.socket = namespace.listen(str(METADATA), 80)

    def start(self) -> None:
        """Answer from now on."""
        threading.Thread(target=self._server.serve_forever, name="metadata", daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def issue(self, address: str, lifetime_s: int) -> str:
        """A token for the instance at that address."""
        token = secrets.token_urlsafe(42)
        self._tokens[token] = (address, self._clock() + lifetime_s)
        return token

    def holds(self, address: str, token: str) -> bool:
        """Whether the token is that instance's and still valid."""
        owner, until = self._tokens.get(token, ("", 0.0))
        return owner == address and until > self._clock()

    def find(self, address: str) -> Description | None:
        """The instance at that address."""
        return self._directory(address)


def _handler(service: MetadataService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        server_version = "EC2ws"

        def do_PUT(self) -> None:
            lifetime = self.headers.get(_TOKEN_LIFETIME, "")
            if self.path != "/latest/api/token":
                return self._send(404, b"")
            if not lifetime.isdigit() or not 1 <= int(lifetime) <= _LONGEST_TOKEN_S:
                return self._send(400, b"")
            return self._send(200, service.issue(self.client_address[0], int(lifetime)).encode(), lifetime)

        def do_GET(self) -> None:
            address = self.client_address[0]
            if not service.holds(address, self.headers.get(_TOKEN, "")):
                return self._send(401, b"")
            one = service.find(address)
            path = self.path.removeprefix("/latest/") if self.path.startswith("/latest/") else ""
            if one is None or not path:
                return self._send(404, b"")
            if path == "user-data":
                return self._send(200, one.user_data) if one.user_data else self._send(404, b"")
            found = tree(one)
            value = found.get(path) or found.get(f"{path}/")
            if value is not None:
                return self._send(200, value().encode())
            names = _listing(found, path.rstrip("/") + "/")
            return self._send(200, "\n".join(names).encode()) if names else self._send(404, b"")

        def _send(self, code: int, body: bytes, lifetime: str | None = None) -> None:
            self.send_response(code)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(body)))
            if lifetime is not None:
                self.send_header(_TOKEN_LIFETIME, lifetime)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Requests are not worth a line."""

    return Handler


def _listing(paths: dict[str, Callable[[], str]], folder: str) -> list[str]:
    below = [path.removeprefix(folder) for path in paths if path.startswith(folder) and path != folder]
    return sorted({name if "/" not in name else name.partition("/")[0] + "/" for name in below})


def _credentials(key: Key) -> str:
    return json.dumps(
        {
            "Code": "Success",
            "LastUpdated": _text(key.expires_at - ROLE_LIFETIME_S),
            "Type": "AWS-HMAC",
            "AccessKeyId": key.id,
            "SecretAccessKey": key.secret,
            "Token": key.token,
            "Expiration": _text(key.expires_at),
        },
        indent=2,
    )


def _text(moment_s: float) -> str:
    return datetime.datetime.fromtimestamp(moment_s, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def wall_clock() -> float:
    """Seconds since 1970, UTC."""
    return time.time()
