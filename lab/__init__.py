"""The lab: a cloud on this machine. It serves the AWS API and turns what is made there into the real thing.

An instance becomes a container that boots as a machine does; route tables and security groups
become routes and packet filters between them.
"""

from lab.lab import Lab

__all__ = ["Lab"]
