"""IAM's evaluation: deny over allow over nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from contract.errors import SettingError
from lab.identity.policy import Request, Verdict, allowed, judge

OBJECT = "arn:aws:s3:::results/runs/1/a"
ROLE = "arn:aws:iam::123456789012:role/node"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": "s3:*", "Resource": "*", **more}


PUT = Request("s3:PutObject", OBJECT)


@pytest.mark.parametrize(
    ("action", "resource", "granted"),
    [
        ("s3:PutObject", OBJECT, True),
        ("s3:putobject", OBJECT, True),
        ("s3:Put*", "arn:aws:s3:::results/runs/*", True),
        (["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::results/*"], True),
        ("s3:PutObject", "arn:aws:s3:::results/runs/?/a", True),
        ("s3:PutObject", "arn:aws:s3:::RESULTS/*", False),
        ("s3:GetObject", OBJECT, False),
        ("s3:PutObject", "arn:aws:s3:::results/hostkeys/*", False),
        ("s3:PutObject", "arn:aws:s3:::results/[r]uns/*", False),
    ],
)
def test_actions_and_resources(action: Any, resource: Any, granted: bool) -> None:
    assert allowed([policy(statement(Action=action, Resource=resource))], PUT) is granted


def test_nothing_is_granted_unasked() -> None:
    assert not allowed([], PUT)


@given(some.permutations([statement(), statement("Deny", Resource=OBJECT), statement(Action="s3:PutObject")]))
def test_a_deny_wins_wherever_it_stands(statements: list[dict[str, Any]]) -> None:
    assert judge([policy(*statements)], PUT) is Verdict.DENIED


def test_not_action_and_not_resource() -> None:
    assert allowed([policy({"Effect": "Allow", "NotAction": "ec2:*", "Resource": "*"})], PUT)
    assert not allowed([policy({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})], PUT)
    assert not allowed([policy({"Effect": "Allow", "Action": "*", "NotResource": OBJECT})], PUT)


@pytest.mark.parametrize(
    ("condition", "granted"),
    [
        ({"StringLike": {"s3:prefix": "runs/*"}}, True),
        ({"StringEquals": {"s3:prefix": ["x", "runs/1"]}}, True),
        ({"StringEquals": {"s3:prefix": "runs"}}, False),
        ({"StringNotEquals": {"s3:prefix": "secret"}}, True),
        ({"Bool": {"aws:SecureTransport": True}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"Null": {"s3:prefix": "true"}}, False),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
        ({"StringLike": {"s3:prefix": "*"}, "Bool": {"aws:SecureTransport": "false"}}, False),
    ],
)
def test_conditions(condition: dict[str, Any], granted: bool) -> None:
    listing = Request(
        "s3:ListBucket", "arn:aws:s3:::results", {"s3:prefix": "runs/1", "aws:securetransport": "true"}
    )
    assert allowed([policy(statement(Condition=condition))], listing) is granted


def test_an_unknown_operator_is_refused_by_name() -> None:
    with pytest.raises(SettingError, match="DateGreaterThan"):
        allowed([policy(statement(Condition={"DateGreaterThan": {"aws:CurrentTime": "2020"}}))], PUT)


@pytest.mark.parametrize(
    ("principal", "verdict"),
    [
        ("*", Verdict.ALLOWED),
        ({"AWS": "*"}, Verdict.ALLOWED),
        ({"AWS": ROLE}, Verdict.ALLOWED),
        ({"AWS": ["arn:aws:iam::123456789012:root"]}, Verdict.ALLOWED),
        ({"AWS": "arn:aws:iam::123456789012:role/other"}, Verdict.SILENT),
        ({"Service": "ec2.amazonaws.com"}, Verdict.SILENT),
    ],
)
def test_a_buckets_policy_speaks_of_somebody(principal: Any, verdict: Verdict) -> None:
    assert judge([policy(statement(Principal=principal))], PUT, ROLE) is verdict


def test_tls_only_denies_nobody_who_uses_it() -> None:
    rule = statement("Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    with_tls = Request("s3:PutObject", OBJECT, {"aws:securetransport": "true"})
    without = Request("s3:PutObject", OBJECT, {"aws:securetransport": "false"})
    assert judge([policy(rule)], with_tls, ROLE) is Verdict.SILENT
    assert judge([policy(rule)], without, ROLE) is Verdict.DENIED
