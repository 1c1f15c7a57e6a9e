"""What the user sees: live progress on a terminal, a plain log elsewhere, one message for an error."""

from console import write
from console.failure import run_task, show
from console.progress import Progress

__all__ = ["Progress", "run_task", "show", "write"]
