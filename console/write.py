"""What tasks print when they are done: a cluster, changes, health, lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from contract import Cluster


def _screen() -> Console:
    return Console(highlight=False, soft_wrap=True)


def lines(texts: Iterable[str]) -> None:
    """Plain lines, as they are."""
    screen = _screen()
    for text in texts:
        screen.print(Text(text))


def cluster(shown: Cluster) -> None:
    """The machines of a cluster."""
    table = Table(title=f"{shown.name} ({shown.cloud}, {shown.region})", title_justify="left")
    for heading in ("node", "role", "instance", "type", "private address", "public address"):
        table.add_column(heading)
    for node in shown.nodes:
        table.add_row(
            *(node.name, node.role, node.instance_id, node.instance_type, str(node.private_ip)),
            str(node.public_ip or "–"),
        )
    screen = _screen()
    screen.print(table)
    screen.print(f"The machines end themselves at {shown.deadline:%Y-%m-%d %H:%M} UTC.")


def gone(name: str, left: Sequence[object]) -> None:
    """The proof of a teardown: what the cloud still holds under the cluster's tag."""
    lines([f"still there under clusterbed:cluster = {name}: {len(left)} resources", *map(str, left)])
