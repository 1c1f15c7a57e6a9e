"""The table against the provider it stands for: no property that the provider does not have."""

from __future__ import annotations

import importlib
import typing
from typing import Any

import pulumi
import pytest
from pulumi import _types

from lab.engine.aws import KINDS, LOOKUPS
from lab.engine.kind import Kind


def resource_class(token: str) -> Any:
    """`aws:ec2/vpc:Vpc` is pulumi_aws.ec2.Vpc."""
    module, name = token.removeprefix("aws:").split(":")
    return getattr(importlib.import_module(f"pulumi_aws.{module.split('/')[0]}"), name)


def arguments(cls: Any) -> dict[str, Any]:
    """The input properties of a resource or block, by Pulumi's name."""
    return dict(_types.input_type_types(cls))


def inner(annotation: Any) -> Any:
    """The block's class within Input, Sequence and Optional."""
    if isinstance(annotation, type) and _types.is_input_type(annotation):
        return annotation
    found = [inner(one) for one in typing.get_args(annotation)]
    return next((one for one in found if one is not None), None)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_property_is_one_of_the_providers(kind: type[Kind]):
    resource = resource_class(kind.pulumi_type)
    assert resource.pulumi_type == kind.pulumi_type
    module = importlib.import_module(resource.__module__)
    name = resource.__name__  # where a block has the name too, the resource's arguments are InitArgs
    known = arguments(getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args"))
    top = {path for path in kind.updates | kind.replaces if "." not in path}
    assert top <= known.keys()
    assert {path.split(".")[0] for path in kind.replaces | kind.updates} <= top
    for path, fields in kind.blocks.items():
        cls: Any = None
        for step in path.split("."):
            cls = inner((known if cls is None else arguments(cls))[step])
        assert fields <= arguments(cls).keys(), path
    assert kind.autoname is None or kind.autoname in kind.replaces


@pytest.mark.parametrize("token", LOOKUPS)
def test_every_function_is_one_of_the_providers(token: str):
    module, name = token.removeprefix("aws:").split(":")
    package = "pulumi_aws" if module.startswith("index/") else f"pulumi_aws.{module.split('/')[0]}"
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    assert callable(getattr(importlib.import_module(package), snake))


def test_every_kind_is_a_resource_of_pulumi():
    assert all(issubclass(resource_class(token), pulumi.CustomResource) for token in KINDS)
