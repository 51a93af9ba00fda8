"""``ad.diagnose``: which gradients are zero, and why; which vanish, which explode."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import is_inexact
from adjoint._core.errors import InputError
from adjoint._core.tree import flatten, leaf_path
from adjoint._diagnosis.reasons import at_site, why_zero
from adjoint._diagnosis.report import Diagnosis, InputHealth, LineHealth
from adjoint._diagnosis.watching import Health, Swept
from adjoint._modes.watched import watching
from adjoint._transforms.arguments import as_tuple, check_function
from adjoint._transforms.derivative import value_and_grad

_FAR = 1e6
"""Cotangents that grow or shrink by more are said to explode or vanish."""


def diagnose(
    fun: Callable[..., Any], argnums: int | tuple[int, ...] | None = None
) -> Callable[..., Diagnosis]:
    """Return a function that tells how healthy the gradient of ``fun`` is.

    It computes the gradient once, and looks at each cotangent on the way: which inputs
    get a gradient that is exactly zero, and why (a branch not taken, a cast to
    integers, ``stop_gradient``, a comparison, not used at all), whether the value or a
    gradient is nan or infinite, and whether cotangents vanish or explode with the depth
    of the computation.

    Parameters
    ----------
    fun : callable
        Returns one real number.
    argnums : int or tuple of int, optional
        Which arguments to differentiate by; by default all that hold floating-point
        numbers and nothing else.

    Returns
    -------
    callable
        Takes the arguments of ``fun``; returns a `Diagnosis`, which prints as a table.

    Raises
    ------
    InputError
        If ``fun`` is no function, or there is no argument to differentiate by; else as
        `grad`.

    See Also
    --------
    debug : stops where a NaN is made.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> def loss(w, b):
    ...     hidden = np.maximum(w, 0.0)
    ...     return np.sum(hidden) + b * (w[0] > 0.0)
    >>> found = ad.diagnose(loss)(np.array([-1.0, -2.0]), 3.0)
    >>> [(one.name, one.is_zero) for one in found.inputs]
    [('w', True), ('b', True)]
    >>> print(found.notes[0])  # doctest: +ELLIPSIS
    w: its gradient is exactly zero, since the other operand of np.maximum is larger ...
    """
    check_function(fun, "ad.diagnose")
    given = None if argnums is None else as_tuple(argnums, "diagnose")

    @functools.wraps(fun, updated=())
    def diagnosed(*args: Any, **kwargs: Any) -> Diagnosis:
        chosen = _chosen(args) if given is None else given
        health = Health()
        with watching(health):
            value, gradient = value_and_grad(fun, chosen)(*args, **kwargs)
        level = min(health.swept, default=0)
        swept = health.swept.get(level, {})
        stops = health.stops.get(level, [])
        names = _names(fun, chosen, args)
        inputs = tuple(
            _input(k, name, np.asarray(bar), swept, stops)
            for k, (name, bar) in enumerate(
                zip(names, flatten(gradient)[0], strict=True)
            )
        )
        ordered = list(swept.values())
        notes = [] if np.isfinite(value) else [_broken_note("The value")]
        notes += [_note(one) for one in inputs if one.is_zero]
        notes += [
            _broken_note(f"{one.name}: its gradient")
            for one in inputs
            if not np.isfinite(one.largest)
        ]
        notes += _depth_notes(ordered, inputs)
        return Diagnosis(value, inputs, tuple(_lines(ordered)), tuple(notes))

    return diagnosed


def _chosen(args: tuple[Any, ...]) -> tuple[int, ...]:
    """Return the positions of arguments that hold real numbers and nothing else."""
    chosen = []
    for position, arg in enumerate(args):
        leaves, _ = flatten(arg)
        if leaves and all(map(is_inexact, leaves)):
            chosen.append(position)
    if not chosen:
        msg = (
            "diagnose found no argument to differentiate by: each is, or holds, "
            "something that is no floating-point number. Name them with argnums."
        )
        raise InputError(msg)
    return tuple(chosen)


def _names(
    fun: Callable[..., Any], chosen: tuple[int, ...], args: tuple[Any, ...]
) -> list[str]:
    """Return names of leaves: ``w``, ``layers[0]['bias']``."""
    try:
        parameters = list(inspect.signature(fun).parameters)
    except (TypeError, ValueError):
        parameters = []
    return [
        _name(parameters, position) + leaf_path(args[position], k)
        for position in chosen
        for k in range(len(flatten(args[position])[0]))
    ]


def _name(parameters: list[str], position: int) -> str:
    known = position < len(parameters)
    return parameters[position] if known else f"argument {position}"


def _input(
    place: int, name: str, bar: Any, swept: dict[int, Swept], stops: list[Any]
) -> InputHealth:
    zeros = int(np.sum(bar == 0))
    largest = float(np.max(np.abs(bar), initial=0.0))
    reasons = why_zero(place, swept, stops) if 0 < bar.size == zeros else []
    return InputHealth(name, bar.shape, largest, zeros, bar.size, tuple(reasons))


def _note(one: InputHealth) -> str:
    return f"{one.name}: its gradient is exactly zero, since {'; '.join(one.reasons)}."


def _broken_note(what: str) -> str:
    return (
        f"{what} is not finite. Compute it once with debug=True, "
        "ad.grad(f, debug=True), which stops at the line where that begins."
    )


def _lines(ordered: list[Swept]) -> list[LineHealth]:
    """Return what each line's cotangents are, in the order of the backward pass."""
    lines: dict[Any, list[Swept]] = {}
    for one in ordered:
        if one.largest is not None and one.made is not None and one.made.here.site:
            site = one.made.here.site._replace(caller=None)
            lines.setdefault(site, []).append(one)
    return [
        LineHealth(site.name, site.text, len(many), many[0].rms, many[-1].rms)
        for site, many in lines.items()
    ]


def _depth_notes(ordered: list[Swept], inputs: tuple[InputHealth, ...]) -> list[str]:
    """Return what to say of cotangents that vanish or explode on the way back."""
    sizes = [one for one in ordered if one.largest and np.isfinite(one.rms)]
    if not sizes:
        return []
    seed = sizes[0].rms
    notes = []
    ends = [one for one in inputs if one.largest and np.isfinite(one.largest)]
    smallest, largest = min(sizes, key=_rms), max(sizes, key=_rms)
    # All elements of an input together: a mean's are 1/n each, and have not vanished.
    faint = [one for one in ends if one.largest * one.size < seed / _FAR]
    if faint:
        end = min(faint, key=lambda one: one.largest)
        least, where = smallest.rms, _where(smallest)
        if least > end.largest * _FAR or least >= seed / _FAR:
            least, where = end.largest, f" at {end.name}"
        notes.append(
            f"Adjoints vanish: from {seed:.3g} at the result they fall to "
            f"{least:.3g}{where}. Look at saturated activations and at long products "
            "of small factors; normalize, or add residual connections."
        )
    if largest.rms > seed * _FAR:
        notes.append(
            f"Adjoints explode: from {seed:.3g} at the result they grow to "
            f"{largest.rms:.3g}{_where(largest)}. Look at long products of large "
            "factors and at divisions by small numbers; rescale, or clip gradients."
        )
    return notes


def _rms(one: Swept) -> float:
    return one.rms


def _where(one: Swept) -> str:
    return "" if one.made is None else at_site(one.made.here.site)
