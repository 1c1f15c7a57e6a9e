"""The Pulumi project and a stack's configuration, read as the CLI reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from contract.errors import SettingError

REGION = "aws:region"


@dataclass(frozen=True, slots=True)
class Project:
    """`main` is the program's file or folder; `config` has every value as the string the SDK expects."""

    name: str
    root: Path
    main: Path
    config: Mapping[str, str]

    @classmethod
    def load(cls, root: Path, stack: str, *, region: str, overrides: Mapping[str, Any]) -> Project:
        """Read Pulumi.yaml and Pulumi.<stack>.yaml and lay `overrides` over them, map by map.

        Raises:
            SettingError: a file is missing or not what it should be, or a value is encrypted.
        """
        file = root / "Pulumi.yaml"
        content = _read(file)
        name = content.get("name")
        if not isinstance(name, str):
            raise SettingError(f"{file} has no name", way_out="Give the project a `name:`.")
        stack_file = root / f"Pulumi.{stack}.yaml"
        if not stack_file.exists() and not overrides:
            raise SettingError(
                f"there is no {stack_file}", way_out="Make it by copying another stack's file."
            )
        values = _namespaced(name, _defaults(content.get("config") or {}))
        if stack_file.exists():
            values = _over(values, _namespaced(name, _read(stack_file).get("config") or {}))
        values = _over(values, _namespaced(name, dict(overrides)))
        values[REGION] = region
        return cls(name, root, root / content.get("main", "."), {k: _text(k, v) for k, v in values.items()})


def _read(file: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text())
    except FileNotFoundError:
        raise SettingError(f"there is no {file}", way_out="Run from a Pulumi project.") from None
    except yaml.YAMLError as error:
        raise SettingError(f"{file} is not YAML: {error}", way_out="Correct it.") from error
    if not isinstance(content, dict):
        raise SettingError(f"{file} is not a map of settings", way_out="Correct it.")
    return content


def _defaults(declared: Mapping[str, Any]) -> dict[str, Any]:
    """Values in the project file: plain, or declared with `value` or `default`."""
    values = {}
    for key, entry in declared.items():
        if not isinstance(entry, dict):
            values[key] = entry
        elif "value" in entry or "default" in entry:
            values[key] = entry["value"] if "value" in entry else entry["default"]
    return values


def _namespaced(project: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {key if ":" in key else f"{project}:{key}": value for key, value in values.items()}


def _over(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, Mapping):
        return {**below, **{key: _over(below.get(key), value) for key, value in above.items()}}
    return above


def _text(key: str, value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"secure"}:
        raise SettingError(
            f"the setting {key} is encrypted, which the lab cannot read",
            way_out="Keep secrets out of the stack's file; generate them in the program.",
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, default=str)
