"""aws:ec2/route:Route."""

from __future__ import annotations

import zlib
from typing import Any

from lab.engine.cloud import remove, when_there
from lab.engine.kind import Kind, names
from lab.engine.values import Properties

TARGETS = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
}


class Route(Kind):
    """One route of a table, to a range of IPv4 addresses."""

    pulumi_type = "aws:ec2/route:Route"
    replaces = names("routeTableId destinationCidrBlock")
    updates = frozenset(TARGETS)

    def create(self, inputs: Properties, token: str) -> str:
        self.cloud.ec2.create_route(**self._request(inputs))
        return self._id(inputs)

    def find(self, inputs: Properties, token: str) -> str | None:
        return self._id(inputs) if self._route(inputs) else None  # a table has one route a destination

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:
        if old is not None:
            self.cloud.ec2.replace_route(**self._request(inputs))
        return id_

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        route = self._route(inputs)
        if route is None:
            return None
        return {
            "routeTableId": inputs["routeTableId"],
            "destinationCidrBlock": route["DestinationCidrBlock"],
            "state": route.get("State"),
            "origin": route.get("Origin"),
            "instanceId": route.get("InstanceId"),
            **{name: route.get(field) for name, field in TARGETS.items()},
        }

    def delete(self, id_: str, state: Properties) -> None:
        remove(
            lambda: self.cloud.ec2.delete_route(
                RouteTableId=state["routeTableId"], DestinationCidrBlock=state["destinationCidrBlock"]
            ),
            id_,
        )

    def _request(self, inputs: Properties) -> dict[str, Any]:
        target = {field: inputs[name] for name, field in TARGETS.items() if name in inputs}
        return {
            "RouteTableId": inputs["routeTableId"],
            "DestinationCidrBlock": inputs["destinationCidrBlock"],
            **target,
        }

    def _route(self, inputs: Properties) -> Any | None:
        table = inputs["routeTableId"]
        found = when_there(lambda: self.cloud.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"])
        routes = found[0]["Routes"] if found else []
        destination = inputs["destinationCidrBlock"]
        return next((route for route in routes if route.get("DestinationCidrBlock") == destination), None)

    def _id(self, inputs: Properties) -> str:
        # The provider's own form, so that the state could be handed over to it.
        return f"r-{inputs['routeTableId']}{zlib.crc32(inputs['destinationCidrBlock'].encode())}"
