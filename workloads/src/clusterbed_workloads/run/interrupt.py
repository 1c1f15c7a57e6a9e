"""A request to end, by signal: noticed between two looks, so that nothing is cut in half."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Final

CODES: Final = {signal.SIGTERM: 143, signal.SIGINT: 130}


class Interrupt:
    """`exit_code` is None until SIGTERM or SIGINT comes."""

    def __init__(self) -> None:
        self.exit_code: int | None = None

    def listen(self) -> None:
        """Take over both signals."""
        for number in CODES:
            signal.signal(number, self._noticed)

    def _noticed(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's signature
        self.exit_code = CODES[signal.Signals(number)]
