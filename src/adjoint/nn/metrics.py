"""Metrics: numbers for people, not for derivatives."""

from typing import Any

import numpy as np

import adjoint as ad
from adjoint.nn._checks import check_labels

__all__ = ["accuracy"]


def accuracy(logits: Any, labels: Any) -> float:
    """Return the share of samples whose largest logit is that of the label.

    Parameters
    ----------
    logits : array, shape (..., classes)
    labels : array of int, shape (...)

    Raises
    ------
    ShapeError
        If the shapes do not belong together.
    ValueError
        If labels are no integers or out of range, or there are none.

    Notes
    -----
    A sample with a nan among its logits counts as wrong.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.accuracy(np.array([[0.1, 0.9], [2.0, 1.0]]), np.array([1, 1]))
    0.5
    """
    if np.shape(logits)[:-1] != np.shape(labels) or np.ndim(logits) == 0:
        msg = (
            f"accuracy: the logits have shape {np.shape(logits)}, the labels "
            f"{np.shape(labels)}; labels have the logits' shape without the last axis."
        )
        raise ad.errors.ShapeError(msg)
    labels = np.asarray(labels)
    if labels.size == 0:
        msg = f"accuracy: there is no share of no samples; the shape is {labels.shape}."
        raise ValueError(msg)
    if labels.dtype.kind not in "iu":
        msg = f"accuracy: labels are integers, these are {labels.dtype}."
        raise ValueError(msg)
    check_labels("accuracy", labels, np.shape(logits)[-1])
    known = ~np.isnan(np.max(logits, axis=-1))
    return float(np.mean((np.argmax(logits, axis=-1) == labels) & known))
