from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from contract.errors import CloudError, SettingError, UnpulledResultsError, WorkstationError
from contract.events import Event
from report import pull, require_pulled, unpulled
from report.bucket import ResultsBucket
from tests.report.conftest import BUCKET

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RUN = "spark-ray-20261121-061500"
FILES = {
    "run.json": b'{"run": "..."}',
    "records/E1.10.jsonl": b'{"n": 10}\n',
    "records/E1.2.jsonl": b'{"n": 2}\n{"n": 3}\n',
    "records/E1.3.jsonl": b'{"n": 4}',
    "artifacts/E1.5/expert/ml_model.pkl": os.urandom(3_000_000),
    "artifacts/E1.5/expert/ml_pipeline.log": b"fitted\n",
}


def put_run(s3: S3Client, files: Mapping[str, bytes] = FILES, *, done: bool = True, run: str = RUN) -> None:
    for name, content in files.items():
        s3.put_object(Bucket=BUCKET, Key=f"runs/{run}/{name}", Body=content)
    if done:
        listed = [
            {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        ]
        cases = {"E1.2": "ok", "E1.10": "ok"}
        body = json.dumps({"run": run, "cases": cases, "objects": listed})
        s3.put_object(Bucket=BUCKET, Key=f"runs/{run}/done.json", Body=body.encode())


def files_in(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}


class CountingBucket:
    """How many objects are read from S3."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: list[str] = []
        original = ResultsBucket.read

        def counted(bucket: ResultsBucket, run: str, name: str) -> Any:
            self.read.append(name)
            return original(bucket, run, name)

        monkeypatch.setattr(ResultsBucket, "read", counted)


def test_a_run_comes_home_whole(s3: S3Client, session: boto3.Session, tmp_path: Path) -> None:
    put_run(s3)
    seen: list[Event] = []
    pulled = pull(session, BUCKET, RUN, tmp_path, sink=seen.append)
    home = tmp_path / RUN
    assert pulled.complete
    assert {name: (home / name).read_bytes() for name in FILES} == FILES
    assert files_in(home) == {*FILES, "done.json", "records.jsonl", "pulled.json"}
    assert "7 objects" in seen[-1].text


def test_records_are_joined_in_the_order_of_the_experiments(
    s3: S3Client, session: boto3.Session, tmp_path: Path
) -> None:
    put_run(s3)
    pull(session, BUCKET, RUN, tmp_path)
    lines = (tmp_path / RUN / "records.jsonl").read_text().splitlines()
    assert [json.loads(line)["n"] for line in lines] == [2, 3, 4, 10]


def test_pulled_json_holds_the_digest_of_every_file(
    s3: S3Client, session: boto3.Session, tmp_path: Path
) -> None:
    put_run(s3)
    pull(session, BUCKET, RUN, tmp_path)
    marker = json.loads((tmp_path / RUN / "pulled.json").read_text())
    digests = {item["name"]: item["sha256"] for item in marker["objects"] if item["name"] != "done.json"}
    assert digests == {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
    assert marker["complete"] is True


def test_a_second_pull_fetches_nothing(
    s3: S3Client, session: boto3.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_run(s3)
    first = pull(session, BUCKET, RUN, tmp_path)
    count = CountingBucket(monkeypatch)
    assert pull(session, BUCKET, RUN, tmp_path) == first
    assert count.read == ["done.json"], "only the list itself is read"


def test_an_interrupted_pull_goes_on(
    s3: S3Client, session: boto3.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_run(s3)

    def interrupt(event: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(session, BUCKET, RUN, tmp_path, sink=interrupt, parallel=1)
    home = tmp_path / RUN
    here = files_in(home)
    assert "pulled.json" not in here
    assert here
    assert {name: (home / name).read_bytes() for name in here} == {
        name: content for name, content in FILES.items() if name in here
    }, "nothing half-written"
    count = CountingBucket(monkeypatch)
    assert pull(session, BUCKET, RUN, tmp_path).complete
    assert here.isdisjoint(count.read)


def test_what_a_killed_pull_left_is_cleared(s3: S3Client, session: boto3.Session, tmp_path: Path) -> None:
    put_run(s3)
    leftover = tmp_path / RUN / ".partial" / "0"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"half")
    pull(session, BUCKET, RUN, tmp_path)
    assert not leftover.parent.exists()


def test_a_corrupted_object_is_refused_and_the_rest_comes(
    s3: S3Client, session: boto3.Session, tmp_path: Path
) -> None:
    put_run(s3)
    bad = "records/E1.2.jsonl"
    s3.put_object(Bucket=BUCKET, Key=f"runs/{RUN}/{bad}", Body=b'{"n": 9}\n{"n": 9}\n')
    with pytest.raises(CloudError, match=r"records/E1\.2\.jsonl .* is not what the run stored"):
        pull(session, BUCKET, RUN, tmp_path)
    home = tmp_path / RUN
    assert files_in(home) == {*FILES, "done.json", "records.jsonl", "pulled.json"} - {bad}
    assert json.loads((home / "pulled.json").read_text())["complete"] is False
    assert [lost.objects for lost in unpulled(session, BUCKET, tmp_path)] == [(bad,)]


def test_a_file_changed_here_is_fetched_again(s3: S3Client, session: boto3.Session, tmp_path: Path) -> None:
    put_run(s3)
    pull(session, BUCKET, RUN, tmp_path)
    log = tmp_path / RUN / "artifacts/E1.5/expert/ml_pipeline.log"
    log.write_bytes(b"forged\n")
    pull(session, BUCKET, RUN, tmp_path)
    assert log.read_bytes() == FILES["artifacts/E1.5/expert/ml_pipeline.log"]


def test_an_object_that_done_json_lists_and_nobody_holds_is_named(
    s3: S3Client, session: boto3.Session, tmp_path: Path
) -> None:
    put_run(s3)
    s3.delete_object(Bucket=BUCKET, Key=f"runs/{RUN}/run.json")
    with pytest.raises(CloudError, match=r"lists run\.json, but"):
        pull(session, BUCKET, RUN, tmp_path)


def test_a_run_without_done_json_comes_marked_incomplete(
    s3: S3Client, session: boto3.Session, tmp_path: Path
) -> None:
    put_run(s3, done=False)
    pulled = pull(session, BUCKET, RUN, tmp_path)
    assert not pulled.complete
    assert not any(item.vouched for item in pulled.objects)
    assert len(pulled.objects) == len(FILES)


def test_a_running_run_is_followed(
    s3: S3Client, session: boto3.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_run(s3, done=False)
    pull(session, BUCKET, RUN, tmp_path)
    grown = {**FILES, "records/E1.3.jsonl": b'{"n": 5}'}
    put_run(s3, grown)
    count = CountingBucket(monkeypatch)
    assert pull(session, BUCKET, RUN, tmp_path).complete
    assert sorted(set(count.read)) == ["done.json", "records/E1.3.jsonl"], "same size, other content"


def test_a_run_that_does_not_exist_lists_those_that_do(
    s3: S3Client, session: boto3.Session, tmp_path: Path
) -> None:
    put_run(s3)
    with pytest.raises(SettingError) as caught:
        pull(session, BUCKET, "another", tmp_path)
    assert RUN in caught.value.way_out
    assert not (tmp_path / "another").exists()


def test_a_run_name_cannot_leave_the_results_directory(
    s3: S3Client, session: boto3.Session, tmp_path: Path
) -> None:
    with pytest.raises(SettingError, match="no name of a run"):
        pull(session, BUCKET, "../elsewhere", tmp_path)


def test_an_object_name_cannot_leave_the_results_directory(
    s3: S3Client, session: boto3.Session, tmp_path: Path
) -> None:
    put_run(s3, {"artifacts/../../../evil": b"x"}, done=False)
    with pytest.raises(CloudError, match="no plain relative path"):
        pull(session, BUCKET, RUN, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a//b", ".hidden", "pulled.json", "a\\b", "a\nb"])
def test_a_done_json_with_a_name_that_leads_elsewhere_is_refused(
    s3: S3Client, session: boto3.Session, tmp_path: Path, name: str
) -> None:
    listed = [{"name": name, "bytes": 1, "sha256": "0" * 64}]
    body = json.dumps({"run": RUN, "cases": {}, "objects": listed}).encode()
    s3.put_object(Bucket=BUCKET, Key=f"runs/{RUN}/done.json", Body=body)
    with pytest.raises(CloudError, match=r"done\.json of run .* is not readable"):
        pull(session, BUCKET, RUN, tmp_path)


def test_the_done_json_of_another_run_is_refused(
    s3: S3Client, session: boto3.Session, tmp_path: Path
) -> None:
    body = json.dumps({"run": "other", "cases": {}, "objects": []}).encode()
    s3.put_object(Bucket=BUCKET, Key=f"runs/{RUN}/done.json", Body=body)
    with pytest.raises(CloudError, match="is that of run other"):
        pull(session, BUCKET, RUN, tmp_path)


def test_a_bucket_that_is_gone(s3: S3Client, session: boto3.Session, tmp_path: Path) -> None:
    with pytest.raises(CloudError, match="there is no bucket gone"):
        pull(session, "gone", RUN, tmp_path)
    assert unpulled(session, "gone", tmp_path) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [("AccessDenied", "not allowed to list"), ("ExpiredToken", "no longer valid"), ("SlowDown", "SlowDown")],
)
@pytest.mark.usefixtures("s3")
def test_a_refusal_is_one_sentence(
    session: boto3.Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    said: str,
) -> None:
    def refuse(**kwargs: Any) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "ListObjectsV2")

    session.events.register("before-call.s3.ListObjectsV2", refuse)
    with pytest.raises(CloudError, match=said):
        pull(session, BUCKET, RUN, tmp_path)
    with pytest.raises(CloudError, match=said):
        unpulled(session, BUCKET, tmp_path)


def test_no_network(session: boto3.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(CloudError, match="S3 does not answer"):
        pull(session, BUCKET, RUN, tmp_path)


def test_a_disk_without_room_is_told_before_anything_is_fetched(
    s3: S3Client, session: boto3.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_run(s3)
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1000})())
    with pytest.raises(WorkstationError, match=r"needs 3\.0 MB"):
        pull(session, BUCKET, RUN, tmp_path)
    assert files_in(tmp_path / RUN) == set()


def test_a_disk_that_fills_up_leaves_nothing_half_written(
    s3: S3Client, session: boto3.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_run(s3)
    original = ResultsBucket.read

    def full(bucket: ResultsBucket, run: str, name: str) -> tuple[Iterator[bytes], str]:
        chunks, etag = original(bucket, run, name)

        def until_full() -> Iterator[bytes]:
            yield next(chunks)
            raise OSError(errno.ENOSPC, "No space left on device")

        return (until_full() if name.endswith(".pkl") else chunks), etag

    with monkeypatch.context() as patched:
        patched.setattr(ResultsBucket, "read", full)
        with pytest.raises(WorkstationError, match="the disk is full"):
            pull(session, BUCKET, RUN, tmp_path)
    home = tmp_path / RUN
    assert not (home / "artifacts/E1.5/expert/ml_model.pkl").exists()
    assert not (home / ".partial").exists()
    assert pull(session, BUCKET, RUN, tmp_path).complete


def test_two_pulls_of_a_run_at_once_are_refused(s3: S3Client, session: boto3.Session, tmp_path: Path) -> None:
    put_run(s3)

    def again(event: Event) -> None:
        with pytest.raises(WorkstationError, match="another pull"):
            pull(session, BUCKET, RUN, tmp_path)

    pull(session, BUCKET, RUN, tmp_path, sink=again)


def test_destroy_may_drop_what_was_pulled_and_nothing_else(
    s3: S3Client, session: boto3.Session, tmp_path: Path
) -> None:
    put_run(s3)
    put_run(s3, {"run.json": b"{}"}, done=False, run="second")
    s3.put_object(Bucket=BUCKET, Key="hostkeys/i-1", Body=b"ssh-ed25519 AAAA")
    lost = unpulled(session, BUCKET, tmp_path)
    assert [(item.run, len(item.objects)) for item in lost] == [("second", 1), (RUN, 7)]
    with pytest.raises(UnpulledResultsError, match="second: 1 objects"):
        require_pulled(session, BUCKET, tmp_path)
    pull(session, BUCKET, RUN, tmp_path)
    pull(session, BUCKET, "second", tmp_path)
    assert unpulled(session, BUCKET, tmp_path) == []
    require_pulled(session, BUCKET, tmp_path)


def test_a_pulled_file_that_was_deleted_or_changed_here_is_unpulled_again(
    s3: S3Client, session: boto3.Session, tmp_path: Path
) -> None:
    put_run(s3)
    pull(session, BUCKET, RUN, tmp_path)
    (tmp_path / RUN / "run.json").unlink()
    (tmp_path / RUN / "artifacts/E1.5/expert/ml_pipeline.log").write_bytes(b"FITTED\n")
    assert unpulled(session, BUCKET, tmp_path)[0].objects == (
        "artifacts/E1.5/expert/ml_pipeline.log",
        "run.json",
    )


def test_a_run_that_grew_after_the_pull_is_unpulled(
    s3: S3Client, session: boto3.Session, tmp_path: Path
) -> None:
    put_run(s3, done=False)
    pull(session, BUCKET, RUN, tmp_path)
    s3.put_object(Bucket=BUCKET, Key=f"runs/{RUN}/records/E1.3.jsonl", Body=b'{"n": 5}')
    assert unpulled(session, BUCKET, tmp_path)[0].objects == ("records/E1.3.jsonl",)
