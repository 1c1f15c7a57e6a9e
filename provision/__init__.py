"""Provisioning: from machines that answer SSH to a cluster whose services say they are healthy.

The ways in: `session` opens verified connections; `deploy` installs and starts everything; `health` asks
the services; `run` ships a run, follows it and finds it again; `everywhere` runs a command on all nodes.

A service (`services/`) returns steps for a node; `runner` sends all steps of a node to `agent`, which
executes them there and streams its events back.
"""
