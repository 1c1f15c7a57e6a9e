"""aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule and …EgressRule."""

from __future__ import annotations

from typing import Any, ClassVar

from lab.engine.aws.tags import retag, specification, tag_outputs
from lab.engine.cloud import by_token, remove, when_there
from lab.engine.kind import Kind, names
from lab.engine.values import Properties

FIELDS = {
    "ipProtocol": "IpProtocol",
    "fromPort": "FromPort",
    "toPort": "ToPort",
    "cidrIpv4": "CidrIpv4",
    "cidrIpv6": "CidrIpv6",
    "prefixListId": "PrefixListId",
    "referencedSecurityGroupId": "ReferencedGroupId",
    "description": "Description",
}


class SecurityGroupRule(Kind):
    """One rule of a group, in one direction."""

    egress: ClassVar[bool]
    replaces = names("securityGroupId")
    updates = frozenset(FIELDS) | names("tags")

    def create(self, inputs: Properties, token: str) -> str:
        request: dict[str, Any] = {
            "GroupId": inputs["securityGroupId"],
            "IpPermissions": [_permission(inputs)],
            "TagSpecifications": specification("security-group-rule", inputs, token),
        }
        if self.egress:
            made = self.cloud.ec2.authorize_security_group_egress(**request)["SecurityGroupRules"]
        else:
            made = self.cloud.ec2.authorize_security_group_ingress(**request)["SecurityGroupRules"]
        return made[0]["SecurityGroupRuleId"]

    def find(self, inputs: Properties, token: str) -> str | None:
        found = self.cloud.ec2.describe_security_group_rules(Filters=by_token(token))["SecurityGroupRules"]
        return found[0]["SecurityGroupRuleId"] if found else None

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:
        if old is not None:
            rule: Any = {field: inputs[name] for name, field in FIELDS.items() if name in inputs}
            self.cloud.ec2.modify_security_group_rules(
                GroupId=inputs["securityGroupId"],
                SecurityGroupRules=[{"SecurityGroupRuleId": id_, "SecurityGroupRule": rule}],
            )
        retag(self.cloud, id_, inputs, old)
        return id_

    def read(self, id_: str, inputs: Properties) -> Properties | None:
        ec2 = self.cloud.ec2
        found = when_there(
            lambda: ec2.describe_security_group_rules(SecurityGroupRuleIds=[id_])["SecurityGroupRules"]
        )
        if not found:
            return None
        rule: Any = found[0]
        outputs = {name: rule.get(field) for name, field in FIELDS.items()}
        if referenced := rule.get("ReferencedGroupInfo"):
            outputs["referencedSecurityGroupId"] = referenced["GroupId"]
        if outputs["ipProtocol"] == "-1":  # AWS answers -1 for ports that were not given
            outputs |= {"fromPort": inputs.get("fromPort"), "toPort": inputs.get("toPort")}
        return {
            "arn": self.cloud.arn("ec2", f"security-group-rule/{id_}"),
            "securityGroupId": rule["GroupId"],
            "securityGroupRuleId": id_,
            **outputs,
            **tag_outputs(rule.get("Tags")),
        }

    def delete(self, id_: str, state: Properties) -> None:
        ec2, group = self.cloud.ec2, state["securityGroupId"]
        revoke: Any = ec2.revoke_security_group_egress if self.egress else ec2.revoke_security_group_ingress
        remove(lambda: revoke(GroupId=group, SecurityGroupRuleIds=[id_]), id_)


class SecurityGroupIngressRule(SecurityGroupRule):
    """What a group lets in."""

    pulumi_type = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    egress = False


class SecurityGroupEgressRule(SecurityGroupRule):
    """What a group lets out."""

    pulumi_type = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    egress = True


def _permission(inputs: Properties) -> dict[str, Any]:
    permission: dict[str, Any] = {"IpProtocol": inputs["ipProtocol"]}
    permission |= {FIELDS[name]: inputs[name] for name in ("fromPort", "toPort") if name in inputs}
    about = {"Description": inputs["description"]} if inputs.get("description") else {}
    for name, ranges, field in (
        ("cidrIpv4", "IpRanges", "CidrIp"),
        ("cidrIpv6", "Ipv6Ranges", "CidrIpv6"),
        ("prefixListId", "PrefixListIds", "PrefixListId"),
        ("referencedSecurityGroupId", "UserIdGroupPairs", "GroupId"),
    ):
        if inputs.get(name):
            permission[ranges] = [{field: inputs[name], **about}]
    return permission
