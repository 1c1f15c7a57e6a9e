"""A resource that got another name, type or parent is the same one, if the program says so."""

from __future__ import annotations

from lab.engine import Op
from tests.lab.engine.stacks import Account

HEAD = "import pulumi\nimport pulumi_aws as aws\n"
NET = "aws.ec2.Vpc('{name}', cidr_block='10.0.0.0/16', opts=pulumi.ResourceOptions({options}))\n"
PARENT = (
    "class Part(pulumi.ComponentResource):\n"
    "    def __init__(self, name, opts=None):\n"
    "        super().__init__('written:index:Part', name, opts=opts)\n"
    "        net = aws.ec2.Vpc(name + '-net', cidr_block='10.0.0.0/16',"
    " opts=pulumi.ResourceOptions(parent=self))\n"
    "        aws.ec2.Subnet(name + '-subnet', vpc_id=net.id, cidr_block='10.0.1.0/24',"
    " opts=pulumi.ResourceOptions(parent=self))\n"
)


def test_a_renamed_resource_is_kept(engine, program, account: Account):
    run = engine()
    run._root = program(HEAD + NET.format(name="net", options=""))
    run.up()
    run._root = program(HEAD + NET.format(name="new", options="aliases=[pulumi.Alias(name='net')]"))
    run.up()
    assert run.changes.empty
    assert account.census()["vpcs"] == 1
    run.up()
    assert run.changes.empty
    engine().destroy()
    assert account.empty()


def test_the_children_of_a_renamed_component_are_kept(engine, program, account: Account):
    run = engine()
    run._root = program(HEAD + PARENT + "Part('one')\n")
    run.up()
    run._root = program(
        HEAD + PARENT + "Part('two', pulumi.ResourceOptions(aliases=[pulumi.Alias(name='one')]))\n"
    )
    run.up()
    assert run.changes.empty
    assert run.refresh().counts == {Op.SAME: 4}
    engine().destroy()
    assert account.empty()
