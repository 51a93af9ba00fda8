"""What losses share: targets that fit predictions, labels, reductions."""

from collections.abc import Callable
from typing import Any

import numpy as np

import adjoint as ad
from adjoint.nn._checks import check_labels, is_plain


def reduced(
    name: str, losses: Any, reduction: str, axes: tuple[int, ...] | None = None
) -> Any:
    """Return the mean or sum of losses over some axes, or all, or the losses.

    Raises
    ------
    ValueError
        For another reduction, or the mean of nothing.
    """
    if reduction == "none":
        return losses
    reduce = _REDUCTIONS.get(str(reduction))  # of a list too, which has no hash
    if reduce is None:
        msg = f'{name}: reduction={reduction!r} is not "mean", "sum" or "none".'
        raise ValueError(msg)
    shape = np.shape(losses)
    if axes is not None:
        shape = tuple(shape[axis] for axis in axes)
    if reduce is _mean and 0 in shape:
        msg = f"{name}: there is no mean of no samples; the shape is {shape}."
        raise ValueError(msg)
    return reduce(losses, axes)


def _mean(losses: Any, axes: tuple[int, ...] | None) -> Any:
    """Return what ``np.mean`` returns, of everything in a quarter of its time."""
    if axes is None and is_plain(losses) and losses.dtype.char in "fd":
        return np.add.reduce(losses, axis=None) / losses.size
    return np.mean(losses, axes)


_REDUCTIONS: dict[str, Callable[..., Any]] = {"mean": _mean, "sum": np.sum}


def difference(name: str, prediction: Any, target: Any) -> Any:
    check_shapes(name, prediction, target)
    return prediction - in_precision_of(target, prediction)


def as_array(target: Any) -> Any:
    return target if hasattr(target, "dtype") else np.asarray(target)


def in_precision_of(target: Any, prediction: Any) -> Any:
    """Return integer targets in the precision of what they are compared with."""
    target = as_array(target)
    exact = target.dtype.kind in "iub" and hasattr(prediction, "dtype")
    return target.astype(prediction.dtype) if exact else target


def check_shapes(name: str, prediction: Any, target: Any) -> None:
    """Raise unless two arrays have one shape.

    Raises
    ------
    ShapeError
        A sentence with both shapes.
    """
    if np.shape(prediction) != np.shape(target):
        msg = (
            f"{name}: the prediction has shape {np.shape(prediction)}, the target "
            f"{np.shape(target)}; they should be equal (reshape one of them)."
        )
        raise ad.errors.ShapeError(msg)


def check_target(name: str, logits: Any, target: Any) -> bool:
    """Tell whether targets are labels; else they are probabilities.

    Raises
    ------
    ShapeError
        If they have the shape of neither.
    ValueError
        If labels are out of range, or a probability is negative.
    """
    shape = np.shape(logits)
    if shape and target.shape == shape:
        check_probabilities(name, target)
        return False
    if shape and target.shape == shape[:-1] and target.dtype.kind in "iu":
        check_labels(name, target, shape[-1])
        return True
    msg = (
        f"{name}: the logits have shape {shape}; the target should be integer labels "
        f"of shape {shape[:-1]} or probabilities of shape {shape}, but is "
        f"{target.dtype} of shape {np.shape(target)}."
    )
    raise ad.errors.ShapeError(msg)


def check_probabilities(name: str, target: Any) -> None:
    if is_plain(target) and target.size and target.min() < 0:
        msg = f"{name}: probabilities are not negative; one of these is {target.min()}."
        raise ValueError(msg)


def chosen(x: Any, labels: Any) -> Any:
    """Return the element of each row that its label names."""
    if is_plain(labels) and labels.ndim == 1:
        return x[np.arange(len(labels)), labels]
    hit = np.take_along_axis(x, np.expand_dims(labels, -1), axis=-1)[..., 0]
    # In a batch, labels below 0 were not seen above; they must not count from the end.
    return hit if is_plain(labels) else np.where(labels < 0, np.nan, hit)
