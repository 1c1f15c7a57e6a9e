"""Results: bring a run home, set it beside the published figures, write one page."""

from report.manifest import Pulled
from report.pull import pull
from report.unpulled import Unpulled, require_pulled, unpulled

__all__ = ["Pulled", "Unpulled", "pull", "require_pulled", "unpulled"]
