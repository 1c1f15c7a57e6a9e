"""What a resource's outputs are, after a call and before one."""

from __future__ import annotations

from collections.abc import Collection

from lab.engine.changes import Op
from lab.engine.diff import DEFAULTS
from lab.engine.kind import Kind
from lab.engine.values import Properties, has_secret, secret


def recorded(
    kind: Kind, id_: str, inputs: Properties, read: Properties, additional: Collection[str]
) -> Properties:
    """The outputs to record: what the cloud says, secret where the input was or where it must be."""
    outputs = {"id": id_, "region": kind.cloud.region, **read}
    veiled = {*kind.secret_outputs, *additional, *(key for key in inputs if has_secret(inputs[key]))}
    return {key: secret(value) if key in veiled else value for key, value in outputs.items()}


def expected(op: Op, kind: Kind, inputs: Properties, before: Properties) -> Properties:
    """The outputs a preview can promise; what is missing is unknown until the call was made."""
    chosen = {DEFAULTS, *inputs.get(DEFAULTS, ())}
    if op in {Op.CREATE, Op.REPLACE}:
        given = {key: value for key, value in inputs.items() if key not in chosen}
        return {"region": kind.cloud.region, **given, **_all_tags(given)}
    given = {key: value for key, value in inputs.items() if key != DEFAULTS}
    return {**before, **given, **_all_tags(given)}


def _all_tags(inputs: Properties) -> Properties:
    return {"tagsAll": inputs["tags"]} if "tags" in inputs else {}
