"""What the engine does not know is refused by name, and what the program raises arrives as it is."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import time
from pathlib import Path

import boto3
import pytest

from contract.errors import CloudError, ClusterbedError, SettingError
from contract.events import silent
from lab.engine import Engine
from tests.lab.engine.conftest import PROGRAMS
from tests.lab.engine.stacks import REGION, Account

HEAD = "import pulumi\nimport pulumi_aws as aws\n"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("aws.sqs.Queue('queue')", "aws:sqs/queue:Queue"),
        (
            "aws.ec2.Vpc('net', cidr_block='10.0.0.0/16', assign_generated_ipv6_cidr_block=True)",
            "assignGeneratedIpv6CidrBlock",
        ),
        (
            "aws.ec2.Instance('one', ami='ami-1', instance_type='t2.large', subnet_id='subnet-1',"
            " metadata_options={'http_protocol_ipv6': 'enabled'})",
            "metadataOptions.httpProtocolIpv6",
        ),
        (
            "aws.ec2.Vpc('net', cidr_block='10.0.0.0/16', opts=pulumi.ResourceOptions(import_='vpc-1'))",
            "import_",
        ),
        (
            "aws.ec2.Vpc('net', cidr_block='10.0.0.0/16',"
            " opts=pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create='5m')))",
            "custom_timeouts",
        ),
        ("aws.get_partition()", "aws:index/getPartition:getPartition"),
        ("aws.get_availability_zones(all_availability_zones=True)", "allAvailabilityZones"),
        ("aws.ec2.Vpc.get('known', 'vpc-1')", "reading an existing aws:ec2/vpc:Vpc"),
        ("aws.Provider('other', region='eu-west-1')", "pulumi:providers:aws"),
    ],
)
def test_the_unknown_is_refused_by_name(engine, program, account: Account, text, named):
    run = engine()
    run._root = program(HEAD + text + "\n")
    for operation in (run.preview, run.up):
        with pytest.raises(CloudError, match=re.escape(named)):
            operation()
    assert account.empty()


def test_an_error_of_the_program_arrives_as_that_error(engine, program):
    run = engine()
    run._root = program(
        "from contract.errors import SettingError\n"
        "raise SettingError('the setting machines.workers is 0', way_out='Set at least 1.')\n"
    )
    with pytest.raises(SettingError, match=r"machines\.workers is 0") as raised:
        run.up()
    assert raised.value.way_out == "Set at least 1."


def test_the_cause_of_a_run_error_arrives(engine, program):
    run = engine()
    run._root = program(
        "import pulumi\nfrom contract.errors import SettingError\n"
        "try:\n    raise SettingError('wrong')\nexcept SettingError as error:\n"
        "    raise pulumi.RunError('stop') from error\n"
    )
    with pytest.raises(SettingError, match="wrong"):
        run.up()


def test_an_error_while_outputs_arrive_is_raised_and_what_was_made_is_recorded(
    engine, program, account: Account
):
    run = engine()
    run._root = program(
        HEAD + "from contract.errors import MachineError\n"
        "def fail(id):\n    raise MachineError(f'{id} is odd')\n"
        "net = aws.ec2.Vpc('net', cidr_block='10.0.0.0/16')\n"
        "aws.ec2.InternetGateway('gateway', vpc_id=net.id.apply(fail))\n"
    )
    with pytest.raises(ClusterbedError, match="is odd"):
        run.up()
    assert account.census()["vpcs"] == 1
    engine().destroy()
    assert account.empty()


def test_two_resources_of_one_name_are_refused(engine, program):
    run = engine()
    run._root = program(HEAD + "for _ in range(2):\n    aws.ec2.Vpc('net', cidr_block='10.0.0.0/16')\n")
    with pytest.raises(CloudError, match="twice"):
        run.preview()


def test_what_the_cloud_refuses_names_resource_and_call(engine, program, account: Account):
    run = engine()
    run._root = program(HEAD + "aws.ec2.Vpc('net', cidr_block='10.0.0.0/8')\n")
    with pytest.raises(CloudError, match="net: CreateVpc was refused"):
        run.up()
    assert account.empty()
    engine().destroy()


def test_a_protected_resource_is_not_deleted(engine, program, account: Account):
    text = HEAD + "aws.ec2.Vpc('net', cidr_block='10.0.0.0/16', opts=pulumi.ResourceOptions(protect={}))\n"
    run = engine()
    run._root = program(text.format(True))
    run.up()
    with pytest.raises(CloudError, match="'net' is protected"):
        engine().destroy()
    run._root = program(text.format(False))
    run.up()
    engine().destroy()
    assert account.empty()


def _interrupted_up(state: Path, endpoint: str) -> None:
    session = boto3.Session("test", "test", region_name=REGION)

    def interrupt(model: object = None, **_: object) -> None:
        if getattr(model, "name", "") == "CreateSubnet":
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.3)  # the step is under way while the user presses Ctrl-C

    session.events.register("before-call", interrupt)
    engine = Engine(
        PROGRAMS / "small",
        "dev",
        state,
        endpoint=endpoint,
        region=REGION,
        overrides={},
        sink=silent,
        session=session,
    )
    try:
        engine.up()
    except KeyboardInterrupt:
        os._exit(130)


def test_ctrl_c_ends_the_steps_under_way_and_records_them(engine, account: Account, tmp_path: Path):
    process = multiprocessing.get_context("spawn").Process(
        target=_interrupted_up, args=(tmp_path / "stacks" / "dev.json", account.endpoint)
    )
    process.start()
    process.join(60)
    assert process.exitcode == 130
    assert account.census()["subnets"] == 1
    assert account.census()["instances"] == 0
    ended = engine()
    ended.up()
    assert "subnet" not in {one.urn.rpartition("::")[2] for one in ended.changes.listed}
    engine().destroy()
    assert account.empty()


def test_one_engine_a_stack_at_a_time(engine, tmp_path: Path):
    from lab.engine.lock import locked  # noqa: PLC0415

    with (
        locked(tmp_path / "stacks" / "dev.json"),
        pytest.raises(ClusterbedError, match=f"worked on by process {os.getpid()}"),
    ):
        engine().destroy()
    (tmp_path / "stacks" / "dev.lock").write_text("999999")
    engine().destroy()
