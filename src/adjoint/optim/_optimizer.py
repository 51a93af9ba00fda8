"""What all optimizers share: state, checks, clipping, and a step over a tree."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import adjoint as ad
from adjoint.optim import _checks
from adjoint.optim._blocks import Rule, apply, zeros
from adjoint.optim._clipping import clip_by_global_norm, clip_by_value

Params: TypeAlias = Any
State: TypeAlias = dict[str, Any]
Schedule: TypeAlias = Callable[[int], float]


class Now(NamedTuple):
    """One step: its learning rate, its number from 1, the numbers of its state."""

    rate: Any
    t: int
    numbers: State


@dataclass(frozen=True)
class Optimizer:
    """Base of the optimizers: settings, without any state.

    Parameters
    ----------
    clip_value : float, optional
        Largest magnitude of any one number of the gradients; see `clip_by_value`.
    clip_norm : float, optional
        Largest norm of all gradients together; see `clip_by_global_norm`.
    check_finite : bool, optional
        Whether nan or inf in the gradients raises.  Default is True, for a pass over
        the gradients.

    Notes
    -----
    ``init`` and ``update`` are pure: nothing they are given changes, nothing they
    return shares memory with it, unless it is donated.  A state is a dictionary, so a
    tree: the number of steps taken, and trees like the parameters.

    A subclass is a frozen dataclass that names what it remembers in ``_slots`` and
    returns its formula from ``_rule``.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> def loss(params):
    ...     return np.sum((params["w"] - 3.0) ** 2)
    >>> optimizer = ad.optim.SGD(0.25)
    >>> params = {"w": np.zeros(2)}
    >>> state = optimizer.init(params)
    >>> for _ in range(3):
    ...     params, state = optimizer.update(ad.grad(loss)(params), state, params)
    >>> params, state
    ({'w': array([2.625, 2.625])}, {'step': 3})
    """

    clip_value: float | None = field(default=None, kw_only=True)
    clip_norm: float | None = field(default=None, kw_only=True)
    check_finite: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        """Check the settings."""
        _checks.positive(self, "clip_value")
        _checks.positive(self, "clip_norm")

    def init(self, params: Params) -> State:
        """Return the state before the first step.

        Parameters
        ----------
        params : tree of floats
            Parameters, or others of the same structure, shapes and dtypes.

        Raises
        ------
        InputError
            If a leaf is no floating-point number or array.
        """
        leaves, form = ad.tree.flatten(params)
        for position, leaf in enumerate(leaves):
            _checks.check_floating(self._name, leaf, form, position)
        slots = {name: _checks.map_leaves(zeros, params) for name in self._slots()}
        return {"step": 0, **slots}

    def update(
        self, grads: Params, state: State, params: Params, *, donate: bool = False
    ) -> tuple[Params, State]:
        """Return the parameters and the state after one step.

        Parameters
        ----------
        grads : tree
            Gradients of the loss at ``params``, as `adjoint.grad` returns them.
        state : dict
            From `init`, or from the step before.
        params : tree of floats
        donate : bool, optional
            Whether the arrays of ``state`` and ``params`` are given away: they may be
            overwritten, which saves memory and time, and must not be used again.
            Default is False.

        Raises
        ------
        TreeError
            If gradients and parameters differ in structure, or the state is another
            optimizer's.
        ShapeError
            If a gradient or a part of the state has another shape than its parameter.
        InputError
            If a parameter is no floating-point number or array.
        ValueError
            If a schedule returns no finite number, 0 or more.
        FloatingPointError
            If a gradient holds nan or inf, unless ``check_finite`` is False.
        """
        names = self._slots()
        _checks.checked_state(self._name, state, names)
        g, p = self.prepared(grads, params)
        slots = [ad.tree.leaves(state[name]) for name in names]
        for name, slot in zip(names, slots, strict=True):
            _checks.check_slot(self._name, name, slot, p)
        ahead = self._ahead(state)
        rule = self._rule(Now(self.rate(state["step"]), ahead["step"], ahead))
        donate = donate and _are_distinct(
            [*p, *(one for slot in slots for one in slot)]
        )
        rows = [
            apply(rule, *row, donate=donate) for row in zip(p, g, *slots, strict=True)
        ]
        form = ad.tree.structure(params)
        stepped, *remembered = (
            ad.tree.unflatten(form, [row[column] for row in rows])
            for column in range(1 + len(names))
        )
        return stepped, {**ahead, **dict(zip(names, remembered, strict=True))}

    def step(
        self,
        value_and_grad: Callable[[Params], Any],
        state: State,
        params: Params,
        *,
        donate: bool = False,
    ) -> tuple[Any, Params, State]:
        """Return the loss before the step, and parameters and state after it.

        Parameters
        ----------
        value_and_grad : callable
            ``value_and_grad(params) -> (value, grads)``, as of
            `adjoint.value_and_grad`.
        state, params, donate
            As in `update`.

        Raises
        ------
        TypeError
            If the function returns no pair.

        Notes
        -----
        All optimizers can be driven by this, those with a line search too.
        """
        found = value_and_grad(params)
        _checks.check_value_and_grad(self._name, found)
        value, grads = found
        params, state = self.update(grads, state, params, donate=donate)
        return value, params, state

    def rate(self, step: int) -> Any:
        """Return the learning rate of a step, counted from 0.

        Raises
        ------
        ValueError
            If a schedule returns no finite number, 0 or more.
        """
        rate: Any = getattr(self, "learning_rate", 1.0)
        if not callable(rate):
            return rate
        found = rate(step)
        _checks.check_rate(self._name, found, step)
        return found

    def prepared(self, grads: Params, params: Params) -> tuple[list[Any], list[Any]]:
        """Return the leaves of gradients, checked and clipped, and of parameters."""
        g, p = _checks.matched_leaves(self._name, grads, params)
        if self.check_finite:
            _checks.check_finite(self._name, g, params)
        if self.clip_value is not None:
            g = clip_by_value(g, self.clip_value)
        if self.clip_norm is not None:
            g = clip_by_global_norm(g, self.clip_norm)
        return g, p

    @property
    def _name(self) -> str:
        """The optimizer's name in messages."""
        return f"ad.optim.{type(self).__name__}"

    def _slots(self) -> tuple[str, ...]:
        """Return the names of what is remembered of each parameter."""
        return ()

    def _ahead(self, state: State) -> State:
        """Return the numbers of the state after this step, without the slots."""
        return {"step": state["step"] + 1}

    def _rule(self, now: Now) -> Rule:
        """Return the formula of this step.

        Raises
        ------
        NotImplementedError
            Here: each optimizer has its own.
        """
        msg = f"{self._name} has no formula: define its method _rule."
        raise NotImplementedError(msg)


def _are_distinct(leaves: list[Any]) -> bool:
    """Tell whether no array stands in two places of parameters and state."""
    return len({id(leaf) for leaf in leaves}) == len(leaves)
