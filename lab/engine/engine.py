"""The engine: a stack's program, its state and its cloud, and what can be done with them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import boto3
from pulumi.runtime.settings import Settings

from contract.errors import CloudError
from contract.events import Sink
from lab.engine.aws import KINDS, LOOKUPS
from lab.engine.changes import Changes
from lab.engine.cloud import Cloud
from lab.engine.deletion import Deletion
from lab.engine.deployment import Deployment
from lab.engine.journal import Journal
from lab.engine.lock import locked
from lab.engine.monitor import EngineLog, Monitor
from lab.engine.program import run_program
from lab.engine.project import Project
from lab.engine.refresh import refresh
from lab.engine.reporter import Reporter
from lab.engine.resource import PROVIDER, STACK, Resource, now
from lab.engine.state_file import StateFile
from lab.engine.values import plain


class Engine:
    """Drives one stack. Every operation may be killed at any point and repeated.

    `project` is the folder of Pulumi.yaml, `state` the file that records the stack, `endpoint` the
    AWS API. `overrides` are laid over the stack's configuration, map by map. Without a session,
    credentials are those of the environment.
    """

    def __init__(
        self,
        project: Path,
        stack: str,
        state: Path,
        *,
        endpoint: str | None,
        region: str,
        overrides: Mapping[str, Any],
        sink: Sink,
        session: boto3.Session | None = None,
    ) -> None:
        self._root = project
        self._stack = stack
        self._file = StateFile(state)
        self._region = region
        self._overrides = overrides
        self._sink = sink
        self._cloud = Cloud(session or boto3.Session(), region, endpoint)
        self._kinds = {token: kind(self._cloud) for token, kind in KINDS.items()}
        self._reporter = Reporter(sink)

    @property
    def changes(self) -> Changes:
        """What the last operation did, as far as it came."""
        return self._reporter.changes

    def preview(self) -> Changes:
        """What `up` would do; nothing is changed, not even the state.

        Raises:
            ClusterbedError: what the program raises, a type or property the table does not know.
        """
        with self._operation():
            self._deploy(dry=True)
        return self.changes

    def up(self) -> dict[str, Any]:
        """Make the cloud what the program says, and return the stack's outputs.

        Raises:
            ClusterbedError: as `preview`, or the cloud refused; what was done is recorded.
            KeyboardInterrupt: Ctrl-C; the steps under way have ended and are recorded.
        """
        with self._operation():
            self._deploy(dry=False)
        return self.outputs() or {}

    def refresh(self) -> Changes:
        """Compare the state with the cloud: drop what is gone, record and show what drifted.

        Raises:
            CloudError: the cloud refused.
        """
        with self._operation():
            refresh(Journal(self._file), self._kinds, self._reporter)
        return self.changes

    def destroy(self) -> None:
        """Delete everything the state records, and what a killed run made without recording it.

        Raises:
            CloudError: something is protected, or the cloud refused; what is gone is recorded.
        """
        with self._operation():
            journal = Journal(self._file)
            if journal.resources() or journal.creations():
                Deletion(journal, self._kinds, self._reporter).run(journal.left())

    def outputs(self) -> dict[str, Any] | None:
        """The outputs of the last `up`, secrets in the open; None when there is no stack."""
        stack = next((one for one in self._file.load().resources if one.type == STACK), None)
        return plain(stack.outputs) if stack else None

    @contextmanager
    def _operation(self) -> Iterator[None]:
        self._reporter = Reporter(self._sink)
        with locked(self._file.path):
            yield

    def _deploy(self, *, dry: bool) -> None:
        project = Project.load(self._root, self._stack, region=self._region, overrides=self._overrides)
        journal = Journal(self._file, dry=dry)
        deployment = Deployment(
            journal,
            self._kinds,
            self._reporter,
            provider=self._provider(journal, project),
            dry=dry,
        )

        def settings() -> Settings:
            return Settings(
                project=project.name,
                stack=self._stack,
                monitor=Monitor(deployment, LOOKUPS, self._cloud, project=project.name, stack=self._stack),
                engine=EngineLog(self._reporter, deployment),
                dry_run=dry,
                organization="organization",  # what the CLI says where there is none
                root_directory=str(project.root),
            )

        try:
            run_program(project.main, settings, project.config, lambda _error: deployment.stop())
        except Exception as error:
            raise deployment.failure or error from error
        if deployment.failure:
            raise deployment.failure
        deployment.finish()

    def _provider(self, journal: Journal, project: Project) -> Resource:
        """The default provider, as Pulumi records it: what says which account and region it was."""
        release = version("pulumi-aws")
        name = f"default_{release.replace('.', '_')}"
        urn = f"urn:pulumi:{self._stack}::{project.name}::{PROVIDER}::{name}"
        inputs = {"region": self._region, "version": release}
        old = journal.before(urn) or next((one for one in journal.left() if one.type == PROVIDER), None)
        if old and old.inputs.get("region") != self._region:
            raise CloudError(
                f"stack {self._stack} is in region {old.inputs.get('region')}, not in {self._region}",
                way_out="Use that region, or destroy the stack first.",
            )
        same = old is not None and old.urn == urn
        id_ = old.id if old and same else str(uuid.uuid4())
        created = old.created if old and same else now()
        return Resource(
            urn=urn, type=PROVIDER, custom=True, id=id_, inputs=inputs, outputs=inputs, created=created
        )
