"""Bring a run from its bucket to `results/<run>/`, and say what of a bucket was not brought yet."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from contract.errors import CloudError, ClusterbedError, SettingError, WorkstationError
from contract.events import Event, Sink, State, silent
from report.bucket import ResultsBucket, StoredObject, known_run
from report.directory import PARTIAL, joined, kept, only_one, read_pulled, write_whole
from report.download import StoppedError, download
from report.manifest import DONE, PULLED, RECORDS, Done, ListedObject, Pulled, PulledObject

if TYPE_CHECKING:
    from boto3 import Session

_RUN = re.compile(r"[A-Za-z0-9-]+")


def pull(
    session: Session, bucket: str, run: str, results_dir: Path, *, sink: Sink = silent, parallel: int = 8
) -> Pulled:
    """Bring everything of `s3://<bucket>/runs/<run>/` to `<results_dir>/<run>/`.

    Files that are here and right are not fetched again, so an interrupted pull goes on. Each object
    is held against its digest in `done.json`; where there is no `done.json` (the run goes on, or was
    cut off), what there is comes, and the result says `complete=False`.

    Raises:
        SettingError: there is no such run.
        CloudError: the bucket is gone or refuses, or an object is not what the run stored. All other
            objects were brought nevertheless.
        WorkstationError: the disk is full, or another pull of this run is going on.
    """
    if not _RUN.fullmatch(run):
        raise SettingError(f"'{run}' is no name of a run", way_out="See `fab status` for the runs there are.")
    source = ResultsBucket(session.client("s3"), bucket)
    stored = known_run(source, run)
    home = results_dir / run
    with only_one(home):
        return _Pull(source, run, home, stored, sink, parallel).all()


@dataclass(slots=True)
class _Pull:
    source: ResultsBucket
    run: str
    home: Path
    stored: Mapping[str, StoredObject]
    sink: Sink
    parallel: int

    def all(self) -> Pulled:
        """Everything, then `records.jsonl` and `pulled.json`, then the first thing that went wrong."""
        before = {item.name: item for item in read_pulled(self.home).objects}
        done = self._done()
        listed = {item.name: item for item in done.objects} if done else {}
        here: dict[str, PulledObject] = {}
        wanted: list[StoredObject] = []
        for name, item in self.stored.items():
            if same := kept(self.home / name, item, listed.get(name), before.get(name)):
                here[name] = same
            else:
                wanted.append(item)
        self._has_room(wanted)
        errors = self._fetch(wanted, listed, here)
        lost = sorted(listed.keys() - self.stored.keys())
        pulled = Pulled(
            run=self.run,
            bucket=self.source.name,
            complete=done is not None and not errors and not lost,
            objects=tuple(here[name] for name in sorted(here)),
        )
        write_whole(self.home / RECORDS, joined(self.home / "records"))
        write_whole(self.home / PULLED, pulled.model_dump_json(indent=1).encode() + b"\n")
        if errors:
            raise errors[0]
        if lost:
            raise CloudError(
                f"done.json of run {self.run} lists {lost[0]}"
                + (f" and {len(lost) - 1} more" if len(lost) > 1 else "")
                + f", but bucket {self.source.name} does not hold it",
                way_out="It was deleted after the run; the rest was pulled.",
            )
        self.sink(
            Event(self.run, self._told(pulled, len(wanted)), State.CHANGED if wanted else State.UNCHANGED)
        )
        return pulled

    def _told(self, pulled: Pulled, fetched: int) -> str:
        size_mb = sum(item.bytes for item in pulled.objects) / 1e6
        ending = "" if pulled.complete else "; the run has not ended: incomplete"
        return f"{len(pulled.objects)} objects, {size_mb:.1f} MB, {fetched} fetched now{ending}"

    def _done(self) -> Done | None:
        if DONE not in self.stored:
            return None
        chunks, _ = self.source.read(self.run, DONE)
        try:
            done = Done.model_validate_json(b"".join(chunks))
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(str(part) for part in problem["loc"]) or "the top level"
            raise CloudError(
                f"done.json of run {self.run} is not readable: {where}: {problem['msg']}",
                way_out="It was written by another version, or changed; nothing was pulled.",
            ) from error
        if done.run != self.run:
            raise CloudError(
                f"done.json under runs/{self.run}/ is that of run {done.run}",
                way_out="Objects were moved in the bucket; nothing was pulled.",
            )
        return done

    def _has_room(self, wanted: list[StoredObject]) -> None:
        needed = sum(item.bytes for item in wanted)
        free = shutil.disk_usage(self.home).free
        if needed > free:
            raise WorkstationError(
                f"run {self.run} needs {needed / 1e6:.1f} MB in {self.home}, "
                f"the disk has {free / 1e6:.1f} MB",
                way_out="Make room, or choose another results directory.",
            )

    def _fetch(
        self, wanted: list[StoredObject], listed: Mapping[str, ListedObject], here: dict[str, PulledObject]
    ) -> list[ClusterbedError]:
        """Fetch into `here`. A bad object does not keep the others away; a full disk or no bucket does."""
        errors: list[ClusterbedError] = []
        stop = threading.Event()
        with ThreadPoolExecutor(self.parallel, thread_name_prefix="pull") as pool:
            jobs = {
                pool.submit(
                    download,
                    self.source,
                    self.run,
                    item,
                    listed=listed.get(item.name),
                    partial=self.home / PARTIAL / str(number),
                    target=self.home / item.name,
                    stop=stop,
                )
                for number, item in enumerate(wanted)
            }
            try:
                for count, job in enumerate(as_completed(jobs), start=1):
                    try:
                        got = job.result()
                    except StoppedError:
                        continue
                    except WorkstationError as error:
                        stop.set()
                        errors.insert(0, error)
                    except ClusterbedError as error:
                        errors.append(error)
                    else:
                        here[got.name] = got
                        self.sink(Event(self.run, f"pulled {count} of {len(jobs)}: {got.name}"))
            except BaseException:
                stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        return errors
