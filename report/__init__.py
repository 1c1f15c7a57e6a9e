"""Results: bring a run home, set it beside the published figures, write one page."""

from report.manifest import Pulled
from report.page import build
from report.pull import pull
from report.summary import summary_lines
from report.unpulled import Unpulled, require_pulled, unpulled

__all__ = ["Pulled", "Unpulled", "build", "pull", "require_pulled", "summary_lines", "unpulled"]
