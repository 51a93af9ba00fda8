"""Cost of a gradient over its function, at sizes where NumPy's own work dominates.

A case is one `Problem` in `problems()`; beside each stands the same value and
gradient written by hand in NumPy, the least that eager NumPy has to do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from benchmarks.agreement import disagreement
from benchmarks.case import Namespace, Value
from benchmarks.contenders import BY_HAND, OURS, Field
from benchmarks.contenders.base import Contender
from benchmarks.report import Figure, Section, Timing
from benchmarks.timing import Plan, Samples, Spread, interleave, ratios

STEPS = 20
LAYERS = (784, 512, 512, 10)
LARGEST_RATIO = 3.0


@dataclass(frozen=True, slots=True)
class Problem:
    """A function, its argument, and its value and gradient by hand.

    Parameters
    ----------
    name : str
        With the size, as printed.
    objective : callable
        (namespace, data, argument) to a scalar.
    by_hand : callable
        (data, argument) to value and gradient.
    data, argument : tree of arrays
        Constants and the point of differentiation.
    tolerance : float
        Relative to the gradient's largest entry.
    """

    name: str
    objective: Callable[[Namespace, list[Value], Value], Value]
    by_hand: Callable[[list[Value], Value], tuple[Value, Value]]
    data: list[Value]
    argument: Value
    tolerance: float


def chain(xp: Namespace, data: list[Value], x: Value) -> Value:
    """Return the sum of y after 20 steps y = tanh(y * x + x), of x shape (n,)."""
    y = x
    for _ in range(STEPS):
        y = xp.tanh(y * x + x)
    return xp.sum(y)


def chain_by_hand(data: list[Value], x: Value) -> tuple[Value, Value]:
    """Return value and gradient of `chain`."""
    ys = [x]
    for _ in range(STEPS):
        ys.append(np.tanh(ys[-1] * x + x))
    value = np.sum(ys[-1])
    x_bar = np.zeros_like(x)
    y_bar = np.ones_like(x)
    out = ys.pop()
    while ys:
        y = ys.pop()
        slope = out * out
        np.subtract(1.0, slope, out=slope)
        slope *= y_bar
        x_bar += slope * y
        x_bar += slope
        y_bar = slope * x
        out = y
    x_bar += y_bar
    return value, x_bar


def network(xp: Namespace, data: list[Value], parameters: list[Value]) -> Value:
    """Return the mean softmax cross-entropy of a network with two tanh layers.

    Parameters
    ----------
    xp : namespace
        Of the contender.
    data : list of array
        Images, shape (batch, 784), and one-hot labels, shape (batch, 10).
    parameters : list of array
        Weights and biases in turn: (784, 512), (512,), (512, 512), (512,),
        (512, 10), (10,).
    """
    images, labels = data
    w1, b1, w2, b2, w3, b3 = parameters
    hidden = xp.tanh(images @ w1 + b1)
    hidden = xp.tanh(hidden @ w2 + b2)
    scores = hidden @ w3 + b3
    shifted = scores - xp.max(scores, axis=1, keepdims=True)
    totals = xp.log(xp.sum(xp.exp(shifted), axis=1, keepdims=True))
    return -xp.sum(labels * (shifted - totals)) / images.shape[0]


def network_by_hand(
    data: list[Value], parameters: list[Value]
) -> tuple[Value, list[Value]]:
    """Return value and gradient of `network`."""
    images, labels = data
    w1, b1, w2, b2, w3, b3 = parameters
    first = np.tanh(images @ w1 + b1)
    second = np.tanh(first @ w2 + b2)
    scores = second @ w3 + b3
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    weights = np.exp(shifted)
    totals = np.sum(weights, axis=1, keepdims=True)
    batch = images.shape[0]
    value = -np.sum(labels * (shifted - np.log(totals))) / batch
    scores_bar = (weights / totals - labels) / batch
    second_bar = (scores_bar @ w3.T) * (1.0 - second * second)
    first_bar = (second_bar @ w2.T) * (1.0 - first * first)
    return value, [
        images.T @ first_bar,
        np.sum(first_bar, axis=0),
        first.T @ second_bar,
        np.sum(second_bar, axis=0),
        second.T @ scores_bar,
        np.sum(scores_bar, axis=0),
    ]


def chain_problem(n: int) -> Problem:
    """Return the elementwise chain on `n` numbers between 0.5 and 1."""
    x = np.random.default_rng(3).uniform(0.5, 1.0, n)
    name = f"20 steps of tanh(y * x + x), n = {n:,}, float64"
    return Problem(name, chain, chain_by_hand, [], x, 1e-12)


def network_problem(dtype: type[np.floating], batch: int) -> Problem:
    """Return the network in one precision, with normal images and weights."""
    rng = np.random.default_rng(4)
    parameters: list[Value] = []
    for inputs, outputs in pairwise(LAYERS):
        weights = rng.normal(size=(inputs, outputs)) / np.sqrt(inputs)
        parameters += [weights.astype(dtype), np.zeros(outputs, dtype)]
    images = rng.normal(size=(batch, LAYERS[0])).astype(dtype)
    labels = np.eye(LAYERS[-1], dtype=dtype)[rng.integers(0, LAYERS[-1], batch)]
    name = f"784-512-512-10 network, batch {batch}, {dtype.__name__}"
    tolerance = 1e-5 if dtype is np.float32 else 1e-12
    return Problem(
        name, network, network_by_hand, [images, labels], parameters, tolerance
    )


def problems() -> tuple[Problem, ...]:
    """Return the problems measured."""
    return (
        chain_problem(100_000),
        chain_problem(1_000_000),
        network_problem(np.float64, 128),
        network_problem(np.float32, 128),
        network_problem(np.float64, 512),
        network_problem(np.float32, 512),
    )


def measure(contenders: Field, plan: Plan) -> Section:
    """Return, for each problem, value and gradient over the function itself."""
    section = Section(
        "Value and gradient over the function itself, each contender's own function "
        "measured\nbeside it (by hand: over the plain NumPy function)."
    )
    for problem in problems():
        _measure_problem(problem, contenders, plan, section)
    return section


def _measure_problem(
    problem: Problem, contenders: Field, plan: Plan, section: Section
) -> None:
    by_hand = partial(problem.by_hand, problem.data, problem.argument)
    runs: dict[str, Callable[[], object]] = {
        _function(BY_HAND): partial(
            problem.objective, np, problem.data, problem.argument
        ),
        BY_HAND: by_hand,
    }
    for contender in contenders.present:
        evaluate, differentiate = _calls(problem, contender)
        try:
            found = _disagreement(problem, contender, differentiate(), by_hand())
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        if found:
            section.faults.append(f"{contender.name}, {problem.name}: {found}")
        else:
            runs |= {
                _function(contender.name): evaluate,
                contender.name: differentiate,
            }
    samples = interleave(runs, plan)
    for name, seconds in samples.items():
        spread = Spread.of(seconds).scaled(1e3)
        section.timings.append(Timing(problem.name, name, "ms", spread))
    section.figures.append(_cost_figure(problem, samples))


def _function(contender: str) -> str:
    """Return the name under which a contender's function alone is timed."""
    return f"f, {'numpy' if contender == BY_HAND else contender}"


def _calls(
    problem: Problem, contender: Contender
) -> tuple[Callable[[], Value], Callable[[], Value]]:
    """Return calls of the function and of its value and gradient."""
    xp = contender.xp
    data = [contender.constant(leaf) for leaf in problem.data]

    def objective(argument: Value) -> Value:
        return problem.objective(xp, data, argument)

    argument = contender.argument(problem.argument)
    return (
        partial(contender.value(objective), argument),
        partial(contender.value_and_gradient(objective), argument),
    )


def _disagreement(
    problem: Problem, contender: Contender, measured: Value, expected: Value
) -> str:
    value, gradient = measured
    expected_value, expected_gradient = expected
    if isinstance(gradient, list | tuple):
        gradient = [contender.plain(leaf) for leaf in gradient]
    else:
        gradient = contender.plain(gradient)
    return disagreement(
        contender.plain(value), expected_value, problem.tolerance
    ) or disagreement(gradient, expected_gradient, problem.tolerance)


def _cost_figure(problem: Problem, samples: Samples) -> Figure:
    """Return Adjoint's ratio, with everybody else's beside it."""
    costs = {
        name: ratios(samples, name, _function(name))
        for name in samples
        if _function(name) in samples
    }
    others = [f"{n} {s.median:.2f}" for n, s in costs.items() if n != OURS]
    return Figure(
        name=problem.name,
        sense="at most",
        bound=LARGEST_RATIO,
        unit="x",
        measured=costs.get(OURS),
        note=f"({', '.join(others)})",
    )
