"""aws:iam/role:Role and aws:iam/rolePolicy:RolePolicy."""

from __future__ import annotations

from typing import Any

from lab.engine.aws.document import marked, rfc3339, same_json
from lab.engine.aws.tags import tag_outputs
from lab.engine.cloud import remove, tag_list, when_there
from lab.engine.kind import Kind, names
from lab.engine.values import Properties


class Role(Kind):
    """An identity that machines take on. Its id is its name."""

    pulumi_type = "aws:iam/role:Role"
    replaces = names("name path")
    updates = names("assumeRolePolicy description maxSessionDuration tags")
    autoname = "name"

    def create(self, inputs: Properties, token: str) -> str:
        made = self.cloud.iam.create_role(
            RoleName=inputs["name"],
            Path=inputs.get("path", "/"),
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            Tags=tag_list(inputs.get("tags"), token),
        )
        return made["Role"]["RoleName"]

    def find(self, inputs: Properties, token: str) -> str | None:
        role = self._role(inputs["name"])
        return inputs["name"] if role and marked(role, token) else None

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:
        iam = self.cloud.iam
        if old is not None:
            iam.update_assume_role_policy(RoleName=id_, PolicyDocument=inputs["assumeRolePolicy"])
        iam.update_role(
            RoleName=id_,
            Description=inputs.get("description", ""),
            MaxSessionDuration=inputs.get("maxSessionDuration", 3600),  # AWS's default, 1 h
        )
        if old is not None:
            wanted, had = inputs.get("tags") or {}, old.get("tags") or {}
            if gone := [key for key in had if key not in wanted]:
                iam.untag_role(RoleName=id_, TagKeys=gone)
            iam.tag_role(RoleName=id_, Tags=tag_list(wanted))
        return id_

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        role = self._role(id_)
        if role is None:
            return None
        return {
            "arn": role["Arn"],
            "name": role["RoleName"],
            "path": role["Path"],
            "uniqueId": role["RoleId"],
            "description": role.get("Description", ""),
            "maxSessionDuration": role.get("MaxSessionDuration", 3600),
            "createDate": rfc3339(role["CreateDate"]),
            "assumeRolePolicy": same_json(role["AssumeRolePolicyDocument"], inputs.get("assumeRolePolicy")),
            **tag_outputs(role.get("Tags")),
        }

    def delete(self, id_: str, state: Properties) -> None:
        remove(lambda: self.cloud.iam.delete_role(RoleName=id_), id_)

    def _role(self, name: str) -> Any | None:
        return when_there(lambda: self.cloud.iam.get_role(RoleName=name)["Role"])


class RolePolicy(Kind):
    """A policy written into a role. Its id is `role:name`."""

    pulumi_type = "aws:iam/rolePolicy:RolePolicy"
    replaces = names("role name")
    updates = names("policy")
    autoname = "name"

    def create(self, inputs: Properties, token: str) -> str:
        self._put(inputs)
        return f"{inputs['role']}:{inputs['name']}"

    def find(self, inputs: Properties, token: str) -> str | None:
        id_ = f"{inputs['role']}:{inputs['name']}"
        return id_ if self.read(id_, inputs) else None

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:
        if old is not None:
            self._put(inputs)
        return id_

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        role, _, name = id_.partition(":")
        found = when_there(lambda: self.cloud.iam.get_role_policy(RoleName=role, PolicyName=name))
        if found is None:
            return None
        policy = same_json(found["PolicyDocument"], inputs.get("policy"))
        return {"role": role, "name": name, "policy": policy}

    def delete(self, id_: str, state: Properties) -> None:
        role, _, name = id_.partition(":")
        remove(lambda: self.cloud.iam.delete_role_policy(RoleName=role, PolicyName=name), id_)

    def _put(self, inputs: Properties) -> None:
        self.cloud.iam.put_role_policy(
            RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"]
        )
