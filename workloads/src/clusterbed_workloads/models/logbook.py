"""The log files that the document names: ml_pipeline.log, prediction.log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def logbook(file: Path) -> Iterator[logging.Logger]:
    """A logger that writes to `file`; an exception on the way out is written as well."""
    logger = logging.Logger(file.name)
    handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    try:
        yield logger
    except Exception:
        logger.exception("failed")
        raise
    finally:
        handler.close()
