"""The files that user data writes on a machine, and the program that runs there."""
