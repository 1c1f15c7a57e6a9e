"""The difference between what a resource was made from and what the program says now."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lab.engine.changes import PropertyDiff
from lab.engine.values import HIDDEN, NOT_KNOWN, Properties, has_secret, has_unknown, plain

DEFAULTS = "__defaults"
"""The input that lists which others the engine chose itself (Pulumi's name for it)."""


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[PropertyDiff]:
    """The properties that differ, deepest first where both sides are maps or lists of equal length.

    Values are compared without their secret marks; where one side is secret, neither is shown.
    """
    for key in sorted({*old, *new} - {DEFAULTS}):
        veiled = has_secret(old.get(key)) or has_secret(new.get(key))
        before, after = plain(old.get(key)), plain(new.get(key))
        for path, was, becomes in _walk((key,), before, after):
            now = NOT_KNOWN if has_unknown(becomes) else becomes
            shown = (HIDDEN, HIDDEN) if veiled else (was, now)
            yield PropertyDiff(_written(path), *shown)


def steps(path: str) -> tuple[str | int, ...]:
    """A property path, taken apart: `a.b[0]["c d"]` is ("a", "b", 0, "c d")."""
    found = re.finditer(r"""\[(\d+)\]|\[["']([^"']+)["']\]|([^.\[\]]+)""", path)
    return tuple(int(m[1]) if m[1] else m[2] or m[3] for m in found)


def _walk(
    path: tuple[str | int, ...], old: Any, new: Any
) -> Iterator[tuple[tuple[str | int, ...], Any, Any]]:
    if old == new and isinstance(old, bool) == isinstance(new, bool):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new} - {DEFAULTS}):
            yield from _walk((*path, key), old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (was, becomes) in enumerate(zip(old, new, strict=True)):
            yield from _walk((*path, index), was, becomes)
    else:
        yield path, old, new


def _written(path: tuple[str | int, ...]) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", step):
            text += f".{step}" if text else step
        else:
            text += f'["{step}"]'
    return text


def keep(old: Properties, new: Properties, paths: Collection[str]) -> Properties:
    """The new properties with what lies at `paths` as it was: Pulumi's ignoreChanges."""
    for path in paths:
        new = _kept(old, new, steps(path))
    return new


def _kept(old: Any, new: Any, path: tuple[str | int, ...]) -> Any:
    if not path:
        return old
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        if not (isinstance(old, list) and isinstance(new, list) and step < min(len(old), len(new))):
            return new
        return [*new[:step], _kept(old[step], new[step], rest), *new[step + 1 :]]
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    others = {key: value for key, value in new.items() if key != step}
    if step not in old and not rest:
        return others
    return {**others, step: _kept(old.get(step), new.get(step), rest)} if step in new or not rest else new


def within(path: str, whole: Collection[str]) -> bool:
    """Whether a path is one of `whole` or lies below one of them."""
    parts = steps(path)
    return any(parts[: len(above)] == above for above in map(steps, whole))
