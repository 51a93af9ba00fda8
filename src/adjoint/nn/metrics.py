"""Metrics: numbers for people, not for derivatives."""

from typing import Any

import numpy as np

import adjoint as ad

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
    return float(np.mean(np.argmax(logits, axis=-1) == labels))
