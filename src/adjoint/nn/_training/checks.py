"""Sentences for what `fit` cannot work with: what was given, and what to write."""

import inspect
import numbers
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import numpy as np

import adjoint as ad
from adjoint.nn._form import Branch
from adjoint.nn._training.callbacks import Callback, callback_of


def check_model(model: Any, *, called: bool) -> None:
    """Raise if a model cannot be trained.

    Parameters
    ----------
    model : object
    called : bool
        Whether it is called, not given to a function that does what it likes.

    Raises
    ------
    InputError
        If it is a class, cannot be called, or has no parameters.
    """
    kind = type(model).__name__
    if isinstance(model, type):
        msg = f"fit: the model is the class {model.__name__}; make one of it first."
        raise ad.errors.InputError(msg)
    if called and not callable(model):
        msg = (
            f"fit: the model is a {kind}, which cannot be called. Give it a "
            "`__call__`, or give adjoint.nn.ModelLoss(f) as the loss, with a function "
            "f(model, *batch) that computes with it."
        )
        raise ad.errors.InputError(msg)
    if not ad.tree.leaves(model):
        msg = (
            f"fit: the model {kind} has no parameters, so there is nothing to train. "
            f"Its arrays would be parameters{_settings_of(model)}."
        )
        raise ad.errors.InputError(msg)


def check_optimizer(optimizer: Any) -> None:
    """Raise if something is no optimizer.

    Raises
    ------
    InputError
        If it is a class, or has not what `fit` calls.
    """
    if isinstance(optimizer, type):
        name = optimizer.__name__
        msg = f"fit: the optimizer is the class {name}; make one of it: {name}(0.01)."
        raise ad.errors.InputError(msg)
    if not all(hasattr(optimizer, name) for name in ("init", "step", "rate")):
        msg = (
            "fit takes an optimizer such as adjoint.optim.Adam(0.01), but was given "
            f"{_shown(optimizer)}."
        )
        raise ad.errors.InputError(msg)


def callbacks_of(callbacks: Any) -> list[Callback]:
    """Return callbacks of what the user gave.

    Raises
    ------
    InputError
        If it is no list of callbacks and functions.
    """
    if callable(callbacks) or not isinstance(callbacks, Iterable):
        _refuse_one("callbacks", callbacks)
    return [callback_of(callback) for callback in callbacks]


def named_metrics(metrics: Any) -> dict[str, Any]:
    """Return metrics by their names in the history.

    Raises
    ------
    InputError
        If they are no functions in a list or dictionary, or two have one name.
    ValueError
        If one has a name that the history needs.
    """
    named: dict[str, Any] = {}
    for name, metric in _pairs(metrics):
        if name in ("loss", "learning_rate"):
            msg = f"fit: a metric cannot be called `{name}`: the history has one."
            raise ValueError(msg)
        if not callable(metric):
            msg = (
                f"fit takes metrics as functions metric(prediction, target), such as "
                f"adjoint.nn.accuracy; among them is {_shown(metric)}."
            )
            raise ad.errors.InputError(msg)
        if name in named:
            msg = (
                f"fit: two metrics are called `{name}`, which is their name in the "
                "history. Name them by a dictionary: metrics={'first': ..., "
                "'second': ...}."
            )
            raise ad.errors.InputError(msg)
        named[name] = metric
    return named


def check_arguments(what: str, objective: Any, arrays: int | None) -> None:
    """Raise if a loss or metric cannot be called with what a batch gives it.

    Parameters
    ----------
    what : str
        ``"the loss"``.
    objective : OutputLoss or ModelLoss
    arrays : int, optional
        How many there are in a batch, if that is known.

    Raises
    ------
    InputError
        If it is so.
    """
    if arrays is None or _takes(objective.function, *objective.arguments(arrays)):
        return
    function, (arguments, _) = objective.function, objective.arguments(arrays)
    name = getattr(function, "__name__", type(function).__name__)
    parameters = ", ".join(inspect.signature(function).parameters)
    plural = "array" if arrays == 1 else "arrays"
    msg = (
        f"fit: {what} `{name}({parameters})` is called as {name}({', '.join(arguments)}"
        f"), since a batch has {arrays} {plural}, and cannot be."
    )
    if arrays == 1:
        msg += (
            " Inputs and targets come as a tuple, (x, y); a list is one of batches, "
            "each an array or a tuple of arrays."
        )
    if arguments[0] != "model" and _takes(function, ["model", *["x"] * arrays], []):
        msg += f" If it calls the model itself, give adjoint.nn.ModelLoss({name})."
    raise ad.errors.InputError(msg)


def check_number(what: str, value: Any) -> None:
    """Raise if a value, maybe a traced one, is not one real number.

    Raises
    ------
    InputError
        If it is so.
    """
    shape = getattr(value, "shape", None)
    if shape is None and isinstance(value, numbers.Real):
        return
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if shape == () and kind and kind in "fiub":
        return
    if shape is None:
        given = _shown(value)
    else:
        given = f"an array of shape {tuple(shape)}" if shape else "a complex number"
    msg = (
        f"fit: {what} returned {given}; it should return one number for all samples, "
        "such as their mean, np.mean(...)."
    )
    raise ad.errors.InputError(msg)


def name_of_function(function: Any) -> str:
    """Return how a function is called in messages."""
    return f"`{getattr(function, '__name__', type(function).__name__)}`"


def _settings_of(model: Any) -> str:
    """Return which attributes are numbers, in words."""
    attributes = vars(model) if isinstance(model, Branch) else {}
    kinds = (int, float, complex)
    found = [name for name, value in attributes.items() if type(value) in kinds]
    if not found:
        return ""
    names = ", ".join(f"`{name}`" for name in found)
    return (
        f"; numbers kept as Python's ({names}) are settings: write "
        f"self.{found[0]} = np.array({found[0]}) to train one"
    )


def _pairs(metrics: Any) -> Iterable[tuple[str, Any]]:
    if metrics is None:
        return []
    if isinstance(metrics, Mapping):
        return metrics.items()
    if (
        callable(metrics)
        or isinstance(metrics, str)
        or not isinstance(metrics, Iterable)
    ):
        _refuse_one("metrics", metrics)
    return [(getattr(one, "__name__", type(one).__name__), one) for one in metrics]


def _refuse_one(what: str, given: Any) -> NoReturn:
    msg = f"fit takes {what} in a list, but was given {_shown(given)}"
    if callable(given) or isinstance(given, Callback):
        msg += f": write {what}=[{_shown(given)}]"
    raise ad.errors.InputError(f"{msg}.")


def _takes(function: Any, arguments: list[str], keywords: list[str]) -> bool:
    """Tell whether a function can be called so; if that cannot be told, it can."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return True
    try:
        signature.bind(*arguments, **dict.fromkeys(keywords))
    except TypeError:
        return False
    return True


def _shown(value: Any) -> str:
    """Return a value in a few words."""
    if isinstance(value, (str, numbers.Number, np.generic, type(None))):
        return repr(value)
    name = getattr(value, "__name__", None)
    return name if isinstance(name, str) else f"{type(value).__name__}(...)"
