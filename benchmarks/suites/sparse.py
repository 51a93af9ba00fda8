"""Jacobians and Hessians that are nearly all zero: what sparsity saves."""

from functools import partial

from benchmarks.case import Case, Suite
from benchmarks.problems import banded, brusselator, rosenbrock

BRUSSELATOR = partial(
    Case,
    problem="brusselator",
    function="rates",
    by_hand="sparse_jacobian_by_hand",
    inputs=partial(brusselator.inputs, 32),
    written_for={"casadi": "rates_cell_by_cell"},
)
ROSENBROCK = partial(
    Case,
    problem="rosenbrock",
    function="valley",
    by_hand="sparse_hessian_by_hand",
    inputs=partial(rosenbrock.inputs, 1000),
)

SUITE = Suite(
    name="sparse",
    title="Sparse Jacobians and Hessians",
    text=(
        "The Brusselator on 32 x 32 cells has 2048 states, and six of them enter each "
        "rate; Rosenbrock's function couples neighbours only; so do the 10,000 "
        "residuals of a banded least-squares problem, whose Jacobian would take "
        "800 MB if its zeros were stored. Who knows the pattern evaluates a few "
        "directional derivatives, one for each colour (a group of columns that share "
        "no row), and stores what is not zero. The cases marked *dense* ask for the "
        "same matrices with their zeros, from everybody; the difference is what "
        "sparsity saves. *By hand* stays sparse in both."
    ),
    cases=[
        BRUSSELATOR("Brusselator 32 x 32, Jacobian", "sparse_jacobian"),
        BRUSSELATOR("Brusselator 32 x 32, Jacobian, dense", "jacobian"),
        ROSENBROCK("Rosenbrock, n = 1000, Hessian", "sparse_hessian"),
        ROSENBROCK("Rosenbrock, n = 1000, Hessian, dense", "hessian"),
        Case(
            name="banded least squares, n = 10,000, Jacobian",
            task="sparse_jacobian",
            problem="banded",
            function="residuals",
            by_hand="sparse_jacobian_by_hand",
            inputs=partial(banded.inputs, 10**4),
        ),
    ],
    without=("jax eager",),
    alone="what is compared is how much work the pattern saves.",
)
