"""Sessions with the engines: made, measured, watched, made again after a loss."""
