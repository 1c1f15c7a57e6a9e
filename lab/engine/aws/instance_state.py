"""An instance's outputs, in Pulumi's names."""

from __future__ import annotations

import base64
from typing import Any

from lab.engine.aws.launch import METADATA
from lab.engine.aws.tags import tag_outputs
from lab.engine.cloud import Cloud, tag_map
from lab.engine.values import Properties

GONE = frozenset({"shutting-down", "terminated"})


def state_of(instance: Any | None) -> str:
    """Its state's name; one that is no longer listed is terminated."""
    return str(instance["State"]["Name"]) if instance else "terminated"


def instance_outputs(cloud: Cloud, instance: Any, inputs: Properties) -> Properties:
    """What the provider reports of an instance that exists."""
    id_ = instance["InstanceId"]
    interfaces = instance.get("NetworkInterfaces") or [{}]
    primary = interfaces[0]
    profile = instance.get("IamInstanceProfile", {}).get("Arn", "").rpartition("/")[2] or None
    options = instance.get("MetadataOptions") or {}
    return {
        "arn": cloud.arn("ec2", f"instance/{id_}"),
        "ami": instance["ImageId"],
        "availabilityZone": instance["Placement"]["AvailabilityZone"],
        "instanceState": instance["State"]["Name"],
        "instanceType": instance["InstanceType"],
        "keyName": instance.get("KeyName"),
        "privateIp": instance.get("PrivateIpAddress"),
        "privateDns": instance.get("PrivateDnsName"),
        "publicIp": instance.get("PublicIpAddress", ""),
        "publicDns": instance.get("PublicDnsName", ""),
        "associatePublicIpAddress": "PublicIpAddress" in instance,
        "primaryNetworkInterfaceId": primary.get("NetworkInterfaceId"),
        "subnetId": instance.get("SubnetId"),
        "vpcSecurityGroupIds": sorted(group["GroupId"] for group in instance.get("SecurityGroups", [])),
        "sourceDestCheck": instance.get("SourceDestCheck", True),
        "iamInstanceProfile": profile,
        "metadataOptions": {name: options[field] for name, field in METADATA.items() if field in options},
        "instanceInitiatedShutdownBehavior": _attribute(cloud, id_, "instanceInitiatedShutdownBehavior"),
        "rootBlockDevice": _root_volume(cloud, instance),
        **_user_data(cloud, id_, inputs),
        **tag_outputs(instance.get("Tags")),
    }


def _attribute(cloud: Cloud, id_: str, name: Any) -> Any:
    answer: Any = cloud.ec2.describe_instance_attribute(InstanceId=id_, Attribute=name)
    return (answer.get(name[0].upper() + name[1:]) or {}).get("Value")


def _user_data(cloud: Cloud, id_: str, inputs: Properties) -> Properties:
    data = _attribute(cloud, id_, "userData") or ""
    if "userDataBase64" in inputs:
        return {"userDataBase64": data}
    return {"userData": base64.b64decode(data).decode(errors="replace")}


def _root_volume(cloud: Cloud, instance: Any) -> Properties | None:
    mappings = [one for one in instance.get("BlockDeviceMappings", []) if "Ebs" in one]
    root = next((one for one in mappings if one["DeviceName"] == instance.get("RootDeviceName")), None)
    root = root or (mappings[0] if mappings else None)
    if root is None:
        return None
    volume: Any = cloud.ec2.describe_volumes(VolumeIds=[root["Ebs"]["VolumeId"]])["Volumes"][0]
    return {
        "deviceName": root["DeviceName"],
        "volumeId": volume["VolumeId"],
        "volumeSize": volume["Size"],
        "volumeType": volume["VolumeType"],
        "encrypted": volume["Encrypted"],
        "kmsKeyId": volume.get("KmsKeyId", ""),
        "iops": volume.get("Iops"),
        "throughput": volume.get("Throughput"),
        "deleteOnTermination": root["Ebs"].get("DeleteOnTermination"),
        "tags": tag_map(volume.get("Tags")),
    }
