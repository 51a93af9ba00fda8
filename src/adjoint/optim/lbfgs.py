"""Limited-memory BFGS: curvature from the last few gradients."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import adjoint as ad
from adjoint.optim import _checks
from adjoint.optim._line_search import Point, strong_wolfe
from adjoint.optim._optimizer import Optimizer, Params, Schedule, State

STRONG_WOLFE = "strong-wolfe"


@dataclass(frozen=True)
class LBFGS(Optimizer):
    r"""Quasi-Newton steps from the last gradients, with a line search.

    .. math:: p \leftarrow p - t\, H g

    with H the BFGS approximation of the inverse Hessian that starts from
    :math:`\gamma I,\ \gamma = s^T y / y^T y` and takes in the last pairs
    :math:`s = \Delta p,\ y = \Delta g`.  The length t satisfies the strong Wolfe
    conditions; the first trial is the learning rate.

    Parameters
    ----------
    learning_rate : float or schedule
        First length tried, or the length without a search; at the first step it is
        multiplied by min(1, 1 / ‖g‖₁).  Default is 1.
    history : int, optional
        Pairs remembered.  Default is 10.
    line_search : {"strong-wolfe", None}, optional
    evaluations : int, optional
        Most evaluations in one line search.  Default is 25.
    clip_value, clip_norm, check_finite
        See `Optimizer`.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    Notes
    -----
    For losses of all the data: on mini-batches, differences of gradients are mostly
    noise.  A pair with sᵀy <= ε‖s‖‖y‖, ε the rounding error, is left out, so H stays
    positive definite.  Where
    the gradient is 0 the parameters stay.  Real parameters only.

    References
    ----------
    Liu and Nocedal, "On the limited memory BFGS method for large scale optimization",
    1989. Nocedal and Wright, "Numerical optimization", 2006, algorithm 7.4.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> def rosenbrock(x):
    ...     return 100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2
    >>> optimizer = ad.optim.LBFGS()
    >>> x = np.array([-1.2, 1.0])
    >>> state = optimizer.init(x)
    >>> for _ in range(40):
    ...     _, x, state = optimizer.step(ad.value_and_grad(rosenbrock), state, x)
    >>> print(x.round(8))
    [1. 1.]
    """

    learning_rate: float | Schedule = 1.0
    history: int = 10
    line_search: str | None = STRONG_WOLFE
    evaluations: int = 25

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        _checks.nonnegative(self, "learning_rate")
        _checks.count(self, "history")
        _checks.count(self, "evaluations")
        if self.line_search not in (STRONG_WOLFE, None):
            msg = (
                f"LBFGS: line_search is {self.line_search!r}; give {STRONG_WOLFE!r} "
                "or None."
            )
            raise ValueError(msg)

    def init(self, params: Params) -> State:
        """Return the state before the first step; see `Optimizer.init`."""
        super().init(params)
        x, _ = ad.tree.ravel(params)
        _refuse_complex(x)
        pairs = np.zeros((self.history, x.size), x.dtype)
        return {
            "step": 0,
            "pairs": 0,
            "s": pairs,
            "y": pairs.copy(),
            "moved": np.zeros_like(x),
            "gradient": np.zeros_like(x),
        }

    def update(
        self,
        grads: Params,
        state: State,
        params: Params,
        *,
        donate: bool = False,  # noqa: ARG002 - a step makes new arrays anyway
        value: Any = None,
        value_and_grad: Callable[[Params], Any] | None = None,
    ) -> tuple[Params, State]:
        """Return parameters and state after one step; see `Optimizer.update`.

        Parameters
        ----------
        grads, state, params, donate
            As for every optimizer.
        value : float, optional
            The loss at ``params``; computed if it is not given.
        value_and_grad : callable
            The loss with its gradient, for the line search; not needed without.

        Raises
        ------
        TypeError
            If a line search is wanted and ``value_and_grad`` is missing.
        """
        names = ("pairs", "s", "y", "moved", "gradient")
        _checks.checked_state(self._name, state, names)
        g_leaves, _ = self.prepared(grads, params)
        g, (x, unravel) = ad.tree.ravel(g_leaves)[0], ad.tree.ravel(params)
        _checks.check_slot(self._name, "gradient", [state["gradient"]], [x])
        remembered = self._remembered(state, g)
        direction = -_inverse_times(g, remembered)
        slope = float(direction @ g)
        t = self.rate(state["step"])
        if state["step"] == 0:
            t = min(1.0, 1.0 / max(float(np.sum(np.abs(g))), 1e-300)) * t
        if slope >= 0.0:
            t, direction = 0.0, np.zeros_like(g)
        elif self.line_search:
            search = self._search(value_and_grad, value, params)
            t = search(x, unravel, g, direction, slope, t)
        moved = t * direction
        step = {"step": state["step"] + 1, "moved": moved, "gradient": g}
        return unravel(x + moved), {**remembered, **step}

    def step(
        self,
        value_and_grad: Callable[[Params], Any],
        state: State,
        params: Params,
        *,
        donate: bool = False,
    ) -> tuple[Any, Params, State]:
        """Return the loss before the step, and parameters and state after it.

        See `Optimizer.step`; the line search calls ``value_and_grad`` further times.
        """
        both = value_and_grad(params)
        _checks.check_value_and_grad(self._name, both)
        value, grads = both
        params, state = self.update(
            grads,
            state,
            params,
            donate=donate,
            value=value,
            value_and_grad=value_and_grad,
        )
        return value, params, state

    def _remembered(self, state: State, g: Any) -> State:
        """Return the pairs with that of the last step, newest last."""
        s, y = state["moved"], g - state["gradient"]
        least = np.finfo(g.dtype).eps * float(np.linalg.norm(s) * np.linalg.norm(y))
        if state["step"] == 0 or not float(s @ y) > least:
            return {name: state[name] for name in ("pairs", "s", "y")}
        return {
            "pairs": min(state["pairs"] + 1, self.history),
            "s": np.concatenate([state["s"][1:], s[None]]),
            "y": np.concatenate([state["y"][1:], y[None]]),
        }

    def _search(
        self, value_and_grad: Callable[[Params], Any] | None, value: Any, params: Params
    ) -> Callable[..., float]:
        """Return the line search for one function."""
        if value_and_grad is None:
            msg = (
                f"{self._name}: the line search evaluates the loss; call "
                "optimizer.step(ad.value_and_grad(loss), state, params), or pass "
                "value_and_grad= to update, or choose line_search=None."
            )
            raise TypeError(msg)
        if value is None:
            both = value_and_grad(params)
            _checks.check_value_and_grad(self._name, both)
            value = both[0]

        def search(
            x: Any, unravel: Any, g: Any, direction: Any, slope: float, t: float
        ) -> float:
            def at(length: float) -> Point:
                found, grads = value_and_grad(unravel(x + length * direction))
                gradient = ad.tree.ravel(grads)[0]
                return Point(
                    length, float(found), gradient, float(direction @ gradient)
                )

            start = Point(0.0, float(value), g, slope)
            size = float(np.max(np.abs(direction)))
            return strong_wolfe(at, start, t, size, self.evaluations).t

        return search


def _inverse_times(g: Any, remembered: State) -> Any:
    """Return H g by the two-loop recursion."""
    count = remembered["pairs"]
    if count == 0:
        return g
    s, y = remembered["s"][-count:], remembered["y"][-count:]
    inverse = 1.0 / np.sum(s * y, axis=1)
    weights = np.zeros(count)
    for i in reversed(range(count)):
        weights[i] = inverse[i] * (s[i] @ g)
        g = g - weights[i].astype(g.dtype) * y[i]
    g = g * ((s[-1] @ y[-1]) / (y[-1] @ y[-1]))
    for i in range(count):
        weight = weights[i] - inverse[i] * (y[i] @ g)
        g = g + weight.astype(g.dtype) * s[i]
    return g


def _refuse_complex(x: Any) -> None:
    """Raise for complex parameters."""
    if np.iscomplexobj(x):
        msg = (
            "ad.optim.LBFGS: complex parameters; keep real and imaginary parts as "
            "parameters of their own, or use a first-order optimizer."
        )
        raise ad.errors.InputError(msg)
