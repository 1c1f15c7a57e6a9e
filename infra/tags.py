"""The tags that every resource of a cluster carries."""

from __future__ import annotations

from dataclasses import dataclass

from contract.cluster import CLUSTER_TAG

SETUP_TAG = "clusterbed:setup"
VERSION_TAG = "clusterbed:version"


@dataclass(frozen=True, slots=True)
class Tags:
    """Whose a resource is. Only what carries `cluster` under CLUSTER_TAG is ever deleted."""

    cluster: str
    setup: str
    version: str

    def named(self, name: str) -> dict[str, str]:
        """The tags of the resource that the console shows as `<cluster>-<name>`."""
        return {
            CLUSTER_TAG: self.cluster,
            SETUP_TAG: self.setup,
            VERSION_TAG: self.version,
            "Name": f"{self.cluster}-{name}",
        }
