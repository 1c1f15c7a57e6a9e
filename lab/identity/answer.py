"""Refusals, each in the form of the service that was asked, so that every client understands them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from lab.identity.action import Call

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

_THROTTLES = {"RequestLimitExceeded", "Throttling", "SlowDown", "ServiceUnavailable", "InternalError"}


def denial(call: Call) -> str:
    """What the service calls a missing permission."""
    if call.service == "ec2":
        return "UnauthorizedOperation"
    return "AccessDeniedException" if "x-amz-target" in call.headers else "AccessDenied"


def refusal(call: Call, code: str, message: str, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with an error: 403, or 503 for the codes that ask to try again."""
    status = "503 Service Unavailable" if code in _THROTTLES else "403 Forbidden"
    if "x-amz-target" in call.headers:
        kind, body = "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message})
    else:
        error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        kind = "text/xml"
        if call.service == "s3":
            body = f"<Error>{error}<RequestId>lab</RequestId></Error>"
        elif call.service == "ec2":
            body = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>lab</RequestID></Response>"
        else:
            body = (
                f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error>"
                "<RequestId>lab</RequestId></ErrorResponse>"
            )
    content = b"" if call.method == "HEAD" else body.encode()
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(content)))])
    return [content]
