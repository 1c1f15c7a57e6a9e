"""Workloads: what runs on the nodes. Imports nothing of the rest of the repository."""

__version__ = "0.1.0"
