"""What changed behind the program's back is seen, and put right by the next up."""

from __future__ import annotations

from lab.engine import Op
from tests.lab.engine.stacks import SMALL, Account
from tests.lab.engine.test_lifecycle import ops


def machine(account: Account) -> str:
    (found,) = (
        one["InstanceId"]
        for reservation in account.client("ec2").describe_instances()["Reservations"]
        for one in reservation["Instances"]
        if one["State"]["Name"] == "running"
    )
    return found


def test_an_instance_that_is_gone_is_dropped_and_made_again(engine, account: Account):
    engine().up()
    first = machine(account)
    account.client("ec2").terminate_instances(InstanceIds=[first])
    assert ops(engine().refresh()) == {"machine-0": Op.DELETE}
    again = engine()
    again.up()
    assert ops(again.changes) == {"machine-0": Op.CREATE}
    assert machine(account) != first
    assert account.census() == SMALL


def test_drift_is_shown_and_corrected(engine, account: Account):
    engine().up()
    ec2 = account.client("ec2")
    ec2.create_tags(Resources=[machine(account)], Tags=[{"Key": "clusterbed:cluster", "Value": "other"}])
    (rule,) = (
        one for one in ec2.describe_security_group_rules()["SecurityGroupRules"] if one.get("FromPort") == 22
    )
    ec2.modify_security_group_rules(
        GroupId=rule["GroupId"],
        SecurityGroupRules=[
            {
                "SecurityGroupRuleId": rule["SecurityGroupRuleId"],
                "SecurityGroupRule": {
                    "IpProtocol": "tcp",
                    "FromPort": 22,
                    "ToPort": 22,
                    "CidrIpv4": "0.0.0.0/0",
                },
            }
        ],
    )
    seen = engine().refresh()
    assert ops(seen) == {"machine-0": Op.UPDATE, "ssh": Op.UPDATE}
    (opened,) = (one for one in seen.listed if one.urn.endswith("::ssh"))
    assert [(one.path, one.old, one.new) for one in opened.diffs] == [
        ("cidrIpv4", "203.0.113.9/32", "0.0.0.0/0")
    ]
    assert ops(engine().preview()) == {"machine-0": Op.UPDATE, "ssh": Op.UPDATE}
    engine().up()
    rules = ec2.describe_security_group_rules()["SecurityGroupRules"]
    assert "0.0.0.0/0" not in {one.get("CidrIpv4") for one in rules if not one["IsEgress"]}
    assert engine().refresh().empty


def test_an_account_emptied_behind_its_back_is_filled_again(engine, account: Account):
    engine().up()
    gone = engine()
    account.client("ec2").terminate_instances(InstanceIds=[machine(account)])
    account.client("iam").delete_role_policy(
        RoleName=account.client("iam").list_roles()["Roles"][0]["RoleName"],
        PolicyName=account.client("iam").list_role_policies(
            RoleName=account.client("iam").list_roles()["Roles"][0]["RoleName"]
        )["PolicyNames"][0],
    )
    assert ops(gone.refresh()) == {"machine-0": Op.DELETE, "policy": Op.DELETE}
    engine().up()
    assert account.census() == SMALL
