"""What the program asks the cloud before it builds: the system image, and a zone that has the machines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeVar

import pulumi
import pulumi_aws as aws

from contract.errors import CloudError, ClusterbedError, SettingError

Answer = TypeVar("Answer")


def image(parameter: str, *, region: str) -> str:
    """The id of the machine image that a public SSM parameter names now (S1.1).

    Raises:
        CloudError: the cloud did not answer, or has no such parameter.
    """
    found = _ask(
        lambda: aws.ssm.get_parameter(name=parameter),
        f"the image parameter {parameter} could not be read in {region}",
    )
    return found.insecure_value


def zone(instance_types: Iterable[str], *, region: str) -> str:
    """The first zone of the region that offers all these types: not every zone has every type.

    Raises:
        CloudError: the cloud did not answer.
        SettingError: no zone offers them all.
    """
    wanted = set(instance_types)
    offerings = _ask(
        lambda: aws.ec2.get_instance_type_offerings(
            location_type="availability-zone",
            filters=[{"name": "instance-type", "values": sorted(wanted)}],
        ),
        f"the zones of region {region} could not be listed",
    )
    offered: defaultdict[str, set[str]] = defaultdict(set)
    for instance_type, location in zip(offerings.instance_types, offerings.locations, strict=True):
        offered[location].add(instance_type)
    zones = sorted(name for name, types in offered.items() if wanted <= types)
    if not zones:
        raise SettingError(
            f"no zone of region {region} offers {' and '.join(sorted(wanted))}",
            way_out="Choose another machines.head_type or machines.worker_type, or another aws:region.",
        )
    return zones[0]


def _ask(question: Callable[[], Answer], failure: str) -> Answer:
    try:
        return question()
    except (ClusterbedError, pulumi.RunError):
        raise
    except Exception as error:
        # Pulumi raises a bare Exception for whatever its provider could not do.
        raise CloudError(
            f"{failure}: {error}", way_out="Check aws:region and the AWS credentials (`fab doctor` does)."
        ) from error
