"""The tables: one file a suite, one line here."""

import importlib

from benchmarks.case import Suite

NAMES = (
    "eager",
    "fused",
    "small",
    "batched",
    "sparse",
    "latency",
    "cost",
    "gradbench",
    "idioms",
)
"""Files of this package; each defines `SUITE`."""


def load_suite(name: str) -> Suite:
    """Return a suite by its name, or from its place: ``package.module``."""
    place = f"{__name__}.{name}" if name in NAMES else name
    suite: Suite = importlib.import_module(place).SUITE
    return suite
