"""The program that machines publish their SSH host keys with."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from infra.user_data import publish_host_keys as program

CREDENTIALS = program.Credentials("AKIDEXAMPLE", "secret/with+signs=", "token+of/the=role")
NOW = datetime(2025, 11, 21, 6, 0, 0, tzinfo=UTC)

words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
keys = st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable() and "/" not in text)


@given(
    key=keys,
    body=st.binary(max_size=2000),
    region=st.from_regex(r"[a-z]{2}-[a-z]{4,9}-[1-9]", fullmatch=True),
    credentials=st.builds(program.Credentials, words, words, words),
    now=st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),
    host=st.sampled_from(["bucket.s3.eu-west-1.amazonaws.com", "10.9.8.7:5000"]),
)
def test_its_signature_is_botocores(*, key, body, region, credentials, now, host):
    # http: botocore signs the body of such requests too, as the program always does.
    url = f"http://{host}/hostkeys/{quote(key)}"
    headers = {"if-none-match": "*", "content-type": "text/plain"}
    ours = program.signed("PUT", url, headers, body, credentials=credentials, region=region, now=now)
    assert ours["authorization"] == botocores(
        url, headers, body, credentials=credentials, region=region, now=now
    )


def botocores(url, headers, body, *, credentials, region, now) -> str:
    request = AWSRequest("PUT", url, data=body, headers=headers)
    request.context.update(timestamp=now.strftime("%Y%m%dT%H%M%SZ"), payload_signing_enabled=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda **_: now.replace(tzinfo=None))
        botocore.auth.S3SigV4Auth(BotocoreCredentials(*credentials), "s3", region).add_auth(request)
    return request.headers["Authorization"]


def test_the_url_is_the_buckets_own_host_on_aws():
    url = program.object_url(
        "hostkeys/i-1", bucket="b", bucket_host="b.s3.eu-west-1.amazonaws.com", endpoint=None
    )
    assert url == "https://b.s3.eu-west-1.amazonaws.com/hostkeys/i-1"


def test_the_url_is_below_another_endpoint_where_the_machine_has_one():
    url = program.object_url(
        "hostkeys/i-1", bucket="b", bucket_host="unused", endpoint="http://10.9.8.7:5000/"
    )
    assert url == "http://10.9.8.7:5000/b/hostkeys/i-1"


def test_the_lines_of_all_public_keys_are_published(tmp_path: Path):
    (tmp_path / "ssh_host_rsa_key.pub").write_text("ssh-rsa AAAA root@x")
    (tmp_path / "ssh_host_ed25519_key.pub").write_text("ssh-ed25519 BBBB root@x\n")
    (tmp_path / "ssh_host_ed25519_key").write_text("private")
    assert program.host_keys(tmp_path) == b"ssh-ed25519 BBBB root@x\nssh-rsa AAAA root@x\n"


def test_a_machine_without_host_keys_yet_publishes_nothing(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        program.host_keys(tmp_path)


class Clock:
    """Moves only when slept."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, wait_s: float) -> None:
        self.now_s += wait_s


def test_it_tries_until_the_way_out_opens_and_says_each_reason_once(capsys):
    clock = Clock()
    answers = iter([OSError("no route"), OSError("no route"), KeyError("Token"), "published"])

    def attempt() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert program.until_done(attempt, give_up_after_s=60, clock=clock, sleep=clock.sleep) == 0
    assert capsys.readouterr().out.splitlines() == [
        "not yet: OSError: no route",
        "not yet: KeyError: 'Token'",
        "published",
    ]


def test_it_gives_up_at_its_deadline_and_says_so(capsys):
    clock = Clock()

    def attempt() -> str:
        raise OSError("no route")

    assert program.until_done(attempt, give_up_after_s=60, clock=clock, sleep=clock.sleep) == 1
    assert clock.now_s == pytest.approx(60, abs=program.RETRY_S)
    assert "not published after 60 s: OSError: no route" in capsys.readouterr().out


@pytest.fixture
def cloud() -> Iterator[SimpleNamespace]:
    """A metadata service and a bucket on one loopback port, which remember what they are asked."""
    seen: list[tuple[str, str, dict[str, str], bytes]] = []
    answers = {
        "/latest/api/token": (200, "session"),
        "/latest/meta-data/instance-id": (200, "i-0abc"),
        "/latest/meta-data/iam/security-credentials/": (200, "node\n"),
        "/latest/meta-data/iam/security-credentials/node": (
            200,
            json.dumps({"AccessKeyId": "A", "SecretAccessKey": "S", "Token": "T"}),
        ),
        "/bucket/hostkeys/i-0abc": (200, ""),
    }

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen.append((self.command, self.path, headers, body))
            status, text = answers.get(self.path, (404, "no such thing"))
            self.send_response(status)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_PUT = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}", seen=seen, answers=answers)
    server.shutdown()
    thread.join()
    server.server_close()


def test_who_it_is_comes_from_the_metadata_service_version_2(cloud, monkeypatch):
    monkeypatch.setattr(program, "METADATA", f"{cloud.url}/latest")
    assert program.identity() == ("i-0abc", program.Credentials("A", "S", "T"))
    (method, path, _, _), *questions = cloud.seen
    assert (method, path) == ("PUT", "/latest/api/token")
    assert all(headers["x-aws-ec2-metadata-token"] == "session" for _, _, headers, _ in questions)


def test_the_object_is_put_signed_and_never_over_another(cloud):
    put(cloud)
    ((method, path, headers, body),) = cloud.seen
    assert (method, path, body) == ("PUT", "/bucket/hostkeys/i-0abc", b"ssh-ed25519 AAAA\n")
    assert headers["if-none-match"] == "*"
    assert headers["x-amz-security-token"] == CREDENTIALS.token
    assert "if-none-match" in headers["authorization"].split("SignedHeaders=")[1].split(",")[0]


def test_an_object_that_is_there_already_counts_as_published(cloud):
    cloud.answers["/bucket/hostkeys/i-0abc"] = (412, "PreconditionFailed")
    put(cloud)


def test_a_refusal_says_what_the_cloud_said(cloud):
    cloud.answers["/bucket/hostkeys/i-0abc"] = (403, "<Code>AccessDenied</Code>")
    with pytest.raises(OSError, match=r"403.*AccessDenied"):
        put(cloud)


def put(cloud: SimpleNamespace) -> None:
    url = f"{cloud.url}/bucket/hostkeys/i-0abc"
    program.put(url, b"ssh-ed25519 AAAA\n", credentials=CREDENTIALS, region="eu-west-1")
