"""XXH64 of 64-bit integers as Spark SQL's `xxhash64` computes it, in NumPy.

The algorithm is Yann Collet's (github.com/Cyan4973/xxHash, doc/xxhash_spec.md); Spark feeds the hash
of one column as the seed of the next and starts from 42. Written from the specification, so that
generated rows can be checked without Spark.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

_PRIME_1: Final = np.uint64(0x9E3779B185EBCA87)
_PRIME_2: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_PRIME_3: Final = np.uint64(0x165667B19E3779F9)
_PRIME_4: Final = np.uint64(0x85EBCA77C2B2AE63)
_PRIME_5: Final = np.uint64(0x27D4EB2F165667C5)
_LENGTH: Final = np.uint64(8)

SPARK_SEED: Final = 42
"""What Spark's `xxhash64` starts from."""


def _rotated(words: Words, bits: int) -> Words:
    return (words << np.uint64(bits)) | (words >> np.uint64(64 - bits))


def xxh64(words: Words, seeds: Words) -> Words:
    """XXH64 of each eight-byte word, each with its own seed."""
    mixed = seeds + _PRIME_5 + _LENGTH
    mixed = mixed ^ (_rotated(words * _PRIME_2, 31) * _PRIME_1)
    mixed = _rotated(mixed, 27) * _PRIME_1 + _PRIME_4
    mixed = (mixed ^ (mixed >> np.uint64(33))) * _PRIME_2
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _PRIME_3
    return mixed ^ (mixed >> np.uint64(32))


def spark_xxhash64(*columns: Words) -> Words:
    """What `xxhash64(column, …)` gives in Spark for bigint columns of equal length, as unsigned words."""
    hashed = np.full_like(columns[0], SPARK_SEED)
    for column in columns:
        hashed = xxh64(column, hashed)
    return hashed
