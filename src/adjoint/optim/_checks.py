"""Refuse settings, gradients and states that cannot be right, in sentences."""

import numbers
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import adjoint as ad


def nonnegative(owner: object, name: str) -> None:
    """Raise unless an attribute is a number from 0 on; schedules are left alone."""
    value = getattr(owner, name)
    schedule = callable(value) and not isinstance(value, type)
    if not schedule and not _is_one(value, lambda v: 0.0 <= v < np.inf):
        _refuse(owner, name, "a finite number, 0 or more")


def positive(owner: object, name: str) -> None:
    """Raise unless an attribute is a positive number, or None."""
    value = getattr(owner, name)
    if value is not None and not _is_one(value, lambda v: 0.0 < v < np.inf):
        _refuse(owner, name, "a finite number above 0")


def fraction(owner: object, name: str) -> None:
    """Raise unless an attribute is at least 0 and less than 1."""
    if not _is_one(getattr(owner, name), lambda v: 0.0 <= v < 1.0):
        _refuse(owner, name, "a number from 0 to 1, 1 excluded")


def count(owner: object, name: str, least: int = 1) -> None:
    """Raise unless an attribute is an integer from ``least`` on."""
    value = getattr(owner, name)
    if not isinstance(value, int | np.integer) or value < least:
        _refuse(owner, name, f"an integer, {least} or more")


def optimizer(owner: object, name: str) -> None:
    """Raise unless an attribute has an optimizer's methods, and is no class."""
    value = getattr(owner, name)
    methods = ("init", "update", "rate")
    if isinstance(value, type) or not all(hasattr(value, one) for one in methods):
        _refuse(owner, name, "an optimizer, as SGD(0.1)")


def check_rate(who: str, rate: Any, step: int) -> None:
    """Raise unless what a schedule returned is a learning rate.

    Raises
    ------
    ValueError
        Naming the step, and what it returned.
    """
    if not _is_one(rate, lambda v: 0.0 <= v < np.inf):
        msg = (
            f"{who}: the schedule returned {rate!r} at step {step}; a learning rate is "
            "a finite number, 0 or more."
        )
        raise ValueError(msg)


def check_value_and_grad(who: str, found: Any) -> None:
    """Raise unless a function returned a loss with its gradient.

    Raises
    ------
    TypeError
        Saying how such a function is made.
    """
    if not isinstance(found, tuple | list) or len(found) != 2:
        msg = (
            f"{who}: a step calls a function that returns a pair, the loss and its "
            f"gradient; this one returned a {type(found).__name__}. Give "
            "ad.value_and_grad(loss)."
        )
        raise TypeError(msg)


def _is_one(value: Any, inside: Callable[[Any], bool]) -> bool:
    """Tell whether a value is one number that is inside; traced ones are not known."""
    if isinstance(value, np.ndarray):
        value = value[()]  # of a 0-d array, its number
    if isinstance(value, numbers.Real):
        return bool(inside(value))
    if isinstance(value, np.ndarray | numbers.Number):
        return False
    return getattr(value, "shape", None) == ()


def _refuse(owner: object, name: str, wanted: str) -> None:
    value = getattr(owner, name)
    msg = f"{type(owner).__name__}: {name} is {value!r}; give {wanted}."
    raise ValueError(msg)


def matched_leaves(who: str, grads: Any, params: Any) -> tuple[list[Any], list[Any]]:
    """Return the leaves of gradients and parameters, which must fit each other.

    Raises
    ------
    TreeError
        If the structures differ.
    InputError
        If a parameter is no floating-point number or array, or a real one has a complex
        gradient.
    ShapeError
        If a gradient has another shape than its parameter.
    """
    found, found_form = ad.tree.flatten(grads)
    wanted, form = ad.tree.flatten(params)
    if form != found_form:
        msg = (
            f"{who}: the gradients have the structure "
            f"{ad.tree.describe(found_form)}, the parameters "
            f"{ad.tree.describe(form)}; give the gradients that ad.grad returns "
            "for these parameters."
        )
        raise ad.errors.TreeError(msg)
    for position, (g, p) in enumerate(zip(found, wanted, strict=True)):
        if _fits(g, p):
            continue
        if np.shape(g) != np.shape(p):
            msg = (
                f"{who}: the gradient of {leaf_name(form, position)} has the shape "
                f"{np.shape(g)}, the parameter {np.shape(p)}; give the gradients that "
                "ad.grad returns for these parameters."
            )
            raise ad.errors.ShapeError(msg)
        check_floating(who, p, form, position)
        if np.iscomplexobj(g) and not np.iscomplexobj(p):
            msg = (
                f"{who}: the gradient of {leaf_name(form, position)} is complex, the "
                "parameter real; give its real part."
            )
            raise ad.errors.InputError(msg)
    return found, wanted


def _fits(g: Any, p: Any) -> bool:
    """Tell whether both are real floating-point arrays of one shape: the usual case."""
    return (
        type(g) is np.ndarray
        and type(p) is np.ndarray
        and g.shape == p.shape
        and g.dtype.kind == p.dtype.kind == "f"
    )


def check_floating(who: str, p: Any, form: Any, position: int) -> None:
    """Raise unless a parameter is a floating-point number or array."""
    dtype = getattr(p, "dtype", None)
    if isinstance(p, float | complex) if dtype is None else dtype.kind in "fc":
        return
    kind = type(p).__name__ if dtype is None else f"{type(p).__name__} of {dtype}"
    msg = (
        f"{who}: {leaf_name(form, position)} is {kind}; an optimizer changes floats "
        "by less than 1: make it float, as with x.astype(float), or keep it out of "
        "the parameters."
    )
    raise ad.errors.InputError(msg)


def check_finite(who: str, grads: Sequence[Any], params: Any) -> None:
    """Raise for a gradient with nan or inf, naming where it stands in the tree.

    Notes
    -----
    One product decides for nearly all arrays; only where it overflows or is nan is
    each number looked at.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        suspects = [
            position
            for position, g in enumerate(grads)
            if not np.isfinite(np.vdot(g, g))
        ]
    for position in suspects:
        g = grads[position]
        bad = ~np.isfinite(g)
        if np.any(bad):
            name = leaf_name(ad.tree.structure(params), position)
            some = "nan" if np.any(np.isnan(g)) else "inf"
            msg = (
                f"{who}: the gradient of {name} holds {some} ({np.sum(bad)} of "
                f"{np.size(g)} numbers are not finite), so the step would spoil the "
                "parameters. A smaller learning rate or clip_norm= helps where the "
                "loss grows; check_finite=False takes the step all the same."
            )
            raise FloatingPointError(msg)


def check_slot(who: str, name: str, slot: Sequence[Any], params: Sequence[Any]) -> None:
    """Raise unless a part of the state belongs to parameters like these."""
    if [np.shape(one) for one in slot] != [np.shape(p) for p in params]:
        msg = (
            f"{who}: the state's {name!r} holds arrays of other shapes than the "
            "parameters; make the state with init(params)."
        )
        raise ad.errors.ShapeError(msg)


def checked_state(who: str, state: Any, names: Sequence[str]) -> None:
    """Raise unless a state is a dictionary with the names this optimizer keeps."""
    if not isinstance(state, dict) or not {"step", *names} <= {*state}:
        kind = sorted(state) if isinstance(state, dict) else type(state).__name__
        msg = (
            f"{who}: the state is {kind}, which this optimizer did not make; start "
            "with state = optimizer.init(params), and call "
            "params, state = optimizer.update(grads, state, params)."
        )
        raise ad.errors.TreeError(msg)


def leaf_name(form: Any, position: int) -> str:
    """Return a leaf in words: ``params['w'][0]``."""
    return f"params{form.accessors()[position].codify('')}"


def map_leaves(function: Callable[..., Any], tree: Any) -> Any:
    """Return a tree of ``function(leaf)``, which may be called for its errors."""
    leaves, form = ad.tree.flatten(tree)
    return ad.tree.unflatten(form, [function(leaf) for leaf in leaves])
