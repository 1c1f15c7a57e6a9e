"""aws:iam/instanceProfile:InstanceProfile."""

from __future__ import annotations

from typing import Any

from lab.engine.aws.document import marked, rfc3339
from lab.engine.aws.tags import tag_outputs
from lab.engine.cloud import remove, tag_list, when_there
from lab.engine.kind import Kind, names
from lab.engine.values import Properties


class InstanceProfile(Kind):
    """What hands a role to an instance. Its id is its name."""

    pulumi_type = "aws:iam/instanceProfile:InstanceProfile"
    replaces = names("name path")
    updates = names("role tags")
    autoname = "name"

    def create(self, inputs: Properties, token: str) -> str:
        made = self.cloud.iam.create_instance_profile(
            InstanceProfileName=inputs["name"],
            Path=inputs.get("path", "/"),
            Tags=tag_list(inputs.get("tags"), token),
        )
        return made["InstanceProfile"]["InstanceProfileName"]

    def find(self, inputs: Properties, token: str) -> str | None:
        profile = self._profile(inputs["name"])
        return inputs["name"] if profile and marked(profile, token) else None

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:
        iam = self.cloud.iam
        self._leave(id_, keep=inputs.get("role"))
        held = {role["RoleName"] for role in (self._profile(id_) or {}).get("Roles", [])}
        if (role := inputs.get("role")) and role not in held:
            iam.add_role_to_instance_profile(InstanceProfileName=id_, RoleName=role)
        if old is not None:
            wanted, had = inputs.get("tags") or {}, old.get("tags") or {}
            if gone := [key for key in had if key not in wanted]:
                iam.untag_instance_profile(InstanceProfileName=id_, TagKeys=gone)
            iam.tag_instance_profile(InstanceProfileName=id_, Tags=tag_list(wanted))
        return id_

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        profile = self._profile(id_)
        if profile is None:
            return None
        roles = profile.get("Roles", [])
        return {
            "arn": profile["Arn"],
            "name": profile["InstanceProfileName"],
            "path": profile["Path"],
            "uniqueId": profile["InstanceProfileId"],
            "createDate": rfc3339(profile["CreateDate"]),
            "role": roles[0]["RoleName"] if roles else None,
            **tag_outputs(profile.get("Tags")),
        }

    def delete(self, id_: str, state: Properties) -> None:
        self._leave(id_, keep=None)
        remove(lambda: self.cloud.iam.delete_instance_profile(InstanceProfileName=id_), id_)

    def _leave(self, id_: str, *, keep: str | None) -> None:
        for role in (self._profile(id_) or {}).get("Roles", []):
            if role["RoleName"] != keep:
                self.cloud.iam.remove_role_from_instance_profile(
                    InstanceProfileName=id_, RoleName=role["RoleName"]
                )

    def _profile(self, name: str) -> Any | None:
        return when_there(
            lambda: self.cloud.iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
        )
