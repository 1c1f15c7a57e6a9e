"""What the documents published, as typed values with their place in the text.

One module per document; nothing here is measured by clusterbed.
"""

from report.published.document import Document, Experiment, Figure, Kind
from report.published.document_001 import DOCUMENT_001

DOCUMENTS = (DOCUMENT_001,)


def document_of(experiment: str) -> Document | None:
    """The document that describes an experiment, if any does."""
    return next((document for document in DOCUMENTS if experiment in document.experiments), None)


__all__ = ["DOCUMENTS", "Document", "Experiment", "Figure", "Kind", "document_of"]
