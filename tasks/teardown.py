"""Ending a cluster: nothing that was not brought home is dropped, and nothing is left behind."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.exceptions import ClientError

from contract import Cluster, Event, Sink, State
from contract.errors import LeftoverError
from report import require_pulled
from tasks.clouds import Stack
from tasks.leftovers import Leftover, leftovers
from tasks.workspace import Workspace


def empty_bucket(cluster: Cluster, session: boto3.Session, sink: Sink) -> None:
    """Delete every object of the cluster's bucket, or nothing where the bucket is gone."""
    client: Any = session.client("s3")
    try:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=cluster.bucket):
            keys = [{"Key": item["Key"]} for item in page.get("Contents", ())]
            if keys:
                client.delete_objects(Bucket=cluster.bucket, Delete={"Objects": keys, "Quiet": True})
                sink(Event("bucket", f"dropped {len(keys)} objects", State.CHANGED))
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise


def prove_gone(name: str, session: boto3.Session) -> tuple[Leftover, ...]:
    """What the cloud still holds under the cluster's tag; an empty tuple is the proof.

    Raises:
        LeftoverError: something is left; each is named.
    """
    left = leftovers(session, name)
    if left:
        listing = "".join(f"\n    {item}" for item in left)
        raise LeftoverError(
            f"{len(left)} resources still carry the tag clusterbed:cluster = {name}:{listing}",
            way_out="Run `fab destroy` again; what stays then, was changed by somebody else: look at it.",
        )
    return left


def destroy(
    stack: Stack, workspace: Workspace, name: str, sink: Sink, *, drop_results: bool
) -> tuple[Leftover, ...]:
    """Delete the cluster `name` and prove it gone. Interrupted, it goes on when run again."""
    cluster = stack.cluster()
    session = stack.session()
    if cluster is not None:
        if not drop_results:
            require_pulled(session, cluster.bucket, workspace.results)
        empty_bucket(cluster, session, sink)
    stack.destroy()
    return prove_gone(name, session)
