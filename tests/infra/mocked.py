"""The whole program under Pulumi's own mocks: what it would register, and what it exports."""

from __future__ import annotations

import asyncio
import json
import runpy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pulumi
import yaml
from pulumi.runtime.settings import get_root_resource
from pulumi.runtime.stack import run_pulumi_func

from contract import Cluster

REPOSITORY = Path(__file__).parents[2]
CREATED_AT = "2025-11-21T06:00:00Z"
CALLER = "203.0.113.7/32"

Json = dict[str, Any]


class RefusalError(grpc.RpcError):
    """How the SDK hears from the engine that a provider could not do something."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return str(self)


@dataclass
class Cloud(pulumi.runtime.Mocks):
    """Remembers every resource; answers with the outputs that the program reads."""

    resources: dict[tuple[str, str], Json] = field(default_factory=dict)
    zones: tuple[str, ...] = ("us-east-1b", "us-east-1a")
    image: str | None = "ami-0123"

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, Json]:
        self.resources[args.typ, args.name] = args.inputs
        computed: Json = {
            "aws:iam/role:Role": {"createDate": CREATED_AT, "name": args.name},
            "aws:iam/instanceProfile:InstanceProfile": {"name": args.name},
            "aws:ec2/keyPair:KeyPair": {"keyName": args.name},
            "aws:ec2/instance:Instance": {
                "primaryNetworkInterfaceId": f"eni-{args.name}",
                "publicIp": "198.51.100.10" if args.inputs.get("associatePublicIpAddress") else "",
            },
            "aws:s3/bucket:Bucket": {
                "bucket": f"{args.name}-0a1b2c3",
                "arn": f"arn:aws:s3:::{args.name}-0a1b2c3",
                "bucketRegionalDomainName": f"{args.name}-0a1b2c3.s3.us-east-1.amazonaws.com",
            },
        }.get(args.typ, {})
        return f"{args.name}-id", {**args.inputs, **computed}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[Json, list[tuple[str, str]]]:
        if args.token == "aws:ssm/getParameter:getParameter":
            if self.image is None:
                raise RefusalError("ParameterNotFound")
            return {"insecureValue": self.image, "value": self.image}, []
        if args.token == "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings":
            types = args.args["filters"][0]["values"]
            pairs = [(kind, zone) for zone in self.zones for kind in types]
            return {
                "instanceTypes": [kind for kind, _ in pairs],
                "locations": [zone for _, zone in pairs],
            }, []
        raise AssertionError(f"the program asks for {args.token}")

    def of(self, type_token: str) -> dict[str, Json]:
        """Inputs of all resources of a type, by name."""
        return {name: inputs for (kind, name), inputs in self.resources.items() if kind == type_token}

    def one(self, type_token: str) -> Json:
        """Inputs of the only resource of a type."""
        (inputs,) = self.of(type_token).values()
        return inputs


@dataclass(frozen=True)
class Built:
    """What a run of the program made."""

    cloud: Cloud
    output: Json

    @property
    def cluster(self) -> Cluster:
        return Cluster.from_json(json.dumps(self.output), source="the program's output")

    @property
    def instances(self) -> dict[str, Json]:
        """Inputs of the machines by host name."""
        prefix = "spark-ray-"
        return {
            name.removeprefix(prefix): inputs
            for name, inputs in self.cloud.of("aws:ec2/instance:Instance").items()
        }

    def user_data(self, name: str) -> Json:
        """A machine's user data, parsed."""
        parsed: Json = yaml.safe_load(self.instances[name]["userData"])
        return parsed

    def written(self, name: str) -> dict[str, str]:
        """The files that a machine's user data writes, by path."""
        return {file["path"]: file["content"] for file in self.user_data(name)["write_files"]}


def run(cloud: Cloud, stack: str) -> Built:
    """Run infra/ as it is, with the configuration that is set."""
    return Built(cloud, asyncio.run(_output(cloud, stack)))


async def _output(cloud: Cloud, stack: str) -> Json:
    def program() -> None:
        runpy.run_path(str(REPOSITORY / "infra"), run_name="__main__")

    # Inside the loop: the root resource that this registers belongs to it.
    pulumi.runtime.set_mocks(cloud, project="clusterbed", stack=stack, preview=False)
    await run_pulumi_func(program)
    root = get_root_resource()
    assert root is not None
    output: Json = await root.outputs["cluster"].future()
    return output
