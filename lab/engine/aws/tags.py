"""Tags of EC2 things."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lab.engine.cloud import Cloud, tag_list, tag_map
from lab.engine.values import Properties


def specification(kind: str, inputs: Properties, token: str) -> list[Any]:
    """The TagSpecifications of a creating call: the tags asked for, and the mark of this creation."""
    return [{"ResourceType": kind, "Tags": tag_list(inputs.get("tags"), token)}]


def retag(cloud: Cloud, id_: str, inputs: Properties, old: Properties | None) -> None:
    """Bring the tags of an EC2 thing from `old` to `inputs`; nothing to do just after its creation."""
    if old is None:
        return
    wanted, had = inputs.get("tags") or {}, old.get("tags") or {}
    if gone := [{"Key": key} for key in had if key not in wanted]:
        cloud.ec2.delete_tags(Resources=[id_], Tags=gone)  # type: ignore[arg-type]
    if new := {key: value for key, value in wanted.items() if had.get(key) != value}:
        cloud.ec2.create_tags(Resources=[id_], Tags=tag_list(new))


def tag_outputs(tags: Sequence[Any] | None) -> Properties:
    """The outputs `tags` and `tagsAll`."""
    found = tag_map(tags)
    return {"tags": found, "tagsAll": found}
