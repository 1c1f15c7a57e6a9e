"""The two places a cluster can live, behind one face: AWS through the Pulumi CLI, or the lab."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Protocol

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from contract import Cloud, Cluster, Sink
from contract.errors import CloudError, WorkstationError
from lab import Lab
from lab.engine import Changes, Engine
from tasks.workspace import Selection, Workspace, overlay


class Stack(Protocol):
    """What tasks do to the cloud side of a cluster."""

    def up(self) -> None:
        """Create or update everything the program describes."""

    def preview(self) -> Changes | None:
        """What `up` would change; None where the tool itself has shown it."""

    def destroy(self) -> None:
        """Delete everything the stack holds."""

    def cluster(self) -> Cluster | None:
        """The cluster as it stands, None when the stack has none."""

    def session(self) -> boto3.Session:
        """Access to the same cloud's API."""


def stack_of(workspace: Workspace, selection: Selection, sink: Sink) -> Stack:
    """The stack that `selection` names, where it lives."""
    kind = LabStack if selection.cloud is Cloud.LAB else AwsStack
    return kind(workspace, selection, sink)


class LabStack:
    """The lab: the Pulumi program runs in process against the lab's own AWS API."""

    def __init__(self, workspace: Workspace, selection: Selection, sink: Sink) -> None:
        self._workspace = workspace
        self._selection = selection
        self._sink = sink
        self.lab = Lab(workspace.home, sink, region=workspace.region(selection))

    def up(self) -> None:
        """Start the lab if it is not running, then bring the stack up.

        Machines end at their deadline, and a lab that was stopped forgot everything: what the state
        remembers is held against what there is first.
        """
        self.lab.start()
        self._engine().refresh()
        self._engine().up()

    def preview(self) -> Changes | None:
        """What `up` would change. Starts the lab, for there is nothing to compare with otherwise."""
        self.lab.start()
        return self._engine().preview()

    def destroy(self) -> None:
        """Delete what the stack holds. A lab that is not running holds nothing."""
        if self.lab.running:
            self._engine().destroy()

    def cluster(self) -> Cluster | None:
        """The cluster, its SSH addresses those of the lab."""
        if not self.lab.running:
            return None
        outputs = self._engine().outputs()
        if not outputs or "cluster" not in outputs:
            return None
        cluster = Cluster.from_json(json.dumps(outputs["cluster"]), source="the lab's state")
        return cluster.model_copy(update={"cloud": Cloud.LAB}).reached_at(self.lab.addresses())

    def session(self) -> boto3.Session:
        """A session whose clients talk to the lab."""
        self._enter()
        return boto3.Session(region_name=self._workspace.region(self._selection))

    def _engine(self) -> Engine:
        self._enter()
        return Engine(
            self._workspace.project,
            self._selection.stack,
            self._workspace.home / "lab" / "stacks" / f"{self._selection.stack}.json",
            endpoint=self.lab.endpoint,
            region=self._workspace.region(self._selection),
            overrides=overlay(
                self._workspace.stack_config(self._selection.stack),
                overlay(self.lab.overrides(), self._selection.overrides),
            ),
            sink=self._sink,
        )

    def _enter(self) -> None:
        """Point this process's AWS clients at the lab, so that nothing can reach the real AWS by mistake."""
        os.environ.update(self.lab.environment())


class AwsStack:
    """AWS: the Pulumi CLI drives the program and shows its own progress."""

    def __init__(self, workspace: Workspace, selection: Selection, sink: Sink) -> None:
        del sink
        self._workspace = workspace
        self._selection = selection

    def up(self) -> None:
        """`pulumi up`, after credentials and region were seen to work."""
        self._check_access()
        self._pulumi("up", "--yes", *self._config())

    def preview(self) -> Changes | None:
        """`pulumi preview`."""
        self._check_access()
        self._pulumi("preview", "--diff", *self._config())
        return None

    def destroy(self) -> None:
        """`pulumi destroy`."""
        self._check_access()
        self._pulumi("destroy", "--yes")

    def cluster(self) -> Cluster | None:
        """The stack's output `cluster`."""
        answer = self._pulumi("stack", "output", "--json", capture=True)
        outputs = json.loads(answer or "{}")
        if "cluster" not in outputs:
            return None
        return Cluster.from_json(json.dumps(outputs["cluster"]), source="the stack's output")

    def session(self) -> boto3.Session:
        """A session with the user's own credentials."""
        return boto3.Session(region_name=self._workspace.region(self._selection))

    def _config(self) -> list[str]:
        arguments: list[str] = []
        for section, value in sorted(self._selection.overrides.items()):
            leaves = value.items() if isinstance(value, dict) else [(None, value)]
            for name, leaf in leaves:
                path = f"{section}.{name}" if name else section
                arguments += ["--config", f"{path}={leaf if isinstance(leaf, str) else json.dumps(leaf)}"]
        return ["--config-path", *arguments] if arguments else []

    def _check_access(self) -> None:
        region = self._workspace.region(self._selection)
        try:
            self.session().client("sts").get_caller_identity()
            self.session().client("ec2").describe_vpcs(MaxResults=5)
        except ClientError as error:
            raise CloudError(
                f"AWS refused the credentials in region {region}: {error.response['Error']['Message']}",
                way_out="Check `aws sts get-caller-identity`, and that the region is enabled in the account.",
            ) from error
        except BotoCoreError as error:
            raise CloudError(
                f"no access to AWS in region {region}: {error}",
                way_out="Give credentials (AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY) "
                "and check aws:region; or try it all without AWS: --lab.",
            ) from error

    def _pulumi(self, *arguments: str, capture: bool = False) -> str:
        program = shutil.which("pulumi")
        if program is None:
            raise WorkstationError(
                "the Pulumi CLI is not installed; on AWS it drives infra/",
                way_out="Install it as https://www.pulumi.com/docs/install/ says; or use the lab: --lab.",
            )
        command = [program, *arguments, "--stack", self._selection.stack]
        if capture:
            command.append("--non-interactive")
        done = subprocess.run(
            command,
            cwd=self._workspace.project,
            check=False,
            text=True,
            stdout=subprocess.PIPE if capture else None,
        )
        if done.returncode != 0:
            raise CloudError(
                f"`pulumi {arguments[0]}` ended with {done.returncode}",
                way_out="Its own message stands above. Running the same task again goes on from there.",
            )
        return done.stdout or ""
