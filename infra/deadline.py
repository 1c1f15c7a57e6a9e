"""The moment after which the machines end themselves, with no laptop involved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def created(role_created: str) -> datetime:
    """When the cluster was made, in UTC, from the role's RFC 3339 creation date."""
    return datetime.fromisoformat(role_created).astimezone(UTC)


def deadline(role_created: str, deadline_h: float) -> datetime:
    """The absolute moment, in UTC to the second; the same at every `up` while the setting stays."""
    return (created(role_created) + timedelta(hours=deadline_h)).replace(microsecond=0)
