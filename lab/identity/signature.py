"""Checking Signature Version 4, with botocore's own implementation of it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from lab.identity.keys import Key

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Authorization:
    """The Authorization header, taken apart."""

    key_id: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str


def parse(header: str) -> Authorization | None:
    """The header's parts; None when it is no Signature Version 4."""
    algorithm, _, rest = header.strip().partition(" ")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    scope = parts.get("Credential", "").split("/")
    if algorithm != _ALGORITHM or len(scope) != 5 or "Signature" not in parts:  # noqa: PLR2004
        return None
    return Authorization(
        key_id=scope[0],
        region=scope[2],
        service=scope[3],
        signed_headers=tuple(parts.get("SignedHeaders", "").split(";")),
        signature=parts["Signature"],
    )


def valid(
    authorization: Authorization,
    key: Key,
    *,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
) -> bool:
    """Whether the request was signed with `key`. `headers` have lower-case names; `url` is as sent."""
    signed = {name: headers.get(name, "") for name in authorization.signed_headers}
    if "x-amz-date" not in headers:
        return False
    request = AWSRequest(method=method, url=url, data=body, headers=signed)
    request.context["timestamp"] = headers["x-amz-date"]
    kind = S3SigV4Auth if authorization.service == "s3" else SigV4Auth
    signer = kind(Credentials(key.id, key.secret, key.token), authorization.service, authorization.region)
    canonical = signer.canonical_request(request)
    expected = signer.signature(signer.string_to_sign(request, canonical), request)
    return hmac.compare_digest(expected, authorization.signature)
