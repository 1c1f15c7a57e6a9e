"""Property differences, and the paths of ignoreChanges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.engine.diff import diff, keep, steps, within
from lab.engine.values import UNKNOWN, secret

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)
PROPERTIES = st.dictionaries(st.sampled_from(["one", "two", "three"]), JSON, max_size=3)


def found(old: dict, new: dict) -> list[tuple]:
    return [(one.path, one.old, one.new) for one in diff(old, new)]


@given(PROPERTIES)
def test_nothing_differs_from_itself(properties):
    assert found(properties, properties) == []


@given(PROPERTIES, PROPERTIES)
def test_keeping_what_differs_leaves_no_difference(old, new):
    assert (
        found(old, keep(old, new, {path.split(".")[0].split("[")[0] for path, *_ in found(old, new)})) == []
    )


def test_the_path_is_as_deep_as_the_difference():
    old = {"disk": {"size": 15, "tags": {"a b": "1"}}, "ports": [{"from": 1}, {"from": 2}]}
    new = {"disk": {"size": 20, "tags": {"a b": "2"}}, "ports": [{"from": 1}, {"from": 3}], "more": True}
    assert found(old, new) == [
        ("disk.size", 15, 20),
        ('disk.tags["a b"]', "1", "2"),
        ("more", None, True),
        ("ports[1].from", 2, 3),
    ]


def test_true_is_not_one():
    assert found({"check": True}, {"check": 1}) == [("check", True, 1)]


def test_secrets_differ_unseen_and_unknowns_say_so():
    assert found({"key": secret("a")}, {"key": "a"}) == []
    assert found({"key": secret("a")}, {"key": secret("b")}) == [("key", "[secret]", "[secret]")]
    assert found({"id": "vpc-1"}, {"id": UNKNOWN}) == [("id", "vpc-1", "[unknown]")]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tags", {"tags": {"a": 1, "b": 2}, "list": [3, 5]}),
        ("tags.a", {"tags": {"a": 1, "c": 9}, "list": [3, 5]}),
        ('tags["b"]', {"tags": {"a": 7, "b": 2, "c": 9}, "list": [3, 5]}),
        ("tags.c", {"tags": {"a": 7}, "list": [3, 5]}),
        ("list[1]", {"tags": {"a": 7, "c": 9}, "list": [3, 4]}),
        ("list[9]", {"tags": {"a": 7, "c": 9}, "list": [3, 5]}),
        ("new", {"tags": {"a": 7, "c": 9}, "list": [3, 5]}),
    ],
)
def test_ignored_changes_leave_the_old_value(path, expected):
    old = {"tags": {"a": 1, "b": 2}, "list": [3, 4]}
    new = {"tags": {"a": 7, "c": 9}, "list": [3, 5]}
    assert keep(old, new, [path]) == expected


def test_paths_are_taken_apart():
    assert steps('a.b[0]["c d"].e') == ("a", "b", 0, "c d", "e")
    assert within("disk.encrypted", {"disk.encrypted"})
    assert within("groups[0]", {"groups"})
    assert not within("disk.size", {"disk.encrypted"})
