"""A real AWS API on a loopback port, and stacks of small programs on it."""

from __future__ import annotations

import logging
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from contract.events import Event
from lab.engine import Engine
from tests.lab.engine.stacks import IMAGE_PARAMETER, REGION, Account

PROGRAMS = Path(__file__).parent / "programs"
MakeEngine = Callable[..., Engine]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    images = pytest.MonkeyPatch()
    images.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")  # hundreds that no test asks for, at every reset
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    finally:
        server.stop()
        images.undo()


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """One for all tests: it reads each service's description, which takes its time, only once."""
    return boto3.Session("test", "test", region_name=REGION)


@pytest.fixture
def account(endpoint: str, session: boto3.Session) -> Account:
    """An empty account, with the one image parameter that the programs ask for."""
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")).read()  # noqa: S310
    account = Account(session, endpoint)
    image = account.client("ec2").register_image(Name="test", RootDeviceName="/dev/sda1")["ImageId"]
    account.client("ssm").put_parameter(Name=IMAGE_PARAMETER, Value=image, Type="String")
    return account


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def engine(account: Account, tmp_path: Path, events: list[Event]) -> MakeEngine:
    """Makes an engine for the program's stack `dev`; the state is the same each time."""

    def make(program: str = "small", **overrides: Any) -> Engine:
        return Engine(
            PROGRAMS / program,
            "dev",
            tmp_path / "stacks" / "dev.json",
            endpoint=account.endpoint,
            region=REGION,
            overrides=overrides,
            sink=events.append,
            session=account.session,
        )

    return make


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a project whose program is the text given."""

    def write(text: str) -> Path:
        root = tmp_path / "project"
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        (root / "Pulumi.yaml").write_text("name: written\nruntime: python\nmain: program.py\n")
        (root / "Pulumi.dev.yaml").write_text("config: {}\n")
        (root / "program.py").write_text(text)
        return root

    return write
