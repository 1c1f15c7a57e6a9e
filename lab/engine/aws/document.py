"""IAM's policy documents and times, as the provider writes them, and the mark of a creation."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from lab.engine.cloud import TOKEN_TAG


def marked(thing: Any, token: str) -> bool:
    """Whether an IAM thing carries this creation's mark."""
    return any(tag["Key"] == TOKEN_TAG and tag["Value"] == token for tag in thing.get("Tags") or ())


def same_json(found: Any, written: str | None) -> str:
    """A policy as text: the program's own text when it means the same as what the cloud holds."""
    value = json.loads(found) if isinstance(found, str) else found
    if written is not None and json.loads(written) == value:
        return written
    return json.dumps(value, sort_keys=True)


def rfc3339(moment: datetime) -> str:
    """A time as the provider writes it: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
