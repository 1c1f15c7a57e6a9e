"""aws:ec2/securityGroup:SecurityGroup."""

from __future__ import annotations

from lab.engine.aws.tags import retag, specification, tag_outputs
from lab.engine.cloud import by_token, remove, when_there
from lab.engine.kind import Kind, names
from lab.engine.values import Properties

DESCRIPTION = "Managed by Pulumi"  # the provider's default; AWS demands one


class SecurityGroup(Kind):
    """A group that starts with no rule at all; its rules are resources of their own."""

    pulumi_type = "aws:ec2/securityGroup:SecurityGroup"
    replaces = names("name description vpcId")
    updates = names("tags revokeRulesOnDelete")
    autoname = "name"

    def create(self, inputs: Properties, token: str) -> str:
        made = self.cloud.ec2.create_security_group(
            GroupName=inputs["name"],
            Description=inputs.get("description", DESCRIPTION),
            VpcId=inputs["vpcId"],
            TagSpecifications=specification("security-group", inputs, token),
        )
        return made["GroupId"]

    def find(self, inputs: Properties, token: str) -> str | None:
        found = self.cloud.ec2.describe_security_groups(Filters=by_token(token))["SecurityGroups"]
        return found[0]["GroupId"] if found else None

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:
        if old is None:  # AWS opens a new group's way out to everywhere; the provider closes it
            group = self.cloud.ec2.describe_security_groups(GroupIds=[id_])["SecurityGroups"][0]
            if group["IpPermissionsEgress"]:
                self.cloud.ec2.revoke_security_group_egress(
                    GroupId=id_,
                    IpPermissions=group["IpPermissionsEgress"],
                )
        retag(self.cloud, id_, inputs, old)
        return id_

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        found = when_there(lambda: self.cloud.ec2.describe_security_groups(GroupIds=[id_])["SecurityGroups"])
        if not found:
            return None
        group = found[0]
        return {
            "arn": self.cloud.arn("ec2", f"security-group/{id_}"),
            "name": group["GroupName"],
            "description": group["Description"],
            "vpcId": group["VpcId"],
            "ownerId": self.cloud.account,
            **tag_outputs(group.get("Tags")),
        }

    def delete(self, id_: str, state: Properties) -> None:
        if state.get("revokeRulesOnDelete"):
            self._revoke(id_)
        remove(lambda: self.cloud.ec2.delete_security_group(GroupId=id_), id_)

    def _revoke(self, id_: str) -> None:
        rules = self.cloud.ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [id_]}])
        for rule in rules["SecurityGroupRules"]:
            ids = [rule["SecurityGroupRuleId"]]
            if rule["IsEgress"]:
                self.cloud.ec2.revoke_security_group_egress(GroupId=id_, SecurityGroupRuleIds=ids)
            else:
                self.cloud.ec2.revoke_security_group_ingress(GroupId=id_, SecurityGroupRuleIds=ids)
