"""Errors of layers: which layer, by its name in the model, and what it was given."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

import adjoint as ad
from adjoint.nn._form import Branch
from adjoint.nn._summary import layers


def check_features(
    layer: Any, x: Any, features: int, axes: tuple[str, ...] = ()
) -> None:
    """Raise if the last axis of an input is not what a layer works on.

    Parameters
    ----------
    layer : Module
    x : array, shape (..., features)
    features : int
        What it should have.
    axes : tuple of str
        What the axes before it are called that it should have too.

    Raises
    ------
    ShapeError
        If it has others; the message names the layer, its path, and both shapes.
    InputError
        If it is no array.
    """
    shape = getattr(x, "shape", None)
    if shape is None:
        raise ad.errors.InputError(
            f"{name_of(layer)} takes an array, but was given a {type(x).__name__}; "
            "np.array makes one of it."
        )
    if len(shape) > len(axes) and shape[-1] == features:
        return
    wanted = ", ".join(("...", *axes, str(features)))
    raise ad.errors.ShapeError(
        f"{name_of(layer)} takes an input of shape ({wanted}), but was given one of "
        f"shape {tuple(shape)}{_weight_of(layer)}."
    )


def check_number(
    who: str, what: str, value: Any, inside: Callable[[Any], bool], wanted: str
) -> None:
    """Raise if a setting is not one number of those wanted.

    A traced one cannot be looked at: its shape counts.

    Raises
    ------
    ValueError
        Naming the setting, what was given, and what is wanted.
    """
    known = is_plain(value) or isinstance(value, float | int)
    shape = np.shape(value) if known else getattr(value, "shape", None)
    if shape == () and (not known or inside(value)):
        return
    msg = f"{who}: {what}={value!r} should be {wanted}."
    raise ValueError(msg)


def check_labels(name: str, labels: Any, classes: int) -> None:
    """Raise if a label is no class.

    Raises
    ------
    ValueError
        Naming the label, and the range.
    """
    outside = first_outside(labels, classes)
    if outside is not None:
        msg = (
            f"{name}: there are {classes} classes, so labels are from 0 to "
            f"{classes - 1}; one of these is {outside}."
        )
        raise ValueError(msg)


def is_plain(value: Any) -> bool:
    """Tell whether a value can be looked at; a batch of ``vmap`` cannot."""
    return issubclass(type(value), (np.ndarray, np.generic))


def first_outside(numbers: Any, count: int) -> Any:
    """Return a number that is below 0, or not below ``count``; else ``None``.

    Those of a batch of ``vmap`` cannot be looked at: none is found.
    """
    if not is_plain(numbers) or not numbers.size:
        return None
    low, high = numbers.min(), numbers.max()
    if low < 0:
        return low
    return high if high >= count else None


def _weight_of(layer: Any) -> str:
    weight = getattr(layer, "weight", None)
    return "" if weight is None else f"; its weight has shape {tuple(weight.shape)}"


def name_of(layer: Any) -> str:
    """Return the class of a layer, and its name in the model that is being called.

    The model is found among the variables of the callers, outermost first: an error has
    time to look, a layer that works has nothing to remember.
    """
    kind = type(layer).__name__
    path = _path_from_callers(layer)
    return f"{kind} `{path}`" if path else kind


def _path_from_callers(layer: Any) -> str:
    found = ""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        for value in list(frame.f_locals.values()):
            if value is not layer and isinstance(value, Branch):
                names = [name for name, one in layers(value) if one is layer]
                found = names[0] if names else found
        frame = frame.f_back
    return found
