"""The software image: what it is made of (locks), and the programs that make it on the head.

`build.py` and `maven.py` run on the node, under its own Python, and import nothing of this project.
"""
