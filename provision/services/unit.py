"""A daemon as a systemd unit: restarted when its files change, started at boot."""

from __future__ import annotations

from collections.abc import Sequence

from provision.services.site import ACCOUNT
from provision.step import File, Port, Step
from provision.templates import script


def daemon(
    unit: str,
    text: str,
    content: str,
    *,
    files: Sequence[File] = (),
    directories: Sequence[str] = (),
    waits: Sequence[Port] = (),
) -> Step:
    """The step that has `unit` run with this `content`; `directories` are made for its user.

    It returns when systemd has started the program; whether the service is well is asked elsewhere.
    """
    return Step(
        unit.removesuffix(".service"),
        text,
        apply=script("unit.sh", unit=unit, account=ACCOUNT, directories=" ".join(directories)),
        check=script("unit_check.sh", unit=unit),
        files=(*files, File(f"/etc/systemd/system/{unit}", content)),
        waits=tuple(waits),
    )
