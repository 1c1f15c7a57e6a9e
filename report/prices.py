"""What a run's machines cost by list price.

On-demand Linux prices per hour in USD as AWS's EC2 price list stated them in 2025; without taxes,
volumes (a 15 GB gp2 volume is about 0.002 an hour) and traffic.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from clusterbed_workloads.plan import Where
from clusterbed_workloads.record import Missing, Record

_USD_PER_HOUR = {
    ("us-east-1", "t2.micro"): 0.0116,
    ("us-east-1", "t2.small"): 0.023,
    ("us-east-1", "t2.medium"): 0.0464,
    ("us-east-1", "t2.large"): 0.0928,
    ("us-east-1", "t2.xlarge"): 0.1856,
    ("us-east-1", "t3.medium"): 0.0416,
    ("us-east-1", "t3.large"): 0.0832,
    ("us-east-1", "t3.xlarge"): 0.1664,
    ("us-east-1", "m5.large"): 0.096,
    ("us-east-1", "m5.xlarge"): 0.192,
    ("us-east-1", "m5.2xlarge"): 0.384,
    ("us-west-2", "t2.large"): 0.0928,
    ("eu-west-1", "t2.large"): 0.1008,
    ("eu-central-1", "t2.micro"): 0.0134,
    ("eu-central-1", "t2.large"): 0.1072,
}


def cost_usd(where: Where | None, records: Sequence[Record]) -> float | Missing:
    """USD from the first record's start to the last one's end, all nodes together.

    A record's own `cost_usd` counts before the list price. Where there is no price, the reason.
    """
    own = [record.cost_usd for record in records if not isinstance(record.cost_usd, Missing)]
    if own:
        return sum(own)
    if where is None or not records:
        return Missing(missing="no records")
    if where.cloud != "aws":
        return next(record.cost_usd for record in records if isinstance(record.cost_usd, Missing))
    unknown = sorted(
        {
            node.instance_type
            for node in where.nodes
            if (where.region, node.instance_type) not in _USD_PER_HOUR
        }
    )
    if unknown:
        return Missing(missing=f"the price of {', '.join(unknown)} in {where.region} is not known here")
    per_hour = sum(_USD_PER_HOUR[where.region, node.instance_type] for node in where.nodes)
    return per_hour * span_s(records) / 3600


def span_s(records: Sequence[Record]) -> float:
    """Seconds from the first record's start to the last one's end."""
    return (max(_end(record) for record in records) - min(record.started_at for record in records)) / (
        timedelta(seconds=1)
    )


def _end(record: Record) -> datetime:
    return record.started_at + timedelta(seconds=record.times.makespan_s if record.times else 0)
