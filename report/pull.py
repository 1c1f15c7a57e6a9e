"""Bring a run from its bucket to `results/<run>/`, and say what of a bucket was not brought yet."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from contract.errors import CloudError, ClusterbedError, SettingError, WorkstationError
from contract.events import Event, Sink, State, silent
from report.bucket import ResultsBucket, StoredObject, known_run
from report.download import StoppedError, download, sha256_of, writing
from report.manifest import DONE, PULLED, RECORDS, Done, ListedObject, Pulled, PulledObject

if TYPE_CHECKING:
    from boto3 import Session

_PARTIAL = ".partial"
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
    with _only_one(home):
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
            if kept := _kept(self.home / name, item, listed.get(name), before.get(name)):
                here[name] = kept
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
        write_whole(self.home / RECORDS, _joined(self.home / "records"))
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
                    partial=self.home / _PARTIAL / str(number),
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


def read_pulled(home: Path) -> Pulled:
    """`pulled.json` of a run's directory; an empty one where there is none or it cannot be read."""
    try:
        return Pulled.model_validate_json((home / PULLED).read_bytes())
    except (OSError, ValidationError):
        return Pulled(run=home.name, bucket="", complete=False, objects=())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is never seen half-written.

    Raises:
        WorkstationError: the disk is full or `path` is not writable.
    """
    partial = path.with_name(f".{path.name}.partial")
    with writing(path):
        try:
            partial.write_bytes(content)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def _kept(
    path: Path, stored: StoredObject, listed: ListedObject | None, before: PulledObject | None
) -> PulledObject | None:
    """What the file at `path` is, when it is the object already."""
    try:
        if path.stat().st_size != stored.bytes:
            return None
        sha256 = sha256_of(path)
    except OSError:
        return None
    same_version = before is not None and (before.etag, before.sha256) == (stored.etag, sha256)
    if (sha256 == listed.sha256) if listed else same_version:
        return PulledObject(
            name=stored.name,
            bytes=stored.bytes,
            sha256=sha256,
            etag=stored.etag,
            vouched=listed is not None,
        )
    return None


def _joined(records: Path) -> bytes:
    """All lines of all cases, the cases in the order of their numbers (E1.2 before E1.10)."""
    lines: list[bytes] = []
    for path in sorted(records.glob("*.jsonl"), key=_by_number):
        lines += [line for line in path.read_bytes().splitlines() if line.strip()]
    return b"".join(line + b"\n" for line in lines)


def _by_number(path: Path) -> list[tuple[int, str]]:
    parts = re.findall(r"\d+|\D+", path.stem)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


@contextmanager
def _only_one(home: Path) -> Iterator[None]:
    """Hold the run's directory, and clear what an interrupted pull left in it."""
    with writing(home):
        home.mkdir(parents=True, exist_ok=True)
        held = os.open(home, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise WorkstationError(
                f"another pull is writing to {home}", way_out="Wait for it to end."
            ) from error
        try:
            shutil.rmtree(home / _PARTIAL, ignore_errors=True)
            yield
        finally:
            shutil.rmtree(home / _PARTIAL, ignore_errors=True)
    finally:
        os.close(held)
