"""Cost of a gradient over its function, at sizes where NumPy's own work dominates.

A case is one line in `cases()`; beside each stands the same value and gradient written
by hand in NumPy, the least that eager NumPy has to do.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from benchmarks.case import Case, Inputs
from benchmarks.contenders import BY_HAND, OURS, Field
from benchmarks.contenders.by_hand import ByHand
from benchmarks.foundation.report import Figure, Section, Timing
from benchmarks.foundation.runs import Run, agreeing
from benchmarks.problems import network
from benchmarks.timing import Plan, Samples, Spread, interleave, ratios

STEPS = 20
LARGEST_RATIO = 3.0


def cases() -> tuple[Case, ...]:
    """Return what is measured."""
    return (
        _chain(100_000),
        _chain(1_000_000),
        _network(np.float64, 128),
        _network(np.float32, 128),
        _network(np.float64, 512),
        _network(np.float32, 512),
    )


def _chain(n: int) -> Case:
    return Case(
        name=f"{STEPS} steps of tanh(y * x + x), n = {n:,}, float64",
        task="value_and_gradient",
        problem="elementwise",
        function="tanh_chain",
        by_hand="tanh_chain_by_hand",
        inputs=partial(_numbers, n),
        tolerance=1e-12,
    )


def _numbers(n: int) -> Inputs:
    """Return numbers between 0.5 and 1, and the steps."""
    return np.random.default_rng(3).uniform(0.5, 1.0, n), (STEPS,)


def _network(dtype: type[np.floating], batch: int) -> Case:
    return Case(
        name=f"784-512-512-10 network, batch {batch}, {dtype.__name__}",
        task="value_and_gradient",
        problem="network",
        function="cross_entropy",
        by_hand="cross_entropy_by_hand",
        inputs=partial(network.inputs, dtype, batch),
        tolerance=1e-5 if dtype is np.float32 else 1e-12,
    )


def measure(field: Field, plan: Plan) -> Section:
    """Return, for each case, value and gradient over the function itself."""
    section = Section(
        "Value and gradient over the function itself, each contender's own function "
        "measured\nbeside it (by hand: over the plain NumPy function)."
    )
    for case in cases():
        samples = interleave(_runs(case, field, section), plan)
        for name, seconds in samples.items():
            spread = Spread.of(seconds).scaled(1e3)
            section.timings.append(Timing(case.name, name, "ms", spread))
        section.figures.append(_cost_figure(case, samples))
    return section


def _runs(case: Case, field: Field, section: Section) -> dict[str, Run]:
    """Return, contender by contender, the function's call and the derivative's."""
    inputs = case.inputs()
    differentiated = agreeing(case, inputs, field, section)
    undifferentiated = replace(case, task="value")
    runs = {}
    for contender in [ByHand(), *field.present]:
        name = contender.name
        if name in differentiated:
            runs[_function(name)] = contender.prepare(undifferentiated, inputs)
            runs[name] = differentiated[name]
    return runs


def _function(contender: str) -> str:
    """Return the name under which a contender's function alone is timed."""
    return f"f, {'numpy' if contender == BY_HAND else contender}"


def _cost_figure(case: Case, samples: Samples) -> Figure:
    """Return Adjoint's ratio, with everybody else's beside it."""
    costs = {
        name: Spread.of(ratios(samples, name, _function(name)))
        for name in samples
        if _function(name) in samples
    }
    others = [f"{n} {s.median:.2f}" for n, s in costs.items() if n != OURS]
    return Figure(
        name=case.name,
        sense="at most",
        bound=LARGEST_RATIO,
        unit="x",
        measured=costs.get(OURS),
        note=f"({', '.join(others)})",
    )
