"""Evaluating IAM policies the way AWS documents it: an explicit deny wins, then an allow, else refused.

Identity policies are a role's; a resource policy is a bucket's and says of whom it speaks.

What a policy may hold and this does not know (a condition operator, a condition key that the
request does not answer) never grants anything.
"""

from __future__ import annotations

import enum
import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

from contract.errors import SettingError


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to do. `context` holds the values of condition keys, by lower-case name."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


class Verdict(enum.Enum):
    """What policies say to a request: a denial in one of them outweighs all else."""

    ALLOWED = "allowed"
    DENIED = "denied"
    SILENT = "silent"


def judge(policies: Iterable[Mapping[str, Any]], request: Request, principal: str | None = None) -> Verdict:
    """What these parsed documents say. `principal`, an ARN, counts in resource policies.

    Raises:
        SettingError: a policy uses a condition operator that the lab cannot evaluate.
    """
    effects = {
        statement.get("Effect")
        for policy in policies
        for statement in _listed(policy.get("Statement", []))
        if _speaks_of(statement, principal) and _concerns(statement, request)
    }
    if "Deny" in effects:
        return Verdict.DENIED
    return Verdict.ALLOWED if "Allow" in effects else Verdict.SILENT


def allowed(policies: Iterable[Mapping[str, Any]], request: Request) -> bool:
    """Whether identity policies alone permit the request."""
    return judge(policies, request) is Verdict.ALLOWED


def _speaks_of(statement: Mapping[str, Any], principal: str | None) -> bool:
    """Whether the statement is about that principal; an identity policy's is about its holder."""
    if "NotPrincipal" in statement:
        return principal is not None and not _names(statement["NotPrincipal"], principal)
    if "Principal" not in statement:
        return principal is None
    return principal is not None and _names(statement["Principal"], principal)


def _names(principals: Any, principal: str) -> bool:
    """Everybody, the ARN itself, or its account as a whole."""
    if principals == "*":
        return True
    account = principal.split(":")[4]
    known = {"*", principal, account, f"arn:aws:iam::{account}:root"}
    return bool(known.intersection(_listed(principals.get("AWS", []))))


def _concerns(statement: Mapping[str, Any], request: Request) -> bool:
    return (
        _either(statement, "Action", request.action, ignore_case=True)
        and _either(statement, "Resource", request.resource)
        and all(
            _holds(operator, key, _listed(values), request.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _either(statement: Mapping[str, Any], element: str, value: str, *, ignore_case: bool = False) -> bool:
    """`Action` or `NotAction` (`Resource` or `NotResource`), whichever the statement has."""
    if element in statement:
        return any(_like(value, one, ignore_case=ignore_case) for one in _listed(statement[element]))
    if f"Not{element}" in statement:
        return not any(
            _like(value, one, ignore_case=ignore_case) for one in _listed(statement[f"Not{element}"])
        )
    return False


def _holds(operator: str, key: str, expected: list[Any], context: Mapping[str, str]) -> bool:
    texts = ["true" if one is True else "false" if one is False else str(one) for one in expected]
    actual = context.get(key.lower())
    name = operator
    if name == "Null":
        return (actual is None) == (texts[0].lower() == "true")
    if name.endswith("IfExists"):
        name = name.removesuffix("IfExists")
        if actual is None:
            return True
    # With one value in the request, both quantifiers mean the plain operator, but for an absent key.
    if name.startswith("ForAllValues:"):
        name = name.removeprefix("ForAllValues:")
        if actual is None:
            return True
    name = name.removeprefix("ForAnyValue:")
    negated = "Not" in name
    test = _OPERATORS.get(name.replace("Not", ""))
    if test is None:
        raise SettingError(
            f"condition operator {operator} of an IAM policy is not known to the lab",
            way_out=f"It knows {', '.join(sorted(_OPERATORS))}, and their Not… and …IfExists forms.",
        )
    if actual is None:
        return negated
    return any(test(actual, one) for one in texts) != negated


def _like(value: str, pattern: str, *, ignore_case: bool = False) -> bool:
    """IAM's wildcards: `*` any characters, `?` one; nothing else is special."""
    literal = pattern.replace("[", "[[]")
    return re.match(fnmatch.translate(literal), value, re.IGNORECASE if ignore_case else 0) is not None


def _in_network(value: str, network: str) -> bool:
    return ip_address(value) in ip_network(network, strict=False)


def _number(test: Any) -> Any:
    return lambda actual, expected: test(float(actual), float(expected))


_OPERATORS: Mapping[str, Any] = {
    "StringEquals": lambda actual, expected: actual == expected,
    "StringEqualsIgnoreCase": lambda actual, expected: actual.lower() == expected.lower(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda actual, expected: actual.lower() == expected.lower(),
    "IpAddress": _in_network,
    "NumericEquals": _number(lambda a, b: a == b),
    "NumericLessThan": _number(lambda a, b: a < b),
    "NumericLessThanEquals": _number(lambda a, b: a <= b),
    "NumericGreaterThan": _number(lambda a, b: a > b),
    "NumericGreaterThanEquals": _number(lambda a, b: a >= b),
}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
