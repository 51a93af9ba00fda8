"""A scheme as a transform: a function in, its numerical derivative's function out."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, dtype_of
from adjoint._numeric.arrangement import Finish, by_inputs, by_outputs
from adjoint._numeric.derivatives import Scheme, first, second
from adjoint._numeric.problem import Problem
from adjoint._numeric.values import Vector, in_dtype
from adjoint._transforms.arguments import Argnums, as_tuple


def derivative_function(
    asked: str,
    axes: int,
    fun: Callable[..., Any],
    argnums: Argnums,
    method: str,
    step: float | None,
    with_error: bool,
) -> Callable[..., Any]:
    """Return a derivative's function: gradient (0), Jacobian (1), Hessian (2)."""
    scheme = Scheme.of(method, step, with_error, asked)
    as_tuple(argnums, asked)
    derive = second if axes == 2 else first
    arrange = matrices if axes else gradient

    @functools.wraps(fun, updated=())
    def derivative_of(*args: Any, **kwargs: Any) -> Any:
        problem = Problem(asked, fun, args, kwargs, argnums)
        if axes == 0:
            problem.require_scalar()
        values, errors = derive(problem, scheme)
        value = arrange(problem, values)
        return (value, arrange(problem, errors)) if with_error else value

    return derivative_of


def gradient(problem: Problem, values: Vector) -> Any:
    """Return a matrix of one row in the form of the inputs."""

    def finish(block: Vector, leaf: Value) -> Any:
        made = in_dtype(block, dtype_of(leaf))
        return made if isinstance(leaf, np.ndarray) else made[()]

    return by_inputs(values[0], 0, (), problem.chosen, finish)


def matrices(problem: Problem, values: Vector) -> Any:
    """Return derivatives as a tree of outputs, each leaf a tree of inputs."""

    def finish_in(dtype: np.dtype[Any]) -> Finish:
        return lambda block, _leaf: in_dtype(block, dtype)[()]

    form = problem.form
    finish = [finish_in(dtype) for dtype in form.dtypes]
    return form.assemble(by_outputs(values, form.shapes, problem.chosen, finish))
