"""A stack's life: preview, up, nothing to do, change, replacement, destroy. Issue, part 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contract.errors import CloudError
from contract.events import Event, State
from lab.engine import Changes, Op
from tests.lab.engine.stacks import SMALL, Account


def ops(changes: Changes) -> dict[str, Op]:
    return {change.urn.rpartition("::")[2]: change.op for change in changes.listed}


def test_up_makes_what_the_program_says_and_returns_its_outputs(engine, account: Account):
    outputs = engine().up()
    assert account.census() == SMALL
    assert outputs["addresses"] == ["10.7.0.10"]
    assert outputs["plain"] == 3
    assert outputs["bucket"].startswith("results-")
    assert engine().outputs() == outputs


def test_a_second_up_changes_nothing(engine):
    engine().up()
    again = engine()
    again.up()
    assert again.changes.empty
    assert again.changes.counts == {Op.SAME: 17}


def test_preview_changes_nothing_and_says_what_up_then_does(engine, account: Account, tmp_path: Path):
    foreseen = engine().preview()
    assert account.empty()
    assert not (tmp_path / "stacks" / "dev.json").exists()
    up = engine()
    up.up()
    assert {(one.op, one.urn) for one in foreseen.every} == {(one.op, one.urn) for one in up.changes.every}
    assert engine().preview().empty


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"network": {"caller": "198.51.100.1/32"}}, {"ssh": Op.UPDATE}),
        ({"volume": 20}, {"machine-0": Op.UPDATE}),
        ({"type": "t2.xlarge"}, {"machine-0": Op.UPDATE}),
        ({"machines": 2}, {"machine-1": Op.CREATE}),
        ({"machines": 0}, {"machine-0": Op.DELETE}),
        (
            {"network": {"description": "another"}},
            {"group": Op.REPLACE, "ssh": Op.REPLACE, "inside": Op.REPLACE, "machine-0": Op.UPDATE},
        ),
        (
            {"network": {"cidr": "10.9.0.0/16"}},
            {
                "vpc": Op.REPLACE,
                "gateway": Op.UPDATE,
                "table": Op.REPLACE,
                "way-out": Op.REPLACE,
                "subnet": Op.REPLACE,
                "association": Op.REPLACE,
                "group": Op.REPLACE,
                "ssh": Op.REPLACE,
                "inside": Op.REPLACE,
                "machine-0": Op.REPLACE,
            },
        ),
    ],
    ids=["rule", "disk", "type", "one more", "one less", "group", "network"],
)
def test_a_changed_setting_changes_exactly_what_it_must(engine, account: Account, overrides, expected):
    engine().up()
    foreseen = engine(**overrides).preview()
    changed = engine(**overrides)
    changed.up()
    assert ops(changed.changes) == expected
    assert ops(foreseen) == expected
    machines = overrides.get("machines", 1)
    assert account.census() == {
        **SMALL,
        "instances": machines,
        "interfaces": machines,
        "volumes": machines,
    }
    again = engine(**overrides)
    again.up()
    assert again.changes.empty
    assert again.refresh().empty


def test_an_update_reaches_the_cloud(engine, account: Account):
    engine().up()
    engine(type="t2.xlarge", volume=20, network={"caller": "198.51.100.1/32"}).up()
    ec2 = account.client("ec2")
    (machine,) = (one for found in ec2.describe_instances()["Reservations"] for one in found["Instances"])
    assert machine["InstanceType"] == "t2.xlarge"
    assert machine["State"]["Name"] == "running"
    assert [volume["Size"] for volume in ec2.describe_volumes()["Volumes"]] == [20]
    rules = ec2.describe_security_group_rules()["SecurityGroupRules"]
    assert "198.51.100.1/32" in {rule.get("CidrIpv4") for rule in rules}


def test_a_new_group_lets_nothing_out_but_what_a_rule_allows(engine, account: Account):
    engine().up()
    (group,) = (
        one
        for one in account.client("ec2").describe_security_groups()["SecurityGroups"]
        if one["GroupName"].startswith("group-")
    )
    assert [rule["IpRanges"] for rule in group["IpPermissionsEgress"]] == [[]]


def test_destroy_leaves_nothing_with_the_clusters_tag(engine, account: Account):
    engine().up()
    assert account.tagged("dev")
    engine().destroy()
    assert account.tagged("dev") == []
    assert account.empty()
    assert engine().outputs() is None
    engine().destroy()


def test_destroy_keeps_a_bucket_with_results_unless_told_otherwise(engine, account: Account):
    bucket = engine().up()["bucket"]
    account.client("s3").put_object(Bucket=bucket, Key="runs/one", Body=b"result")
    with pytest.raises(CloudError, match="BucketNotEmpty"):
        engine().destroy()
    engine(emptyOnDestroy=True).up()
    engine().destroy()
    assert account.empty()


def test_a_run_tells_what_each_resource_is_doing(engine, events: list[Event]):
    engine().up()
    assert Event("machine-0", "creating Instance") in events
    assert Event("machine-0", "created Instance", State.CHANGED) in events


def test_a_stack_stays_in_its_region(engine):
    engine().up()
    elsewhere = engine()
    elsewhere._region = "eu-west-1"
    with pytest.raises(CloudError, match="is in region us-east-1, not in eu-west-1"):
        elsewhere.up()


def test_two_runs_in_one_process_read_the_program_anew(engine, program, account: Account, tmp_path: Path):
    root = program("import pulumi\nimport part\npulumi.export('answer', part.ANSWER)\n")
    (root / "program.py").rename(root / "__main__.py")
    (root / "Pulumi.yaml").write_text("name: written\nruntime: python\nmain: .\n")
    seen = []
    for answer in (1, 2):
        (root / "part.py").write_text(f"ANSWER = {answer} + 0 * {'1' * answer}\n")
        run = engine()
        run._root = root
        seen.append(run.up()["answer"])
    assert seen == [1, 2]
    assert json.loads((tmp_path / "stacks" / "dev.json").read_text())["version"] == 3


@pytest.mark.parametrize("first", [True, False], ids=["deleted first", "created first"])
def test_ignored_changes_stay_ignored_when_the_resource_is_replaced(engine, program, account: Account, first):
    text = (
        "import pulumi\nimport pulumi_aws as aws\n"
        "aws.ec2.Vpc('net', cidr_block='{cidr}', tags={{'state': '{state}'}}, opts=pulumi.ResourceOptions("
        "ignore_changes=['tags'], delete_before_replace={first}))\n"
    )
    run = engine()
    run._root = program(text.format(cidr="10.1.0.0/16", state="old", first=first))
    run.up()
    run._root = program(text.format(cidr="10.1.0.0/16", state="new", first=first))
    run.up()
    assert run.changes.empty
    run._root = program(text.format(cidr="10.2.0.0/16", state="new", first=first))
    run.up()
    assert ops(run.changes) == {"net": Op.REPLACE}
    (net,) = (one for one in account.client("ec2").describe_vpcs()["Vpcs"] if not one["IsDefault"])
    assert net["CidrBlock"] == "10.2.0.0/16"
    assert {"Key": "state", "Value": "old"} in net["Tags"]
