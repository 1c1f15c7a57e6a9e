"""The salary model of document 001: its grid, its search, its files."""
