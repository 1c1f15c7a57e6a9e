"""The experiments. Each file holds the work as functions of the engine, and the case around them."""
