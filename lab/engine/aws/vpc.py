"""aws:ec2/vpc:Vpc."""

from __future__ import annotations

from lab.engine.aws.tags import retag, specification, tag_outputs
from lab.engine.cloud import by_token, remove, when_there
from lab.engine.kind import Kind, names
from lab.engine.values import Properties


class Vpc(Kind):
    """A private network."""

    pulumi_type = "aws:ec2/vpc:Vpc"
    replaces = names("cidrBlock instanceTenancy")
    updates = names("enableDnsHostnames enableDnsSupport tags")

    def create(self, inputs: Properties, token: str) -> str:
        made = self.cloud.ec2.create_vpc(
            CidrBlock=inputs["cidrBlock"],
            InstanceTenancy=inputs.get("instanceTenancy", "default"),
            TagSpecifications=specification("vpc", inputs, token),
        )
        return made["Vpc"]["VpcId"]

    def find(self, inputs: Properties, token: str) -> str | None:
        found = self.cloud.ec2.describe_vpcs(Filters=by_token(token))["Vpcs"]
        return found[0]["VpcId"] if found else None

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:
        # One attribute a call; DNS support first, host names need it.
        support = bool(inputs.get("enableDnsSupport", True))
        hostnames = bool(inputs.get("enableDnsHostnames", False))
        self.cloud.ec2.modify_vpc_attribute(VpcId=id_, EnableDnsSupport={"Value": support})
        self.cloud.ec2.modify_vpc_attribute(VpcId=id_, EnableDnsHostnames={"Value": hostnames})
        retag(self.cloud, id_, inputs, old)
        return id_

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        ec2 = self.cloud.ec2
        found = when_there(lambda: ec2.describe_vpcs(VpcIds=[id_])["Vpcs"])
        if not found:
            return None
        vpc = found[0]
        support = ec2.describe_vpc_attribute(VpcId=id_, Attribute="enableDnsSupport")
        hostnames = ec2.describe_vpc_attribute(VpcId=id_, Attribute="enableDnsHostnames")
        of_vpc = [{"Name": "vpc-id", "Values": [id_]}]
        groups = ec2.describe_security_groups(
            Filters=[*of_vpc, {"Name": "group-name", "Values": ["default"]}]  # type: ignore[list-item]
        )["SecurityGroups"]
        tables = ec2.describe_route_tables(
            Filters=[*of_vpc, {"Name": "association.main", "Values": ["true"]}]  # type: ignore[list-item]
        )["RouteTables"]
        return {
            "arn": self.cloud.arn("ec2", f"vpc/{id_}"),
            "cidrBlock": vpc["CidrBlock"],
            "instanceTenancy": vpc.get("InstanceTenancy", "default"),
            "enableDnsSupport": support["EnableDnsSupport"]["Value"],
            "enableDnsHostnames": hostnames["EnableDnsHostnames"]["Value"],
            "defaultSecurityGroupId": groups[0]["GroupId"] if groups else None,
            "mainRouteTableId": tables[0]["RouteTableId"] if tables else None,
            "dhcpOptionsId": vpc.get("DhcpOptionsId"),
            "ownerId": self.cloud.account,
            **tag_outputs(vpc.get("Tags")),
        }

    def delete(self, id_: str, state: Properties) -> None:
        remove(lambda: self.cloud.ec2.delete_vpc(VpcId=id_), id_)
