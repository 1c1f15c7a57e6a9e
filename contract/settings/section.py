"""What every section of settings shares: strict types, no unknown keys, errors that name the key."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from contract.errors import SettingError


class Section(BaseModel):
    """A frozen group of settings that validates itself.

    In a stack file a section is one key (`clusterbed:machines`) with a mapping below it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def parse(cls, values: Any, *, path: str) -> Self:
        """Validate `values`, as read from a stack file.

        Raises:
            SettingError: names the first wrong key in full, e.g. `clusterbed:machines.workers`.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise _setting_error(error, path, cls) from error


def _setting_error(error: ValidationError, path: str, section: type[BaseModel]) -> SettingError:
    problem = error.errors()[0]
    where = _key(path, problem["loc"])
    if problem["type"] == "extra_forbidden":
        parent = _key(path, problem["loc"][:-1])
        known = ", ".join(sorted(_section_at(section, problem["loc"][:-1]).model_fields))
        return SettingError(f"unknown setting {where}", way_out=f"{parent} knows: {known}.")
    got = f", not {problem['input']!r}" if not isinstance(problem["input"], dict) else ""
    message = problem["msg"].removeprefix("Value error, ")
    more = len(error.errors()) - 1
    tail = f" ({more} more wrong after this one.)" if more else ""
    return SettingError(
        f"{where}: {message}{got}", way_out=f"Correct it in the stack file or on the command line.{tail}"
    )


def _key(path: str, location: tuple[int | str, ...]) -> str:
    """`clusterbed` + ("machines", "workers") → `clusterbed:machines.workers`, as in the stack file."""
    return f"{path}:{'.'.join(str(part) for part in location)}" if location else path


def _section_at(section: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel]:
    """The model that holds the key at `location`, starting from `section`."""
    for part in location:
        below = section.model_fields[str(part)].annotation
        if isinstance(below, type) and issubclass(below, BaseModel):
            section = below
    return section
