"""What the program wants of one resource."""

from __future__ import annotations

from dataclasses import dataclass, field

from google.protobuf.message import Message
from pulumi.runtime.proto import resource_pb2

from contract.errors import CloudError
from lab.engine.resource import name_of
from lab.engine.values import Properties, from_struct

# Options the engine does not carry out: field of the request to what a program calls it.
_REFUSED = {
    "customTimeouts": "custom_timeouts",
    "deletedWith": "deleted_with",
    "envVarMappings": "env_var_mappings",
    "hooks": "hooks",
    "importId": "import_",
    "packageRef": "a parameterized package",
    "pluginDownloadURL": "plugin_download_url",
    "provider": "provider",
    "providers": "providers",
    "remote": "a remote component",
    "replace_with": "replace_with",
    "replacement_trigger": "replacement_trigger",
    "state_migrations": "state_migrations",
    "transforms": "transforms",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A registration, taken out of the protocol. Inputs may hold secrets and, in a preview, unknowns."""

    urn: str
    type: str
    custom: bool
    inputs: Properties
    parent: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    protect: bool = False
    delete_before_replace: bool = False
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return name_of(self.urn)

    @classmethod
    def of(cls, request: resource_pb2.RegisterResourceRequest, urn: str, aliases: tuple[str, ...]) -> Goal:
        """From the request of the Pulumi SDK; `aliases` are the URNs the resource may have had before.

        Raises:
            CloudError: an option this engine does not carry out.
        """
        refused = sorted(
            _REFUSED[field.name]
            for field, value in request.ListFields()
            if field.name in _REFUSED and (value.ByteSize() if isinstance(value, Message) else value)
        )
        if refused:
            raise CloudError(
                f"{request.type} '{request.name}': the lab does not support the resource option {refused[0]}",
                way_out="Leave it out, or teach it in lab/engine/goal.py.",
            )
        return cls(
            urn=urn,
            type=request.type,
            custom=request.custom,
            inputs=from_struct(request.object),
            parent=request.parent,
            dependencies=tuple(sorted(request.dependencies)),
            property_dependencies={
                key: sorted(found.urns)
                for key, found in sorted(request.propertyDependencies.items())
                if found.urns
            },
            protect=request.protect,
            delete_before_replace=request.deleteBeforeReplace,
            retain_on_delete=request.retainOnDelete,
            ignore_changes=tuple(request.ignoreChanges),
            replace_on_changes=tuple(request.replaceOnChanges),
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
            aliases=aliases,
        )
