"""The AWS API: moto, served where the laptop and the nodes find it, behind the gate."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lab.addresses import API

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from werkzeug.serving import BaseWSGIServer

ACCOUNT = "123456789012"
"""The account that everything in the lab belongs to; moto's own."""

UBUNTU_PARAMETER = "/aws/service/canonical/ubuntu/server/{release}/stable/current/amd64/hvm/{volume}/ami-id"
"""Canonical's public SSM parameter for its current images."""

_SETTINGS = {
    # Images that nobody boots take seconds to load in every region.
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    # As on AWS: an instance of an image that does not exist is refused.
    "MOTO_ENABLE_AMI_VALIDATION": "true",
}

log = logging.getLogger(__name__)


def application() -> WSGIApplication:
    """Moto as a WSGI application. It reads its settings when first imported, so this comes first."""
    os.environ.update(_SETTINGS)
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    return DomainDispatcherApplication(create_backend_app)


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
        from moto.moto_server.werkzeug_app import MotoRequestHandler
        from werkzeug.serving import make_server

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

    def furnish(self, name: str) -> None:
        """Do it once for each region. moto refuses such parameters through its API, as AWS does."""
        with self._lock:
            if not name or name in self._furnished:
                return
            self._furnished.add(name)
        from moto.ec2.models import ec2_backends
        from moto.ssm.models import Parameter, ssm_backends

        if name not in ec2_backends[ACCOUNT]:
            return
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
            parameters[key].append(Parameter(**given))
        log.info("region %s has image %s", name, image.id)
