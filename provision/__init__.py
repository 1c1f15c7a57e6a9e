"""Provisioning: from machines that answer SSH to a cluster whose services say they are healthy.

The ways in are `deploy` (install and start everything), `health` (ask the services) and `run` (ship a
run, follow it, find it again); `connection` opens verified SSH to the nodes.

A service (`services/`) returns steps for a node; `runner` sends all steps of a node to `agent.py`, which
executes them there and streams its events back.
"""
