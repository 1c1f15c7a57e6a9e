"""aws:ec2/routeTable:RouteTable and aws:ec2/routeTableAssociation:RouteTableAssociation."""

from __future__ import annotations

from typing import Any

from lab.engine.aws.tags import retag, specification, tag_outputs
from lab.engine.cloud import by_token, remove, when_there
from lab.engine.kind import Kind, names
from lab.engine.values import Properties


class RouteTable(Kind):
    """A table that holds only its VPC's local route; the others are resources of their own."""

    pulumi_type = "aws:ec2/routeTable:RouteTable"
    replaces = names("vpcId")
    updates = names("tags")

    def create(self, inputs: Properties, token: str) -> str:
        made = self.cloud.ec2.create_route_table(
            VpcId=inputs["vpcId"], TagSpecifications=specification("route-table", inputs, token)
        )
        return made["RouteTable"]["RouteTableId"]

    def find(self, inputs: Properties, token: str) -> str | None:
        found = self.cloud.ec2.describe_route_tables(Filters=by_token(token))["RouteTables"]
        return found[0]["RouteTableId"] if found else None

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:
        retag(self.cloud, id_, inputs, old)
        return id_

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        found = when_there(lambda: self.cloud.ec2.describe_route_tables(RouteTableIds=[id_])["RouteTables"])
        if not found:
            return None
        return {
            "arn": self.cloud.arn("ec2", f"route-table/{id_}"),
            "vpcId": found[0]["VpcId"],
            "ownerId": self.cloud.account,
            **tag_outputs(found[0].get("Tags")),
        }

    def delete(self, id_: str, state: Properties) -> None:
        remove(lambda: self.cloud.ec2.delete_route_table(RouteTableId=id_), id_)


class RouteTableAssociation(Kind):
    """Which table a subnet uses."""

    pulumi_type = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    replaces = names("subnetId")
    updates = names("routeTableId")

    def create(self, inputs: Properties, token: str) -> str:
        made = self.cloud.ec2.associate_route_table(
            RouteTableId=inputs["routeTableId"], SubnetId=inputs["subnetId"]
        )
        return made["AssociationId"]

    def find(self, inputs: Properties, token: str) -> str | None:
        # It takes no tags, but a subnet has one association at most.
        found = self._by("association.subnet-id", inputs["subnetId"])
        return found["RouteTableAssociationId"] if found else None

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:
        found = self._by("association.route-table-association-id", id_)
        if found and found["RouteTableId"] != inputs["routeTableId"]:
            replaced = self.cloud.ec2.replace_route_table_association(
                AssociationId=id_, RouteTableId=inputs["routeTableId"]
            )
            return replaced["NewAssociationId"]
        if found is None and (other := self.find(inputs, "")):
            return other  # replaced in a run that was killed before it could record the new id
        return id_

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        found = self._by("association.route-table-association-id", id_)
        if found is None:
            return None
        return {"routeTableId": found["RouteTableId"], "subnetId": found["SubnetId"]}

    def delete(self, id_: str, state: Properties) -> None:
        remove(lambda: self.cloud.ec2.disassociate_route_table(AssociationId=id_), id_)

    def _by(self, name: str, value: str) -> Any | None:
        tables = self.cloud.ec2.describe_route_tables(Filters=[{"Name": name, "Values": [value]}])[
            "RouteTables"
        ]
        return next(
            (
                found
                for table in tables
                for found in table.get("Associations", [])
                if value in {found.get("SubnetId"), found["RouteTableAssociationId"]}
            ),
            None,
        )
