"""GradBench's modules: how each function's input is read, run and written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import adjoint as ad
from benchmarks.gradbench import rows_of_ba
from benchmarks.problems import (
    gradbench_gmm as gmm,
    gradbench_hello as hello,
    gradbench_kmeans as kmeans,
    gradbench_llsq as llsq,
    gradbench_lse as lse,
    gradbench_lstm as lstm,
    gradbench_ode as ode,
)

Json = Any
Given = Mapping[str, Json]


def as_json(result: Any) -> Json:
    """Return numbers and nested lists for NumPy's."""
    return np.asarray(result).tolist()


@dataclass(frozen=True, slots=True)
class Function:
    """A function the referee may ask for.

    Parameters
    ----------
    decode : callable
        Returns the arguments from the input as it was in JSON; not timed.
    run : callable
        What is timed.
    encode : callable
        Returns the output for JSON; not timed.
    """

    decode: Callable[[Json], tuple[Any, ...]]
    run: Callable[..., Any]
    encode: Callable[[Any], Json] = as_json


def _array(nested: Json) -> np.ndarray:
    return np.array(nested, dtype=float)


def _gmm_arguments(given: Given) -> tuple[Any, ...]:
    d, k, n = given["d"], given["k"], given["n"]
    parameters = [
        _array(given["alpha"]),
        _array(given["mu"]),
        _array(given["q"]),
        _array(given["l"]).reshape(k, d * (d - 1) // 2),
    ]
    return parameters, _array(given["x"]), (n, d, k, given["m"], float(given["gamma"]))


def _gmm_objective(
    parameters: list[Any], points: np.ndarray, sizes: tuple[Any, ...]
) -> Any:
    """Return the log posterior, its constant part computed too."""
    constant = gmm.log_normalization(*sizes)
    return gmm.log_posterior(parameters, points, *sizes[-2:], constant)


def _by_name(gradient: list[np.ndarray]) -> Json:
    names = ("alpha", "mu", "q", "l")
    return {name: as_json(part) for name, part in zip(names, gradient, strict=True)}


def _lstm_arguments(given: Given) -> tuple[Any, ...]:
    parameters = [_array(given["main_params"]), _array(given["extra_params"])]
    return parameters, _array(given["state"]), _array(given["sequence"])


def _lstm_gradient(*arguments: Any) -> np.ndarray:
    """Return the gradient as one vector: main parameters, then the extra ones."""
    return np.concatenate([part.ravel() for part in ad.grad(lstm.loss)(*arguments)])


def _kmeans_arguments(given: Given) -> tuple[Any, ...]:
    return _array(given["centroids"]), _array(given["points"])


def _newton_direction(centroids: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return gradient over curvature, shape (k, d).

    The Hessian of the cost is diagonal: its product with ones, forward over reverse, is
    all of it, and the same run gives the gradient.
    """
    gradient, curvature = ad.jvp(
        lambda c: ad.grad(kmeans.cost)(c, points),
        (centroids,),
        (np.ones_like(centroids),),
    )
    return gradient / curvature


def _llsq_arguments(given: Given) -> tuple[Any, ...]:
    return _array(given["x"]), int(given["n"])


def _squared_error(x: np.ndarray, n: int) -> Any:
    """Return the error at n points from -1 to 1."""
    return llsq.squared_error(x, np.linspace(-1.0, 1.0, n))


def _ode_arguments(given: Given) -> tuple[Any, ...]:
    return _array(given["x"]), int(given["s"])


def _lse_arguments(given: Given) -> tuple[Any, ...]:
    return (_array(given["x"]),)


def _number(given: Json) -> tuple[Any, ...]:
    return (float(given),)


MODULES: dict[str, dict[str, Function]] = {
    "hello": {
        "square": Function(_number, hello.square),
        "double": Function(_number, ad.grad(hello.square)),
    },
    "gmm": {
        "objective": Function(_gmm_arguments, _gmm_objective),
        "jacobian": Function(_gmm_arguments, ad.grad(_gmm_objective), _by_name),
    },
    "ba": {
        "objective": Function(
            rows_of_ba.decode, rows_of_ba.errors, rows_of_ba.encode_errors
        ),
        "jacobian": Function(
            rows_of_ba.decode, rows_of_ba.jacobian, rows_of_ba.encode_jacobian
        ),
    },
    "lstm": {
        "objective": Function(_lstm_arguments, lstm.loss),
        "jacobian": Function(_lstm_arguments, _lstm_gradient),
    },
    "kmeans": {
        "cost": Function(_kmeans_arguments, kmeans.cost),
        "dir": Function(_kmeans_arguments, _newton_direction),
    },
    "llsq": {
        "primal": Function(_llsq_arguments, _squared_error),
        "gradient": Function(_llsq_arguments, ad.grad(_squared_error)),
    },
    "lse": {
        "primal": Function(_lse_arguments, lse.log_sum_exp),
        "gradient": Function(_lse_arguments, ad.grad(lse.log_sum_exp)),
    },
    "ode": {
        "primal": Function(_ode_arguments, ode.solution),
        "gradient": Function(_ode_arguments, ad.grad(ode.last_component)),
    },
}
"""The modules the referee may define, and their functions."""
