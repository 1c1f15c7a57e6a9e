"""aws:ec2/internetGateway:InternetGateway."""

from __future__ import annotations

from lab.engine.aws.tags import retag, specification, tag_outputs
from lab.engine.cloud import by_token, remove, when_there
from lab.engine.kind import Kind, names
from lab.engine.values import Properties


class InternetGateway(Kind):
    """A VPC's way to and from the internet."""

    pulumi_type = "aws:ec2/internetGateway:InternetGateway"
    updates = names("vpcId tags")

    def create(self, inputs: Properties, token: str) -> str:
        made = self.cloud.ec2.create_internet_gateway(
            TagSpecifications=specification("internet-gateway", inputs, token)
        )
        return made["InternetGateway"]["InternetGatewayId"]

    def find(self, inputs: Properties, token: str) -> str | None:
        found = self.cloud.ec2.describe_internet_gateways(Filters=by_token(token))["InternetGateways"]
        return found[0]["InternetGatewayId"] if found else None

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:
        attached, wanted = self._attached(id_), inputs.get("vpcId")
        if attached and attached != wanted:
            self._detach(id_, attached)
        if wanted and attached != wanted:
            self.cloud.ec2.attach_internet_gateway(InternetGatewayId=id_, VpcId=wanted)
        retag(self.cloud, id_, inputs, old)
        return id_

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        ec2 = self.cloud.ec2
        found = when_there(
            lambda: ec2.describe_internet_gateways(InternetGatewayIds=[id_])["InternetGateways"]
        )
        if not found:
            return None
        attachments = found[0].get("Attachments", [])
        return {
            "arn": self.cloud.arn("ec2", f"internet-gateway/{id_}"),
            "vpcId": attachments[0]["VpcId"] if attachments else None,
            "ownerId": self.cloud.account,
            **tag_outputs(found[0].get("Tags")),
        }

    def delete(self, id_: str, state: Properties) -> None:
        if attached := self._attached(id_):
            self._detach(id_, attached)
        remove(lambda: self.cloud.ec2.delete_internet_gateway(InternetGatewayId=id_), id_)

    def _attached(self, id_: str) -> str | None:
        read = self.read(id_, {})
        return read["vpcId"] if read else None

    def _detach(self, id_: str, vpc: str) -> None:
        remove(
            lambda: self.cloud.ec2.detach_internet_gateway(InternetGatewayId=id_, VpcId=vpc),
            f"{id_} in {vpc}",
        )
