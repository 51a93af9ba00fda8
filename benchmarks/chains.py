"""Cost of one recorded operation: chains of 50 operations, forward and backward.

A case is one `Chain` in `CHAINS`: the loop a user would write, and the same gradient
written by hand in NumPy. Every contender runs the same loop.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.agreement import disagreement
from benchmarks.case import Namespace, Value
from benchmarks.contenders import BY_HAND, OURS, Field
from benchmarks.contenders.base import Contender, Function
from benchmarks.report import Figure, Section, Timing
from benchmarks.timing import Plan, Samples, Spread, interleave, ratios

OPERATIONS = 50
"""Recorded operations in a chain; the sum that closes an array chain is not counted,
though its time is."""

TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Chain:
    """A loop of 50 recorded operations.

    Parameters
    ----------
    name : str
        The operation as it is written.
    per_turn : int
        Recorded operations in one turn of the loop (2 for `x * c + x`).
    loop : callable
        (namespace, c, turns, x) to the last y.
    by_hand : callable
        (c, turns, x, seed) to the gradient, in NumPy: the forward loop and the
        backward loop as one would write them knowing the function.
    on_arrays, on_scalars : mapping of str to float
        Required ratio, peer over Adjoint; empty where the chain does not apply.
    matrix : bool
        Whether x and c are 10 x 10 rather than of length 10.
    """

    name: str
    per_turn: int
    loop: Callable[[Namespace, Value, int, Value], Value]
    by_hand: Callable[[Value, int, Value, Value], Value]
    on_arrays: Mapping[str, float]
    on_scalars: Mapping[str, float]
    matrix: bool = False

    @property
    def turns(self) -> int:
        """Return the turns of the loop that make 50 operations."""
        return OPERATIONS // self.per_turn


def add(xp: Namespace, c: Value, turns: int, x: Value) -> Value:
    """Return x + c + c + ...: one argument that varies, a derivative of one."""
    y = x
    for _ in range(turns):
        y = y + c
    return y


def add_by_hand(c: Value, turns: int, x: Value, seed: Value) -> Value:
    """Return the gradient of `add`."""
    add(np, c, turns, x)
    return seed


def multiply(xp: Namespace, c: Value, turns: int, x: Value) -> Value:
    """Return x * x * ...: both arguments of each product vary."""
    y = x
    for _ in range(turns):
        y = y * x
    return y


def multiply_by_hand(c: Value, turns: int, x: Value, seed: Value) -> Value:
    """Return the gradient of `multiply`."""
    ys = []
    y = x
    for _ in range(turns):
        ys.append(y)
        y = y * x
    y_bar = seed
    x_bar = seed * ys.pop()
    y_bar = y_bar * x
    while ys:
        x_bar = x_bar + y_bar * ys.pop()
        y_bar = y_bar * x
    return x_bar + y_bar


def call_multiply(xp: Namespace, c: Value, turns: int, x: Value) -> Value:
    """Return the same as `multiply`, through the function by name."""
    y = x
    for _ in range(turns):
        y = xp.multiply(y, x)
    return y


def multiply_add(xp: Namespace, c: Value, turns: int, x: Value) -> Value:
    """Return y * c + x repeated: a constant factor, then a sum of two that vary."""
    y = x
    for _ in range(turns):
        y = y * c + x
    return y


def multiply_add_by_hand(c: Value, turns: int, x: Value, seed: Value) -> Value:
    """Return the gradient of `multiply_add`."""
    multiply_add(np, c, turns, x)
    y_bar = x_bar = seed
    for _ in range(turns - 1):
        y_bar = y_bar * c
        x_bar = x_bar + y_bar
    return x_bar + y_bar * c


def sin(xp: Namespace, c: Value, turns: int, x: Value) -> Value:
    """Return sin(sin(...)): one function call an operation."""
    y = x
    for _ in range(turns):
        y = xp.sin(y)
    return y


def sin_by_hand(c: Value, turns: int, x: Value, seed: Value) -> Value:
    """Return the gradient of `sin`."""
    ys = []
    y = x
    for _ in range(turns):
        ys.append(y)
        y = np.sin(y)
    y_bar = seed
    while ys:
        y_bar = y_bar * np.cos(ys.pop())
    return y_bar


def exp_of_negative(xp: Namespace, c: Value, turns: int, x: Value) -> Value:
    """Return exp(-y) repeated: a negation and an exponential."""
    y = x
    for _ in range(turns):
        y = xp.exp(-y)
    return y


def exp_of_negative_by_hand(c: Value, turns: int, x: Value, seed: Value) -> Value:
    """Return the gradient of `exp_of_negative`."""
    ys = []
    y = x
    for _ in range(turns):
        y = np.exp(-y)
        ys.append(y)
    y_bar = seed
    while ys:
        y_bar = -(y_bar * ys.pop())
    return y_bar


def dot(xp: Namespace, c: Value, turns: int, x: Value) -> Value:
    """Return x c c ...: products of 10 x 10 matrices, the right one constant."""
    y = x
    for _ in range(turns):
        y = xp.dot(y, c)
    return y


def dot_by_hand(c: Value, turns: int, x: Value, seed: Value) -> Value:
    """Return the gradient of `dot`."""
    dot(np, c, turns, x)
    y_bar = seed
    for _ in range(turns):
        y_bar = np.dot(y_bar, c.T)
    return y_bar


ARRAYS = {"autograd": 3.0, "torch": 1.8}
SINE = {"autograd": 2.5, "torch": 1.8}
SCALARS = {"autograd": 4.0, "torch": 3.0}

CHAINS = (
    Chain("x + c", 1, add, add_by_hand, ARRAYS, SCALARS),
    Chain("x * y", 1, multiply, multiply_by_hand, ARRAYS, SCALARS),
    Chain("multiply(x, y)", 1, call_multiply, multiply_by_hand, ARRAYS, SCALARS),
    Chain("x * c + x", 2, multiply_add, multiply_add_by_hand, ARRAYS, SCALARS),
    Chain("sin(x)", 1, sin, sin_by_hand, SINE, SCALARS),
    Chain("exp(-x)", 2, exp_of_negative, exp_of_negative_by_hand, ARRAYS, SCALARS),
    Chain("dot 10x10", 1, dot, dot_by_hand, ARRAYS, {}, matrix=True),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """What the chains run on: arrays or Python floats.

    Parameters
    ----------
    title : str
        Printed above the results.
    inputs : callable
        From a chain to its x, c and the seed of its backward pass.
    required : callable
        From a chain to the ratios required of it.
    closes : bool
        Whether a sum turns the last y into a scalar.
    """

    title: str
    inputs: Callable[[Chain], tuple[Value, Value, Value]]
    required: Callable[[Chain], Mapping[str, float]]
    closes: bool


def array_inputs(chain: Chain) -> tuple[Value, Value, Value]:
    """Return x, c and the seed, arrays of 10 near one (or 10 x 10, c orthogonal)."""
    rng = np.random.default_rng(2)
    if chain.matrix:
        x = rng.normal(size=(10, 10))
        c, _ = np.linalg.qr(rng.normal(size=(10, 10)))
    else:
        x, c = rng.uniform(0.9, 1.1, 10), rng.uniform(0.4, 0.6, 10)
    return x, c, np.ones_like(x)


def scalar_inputs(chain: Chain) -> tuple[Value, Value, Value]:
    """Return x, c and the seed as Python floats."""
    return 1.05, 0.55, 1.0


ON_ARRAYS = Setting(
    title=(
        "Chains of 50 recorded operations on float64 arrays of 10: time of one "
        "operation,\nforward and backward, closed by one uncounted sum."
    ),
    inputs=array_inputs,
    required=lambda chain: chain.on_arrays,
    closes=True,
)

ON_SCALARS = Setting(
    title=(
        "Chains of 50 recorded operations on Python floats (PyTorch: 0-d float64 "
        "tensors):\ntime of one operation, forward and backward."
    ),
    inputs=scalar_inputs,
    required=lambda chain: chain.on_scalars,
    closes=False,
)


def measure(setting: Setting, contenders: Field, plan: Plan) -> Section:
    """Return times and ratios of every chain that applies in `setting`."""
    section = Section(setting.title)
    for chain in CHAINS:
        if setting.required(chain):
            _measure_chain(chain, setting, contenders, plan, section)
    return section


def _measure_chain(
    chain: Chain, setting: Setting, contenders: Field, plan: Plan, section: Section
) -> None:
    x, c, seed = setting.inputs(chain)
    by_hand = partial(chain.by_hand, c, chain.turns, x, seed)
    runs: dict[str, Callable[[], object]] = {BY_HAND: by_hand}
    for contender in contenders.present:
        run = _run(chain, setting, contender, x, c)
        try:
            found = disagreement(contender.plain(run()), by_hand(), TOLERANCE)
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        if found:
            section.faults.append(f"{contender.name}, {chain.name}: {found}")
        else:
            runs[contender.name] = run
    samples = interleave(runs, plan)
    for name, seconds in samples.items():
        spread = Spread.of(seconds).scaled(1e6 / OPERATIONS)
        section.timings.append(Timing(chain.name, name, "us/op", spread))
    for peer, bound in setting.required(chain).items():
        section.figures.append(_ratio_figure(chain, peer, bound, samples))


def _run(
    chain: Chain, setting: Setting, contender: Contender, x: Value, c: Value
) -> Callable[[], Value]:
    """Return a call that takes the gradient of the chain once."""
    xp, turns = contender.xp, chain.turns
    constant = contender.constant(c)

    def last(x: Value) -> Value:
        return chain.loop(xp, constant, turns, x)

    def total(x: Value) -> Value:
        return xp.sum(chain.loop(xp, constant, turns, x))

    objective: Function = total if setting.closes else last
    return partial(contender.gradient(objective), contender.argument(x))


def _ratio_figure(chain: Chain, peer: str, bound: float, samples: Samples) -> Figure:
    missing = [name for name in (peer, OURS) if name not in samples]
    return Figure(
        name=f"{chain.name}: {peer} / {OURS}",
        sense="at least",
        bound=bound,
        unit="x",
        measured=None if missing else ratios(samples, peer, OURS),
        note=f"no time of {', '.join(missing)}" if missing else "",
    )
