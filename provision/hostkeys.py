"""The SSH host keys that nodes published at boot: the only ones their connections may show.

An instance writes its keys to `hostkeys/<instance id>` of the cluster's bucket, once. The first read of
them is kept on this machine, so that a later change of the object changes nothing here.
"""

from __future__ import annotations

import base64
import binascii
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import paramiko
from botocore.exceptions import BotoCoreError, ClientError
from paramiko.pkey import UnknownKeyType

from contract.cluster import Node
from contract.errors import CloudError, HostKeyError, MachineError
from contract.events import Event, Sink, State
from provision.polling import DeadlineError, NotYet, poll

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PUBLISHED_WITHIN_S = 300.0
"""From the start of an instance: t2.large with Ubuntu 22.04 runs user data after 40 to 90 s."""


class HostKeys:
    """Expected host keys by node, read from the bucket and kept in `folder`."""

    def __init__(
        self,
        s3: S3Client,
        bucket: str,
        folder: Path,
        sink: Sink,
        *,
        cancelled: threading.Event | None = None,
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._folder = folder
        self._sink = sink
        self._cancelled = cancelled

    def of(self, node: Node, *, deadline_s: float = PUBLISHED_WITHIN_S) -> tuple[paramiko.PKey, ...]:
        """The keys that node published; waits for it to boot and do so.

        Raises:
            MachineError: it did not publish in time.
            HostKeyError: what it published are not keys.
            CloudError: the bucket cannot be read.
        """
        kept = self._folder / node.instance_id
        if kept.exists():
            return parse(kept.read_text(encoding="ascii"), node)
        try:
            text = poll(
                lambda: self._read(node),
                what="the host keys it publishes at boot",
                deadline_s=deadline_s,
                cancelled=self._cancelled,
                waiting=lambda text: self._sink(Event(node.name, text, State.WAITING)),
            )
        except DeadlineError as error:
            raise MachineError(
                f"{node.name} ({node.instance_id}) did not publish its SSH host keys: {error}",
                way_out="Its boot failed or it has no way to S3: read its console log; "
                "`fab destroy`, then `fab up` makes it afresh.",
            ) from error
        keys = parse(text, node)
        self._folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(text, encoding="ascii")
        return keys

    def _read(self, node: Node) -> str:
        key = f"hostkeys/{node.instance_id}"
        try:
            body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            raise NotYet(f"s3://{self._bucket}/{key} is not there") from None
        except (ClientError, BotoCoreError) as error:
            raise CloudError(
                f"s3://{self._bucket}/{key} cannot be read: {error}",
                way_out="Check the credentials, the region and that the cluster still stands (`fab status`).",
            ) from error
        return body.decode("ascii", errors="replace")


def parse(text: str, node: Node) -> tuple[paramiko.PKey, ...]:
    """The keys of OpenSSH public key lines.

    Raises:
        HostKeyError: there is none, or a line is no key.
    """
    keys = []
    for line in text.splitlines():
        fields = line.split()
        if not fields:
            continue
        try:
            kind, data = fields[0], base64.b64decode(fields[1], validate=True)
            keys.append(paramiko.PKey.from_type_string(kind, data))
        except (IndexError, binascii.Error, UnknownKeyType, paramiko.SSHException, ValueError):
            raise HostKeyError(
                f"{node.name} ({node.instance_id}) published what is no SSH host key: {line[:60]!r}",
                way_out="Do not connect to it: `fab destroy`, then `fab up`.",
            ) from None
    if not keys:
        raise HostKeyError(
            f"{node.name} ({node.instance_id}) published no SSH host key",
            way_out="Its boot went wrong: `fab destroy`, then `fab up`.",
        )
    return tuple(keys)


def line(key: paramiko.PKey) -> str:
    """A key as known_hosts and authorized_keys hold it, without host and comment."""
    return f"{key.get_name()} {key.get_base64()}"
