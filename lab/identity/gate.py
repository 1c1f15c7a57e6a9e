"""The gate before the AWS API: nobody passes unsigned, and an instance does what its role allows."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from contract.errors import SettingError
from lab.identity import answer, signature
from lab.identity.action import Call, needed
from lab.identity.keys import Key, Keys
from lab.identity.policy import Request, Verdict, judge

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

Policies = Callable[[str], list[Mapping[str, Any]]]
"""The parsed policy documents of the role, or of the bucket, of that name."""

_BUCKET = "arn:aws:s3:::"
_FREE = "sts:GetCallerIdentity"
"""AWS lets everybody ask who they are."""


class Gate:
    """A WSGI application in front of another.

    `before` is told of every call that is let through, `after` of every one that the API carried
    out. `refuse` may name an error code to answer with instead (a fault the user asked for).
    """

    def __init__(
        self,
        api: WSGIApplication,
        keys: Keys,
        policies: Policies,
        bucket_policies: Policies,
        account: str,
        *,
        before: Callable[[Call], None],
        after: Callable[[Call], None],
        refuse: Callable[[list[str]], str | None],
    ) -> None:
        self._api = api
        self._keys = keys
        self._policies = policies
        self._bucket_policies = bucket_policies
        self._account = account
        self._before = before
        self._after = after
        self._refuse = refuse

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        headers = _headers(environ)
        # A body of unknown length (chunked) ends by itself.
        length = environ.get("CONTENT_LENGTH")
        body = environ["wsgi.input"].read(*([int(length)] if length else [])) if _has_body(environ) else b""
        environ["wsgi.input"] = io.BytesIO(body)
        authorization = signature.parse(headers.get("authorization", ""))
        call = _call(environ, headers, body, authorization)
        if authorization is None:
            return answer.refusal(
                call, "MissingAuthenticationToken", "The request is not signed", start_response
            )
        key = self._keys.find(authorization.key_id)
        if key is None:
            code = "InvalidAccessKeyId" if call.service == "s3" else "InvalidClientTokenId"
            return answer.refusal(call, code, "There is no such access key, or it expired", start_response)
        token = headers.get("x-amz-security-token")
        signed = signature.valid(
            authorization,
            key,
            method=call.method,
            url=f"http://{headers.get('host', '')}{environ['RAW_URI']}",
            headers=headers,
            body=body,
        )
        if token != key.token or not signed:
            return answer.refusal(
                call, "SignatureDoesNotMatch", "The signature or token is not that key's", start_response
            )
        return self._answer(call, key, environ, start_response)

    def _answer(
        self, call: Call, key: Key, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        names = [f"{call.service}:{call.action}"] if call.action else []
        try:
            wanted = self._wanted(call, key)
            refused = next((one for one in wanted if not self._permits(key, one)), None)
        except SettingError as error:
            log.warning("%s", error)
            return answer.refusal(call, answer.denial(call), error.what, start_response)
        if refused is not None:
            message = f"{key.arn(self._account)} may not {refused.action} on {refused.resource}"
            log.info("refused: %s", message)
            return answer.refusal(call, answer.denial(call), message, start_response)
        fault = self._refuse(names + [one.action for one in wanted])
        if fault is not None:
            return answer.refusal(call, fault, "Refused by a fault of the lab", start_response)
        self._before(call)
        return self._forward(call, environ, start_response)

    def _wanted(self, call: Call, key: Key) -> list[Request]:
        """What the call needs. The laptop may also do what the lab has no name for."""
        try:
            return needed(call, self._account)
        except SettingError:
            if key.role is None:
                return []
            raise

    def _permits(self, key: Key, request: Request) -> bool:
        """Both sides' policies, as within one account: either may allow, neither may deny."""
        if request.action == _FREE:
            return True
        own = Verdict.ALLOWED if key.role is None else judge(self._policies(key.role), request)
        theirs = Verdict.SILENT
        if request.resource.startswith(_BUCKET):
            bucket = request.resource.removeprefix(_BUCKET).partition("/")[0]
            theirs = judge(self._bucket_policies(bucket), request, key.arn(self._account))
        return Verdict.DENIED not in {own, theirs} and Verdict.ALLOWED in {own, theirs}

    def _forward(
        self, call: Call, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        statuses: list[str] = []

        def note(status: str, headers: Any, exc_info: Any = None) -> Any:
            statuses.append(status)
            return start_response(status, headers, exc_info)

        content = list(self._api(environ, note))
        if statuses and statuses[-1].startswith("2"):
            self._after(call)
        return content


def _has_body(environ: WSGIEnvironment) -> bool:
    return bool(environ.get("CONTENT_LENGTH") or environ.get("wsgi.input_terminated"))


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    found = {
        key.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    found["content-type"] = environ.get("CONTENT_TYPE", "")
    found["content-length"] = environ.get("CONTENT_LENGTH", "")
    return found


def _call(
    environ: WSGIEnvironment,
    headers: Mapping[str, str],
    body: bytes,
    authorization: signature.Authorization | None,
) -> Call:
    return Call(
        service=authorization.service if authorization else "s3",
        region=authorization.region if authorization else "",
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=body,
    )
