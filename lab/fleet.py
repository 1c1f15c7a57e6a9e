"""Makes machines and networks what the API says, and tells the API what machines did themselves."""

from __future__ import annotations

import enum
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from contract.errors import ClusterbedError
from lab import cloud
from lab.cloud import Cloud, Instance, Vpc
from lab.home import Home
from lab.machine import Exit, Machine
from lab.site import Site

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

    from lab.identity.keys import Keys

log = logging.getLogger(__name__)

_BOOTING_AT_ONCE = 3
"""Booting is work for the processor; more at once makes all of them late."""


class Phase(enum.StrEnum):
    """What a machine is doing."""

    CREATING = "creating"
    BOOTING = "booting"
    READY = "ready"
    STOPPING = "stopping"
    STOPPED = "stopped"
    STARTING = "starting"
    POWERED_OFF = "powered off"
    ENDING = "ending"
    BROKEN = "broken"


class Member:
    """A machine of the fleet and what it is doing."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.phase = Phase.CREATING
        self.problem = ""


class Fleet:
    """All machines of the lab. `follow` is called again and again; the work happens in the background."""

    def __init__(
        self,
        *,
        home: Home,
        image: str,
        endpoint: str,
        ec2_of: Callable[[str], EC2Client],
        keys: Keys,
        site_of: Callable[[Vpc], Site],
    ) -> None:
        self._home = home
        self._image = image
        self._endpoint = endpoint
        self._ec2_of = ec2_of
        self._keys = keys
        self._site_of = site_of
        self._sites: dict[str, Site] = {}
        self._members: dict[str, Member] = {}
        self._lock = threading.RLock()
        self._pool = ThreadPoolExecutor(_BOOTING_AT_ONCE, thread_name_prefix="machine")

    @property
    def members(self) -> dict[str, Member]:
        """The machines there are, by instance id."""
        with self._lock:
            return dict(self._members)

    def member(self, instance_id: str) -> Member | None:
        """The machine of that instance."""
        return self._members.get(instance_id)

    def site(self, vpc_id: str) -> Site | None:
        """The network site of that VPC."""
        return self._sites.get(vpc_id)

    def addresses(self) -> dict[str, tuple[str, int]]:
        """Where the laptop reaches SSH: {instance id: (host, port)}."""
        with self._lock:
            found = [site.forwards() for site in self._sites.values()]
        return {id_: ("127.0.0.1", port) for ports in found for id_, port in ports.items()}

    def follow(self, state: Cloud) -> None:
        """Begin whatever leads from the present machines to `state`."""
        with self._lock:
            wanted = {
                one.id: one for one in state.instances if one.state not in {"terminated", "shutting-down"}
            }
            for instance_id in [id_ for id_ in self._members if id_ not in wanted]:
                self._end(instance_id)
            for vpc in state.vpcs:
                self._follow_vpc(vpc, wanted)
            inhabited = {vpc.id for vpc in state.vpcs if any(one.id in wanted for one in vpc.instances)}
            for vpc_id in [id_ for id_ in self._sites if id_ not in inhabited and not self._ending(id_)]:
                self._sites.pop(vpc_id).close()

    def _ending(self, vpc_id: str) -> bool:
        return any(one.machine.instance.vpc_id == vpc_id for one in self._members.values())

    def _follow_vpc(self, vpc: Vpc, wanted: dict[str, Instance]) -> None:
        here = [one for one in vpc.instances if one.id in wanted]
        if not here:
            return
        if vpc.id not in self._sites:
            self._sites[vpc.id] = self._site_of(vpc)
        site = self._sites[vpc.id]
        new = [one for one in here if one.id not in self._members and one.state in {"pending", "running"}]
        for instance in new:
            boot = cloud.boot_of(self._ec2_of(instance.region), instance)
            subnet = next(one for one in vpc.subnets if one.id == instance.subnet_id)
            site.plug_in(instance, subnet, boot)
            self._members[instance.id] = Member(Machine(self._home, instance, boot))
        site.apply(vpc)
        for instance in new:
            self._submit(self._members[instance.id], self._create)
        for instance in here:
            member = self._members.get(instance.id)
            if member is None:
                continue
            if instance.state in {"stopping", "stopped"} and member.phase in {Phase.BOOTING, Phase.READY}:
                member.phase = Phase.STOPPING
                self._submit(member, self._stop)
            elif instance.state in {"pending", "running"} and member.phase is Phase.STOPPED:
                member.phase = Phase.STARTING
                self._submit(member, self._start)

    def watch(self) -> None:
        """Look at the machines themselves: who is through with booting, who went down alone."""
        for member in self.members.values():
            member.machine.refresh()
            if member.phase is Phase.BOOTING and member.machine.booted:
                member.phase = Phase.READY
                log.info("%s is up", member.machine.name)
            if member.phase in {Phase.BOOTING, Phase.READY} and not member.machine.alive:
                self._went_down(member)

    def reboot(self, instance_id: str) -> None:
        """Reboot it, as the API's RebootInstances asks for."""
        member = self.member(instance_id)
        if member is not None and member.phase in {Phase.BOOTING, Phase.READY}:
            member.phase = Phase.STOPPING
            self._submit(member, self._reboot)

    def power_off(self, instance_id: str) -> None:
        """Pull its plug; the API goes on calling it running, as AWS does for a failed host."""
        member = self._required(instance_id)
        member.phase = Phase.POWERED_OFF
        member.machine.power_off()

    def power_on(self, instance_id: str) -> None:
        """Switch a powered-off machine on again."""
        member = self._required(instance_id)
        member.machine.start()
        member.phase = Phase.BOOTING

    def close(self) -> None:
        """Remove all machines and networks."""
        with self._lock:
            members, self._members = dict(self._members), {}
            sites, self._sites = dict(self._sites), {}
        self._pool.shutdown(wait=True, cancel_futures=True)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda member: member.machine.remove(), members.values()))
        for site in sites.values():
            for instance_id in members:
                site.unplug(instance_id)
            site.close()

    def _required(self, instance_id: str) -> Member:
        member = self.member(instance_id)
        if member is None:
            raise ClusterbedError(f"the lab has no machine {instance_id}")
        return member

    def _submit(self, member: Member, work: Callable[[Member], None]) -> None:
        def guarded() -> None:
            try:
                work(member)
            except Exception as error:
                log.exception("%s", member.machine.name)
                member.phase, member.problem = Phase.BROKEN, str(error)

        self._pool.submit(guarded)

    def _create(self, member: Member) -> None:
        member.machine.create(self._image, self._endpoint)
        member.phase = Phase.BOOTING

    def _start(self, member: Member) -> None:
        # Only a machine whose process is there counts as booting: one without has gone down.
        member.machine.start()
        member.phase = Phase.BOOTING

    def _stop(self, member: Member) -> None:
        member.machine.stop()
        member.phase = Phase.STOPPED

    def _reboot(self, member: Member) -> None:
        member.machine.reboot()
        member.phase = Phase.BOOTING

    def _end(self, instance_id: str) -> None:
        member = self._members[instance_id]
        if member.phase is Phase.ENDING:
            return
        member.phase = Phase.ENDING
        self._submit(member, self._remove)

    def _remove(self, member: Member) -> None:
        instance = member.machine.instance
        member.machine.remove()
        self._keys.revoke(instance.id)
        with self._lock:
            site = self._sites.get(instance.vpc_id)
            if site is not None:
                site.unplug(instance.id)
            self._members.pop(instance.id, None)
        log.info("%s is gone", member.machine.name)

    def _went_down(self, member: Member) -> None:
        """A machine ended by itself: rebooted, or shut down as its instance's attribute says."""
        code = member.machine.exit_code()
        member.machine.pid = 0
        if code == Exit.REBOOT:
            member.phase = Phase.STARTING
            self._submit(member, self._start)
            return
        instance_id = member.machine.instance.id
        ec2 = self._ec2_of(member.machine.instance.region)
        member.phase = Phase.STOPPED
        attribute = ec2.describe_instance_attribute(
            InstanceId=instance_id, Attribute="instanceInitiatedShutdownBehavior"
        )
        behaviour = attribute["InstanceInitiatedShutdownBehavior"].get("Value", "stop")
        log.info("%s shut itself down (exit %d): %s", instance_id, code, behaviour)
        if behaviour == "terminate":
            ec2.terminate_instances(InstanceIds=[instance_id])
        else:
            ec2.stop_instances(InstanceIds=[instance_id])
