"""Configuration files and shell texts of the services, and how values come into them."""

from __future__ import annotations

from importlib import resources
from string import Template
from xml.sax.saxutils import escape

from provision.step import shell


def render(name: str, /, **values: str | int) -> str:
    """A configuration file: `$name` is replaced, `$$` is a dollar; escaped where the file is XML.

    Raises:
        KeyError: the template asks for a value that is not given.
        ValueError: a value is given that the template does not ask for, or spans lines.
    """
    template = Template(text(name))
    unused = values.keys() - set(template.get_identifiers())
    if unused:
        raise ValueError(f"template {name} does not ask for {', '.join(sorted(unused))}")
    strings = {key: str(value) for key, value in values.items()}
    for key, value in strings.items():
        if "\n" in value:
            raise ValueError(f"template {name}: {key} spans lines")
    if name.endswith(".xml"):
        strings = {key: escape(value) for key, value in strings.items()}
    return template.substitute(strings)


def script(name: str, /, **values: str | int) -> str:
    """A shell text, with its values assigned before it: `set` to what is given, quoted."""
    return shell(text(name), {key.upper(): value for key, value in values.items()})


def text(name: str) -> str:
    """The template as it lies in this folder."""
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
