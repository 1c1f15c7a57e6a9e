"""Property values as the Pulumi protocol carries them: JSON, secrets as marked maps, unknowns as a marker.

The markers are Pulumi's own (pulumi.runtime.rpc), the same on the wire and in a deployment file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What stands, in a preview, for a value that only the cloud can tell."""

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the marker's name, not a secret
HIDDEN = "[secret]"
NOT_KNOWN = "[unknown]"

Properties = dict[str, Any]
"""Property name (camelCase, as in Pulumi's schema) to value; secrets may be marked at any depth."""


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """The properties of a protobuf struct; whole numbers become int, as they were in the program."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "struct_value":
            return from_struct(value.struct_value)
        case "list_value":
            return [_from_value(item) for item in value.list_value.values]
        case _:
            return None


def to_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """The protobuf struct of such properties."""
    struct = struct_pb2.Struct()
    struct.update(dict(properties))
    return struct


def secret(value: Any) -> Any:
    """The value, marked as secret; once is enough."""
    return value if is_secret(value) else {SIGNATURE: SECRET, "value": value}


def is_secret(value: Any) -> bool:
    """Whether the value itself is marked, whatever it contains."""
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET


def has_secret(value: Any) -> bool:
    """Whether the value or anything in it is marked as secret."""
    if is_secret(value):
        return True
    if isinstance(value, dict):
        return any(has_secret(item) for item in value.values())
    return isinstance(value, list) and any(has_secret(item) for item in value)


def plain(value: Any) -> Any:
    """The value without marks, for the cloud's API and for comparison."""
    if is_secret(value):
        return plain(value["value"])
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def hidden(value: Any) -> Any:
    """The value as it may be shown: what is secret in it is replaced by a word."""
    if is_secret(value):
        return HIDDEN
    if isinstance(value, dict):
        return {key: hidden(item) for key, item in value.items()}
    if isinstance(value, list):
        return [hidden(item) for item in value]
    return value


def has_unknown(value: Any) -> bool:
    """Whether the value or anything in it is not known yet."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return bool(value == UNKNOWN)
