"""The data set of document 001 (E1.1): what a row is, in Spark, in NumPy, and how it is checked."""
