"""The credentials that open the lab's API: the laptop's fixed ones, and those of instance roles."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

LAPTOP_KEY_ID = "LABLAPTOPADMIN"
"""The laptop's access key may do all; only the lab's own process and the laptop's know its secret."""

ROLE_LIFETIME_S = 6 * 3600
"""How long AWS lets instance credentials live."""

_RENEW_BEFORE_S = 600


@dataclass(frozen=True, slots=True)
class Key:
    """An access key. `role` is the name of the role it stands for; none is the laptop. UTC seconds."""

    id: str
    secret: str
    token: str | None = None
    role: str | None = None
    session: str = ""
    expires_at: float = float("inf")

    def arn(self, account: str) -> str:
        """Whom the key stands for, as policies name them."""
        if self.role is None:
            return f"arn:aws:iam::{account}:user/laptop"
        return f"arn:aws:iam::{account}:role/{self.role}"


Mint = Callable[[str, str, int], tuple[str, str, str]]
"""Makes (key id, secret, token) for a role, a session's name and a lifetime in seconds."""


class Keys:
    """All keys there are. Instances' keys are made when first asked for, and renewed before they expire."""

    def __init__(self, laptop_secret: str, mint: Mint, clock: Callable[[], float] = time.time) -> None:
        self._mint = mint
        self._clock = clock
        self._lock = threading.Lock()
        laptop = Key(LAPTOP_KEY_ID, laptop_secret)
        self._keys = {laptop.id: laptop}
        self._current: dict[tuple[str, str], Key] = {}

    def find(self, key_id: str) -> Key | None:
        """The key of that id, while it is valid."""
        key = self._keys.get(key_id)
        return key if key is not None and key.expires_at > self._clock() else None

    def of_instance(self, instance_id: str, role: str) -> Key:
        """The credentials the metadata service hands to that instance."""
        with self._lock:
            key = self._current.get((instance_id, role))
            now = self._clock()
            if key is None or key.expires_at - now < _RENEW_BEFORE_S:
                key_id, secret, token = self._mint(role, instance_id, ROLE_LIFETIME_S)
                key = Key(
                    id=key_id,
                    secret=secret,
                    token=token,
                    role=role,
                    session=instance_id,
                    expires_at=now + ROLE_LIFETIME_S,
                )
                self._current[instance_id, role] = self._keys[key.id] = key
            return key

    def revoke(self, instance_id: str) -> None:
        """Forget an ended instance's credentials."""
        with self._lock:
            for holder in [one for one in self._current if one[0] == instance_id]:
                del self._current[holder]
            for key in [key for key in self._keys.values() if key.session == instance_id]:
                del self._keys[key.id]
