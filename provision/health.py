"""Whether the services are well, as they say themselves."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from typing import Any

from contract.errors import ServiceError
from contract.events import Event, Sink, State
from contract.settings import Service
from provision.machine import Machine
from provision.polling import DeadlineError, NotYet, poll
from provision.services import hdfs, ray, spark
from provision.services.site import Site

HEALTHY_WITHIN_S = 180.0
"""From the last daemon's start: 10 s on two cores for HDFS and Spark, 20 s for Ray, and margin."""


@dataclass(frozen=True, slots=True)
class Health:
    """A service's state in words: "2 of 2 DataNodes live"."""

    service: Service
    healthy: bool
    text: str


Judge = Callable[[Site, Any], tuple[bool, str]]
_SERVICES: dict[Service, tuple[Callable[[Site], str], Judge]] = {
    Service.HDFS: (hdfs.question, hdfs.judge),
    Service.SPARK: (spark.question, spark.judge),
    Service.RAY: (ray.question, ray.judge),
}


def health(site: Site, head: Machine) -> tuple[Health, ...]:
    """Ask every service of the setup once."""
    process = head.start(_command(site))
    try:
        line = next(iter(process.lines()), "")
    finally:
        process.close()
    return _judged(site, line)


def until_healthy(
    site: Site, head: Machine, sink: Sink, *, deadline_s: float = HEALTHY_WITHIN_S
) -> tuple[Health, ...]:
    """Wait until every service is well.

    Raises:
        ServiceError: one is not in time; says what is missing, by name.
    """
    process = head.start(_command(site))
    lines = process.lines()

    def probe() -> tuple[Health, ...]:
        found = _judged(site, next(lines, ""))
        ill = [one.text for one in found if not one.healthy]
        if ill:
            raise NotYet("; ".join(ill))
        return found

    try:
        found = poll(
            probe,
            what="services",
            deadline_s=deadline_s,
            interval_s=0.0,  # the other side paces
            waiting=lambda text: sink(Event("services", text, State.WAITING)),
        )
    except DeadlineError as error:
        raise ServiceError(
            f"not every service is healthy: {error}",
            way_out="`fab ssh` and `journalctl -u 'clusterbed-*'` on the node named show why; "
            "`fab deploy` starts what does not run.",
        ) from error
    finally:
        process.close()
    for one in found:
        sink(Event(str(one.service), one.text, State.OK))
    return found


def _command(site: Site) -> str:
    questions = {str(one): _SERVICES[one][0](site) for one in site.settings.services}
    code = resources.files("provision").joinpath("probe.py").read_text(encoding="utf-8")
    return f"exec python3 -u -c {shlex.quote(code)} {shlex.quote(json.dumps(questions))}"


def _judged(site: Site, line: str) -> tuple[Health, ...]:
    try:
        answers = json.loads(line)
    except ValueError:
        answers = {}
    found = []
    for service in site.settings.services:
        answer = answers.get(str(service), {"error": "the head cannot ask it"})
        if isinstance(answer, dict) and "error" in answer:
            found.append(Health(service, False, f"{service} does not answer: {answer['error']}"))
        else:
            found.append(Health(service, *_SERVICES[service][1](site, answer)))
    return tuple(found)
