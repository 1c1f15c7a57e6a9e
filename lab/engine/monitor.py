"""The Pulumi SDK's resource monitor, served in process: takes requests apart and answers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import engine_pb2, resource_pb2

from contract.errors import CloudError, ClusterbedError
from contract.events import State
from lab.engine.aliases import alias_urns
from lab.engine.aws.lookups import Lookup
from lab.engine.cloud import Cloud, refusals
from lab.engine.deployment import Deployment
from lab.engine.goal import Goal
from lab.engine.reporter import Reporter
from lab.engine.resource import STACK
from lab.engine.values import from_struct, plain, to_struct

FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
)
"""What the engine says it can; for the rest the SDK itself refuses, by name."""


class _NoMocks(Mocks):
    """MockMonitor wants one; every request is answered before it would be asked."""

    def call(self, args: MockCallArgs) -> Any:
        raise NotImplementedError(args.token)

    def new_resource(self, args: MockResourceArgs) -> Any:
        raise NotImplementedError(args.typ)


class Monitor(MockMonitor):
    """Called by the SDK, from several threads."""

    def __init__(
        self, deployment: Deployment, lookups: Mapping[str, Lookup], cloud: Cloud, *, project: str, stack: str
    ) -> None:
        super().__init__(_NoMocks())
        self._deployment = deployment
        self._lookups = lookups
        self._cloud = cloud
        self._aliases: dict[str, tuple[str, ...]] = {}
        self._prefix = f"urn:pulumi:{stack}::{project}::"

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """The URN, with the types of all parents but the stack's."""
        above = parent.split("::")[2] if parent else ""
        chain = type_ if above in {"", STACK} else f"{above}${type_}"
        return f"{self._prefix}{chain}::{name}"

    def RegisterResource(  # noqa: N802 - the protocol's name
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Make the cloud agree with one resource of the program."""
        try:
            urn = self.make_urn(request.parent, request.type, request.name)
            aliases = alias_urns(request, self.make_urn, self._aliases.get(request.parent, ()))
            self._aliases[urn] = aliases
            goal = Goal.of(request, urn, aliases)
        except ClusterbedError as error:
            self._deployment.fail(error)
            raise
        outcome = self._deployment.register(goal)
        return resource_pb2.RegisterResourceResponse(
            urn=outcome.urn, id=outcome.id, object=to_struct(outcome.outputs)
        )

    def RegisterResourceOutputs(  # noqa: N802
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        """Record the outputs of a component or the stack."""
        self._deployment.export(request.urn, from_struct(request.outputs))
        return empty_pb2.Empty()

    def Invoke(  # noqa: N802
        self, request: resource_pb2.ResourceInvokeRequest
    ) -> resource_pb2.ResourceInvokeResponse:
        """Answer a function of the provider."""
        lookup = self._lookups.get(request.tok)
        if lookup is None:
            raise self._refused(f"the function {request.tok}")
        arguments = plain(from_struct(request.args))
        if strange := sorted(arguments.keys() - lookup.arguments):
            raise self._refused(f"the argument {', '.join(strange)} of {request.tok}")
        with refusals(request.tok):
            answer = lookup.call(self._cloud, arguments)
        fields: dict[str, Any] = {"return": to_struct(answer)}
        return resource_pb2.ResourceInvokeResponse(**fields)

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> Any:  # noqa: N802
        """Refused: the program reads what exists by functions."""
        raise self._refused(f"reading an existing {request.type} ('{request.name}')")

    def GetDeploymentInfo(self, request: Any) -> resource_pb2.DeploymentInfo:  # noqa: ARG002, N802
        """What this engine can."""
        return resource_pb2.DeploymentInfo(supportedFeatures=FEATURES)

    def _refused(self, what: str) -> CloudError:
        error = CloudError(
            f"the lab does not know {what}", way_out="Teach it in lab/engine/aws, or leave it out."
        )
        self._deployment.fail(error)
        return error


class EngineLog:
    """What the program logs, passed on; an error of it fails the run, as under Pulumi."""

    def __init__(self, reporter: Reporter, deployment: Deployment) -> None:
        self._reporter = reporter
        self._deployment = deployment

    def Log(self, request: engine_pb2.LogRequest) -> empty_pb2.Empty:  # noqa: N802
        """One message of the program."""
        if request.severity == engine_pb2.ERROR:
            self._deployment.fail(ClusterbedError(request.message))
        if request.severity in {engine_pb2.INFO, engine_pb2.WARNING}:
            self._reporter.note(request.message, State.OK)
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, request: Any) -> empty_pb2.Empty:  # noqa: ARG002, N802
        """Any: the SDK of this process is the version there is."""
        return empty_pb2.Empty()
