"""The owner's SSH key: the public half goes to the machines, the private one never leaves this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_aws as aws
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract.errors import WorkstationError
from infra.tags import Tags


@dataclass(frozen=True, slots=True)
class LocalKey:
    """A key pair on this machine: the private file's path, and the public half as one OpenSSH line."""

    private_path: Path
    public: str


def existing_key(public_path: Path) -> LocalKey:
    """The pair whose public half is `public_path` (`….pub`); the private half lies beside it.

    Raises:
        WorkstationError: one of the two files cannot be read, or the first holds no public key.
    """
    public_path = public_path.expanduser().absolute()
    private_path = public_path.with_suffix("")
    public = _read(public_path).decode(errors="replace").strip()
    _read(private_path)
    try:
        serialization.load_ssh_public_key(public.encode())
    except Exception as error:
        raise WorkstationError(
            f"{public_path} holds no SSH public key: {error}",
            way_out="Name the .pub file of a key pair in access.public_key, or leave the setting out.",
        ) from error
    return LocalKey(private_path, public)


def own_key(private_path: Path, *, comment: str) -> LocalKey:
    """The cluster's own pair at `private_path` and `….pub`, made when it is absent.

    Raises:
        WorkstationError: the files cannot be read or written.
    """
    private_path = private_path.absolute()
    public_path = private_path.with_name(private_path.name + ".pub")
    if not private_path.exists():
        _make(private_path, public_path, comment)
    return existing_key(public_path)


def _make(private_path: Path, public_path: Path, comment: str) -> None:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    try:
        private_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The public half first: a pair is complete when its private half is there.
        public_path.write_text(f"{public.decode()} {comment}\n")
        with os.fdopen(os.open(private_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(private)
    except OSError as error:
        raise WorkstationError(
            f"the SSH key {private_path} could not be made: {error}",
            way_out="Make its directory writable, or set CLUSTERBED_HOME.",
        ) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WorkstationError(
            f"the SSH key {path} cannot be read: {error.strerror}",
            way_out="Correct its permissions, or name another key pair in access.public_key.",
        ) from error


@dataclass(frozen=True, kw_only=True)
class KeyPairArgs:
    """The public half, as one OpenSSH line."""

    public_key: str
    tags: Tags


class KeyPair(pulumi.ComponentResource):
    """The public half, as the cloud hands it to new machines."""

    def __init__(self, name: str, args: KeyPairArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("clusterbed:infra:KeyPair", name, None, opts)
        self.key = aws.ec2.KeyPair(
            f"{name}-owner",
            public_key=args.public_key,
            tags=args.tags.named("owner"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"key_name": self.key.key_name})
