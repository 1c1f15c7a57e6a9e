"""aws:ec2/subnet:Subnet."""

from __future__ import annotations

from lab.engine.aws.tags import retag, specification, tag_outputs
from lab.engine.cloud import by_token, remove, when_there
from lab.engine.kind import Kind, names
from lab.engine.values import Properties


class Subnet(Kind):
    """A range of a VPC's addresses, in one availability zone."""

    pulumi_type = "aws:ec2/subnet:Subnet"
    replaces = names("vpcId cidrBlock availabilityZone")
    updates = names("mapPublicIpOnLaunch tags")

    def create(self, inputs: Properties, token: str) -> str:
        zone = {"AvailabilityZone": inputs["availabilityZone"]} if "availabilityZone" in inputs else {}
        made = self.cloud.ec2.create_subnet(
            VpcId=inputs["vpcId"],
            CidrBlock=inputs["cidrBlock"],
            TagSpecifications=specification("subnet", inputs, token),
            **zone,
        )
        return made["Subnet"]["SubnetId"]

    def find(self, inputs: Properties, token: str) -> str | None:
        found = self.cloud.ec2.describe_subnets(Filters=by_token(token))["Subnets"]
        return found[0]["SubnetId"] if found else None

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:
        public = bool(inputs.get("mapPublicIpOnLaunch", False))
        self.cloud.ec2.modify_subnet_attribute(SubnetId=id_, MapPublicIpOnLaunch={"Value": public})
        retag(self.cloud, id_, inputs, old)
        return id_

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        found = when_there(lambda: self.cloud.ec2.describe_subnets(SubnetIds=[id_])["Subnets"])
        if not found:
            return None
        subnet = found[0]
        return {
            "arn": self.cloud.arn("ec2", f"subnet/{id_}"),
            "vpcId": subnet["VpcId"],
            "cidrBlock": subnet["CidrBlock"],
            "availabilityZone": subnet["AvailabilityZone"],
            "availabilityZoneId": subnet.get("AvailabilityZoneId"),
            "mapPublicIpOnLaunch": subnet["MapPublicIpOnLaunch"],
            "ownerId": self.cloud.account,
            **tag_outputs(subnet.get("Tags")),
        }

    def delete(self, id_: str, state: Properties) -> None:
        remove(lambda: self.cloud.ec2.delete_subnet(SubnetId=id_), id_)
