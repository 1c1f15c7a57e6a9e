"""Secrets in a deployment file, encrypted as Pulumi's own passphrase provider does it.

The passphrase is random, in a file of its own beside the state, readable by its owner only. The
real CLI reads such a state when PULUMI_CONFIG_PASSPHRASE_FILE names that file.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contract.errors import ClusterbedError
from lab.engine.values import SECRET, SIGNATURE, is_secret

ROUNDS = 1_000_000  # Pulumi's, sdk/go/common/resource/config/crypt.go
KEY_BYTES = 32
SALT_BYTES = 8
NONCE_BYTES = 12
CHECK = "pulumi"  # what Pulumi encrypts into the salt string, to recognise a wrong passphrase


@functools.lru_cache(maxsize=8)
def _cipher(phrase: str, salt: bytes) -> AESGCM:
    return AESGCM(hashlib.pbkdf2_hmac("sha256", phrase.encode(), salt, ROUNDS, KEY_BYTES))


class Passphrase:
    """Encrypts and decrypts the secrets of one deployment file. The key is derived at first need (0.5 s)."""

    def __init__(self, file: Path, provider: dict[str, Any] | None) -> None:
        self._file = file
        self._state: str | None = provider["state"]["salt"] if provider else None

    @property
    def provider(self) -> dict[str, Any] | None:
        """The file's `secrets_providers`; None as long as nothing was encrypted."""
        return {"type": "passphrase", "state": {"salt": self._state}} if self._state else None

    def seal(self, value: Any) -> Any:
        """The value with every secret in it encrypted."""
        if is_secret(value):
            return {SIGNATURE: SECRET, "ciphertext": self._encrypt(json.dumps(value["value"]))}
        if isinstance(value, dict):
            return {key: self.seal(item) for key, item in value.items()}
        return [self.seal(item) for item in value] if isinstance(value, list) else value

    def open(self, value: Any) -> Any:
        """The opposite of `seal`.

        Raises:
            ClusterbedError: the passphrase file is gone or is another one.
        """
        if is_secret(value):
            text = value["plaintext"] if "plaintext" in value else self._decrypt(value["ciphertext"])
            return {SIGNATURE: SECRET, "value": json.loads(text)}
        if isinstance(value, dict):
            return {key: self.open(item) for key, item in value.items()}
        return [self.open(item) for item in value] if isinstance(value, list) else value

    def _encrypt(self, text: str) -> str:
        cipher = self._ready()
        return _sealed(cipher, text)

    def _decrypt(self, text: str) -> str:
        version, nonce, body = text.split(":")
        if version != "v1":
            raise self._unreadable(f"it holds a secret of version {version}")
        try:
            return self._ready().decrypt(base64.b64decode(nonce), base64.b64decode(body), None).decode()
        except InvalidTag:
            raise self._unreadable("its secrets were encrypted with another passphrase") from None

    def _ready(self) -> AESGCM:
        if self._state is None:
            salt = os.urandom(SALT_BYTES)
            cipher = _cipher(self._phrase(create=True), salt)
            self._state = f"v1:{base64.b64encode(salt).decode()}:{_sealed(cipher, CHECK)}"
            return cipher
        return _cipher(self._phrase(create=False), base64.b64decode(self._state.split(":")[1]))

    def _phrase(self, *, create: bool) -> str:
        if not self._file.exists():
            if not create:
                raise self._unreadable("it does not exist")
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(KEY_BYTES))
        return self._file.read_text().strip()

    def _unreadable(self, why: str) -> ClusterbedError:
        return ClusterbedError(
            f"the stack's secrets cannot be read with {self._file}: {why}",
            way_out="Put the file back that was made together with the state.",
        )


def _sealed(cipher: AESGCM, text: str) -> str:
    nonce = os.urandom(NONCE_BYTES)
    body = cipher.encrypt(nonce, text.encode(), None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(body).decode()}"
