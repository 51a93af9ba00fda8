"""Problems of GradBench, the public suite of the field, each written once in NumPy."""

from collections.abc import Callable, Mapping

import numpy as np

from benchmarks.case import Case, Inputs, Suite
from benchmarks.problems.gradbench_gmm import log_normalization

POINTS = 1000
"""Of every gmm."""
COEFFICIENTS = 128
"""Of every llsq."""
BITS = 14
"""Of a character of the lstm's text."""
CAMERA = np.array([0.01, 0.02, 0.03, 0.1, 0.2, 0.3, 500.0, 10.0, 20.0, -0.1, 0.01])
"""Rotation, centre, focal length, principal point and radial distortion in ba."""


def _pair(
    name: str,
    functions: tuple[str, str],
    inputs: Callable[[], Inputs],
    x: float,
    *,
    task: str = "gradient",
    by_hand: str = "",
    by_scan: Mapping[str, str] | None = None,
    bytes: float = 0.0,
    flops: float = 0.0,
    tolerance: float = 1e-10,
    quick: bool = False,
) -> list[Case]:
    """Return two rows: the function, and its derivative.

    Parameters
    ----------
    name : str
        The problem and its size; the file is ``gradbench_`` and the first word.
    functions : tuple of str
        What is evaluated, and what is differentiated.
    inputs, x, by_hand, bytes, flops, tolerance, quick
        As in `Case`; bytes and flops are those of the derivative.
    task : str
        Which derivative.
    by_scan : mapping of str to str
        For a function with a long loop, the same by JAX's loop.
    """
    problem = name.split(maxsplit=1)[0]
    scans = by_scan or {}

    def row(task: str, function: str, **limits: float) -> Case:
        what = task.replace("_", " ")
        return Case(
            name=f"{name}, {what}",
            task=task,
            problem=f"gradbench_{problem}",
            function=function,
            by_hand=by_hand,
            inputs=inputs,
            written_for={"jax": scans[function]} if function in scans else {},
            group=f"{problem}, {what}",
            x=x,
            tolerance=tolerance,
            quick=quick,
            **limits,
        )

    evaluated, differentiated = functions
    return [
        row("value", evaluated),
        row(task, differentiated, bytes=bytes, flops=flops),
    ]


def _gmm(d: int, k: int, *, quick: bool = False) -> list[Case]:
    def inputs() -> Inputs:
        rng = np.random.default_rng(31337)  # GradBench's own data
        points = rng.normal(size=(POINTS, d))
        alpha, mu = rng.normal(size=k), rng.uniform(size=(k, d))
        q, packed = rng.normal(size=(k, d)), rng.normal(size=(k, d * (d - 1) // 2))
        constant = log_normalization(POINTS, d, k, 0, 1.0)
        return [alpha, mu, q, packed], (points, 0.0, 1.0, constant)

    return _pair(
        f"gmm d = {d}, k = {k}",
        ("log_posterior", "log_posterior"),
        inputs,
        x=k * (1 + 2 * d + d * (d - 1) // 2),
        by_hand="log_posterior_by_hand",
        flops=3 * POINTS * k * d * d,
        quick=quick,
    )


def _ba(count: int, *, quick: bool = False) -> list[Case]:
    def inputs() -> Inputs:
        rng = np.random.default_rng(7)
        cameras = CAMERA + 0.01 * rng.normal(size=(count, 11))
        points = rng.normal(size=(count, 3)) + np.array([0.0, 0.0, 9.0])
        weights = rng.uniform(0.5, 1.0, size=(count, 1))
        observations = np.concatenate([cameras, points, weights], axis=1)
        return observations, (rng.normal(size=(count, 2)),)

    return _pair(
        f"ba p = {count:,}",
        ("reprojection_error", "reprojection_error"),
        inputs,
        x=count,
        task="batched_jacobian",
        by_hand="jacobians_by_hand",
        bytes=8 * count * (15 + 2 + 2 * 15),
        flops=400 * count,
        quick=quick,
    )


def _lstm(layers: int, characters: int, *, quick: bool = False) -> list[Case]:
    def inputs() -> Inputs:
        rng = np.random.default_rng(8)
        main = rng.uniform(size=(2 * layers, 4 * BITS))
        extra = rng.uniform(size=(3, BITS))
        state = rng.uniform(size=(2 * layers, BITS))
        text = rng.integers(0, 2, size=(characters, BITS)).astype(float)
        return [main, extra], (state, text)

    return _pair(
        f"lstm l = {layers}, c = {characters:,}",
        ("loss", "loss"),
        inputs,
        x=layers * characters,
        by_scan={"loss": "loss_by_scan"},
        quick=quick,
    )


def _kmeans(k: int, n: int, d: int, *, quick: bool = False) -> list[Case]:
    def inputs() -> Inputs:
        points = np.random.default_rng(9).uniform(size=(n, d))
        return points[-k:].copy(), (points,)

    return _pair(
        f"kmeans k = {k:,}, n = {n:,}, d = {d}",
        ("cost", "cost"),
        inputs,
        x=n * k * d,
        task="newton_direction",
        by_hand="newton_direction_by_hand",
        flops=3 * n * k * d,
        quick=quick,
    )


def _llsq(n: int, *, quick: bool = False) -> list[Case]:
    def inputs() -> Inputs:
        coefficients = np.random.default_rng(10).uniform(size=COEFFICIENTS)
        return coefficients, (np.linspace(-1.0, 1.0, n),)

    return _pair(
        f"llsq n = {n:,}",
        ("squared_error", "squared_error"),
        inputs,
        x=n,
        by_hand="squared_error_by_hand",
        flops=8 * n * COEFFICIENTS,
        quick=quick,
    )


def _lse(n: int, *, quick: bool = False) -> list[Case]:
    return _pair(
        f"lse n = {n:,}",
        ("log_sum_exp", "log_sum_exp"),
        lambda: (np.random.default_rng(11).uniform(size=n), ()),
        x=n,
        by_hand="log_sum_exp_by_hand",
        bytes=2 * 8 * n,
        # The derivatives through the maximum cancel but for the rounding of 1, and
        # the entries are of the size 1 / n.
        tolerance=1e-14 * n,
        quick=quick,
    )


def _ode(n: int, steps: int, *, quick: bool = False) -> list[Case]:
    return _pair(
        f"ode n = {n:,}, s = {steps}",
        ("solution", "last_component"),
        lambda: (np.random.default_rng(12).uniform(size=n), (steps,)),
        x=n * steps,
        by_scan={
            "solution": "solution_by_scan",
            "last_component": "last_component_by_scan",
        },
        quick=quick,
    )


SUITE = Suite(
    name="gradbench",
    title="GradBench problems",
    text=(
        "Seven problems of [GradBench](https://github.com/gradbench/gradbench), the "
        "public suite in which programs in many languages answer the same questions: "
        "a mixture of Gaussians (gmm), bundle adjustment (ba), a recurrent network "
        "(lstm), clusters (kmeans), a polynomial fit (llsq), log-sum-exp (lse) and "
        "Runge-Kutta steps (ode). Each has two rows, the function and its derivative, "
        "and each is written once, as one writes it in NumPy; only JAX gets its own "
        "loop, `lax.scan`, in lstm and ode, since it would compile the unrolled loop "
        "for minutes. In ba the derivative is a 2 x 15 Jacobian for each observation; "
        "in kmeans it is the direction of Newton's method: the gradient over the "
        "Hessian's diagonal, which is all of that Hessian and its product with ones. "
        "In ode the derivative at a thousand variables is all but zero, and only that "
        "at 20 tells right from wrong. Sizes are GradBench's, from the small to the "
        "medium. `python -m benchmarks.gradbench` speaks its protocol, so that "
        "GradBench's referee can run Adjoint unchanged."
    ),
    cases=[
        *_gmm(10, 25, quick=True),
        *_gmm(2, 100),
        *_gmm(64, 25),
        *_ba(1_000, quick=True),
        *_ba(31_843),
        *_lstm(2, 1024, quick=True),
        *_kmeans(10, 1_000, 8, quick=True),
        *_kmeans(1_000, 10_000, 16),
        *_llsq(256, quick=True),
        *_llsq(4096),
        *_lse(2_500, quick=True),
        *_lse(1_280_000),
        *_ode(20, 10, quick=True),
        *_ode(1_000, 10, quick=True),
        *_ode(10_000, 100),
    ],
    without=("jax eager", "casadi"),
    alone=(
        "long formulas, batches and matrix products, which are what these problems "
        "consist of, are measured on all cores in the suites *fused* and *batched*."
    ),
)
