"""Slopes where a function has none: the stated ones, and none that disturbs others."""

import numpy as np
import pytest

import adjoint as ad
from laws.draws import records

KINKS = [(record, kink) for record in records() for kink in record.kinks]


@pytest.mark.parametrize(
    ("record", "kink"), KINKS, ids=[f"{r.name}{k.at}" for r, k in KINKS]
)
@pytest.mark.parametrize("kind", ["array", "number"])
@pytest.mark.filterwarnings("ignore::adjoint.errors.UndefinedDerivativeWarning")
def test_slopes_at_kinks_are_the_stated_ones(record, kink, kind):
    """At its ugly points a record gives the slopes it states, in both modes."""
    make = float if kind == "number" else lambda number: np.array([number])
    args = tuple(make(number) for number in kink.at)

    def f(*inner_args):
        return np.sum(record.evaluate(*inner_args))

    with np.errstate(all="ignore"):
        gradient = ad.grad(f, argnums=tuple(range(len(args))))(*args)
        for k, slope in enumerate(kink.slopes):
            if slope is None:
                continue
            np.testing.assert_equal(float(np.sum(gradient[k])), slope)
            unit = tuple(make(1.0 if j == k else 0.0) for j in range(len(args)))
            np.testing.assert_equal(float(ad.jvp(f, args, unit)[1]), slope)


SINGULAR = [record for record in records() if record.slope_may_be_infinite]


@pytest.mark.parametrize("record", SINGULAR, ids=lambda record: record.name)
def test_a_slope_that_nothing_depends_on_contributes_zero(record):
    """An exactly zero cotangent times an infinite or nan slope is zero."""
    poles = [kink.at for kink in record.kinks if not np.all(np.isfinite(kink.slopes))]
    for at in poles or [(0.0,) * len(record.reads)]:
        args = tuple(np.array([number, 1.0]) for number in at)

        def unused_pole(*inner_args):
            out = record.evaluate(*inner_args)
            return np.sum(np.where(np.array([False, True]), out, 0.0))

        with np.errstate(all="ignore"):
            numbers = tuple(range(len(args)))
            gradient = ad.grad(unused_pole, argnums=numbers)(*args)
        assert [0.0] * len(args) == [float(part[0]) for part in gradient]
