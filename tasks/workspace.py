"""The folder a user works in: which cluster is the current one, and where local state and results go."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contract import Cloud, Settings
from contract.errors import SettingError
from contract.settings.setup import PROJECT

CHECKOUT = Path(__file__).resolve().parent.parent


class Selection(BaseModel):
    """A cluster that `fab up` made and later tasks go on with.

    `overrides` are settings given on the command line, in the shape of a stack file's `config`.
    `up_s` and `deploy_s` are seconds the last `up` and `deploy` took; `scaled` says what the deploy
    had to make smaller than documented; `executor_cores` and `executor_memory_mib` are what an
    executor then got.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stack: str
    cloud: Cloud
    overrides: dict[str, Any] = Field(default_factory=dict)
    up_s: float | None = None
    deploy_s: float | None = None
    scaled: tuple[str, ...] = ()
    executor_cores: int | None = None
    executor_memory_mib: int | None = None


@dataclass(frozen=True)
class Workspace:
    """Paths. `home` keeps keys, the lab's state and the selection; `results` what runs brought back."""

    project: Path
    home: Path
    results: Path

    @classmethod
    def here(cls, environment: Mapping[str, str] = os.environ) -> Workspace:
        """The workspace of this checkout; `CLUSTERBED_HOME` and `CLUSTERBED_RESULTS` move its folders."""
        return cls(
            project=CHECKOUT,
            home=Path(environment.get("CLUSTERBED_HOME", CHECKOUT / ".clusterbed")).absolute(),
            results=Path(environment.get("CLUSTERBED_RESULTS", CHECKOUT / "results")).absolute(),
        )

    @property
    def _selection(self) -> Path:
        return self.home / "current.json"

    def remember(self, selection: Selection) -> None:
        """Make `selection` the current cluster. Written atomically."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=self.home, delete=False) as file:
            file.write(selection.model_dump_json(indent=2))
        Path(file.name).replace(self._selection)

    def forget(self) -> None:
        """There is no current cluster any more."""
        self._selection.unlink(missing_ok=True)

    def current(self) -> Selection:
        """The cluster that `fab up` or `fab use` chose last.

        Raises:
            SettingError: there is none, or what is remembered cannot be read.
        """
        try:
            return Selection.model_validate_json(self._selection.read_text())
        except FileNotFoundError:
            raise SettingError(
                "there is no current cluster",
                way_out="Make one: fab up --setup spark-ray --lab; or choose one: fab use --setup spark-ray.",
            ) from None
        except ValidationError as error:
            raise SettingError(
                f"{self._selection} cannot be read: {error.errors()[0]['msg']}",
                way_out="Remove it and choose the cluster again: fab use --setup NAME [--lab].",
            ) from error

    def current_or_none(self) -> Selection | None:
        """The current cluster, None when there is none."""
        return self.current() if self._selection.exists() else None

    def stack_config(self, stack: str) -> dict[str, Any]:
        """The `config` of `Pulumi.<stack>.yaml`.

        Raises:
            SettingError: no such setup (those there are, are named), or the file is not YAML.
        """
        file = self.project / f"Pulumi.{stack}.yaml"
        if not file.is_file():
            names = sorted(
                path.name.split(".")[1] for path in self.project.glob("Pulumi.*.yaml") if path.stat().st_size
            )
            raise SettingError(f"there is no setup '{stack}'", way_out=f"There are: {', '.join(names)}.")
        try:
            content = yaml.safe_load(file.read_text()) or {}
        except yaml.YAMLError as error:
            raise SettingError(f"{file.name} is not YAML: {error}", way_out="Correct the file.") from error
        config = content.get("config") or {}
        if not isinstance(config, dict):
            raise SettingError(f"{file.name}: config must be a mapping", way_out="Correct the file.")
        return config

    def settings(self, selection: Selection) -> Settings:
        """The settings in force: the stack file's, and over them what the command line gave."""
        return Settings.from_stack(overlay(self.stack_config(selection.stack), selection.overrides))

    def region(self, selection: Selection) -> str:
        """The AWS region of the stack (`aws:region`)."""
        region = overlay(self.stack_config(selection.stack), selection.overrides).get("aws:region")
        if not isinstance(region, str):
            raise SettingError(
                f"aws:region is not set in Pulumi.{selection.stack}.yaml",
                way_out="Set it, for instance: pulumi config set aws:region eu-central-1.",
            )
        return region


def overlay(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` over `below`, mapping by mapping."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        merged[key] = (
            overlay(under, value) if isinstance(under, Mapping) and isinstance(value, Mapping) else value
        )
    return merged


def given(assignments: Sequence[str] | None = None, named: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Settings from the command line, in the shape of a stack file's `config`.

    `assignments` are `section.name=value`, from `--set`; `named` are options of their own, by the
    setting they stand for, empty where not given. Values are read as YAML; `E1.2,E1.3` is a list.

    Raises:
        SettingError: an assignment has no `=`, or a value is not YAML.
    """
    config: dict[str, Any] = {}
    pairs = [(key, value) for key, value in (named or {}).items() if value]
    for text in assignments or ():
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise SettingError(
                f"--set {text}: not of the form section.name=value", way_out="Such as: machines.workers=3."
            )
        pairs.append((key, value))
    for key, value in pairs:
        section, _, name = key.partition(".")
        parsed = _parse(key, value)
        config = overlay(config, {f"{PROJECT}:{section}": {name: parsed} if name else parsed})
    return config


def _parse(key: str, text: str) -> Any:
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SettingError(
            f"{key}={text}: the value is not YAML", way_out="Quote it for the shell."
        ) from error
    return value.split(",") if key == "experiments.ids" and isinstance(value, str) else value
