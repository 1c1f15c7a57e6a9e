"""aws:ec2/instance:Instance."""

from __future__ import annotations

from typing import Any

from lab.engine.aws.instance_state import GONE, instance_outputs, state_of
from lab.engine.aws.launch import METADATA, VOLUME, launch_request, user_data
from lab.engine.aws.tags import retag
from lab.engine.cloud import by_token, when_there
from lab.engine.kind import Kind, names
from lab.engine.values import Properties
from lab.engine.wait import wait_until

RUNNING_S = 600.0  # the provider's own limit for a creation
STOPPED_S = 600.0
TERMINATED_S = 1200.0  # likewise for a deletion


class Instance(Kind):
    """A machine. Creation ends when it is running, deletion when it is terminated."""

    pulumi_type = "aws:ec2/instance:Instance"
    replaces = names(
        "ami subnetId privateIp keyName associatePublicIpAddress rootBlockDevice.encrypted"
        " rootBlockDevice.kmsKeyId"
    )
    updates = names(
        "instanceType userData userDataBase64 userDataReplaceOnChange vpcSecurityGroupIds sourceDestCheck"
        " iamInstanceProfile metadataOptions instanceInitiatedShutdownBehavior rootBlockDevice tags"
    )
    blocks = {"metadataOptions": frozenset(METADATA), "rootBlockDevice": frozenset(VOLUME) | names("tags")}

    def replacing(self, old: Properties, new: Properties) -> frozenset[str]:
        data = names("userData userDataBase64")
        return self.replaces | data if new.get("userDataReplaceOnChange") else self.replaces

    def create(self, inputs: Properties, token: str) -> str:
        made = self.cloud.ec2.run_instances(**launch_request(self.cloud, inputs, token))
        return made["Instances"][0]["InstanceId"]

    def find(self, inputs: Properties, token: str) -> str | None:
        found = self.cloud.ec2.describe_instances(Filters=by_token(token))["Reservations"]
        alive = [
            instance["InstanceId"]
            for reservation in found
            for instance in reservation["Instances"]
            if instance["State"]["Name"] not in GONE
        ]
        return alive[0] if alive else None

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:
        if old is not None:
            self._configure_stopped(id_, inputs, old)
            self._configure_running(id_, inputs, old)
        self._until(id_, "running", RUNNING_S)
        check = bool(inputs.get("sourceDestCheck", True))
        if check is not (True if old is None else old.get("sourceDestCheck")):  # AWS starts with it on
            self.cloud.ec2.modify_instance_attribute(InstanceId=id_, SourceDestCheck={"Value": check})
        return id_

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        instance = self._instance(id_)
        if instance is None or instance["State"]["Name"] in GONE:
            return None
        return instance_outputs(self.cloud, instance, inputs)

    def delete(self, id_: str, state: Properties) -> None:
        if when_there(lambda: self.cloud.ec2.terminate_instances(InstanceIds=[id_])):
            self._until(id_, "terminated", TERMINATED_S)

    def _configure_stopped(self, id_: str, inputs: Properties, old: Properties) -> None:
        """What AWS changes on a stopped machine only."""
        ec2 = self.cloud.ec2
        kind = inputs["instanceType"] if inputs["instanceType"] != old.get("instanceType") else None
        data = user_data(inputs)
        new_data = data != user_data(old)
        if not kind and not new_data:
            return
        ec2.stop_instances(InstanceIds=[id_])
        self._until(id_, "stopped", STOPPED_S)
        if kind:
            ec2.modify_instance_attribute(InstanceId=id_, InstanceType={"Value": kind})
        if new_data:
            ec2.modify_instance_attribute(InstanceId=id_, UserData={"Value": data or b""})
        ec2.start_instances(InstanceIds=[id_])

    def _configure_running(self, id_: str, inputs: Properties, old: Properties) -> None:
        ec2 = self.cloud.ec2

        def changed(name: str) -> Any:
            return inputs.get(name) if inputs.get(name) != old.get(name) else None

        if groups := changed("vpcSecurityGroupIds"):
            ec2.modify_instance_attribute(InstanceId=id_, Groups=groups)
        if behaviour := changed("instanceInitiatedShutdownBehavior"):
            ec2.modify_instance_attribute(
                InstanceId=id_, InstanceInitiatedShutdownBehavior={"Value": behaviour}
            )
        if options := changed("metadataOptions"):
            fields: Any = {METADATA[name]: value for name, value in options.items()}
            ec2.modify_instance_metadata_options(InstanceId=id_, **fields)
        if profile := changed("iamInstanceProfile"):
            self._take_profile(id_, profile)
        if disk := changed("rootBlockDevice"):
            self._change_volume(id_, disk, old.get("rootBlockDevice") or {})
        retag(self.cloud, id_, inputs, old)

    def _take_profile(self, id_: str, profile: str) -> None:
        ec2 = self.cloud.ec2
        held = ec2.describe_iam_instance_profile_associations(
            Filters=[{"Name": "instance-id", "Values": [id_]}]
        )["IamInstanceProfileAssociations"]
        if held:
            ec2.replace_iam_instance_profile_association(
                AssociationId=held[0]["AssociationId"], IamInstanceProfile={"Name": profile}
            )
        else:
            ec2.associate_iam_instance_profile(InstanceId=id_, IamInstanceProfile={"Name": profile})

    def _change_volume(self, id_: str, disk: Properties, old: Properties) -> None:
        instance = self._instance(id_) or {}
        volume = instance["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
        fields: Any = {
            VOLUME[name].replace("VolumeSize", "Size"): disk[name]
            for name in ("volumeSize", "volumeType", "iops", "throughput")
            if name in disk and disk[name] != old.get(name)
        }
        if fields:
            self.cloud.ec2.modify_volume(VolumeId=volume, **fields)
        retag(self.cloud, volume, disk, old)

    def _instance(self, id_: str) -> Any | None:
        found = when_there(lambda: self.cloud.ec2.describe_instances(InstanceIds=[id_])["Reservations"])
        return found[0]["Instances"][0] if found else None

    def _until(self, id_: str, state: str, wait_s: float) -> None:
        def look() -> tuple[bool, str]:
            seen = state_of(self._instance(id_))
            return seen == state, seen

        wait_until(look, what=f"{id_} to be {state}", wait_s=wait_s)
