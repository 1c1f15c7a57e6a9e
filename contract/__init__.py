"""What passes between the rooms: the cluster, its settings, progress events and the error tree.

Every other room imports this one; it imports none of them.
"""

from contract.cluster import Cloud, Cluster, Node, Role
from contract.errors import ClusterbedError
from contract.events import Event, Sink, State
from contract.settings import Settings

__all__ = [
    "Cloud",
    "Cluster",
    "ClusterbedError",
    "Event",
    "Node",
    "Role",
    "Settings",
    "Sink",
    "State",
]
