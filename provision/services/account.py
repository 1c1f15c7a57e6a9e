"""The user that daemons and runs belong to, and the environment they share (S1.5, S1.9)."""

from __future__ import annotations

from provision.services import site
from provision.step import File, Step
from provision.templates import render, script


def steps() -> list[Step]:
    """A system user without a shell, and /etc/clusterbed/environment."""
    environment = render(
        "environment", prefix=site.PREFIX, account=site.ACCOUNT, workloads=f"{site.WORKLOADS}/current"
    )
    return [
        Step(
            "account",
            "the user of daemons and runs",
            apply=script("account.sh", account=site.ACCOUNT, home_dir=site.HOME, state=site.STATE),
            check=script("account_check.sh", account=site.ACCOUNT, home_dir=site.HOME, state=site.STATE),
            files=(File(site.ENVIRONMENT, environment),),
        )
    ]
