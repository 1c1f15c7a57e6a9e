"""Settings and region from Pulumi's configuration."""

from __future__ import annotations

import json
import re
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi.runtime.config import CONFIG, get_config_env

from contract import Settings
from contract.errors import SettingError

CLUSTER_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


def settings() -> Settings:
    """The settings of the stack.

    `pulumi.Config` answers for keys it is asked for but cannot list them; the two maps it reads from
    can, so an unknown key is refused rather than ignored.

    Raises:
        SettingError: a key is unknown, or its value is of the wrong type or impossible.
    """
    stack = {**get_config_env(), **CONFIG.get()}
    return Settings.from_stack({key: _value(text) for key, text in stack.items()})


def cluster_name(chosen: Settings) -> str:
    """The cluster's name: the setting, else the stack's name.

    Raises:
        SettingError: the stack's name cannot serve as a name in the cloud.
    """
    name = chosen.name or pulumi.get_stack()
    if not CLUSTER_NAME.fullmatch(name):
        raise SettingError(
            f"stack name '{name}' cannot name a cluster: "
            "it takes a small letter, then at most 30 small letters, digits and dashes",
            way_out="Set clusterbed:name in the stack file.",
        )
    return name


def region() -> str:
    """The region of the stack, found where the AWS provider finds it.

    Raises:
        SettingError: neither the stack nor the environment names one.
    """
    name = aws.config.region
    if not name:
        raise SettingError(
            "aws:region is not set", way_out="Set it in the stack file, or AWS_REGION in the environment."
        )
    return str(name)


def _value(text: Any) -> Any:
    """Pulumi hands mappings, lists and numbers over as JSON, and strings as they are."""
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text
