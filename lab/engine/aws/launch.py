"""The RunInstances request of an instance, from Pulumi's properties."""

from __future__ import annotations

import base64
from typing import Any

from lab.engine.aws.tags import specification
from lab.engine.cloud import Cloud, tag_list
from lab.engine.values import Properties

METADATA = {
    "httpEndpoint": "HttpEndpoint",
    "httpTokens": "HttpTokens",
    "httpPutResponseHopLimit": "HttpPutResponseHopLimit",
    "instanceMetadataTags": "InstanceMetadataTags",
}
VOLUME = {
    "volumeSize": "VolumeSize",
    "volumeType": "VolumeType",
    "iops": "Iops",
    "throughput": "Throughput",
    "encrypted": "Encrypted",
    "kmsKeyId": "KmsKeyId",
    "deleteOnTermination": "DeleteOnTermination",
}


def launch_request(cloud: Cloud, inputs: Properties, token: str) -> dict[str, Any]:
    """One instance with one interface, marked with `token`."""
    request: dict[str, Any] = {
        "ImageId": inputs["ami"],
        "InstanceType": inputs["instanceType"],
        "MinCount": 1,
        "MaxCount": 1,
        "ClientToken": token,
        "NetworkInterfaces": [_interface(inputs)],
        "TagSpecifications": specification("instance", inputs, token),
    }
    if key := inputs.get("keyName"):
        request["KeyName"] = key
    if profile := inputs.get("iamInstanceProfile"):
        request["IamInstanceProfile"] = {"Name": profile}
    if data := user_data(inputs):
        request["UserData"] = data.decode()
    if behaviour := inputs.get("instanceInitiatedShutdownBehavior"):
        request["InstanceInitiatedShutdownBehavior"] = behaviour
    if options := inputs.get("metadataOptions"):
        request["MetadataOptions"] = {METADATA[name]: value for name, value in options.items()}
    if disk := inputs.get("rootBlockDevice"):
        volume = {VOLUME[name]: value for name, value in disk.items() if name in VOLUME}
        volume.setdefault("DeleteOnTermination", True)  # likewise
        request["BlockDeviceMappings"] = [{"DeviceName": _root_device(cloud, inputs["ami"]), "Ebs": volume}]
        if disk.get("tags"):
            request["TagSpecifications"].append({"ResourceType": "volume", "Tags": tag_list(disk["tags"])})
    return request


def user_data(inputs: Properties) -> bytes | None:
    """The user data as bytes, however it was given."""
    if "userDataBase64" in inputs:
        return base64.b64decode(inputs["userDataBase64"])
    return inputs["userData"].encode() if inputs.get("userData") else None


def _interface(inputs: Properties) -> dict[str, Any]:
    interface: dict[str, Any] = {
        "DeviceIndex": 0,
        "SubnetId": inputs["subnetId"],
        "DeleteOnTermination": True,  # AWS's default, said aloud as not every stand-in has it
    }
    for name, field in (
        ("privateIp", "PrivateIpAddress"),
        ("associatePublicIpAddress", "AssociatePublicIpAddress"),
        ("vpcSecurityGroupIds", "Groups"),
    ):
        if name in inputs:
            interface[field] = inputs[name]
    return interface


def _root_device(cloud: Cloud, image: str) -> str:
    return cloud.ec2.describe_images(ImageIds=[image])["Images"][0]["RootDeviceName"]
