"""Publishes this machine's SSH host keys in its cluster's bucket: their owner reads them before connecting.

Runs on the machine at its first boot, as its role, with the standard library of Python 3.10 alone:
the system image need not hold any AWS tool. The object is written once (`If-None-Match`); the role
may not replace it.
"""

import hashlib
import hmac
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

METADATA = "http://169.254.169.254/latest"
GIVE_UP_AFTER_S = 15 * 60
"""The workers' way out opens when the head is up, which may be minutes after them."""
RETRY_S = 2
TIMEOUT_S = 10
ALREADY_THERE = 412

# Never through a proxy: neither the metadata service nor the bucket would be reached by one.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Credentials(NamedTuple):
    """Of the machine's role, for some hours."""

    access_key: str
    secret_key: str
    token: str


def main() -> int:
    """Publish, trying until it works or GIVE_UP_AFTER_S have passed."""
    boot = json.loads(Path("/etc/clusterbed/boot.json").read_text())
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")

    def publish() -> str:
        instance_id, credentials = identity()
        key = f"hostkeys/{instance_id}"
        url = object_url(key, bucket=boot["bucket"], bucket_host=boot["bucket_host"], endpoint=endpoint)
        put(url, host_keys(Path("/etc/ssh")), credentials=credentials, region=boot["region"])
        return f"host keys published as {key} in {boot['bucket']}"

    return until_done(publish, give_up_after_s=GIVE_UP_AFTER_S)


def until_done(
    attempt: Callable[[], str],
    *,
    give_up_after_s: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Try again and again; the exit code. Says on stdout what came of it, and each new reason to wait."""
    end = clock() + give_up_after_s
    last = ""
    while True:
        try:
            print(attempt(), flush=True)
        except (OSError, ValueError, LookupError, http.client.HTTPException) as error:
            reason = f"{type(error).__name__}: {error}"
        else:
            return 0
        if reason != last:
            print(f"not yet: {reason}", flush=True)
            last = reason
        if clock() >= end:
            print(f"host keys not published after {give_up_after_s:.0f} s: {reason}", flush=True)
            return 1
        sleep(RETRY_S)


def host_keys(directory: Path) -> bytes:
    """The lines of all public host keys."""
    files = sorted(directory.glob("ssh_host_*_key.pub"))
    if not files:
        raise FileNotFoundError(f"no host keys in {directory}")
    return b"".join(file.read_bytes().strip() + b"\n" for file in files)


def identity() -> tuple[str, Credentials]:
    """The instance id and the role's credentials, from the metadata service, version 2."""
    lifetime = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    session = {"X-aws-ec2-metadata-token": send("PUT", f"{METADATA}/api/token", lifetime)}

    def metadata(path: str) -> str:
        return send("GET", f"{METADATA}/meta-data/{path}", session)

    role = metadata("iam/security-credentials/").splitlines()[0]
    found = json.loads(metadata(f"iam/security-credentials/{role}"))
    return metadata("instance-id"), Credentials(
        found["AccessKeyId"], found["SecretAccessKey"], found["Token"]
    )


def object_url(key: str, *, bucket: str, bucket_host: str, endpoint: str | None) -> str:
    """Where the object is: at the bucket's own host, or below the bucket's name at another endpoint."""
    path = urllib.parse.quote(key)
    return f"{endpoint.rstrip('/')}/{bucket}/{path}" if endpoint else f"https://{bucket_host}/{path}"


def put(url: str, body: bytes, *, credentials: Credentials, region: str) -> None:
    """Write the object, unless it is there already."""
    headers = signed(
        "PUT",
        url,
        {"if-none-match": "*", "content-type": "text/plain"},
        body,
        credentials=credentials,
        region=region,
        now=datetime.now(timezone.utc),  # noqa: UP017 - Python 3.10 has no datetime.UTC
    )
    try:
        send("PUT", url, headers, body)
    except urllib.error.HTTPError as error:
        if error.code != ALREADY_THERE:
            raise OSError(f"{error} {error.read(500).decode(errors='replace')}") from error


def signed(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    credentials: Credentials,
    region: str,
    now: datetime,
) -> dict[str, str]:
    """The headers of an S3 request with those of AWS Signature Version 4 added. `url` has no query."""
    parts = urllib.parse.urlsplit(url)
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(body).hexdigest()
    everything = {
        **{name.lower(): value for name, value in headers.items()},
        "host": parts.netloc,
        "x-amz-content-sha256": digest,
        "x-amz-date": moment,
        "x-amz-security-token": credentials.token,
    }
    names = sorted(everything)
    canonical = "\n".join(
        [
            method,
            parts.path,
            "",
            *(f"{name}:{' '.join(everything[name].split())}" for name in names),
            "",
            ";".join(names),
            digest,
        ]
    )
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    everything["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return everything


def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> str:
    """The answer's text. Raises OSError where there is none, or a bad one."""
    # The schemes are http and https: METADATA, the bucket's host, or the machine's own endpoint.
    request = urllib.request.Request(url, data=body, method=method, headers=dict(headers))  # noqa: S310
    with DIRECT.open(request, timeout=TIMEOUT_S) as answer:
        return str(answer.read(), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
