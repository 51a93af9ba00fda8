"""The tables: one file a suite, one line here."""

import importlib
from dataclasses import replace

from benchmarks.case import Suite
from benchmarks.contenders import PLACES

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
    """Return a suite by its name, or from its place: ``package.module``.

    Where it does not say who is asked, all are but those it leaves out.
    """
    place = f"{__name__}.{name}" if name in NAMES else name
    suite: Suite = importlib.import_module(place).SUITE
    if suite.contenders:
        return suite
    asked = tuple(name for name in PLACES if name not in suite.without)
    return replace(suite, contenders=asked)
