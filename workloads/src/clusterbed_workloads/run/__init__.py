"""A run: its cases one after the other, each in a process of its own, its results stored as they come."""
