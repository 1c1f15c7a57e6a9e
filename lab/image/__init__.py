"""The machine image: what an instance of the lab boots from."""

from lab.image.build import ensure, tag_of

__all__ = ["ensure", "tag_of"]
