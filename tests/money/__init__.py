"""The product's payments and the sandbox together, under everything that goes wrong. `make bench-money` runs the same at full length."""

import os

LONG = bool(os.environ.get("BENCH_MONEY"))


def size(short: int, long: int) -> int:
    """How often: in the tests, and as a measurement."""
    return long if LONG else short
