"""The AWS API: moto, served where the laptop and the nodes find it, behind the gate."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends
from moto.iam.access_control import PermissionResult
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.s3.models import FakeBucket, s3_backends
from moto.ssm.models import Parameter, ssm_backends
from moto.sts.models import sts_backends
from werkzeug.serving import BaseWSGIServer, make_server

from lab.addresses import API
from lab.cloud import ACCOUNT

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

UBUNTU_PARAMETER = "/aws/service/canonical/ubuntu/server/{release}/stable/current/amd64/hvm/{volume}/ami-id"
"""Canonical's public SSM parameter for its current images."""

log = logging.getLogger(__name__)


def application() -> WSGIApplication:
    """Moto as a WSGI application.

    Moto takes every condition of a bucket's policy for unmet and then denies: a policy that asks
    for TLS would shut its bucket for all. The gate judges bucket policies instead.
    """
    FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL  # type: ignore[method-assign]
    return DomainDispatcherApplication(create_backend_app)


def bucket_policies(bucket: str) -> list[Mapping[str, Any]]:
    """The bucket's policy, parsed, if it has one."""
    found = s3_backends[ACCOUNT]["aws"].buckets.get(bucket)
    return [json.loads(found.policy)] if found is not None and found.policy else []


def assume(role: str, session: str, lifetime_s: int) -> tuple[str, str, str]:
    """Credentials of a role, made in moto, so that its STS knows whose they are.

    No caller could ask for them: the role trusts the EC2 service, which here is the lab.
    """
    made = sts_backends[ACCOUNT]["aws"].assume_role(
        region_name="us-east-1",
        role_session_name=session,
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/{role}",
        policy="",
        duration=lifetime_s,
        external_id="",
    )
    return made.access_key_id, made.secret_access_key, made.session_token


class Server:
    """One application at the same port of several addresses."""

    def __init__(self, application: WSGIApplication, port: int) -> None:
        self._application = application
        self._port = port
        self._servers: list[BaseWSGIServer] = []

    def start(self) -> None:
        """Listen.

        Raises:
            OSError: the port is taken.
        """
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        for address in ("127.0.0.1", str(API)):
            server = make_server(
                address, self._port, self._application, threaded=True, request_handler=MotoRequestHandler
            )
            self._servers.append(server)
            threading.Thread(target=server.serve_forever, name=f"api {address}", daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        for server in self._servers:
            server.shutdown()


class Region:
    """What AWS offers in every region before anybody made anything: Ubuntu's image and its parameter."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._furnished: set[str] = set()

    def known(self, name: str) -> bool:
        """Whether AWS has such a region."""
        return name in ec2_backends[ACCOUNT]

    def furnish(self, name: str) -> None:
        """Do it once for each region. moto refuses such parameters through its API, as AWS does."""
        with self._lock:
            if name in self._furnished or not self.known(name):
                return
            self._furnished.add(name)

        image = ec2_backends[ACCOUNT][name].register_image(
            name="ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server",
            description="The lab's machine image, in the place of Ubuntu Server 22.04 LTS",
        )
        parameters = ssm_backends[ACCOUNT][name]._parameters
        for volume in ("ebs-gp2", "ebs-gp3"):
            key = UBUNTU_PARAMETER.format(release="22.04", volume=volume)
            given: Mapping[str, Any] = {
                "account_id": ACCOUNT,
                "name": key,
                "value": image.id,
                "parameter_type": "String",
                "description": None,
                "allowed_pattern": None,
                "keyid": None,
                "last_modified_date": 0,
                "version": 1,
                "data_type": "aws:ec2:image",
            }
            parameters[key].append(Parameter(**given))  # type: ignore[abstract]
        log.info("region %s has image %s", name, image.id)
