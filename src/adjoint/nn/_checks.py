"""Errors of layers: which layer, by its name in the model, and what it was given."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

import adjoint as ad
from adjoint.nn._composite import Composite
from adjoint.nn._form import Branch
from adjoint.nn._summary import layers


def check_settings(layer: Any, dtype: Any = np.float64, **counts: Any) -> None:
    """Raise if a layer cannot be made so large, or of such numbers.

    Parameters
    ----------
    layer : Module
    dtype : dtype
        Of floating-point numbers, real or complex: others have no gradient.
    **counts
        Integers from 1 on, by the names of their arguments.

    Raises
    ------
    ValueError
        Naming the layer's class, the argument, and what is wanted.
    """
    kind = type(layer).__name__
    for name, count in counts.items():
        if not is_integer(count) or count < 1:
            msg = f"{kind}: {name}={count!r} should be an integer from 1 on."
            raise ValueError(msg)
    try:
        floating = np.dtype(dtype).kind in "fc"
    except TypeError:
        floating = False
    if not floating:
        msg = (
            f"{kind}: dtype={dtype!r} should be one of floating-point numbers, as "
            "np.float64 or np.float32: parameters are trained in small steps."
        )
        raise ValueError(msg)


def is_integer(value: Any) -> bool:
    """Tell whether a setting is an integer; True and False are none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def check_layer(who: str, layer: Any) -> None:
    """Raise if what shall be a layer is none: it cannot be called, or is a class.

    Raises
    ------
    InputError
        Saying what was given.
    """
    if isinstance(layer, type):
        msg = (
            f"{who} takes layers and functions, but was given the class "
            f"{layer.__name__}; make one: {layer.__name__}(...)."
        )
    elif not callable(layer):
        msg = (
            f"{who} takes layers and functions, one by one, but was given a "
            f"{type(layer).__name__}; Sequential(*layers) of a list."
        )
    else:
        return
    raise ad.errors.InputError(msg)


def check_statistics(layer: Any, statistics: Any, count: int) -> None:
    """Raise if statistics are not one entry for each of so many layers.

    Raises
    ------
    TreeError
        Saying how they are made.
    """
    # A named tuple has a length, but belongs to one layer alone.
    if type(statistics) not in (list, tuple) or len(statistics) != count:
        msg = (
            f"{name_of(layer)}: the statistics are a list of {count}, one entry a "
            "layer, to begin with what `statistics()` returns, but were given as a "
            f"{type(statistics).__name__}."
        )
        raise ad.errors.TreeError(msg)


def check_generator(layer: Any, rng: Any) -> None:
    """Raise if what shall draw random numbers is no generator.

    Raises
    ------
    InputError
        Saying how one is made.
    """
    if not isinstance(rng, np.random.Generator):
        msg = (
            f"{name_of(layer)}: rng={rng!r}, but random numbers are drawn from a "
            "numpy.random.Generator; make one with np.random.default_rng(seed)."
        )
        raise ad.errors.InputError(msg)


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
        raise no_array(name_of(layer), x)
    if len(shape) > len(axes) and shape[-1] == features:
        return
    wanted = ", ".join(("...", *axes, str(features)))
    raise ad.errors.ShapeError(
        f"{name_of(layer)} takes an input of shape ({wanted}), but was given one of "
        f"shape {tuple(shape)}{_weight_of(layer)}."
    )


def no_array(who: str, x: Any) -> ad.errors.InputError:
    """Return the error of what takes an array and was given something else."""
    if isinstance(x, tuple):
        cure = (
            "recurrent layers return a pair, (outputs, state): after one put "
            "`lambda pair: pair[0]` for all its outputs, or "
            "`lambda pair: pair[0][..., -1, :]` for the last."
        )
    else:
        cure = "np.array makes one of it."
    return ad.errors.InputError(
        f"{who} takes an array, but was given a {type(x).__name__}; {cure}"
    )


def check_no_pair(layer: Any, pair: Any) -> None:
    """Raise if what takes an array is next to be given a recurrent layer's pair.

    Of functions and layers of the user's own nobody knows; those that hold layers hand
    it on.

    Raises
    ------
    InputError
        Saying what to write between.
    """
    home = getattr(layer, "__module__", None) or ""
    if home.startswith(_HOME) and not isinstance(layer, Composite):
        is_layer = isinstance(layer, Branch)
        raise no_array(name_of(layer) if is_layer else layer.__name__, pair)


_HOME = __name__.rpartition(".")[0] + "."


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
    low, high = (
        np.minimum.reduce(numbers, axis=None),
        np.maximum.reduce(numbers, axis=None),
    )
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
