"""What recording an operation costs, where each has little to compute."""

from functools import partial

import numpy as np

from benchmarks.case import Case, Inputs, Suite

OPERATIONS = 50
"""Recorded operations in a chain; the sum that closes one on arrays is not counted,
though its time is."""

_CHAINS = {
    "x + c": ("add", 1),
    "x * y": ("multiply", 1),
    "multiply(x, y)": ("call_multiply", 1),
    "x * c + x": ("multiply_add", 2),
    "sin(x)": ("sin", 1),
    "exp(-x)": ("exp_of_negative", 2),
    "dot 10x10": ("dot", 1),
}
"""The operation as it is written: the loop, and what one turn of it records."""

_QUICK = {"x * c + x", "sin(x)"}


def _array_inputs(function: str, turns: int) -> Inputs:
    """Return arrays of 10 near one (for `dot` 10 x 10, the constant orthogonal)."""
    rng = np.random.default_rng(2)
    if function == "dot":
        x = rng.normal(size=(10, 10))
        c, _ = np.linalg.qr(rng.normal(size=(10, 10)))
    else:
        x, c = rng.uniform(0.9, 1.1, 10), rng.uniform(0.4, 0.6, 10)
    return x, (c, turns)


def _float_inputs(turns: int) -> Inputs:
    return 1.05, (0.55, turns)


def _chain_on_arrays(name: str, function: str, per_turn: int) -> Case:
    return Case(
        name=f"{name}, arrays of 10" if function != "dot" else name,
        task="gradient",
        problem="chains",
        function=f"total_of_{function}",
        by_hand=f"{function}_by_hand",
        inputs=partial(_array_inputs, function, OPERATIONS // per_turn),
        tolerance=1e-12,
        quick=name in _QUICK,
    )


def _chain_on_floats(name: str, function: str, per_turn: int) -> Case:
    return Case(
        name=f"{name}, Python floats",
        task="gradient",
        problem="chains",
        function=function,
        by_hand=f"{function}_by_hand",
        inputs=partial(_float_inputs, OPERATIONS // per_turn),
        tolerance=1e-12,
        quick=name in _QUICK,
    )


CHAINS_ON_ARRAYS = {
    name: _chain_on_arrays(name, *chain) for name, chain in _CHAINS.items()
}
CHAINS_ON_FLOATS = {
    name: _chain_on_floats(name, *chain)
    for name, chain in _CHAINS.items()
    if name != "dot 10x10"
}


def _jvp_of_chain(name: str) -> Case:
    function, per_turn = _CHAINS[name]
    return Case(
        name=f"jvp of {name}, arrays of 10",
        task="jvp",
        problem="chains",
        function=function,
        by_hand=f"{function}_along_ones",
        inputs=partial(_array_inputs, function, OPERATIONS // per_turn),
        tolerance=1e-12,
    )


def _ridge_inputs() -> Inputs:
    """Return a point of 30 variables and 40 directions."""
    rng = np.random.default_rng(6)
    return rng.normal(size=30), (rng.normal(size=(40, 30)) / np.sqrt(30),)


def _nested_cases() -> list[Case]:
    products = [
        Case(
            name=f"Hessian times vector, {way.replace('_', ' ')}",
            task=f"hvp_{way}",
            problem="nested",
            function="ridge_sum",
            by_hand="ridge_sum_hvp_by_hand",
            inputs=_ridge_inputs,
        )
        for way in (
            "forward_over_reverse",
            "reverse_over_forward",
            "reverse_over_reverse",
        )
    ]
    third = Case(
        name="third derivative of exp(sin x)",
        task="third_derivative",
        problem="nested",
        function="exp_of_sin",
        by_hand="exp_of_sin_third_by_hand",
        inputs=lambda: (0.7, ()),
    )
    return [*products, third]


def _entries(n: int, *data: int) -> Inputs:
    return np.random.default_rng(7).uniform(0.5, 1.0, n), data


def _reading(n: int) -> Case:
    return Case(
        name=f"s = s + x[i] * x[i - 1], n = {n:,}",
        task="gradient",
        problem="loops",
        function="neighbours",
        by_hand="neighbours_by_hand",
        inputs=partial(_entries, n),
    )


def _writing(name: str, function: str, n: int, *data: int) -> Case:
    return Case(
        name=name,
        task="gradient",
        problem="loops",
        function=function,
        by_hand=f"{function}_by_hand",
        inputs=partial(_entries, n, *data),
        written_for={"autograd": ""}
        | dict.fromkeys(("jax", "jax eager"), f"{function}_by_at"),
    )


SUITE = Suite(
    name="eager",
    title="Small operations, as they come",
    text=(
        "Each operation computes next to nothing, so what is seen is the cost of "
        "recording it and of going back over it. The chains are 50 operations long, "
        "and their time is that of one gradient of all 50. The derivatives of "
        "derivatives run transforms inside each other; the loops read an array number "
        "by number, or write into one (in JAX, `z = z.at[i].set(...)`). *By hand* is "
        "the loop forward and backward in NumPy without recording. JAX (jit) "
        "compiles each loop as it is unrolled, for as long as the table of first calls "
        "says; JAX eager runs it as the others do."
    ),
    cases=[
        *CHAINS_ON_ARRAYS.values(),
        *CHAINS_ON_FLOATS.values(),
        *map(_jvp_of_chain, ("x * c + x", "sin(x)")),
        *_nested_cases(),
        _reading(50),
        _writing("z[i] = 0.9 z[i - 1] + sin(x[i]), n = 50", "smoothed", 50),
        _writing("u[1:-1] += ..., n = 100, 20 times", "heat", 100, 20),
    ],
    without=("adjoint compiled", "casadi"),
    alone="no operation here has work enough to be shared among cores.",
)
