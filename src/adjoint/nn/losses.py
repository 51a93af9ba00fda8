"""Losses: how far predictions are from targets, as one number.

All take ``reduction``: ``"mean"`` over samples (the default), ``"sum"``, or ``"none"``
for one number each.
"""

from typing import Any

import numpy as np

import adjoint as ad
from adjoint.nn._checks import check_number, is_plain
from adjoint.nn._targets import (
    as_array,
    check_probabilities,
    check_shapes,
    check_target,
    chosen,
    difference,
    in_precision_of,
    reduced,
)
from adjoint.nn.activations import shifted, softmax, softplus

__all__ = [
    "absolute_error",
    "binary_cross_entropy",
    "cross_entropy",
    "hinge",
    "huber",
    "kl_divergence",
    "negative_log_likelihood",
    "squared_error",
]


def squared_error(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """Return (prediction - target)².

    Parameters
    ----------
    prediction, target : array
        Of one shape.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ShapeError
        If the shapes differ: broadcasting would pair each with all.
    ValueError
        For another reduction, or the mean of nothing.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> float(ad.nn.squared_error(np.array([1.0, 3.0]), np.array([1.0, 1.0])))
    2.0
    """
    error = difference("squared_error", prediction, target)
    return reduced("squared_error", error * error, reduction)


def absolute_error(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """Return abs(prediction - target); its slope is 0 where they agree.

    Parameters
    ----------
    prediction, target : array
        Of one shape.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ShapeError, ValueError
        As `squared_error`.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> float(ad.nn.absolute_error(np.array([1.0, 3.0]), np.array([1.0, 1.0])))
    1.0
    """
    error = difference("absolute_error", prediction, target)
    return reduced("absolute_error", np.abs(error), reduction)


def huber(
    prediction: Any, target: Any, delta: float = 1.0, reduction: str = "mean"
) -> Any:
    """Return e²/2 of errors e up to ``delta``, and delta (abs(e) - delta/2) of others.

    Parameters
    ----------
    prediction, target : array
        Of one shape.
    delta : float
        Above 0: where the parabola goes over into its tangents.
        The slope is continuous there.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ShapeError, ValueError
        As `squared_error`; for another delta.

    References
    ----------
    Huber, "Robust estimation of a location parameter", Ann. Math. Statist. 35 (1964).

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.huber(np.array([0.5, 3.0]), np.zeros(2), reduction="none")
    array([0.125, 2.5  ])
    """
    check_number(
        "huber", "delta", delta, lambda d: 0.0 < d < np.inf, "one positive number"
    )
    error = difference("huber", prediction, target)
    size = np.abs(error)
    near = size <= delta
    # Squared, a distant error may overflow where nobody looks at it.
    inner = np.where(near, error, 0.0)
    losses = np.where(near, 0.5 * inner * inner, delta * (size - 0.5 * delta))
    return reduced("huber", losses, reduction)


def cross_entropy(
    logits: Any, target: Any, label_smoothing: float = 0.0, reduction: str = "mean"
) -> Any:
    """Return -Σ_k t_k log p_k, p the softmax of the logits along the last axis.

    Parameters
    ----------
    logits : array, shape (..., classes)
    target : array of int, shape (...), or array of float, shape (..., classes)
        Labels from 0 to classes - 1, or the probabilities t.
    label_smoothing : float
        Which share of t goes to all classes alike (0 to 1).
    reduction : {"mean", "sum", "none"}
        Over the leading axes.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    ValueError
        For labels out of range, negative probabilities, another reduction.

    Notes
    -----
    The gradient is p - t.  A class of probability 0 may have the logit -inf; one with
    the logit inf has p = 1.

    References
    ----------
    Szegedy, Vanhoucke, Ioffe, Shlens & Wojna, "Rethinking the Inception architecture
    for computer vision", CVPR 2016, section 7: label smoothing.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> logits = np.array([[1000.0, 0.0], [0.0, 0.0]])
    >>> ad.nn.cross_entropy(logits, np.array([1, 0]), reduction="none")
    array([1.00000000e+03, 6.93147181e-01])
    """
    if type(label_smoothing) is not float or label_smoothing:
        check_number(
            "cross_entropy",
            "label_smoothing",
            label_smoothing,
            lambda share: 0.0 <= share <= 1.0,
            "one number from 0 to 1",
        )
    smooth = _is_traced(label_smoothing) or label_smoothing != 0.0
    target = as_array(target)
    labelled = check_target("cross_entropy", logits, target)
    if labelled and not smooth and is_plain(target):
        return _of_labels(as_array(logits), target, reduction)
    target = target if labelled else in_precision_of(target, logits)
    below = shifted(logits, -1)
    total = np.log(np.sum(np.exp(below), axis=-1))
    if labelled:
        hit = chosen(below, target)
    else:
        # 0 times -inf is the 0 of a class that has no part.
        known = np.where((target == 0.0) & (below == -np.inf), 0.0, below)
        hit = np.sum(target * known, axis=-1)
        total = total * np.sum(target, axis=-1)
    losses = total - hit
    if smooth:
        even = np.log(np.sum(np.exp(below), axis=-1)) - np.mean(below, axis=-1)
        losses = (1.0 - label_smoothing) * losses + label_smoothing * even
    return reduced("cross_entropy", losses, reduction)


def _is_traced(number: Any) -> bool:
    """Tell whether a number may have a derivative: then 0 is one like any other."""
    return not (is_plain(number) or issubclass(type(number), float | int))


def _excess(logits: Any, labels: Any) -> Any:
    """Return p - t, the gradient of the cross-entropy of labels by the logits."""
    if is_plain(logits) and is_plain(labels):
        p = np.exp(shifted(logits, -1), order="C")  # the rows below are views
        p /= np.add.reduce(p, axis=-1, keepdims=True)
        rows = p.reshape(-1, p.shape[-1])
        rows[np.arange(len(rows)), labels.reshape(-1)] -= 1.0
        return p
    hit = np.expand_dims(labels, -1) == np.arange(logits.shape[-1])
    return softmax(logits) - hit.astype(logits.dtype)


def _spread(out_bar: Any, count: int, reduction: str) -> Any:
    """Return the cotangent of the loss of each of so many rows, for all its classes."""
    if reduction == "none":
        return np.expand_dims(out_bar, -1)
    return out_bar / count if reduction == "mean" else out_bar


def _pulled(out_bar: Any, _out: Any, logits: Any, labels: Any, reduction: str) -> Any:
    """Return the cotangent of the logits.

    Of a row on which nothing depends it is 0, also if no softmax of that row exists.
    """
    excess, bar = _excess(logits, labels), _spread(out_bar, labels.size, reduction)
    product = excess * bar
    if is_plain(product) and np.isfinite(np.add.reduce(product, axis=None)):
        return product
    dead = (ad.stop_gradient(bar) == 0.0) & ~np.isfinite(ad.stop_gradient(excess))
    return np.where(dead, 0.0, np.where(dead, 0.0, excess) * bar)


def _of_a_batch(args: Any, batched: Any, size: int, reduction: str) -> Any:
    """Return the cross-entropy of each sample of a batch."""
    logits, labels = (
        arg if own else np.broadcast_to(arg, (size, *arg.shape))
        for arg, own in zip(args, batched, strict=True)
    )
    losses = _of_labels(logits, labels, "none")
    return reduced("cross_entropy", losses, reduction, tuple(range(1, losses.ndim)))


@ad.extend.primitive(
    _pulled,
    None,
    pushforward=lambda _out, args, tangents, params: reduced(
        "cross_entropy", np.sum(_excess(*args) * tangents[0], axis=-1), *params
    ),
    batch=_of_a_batch,
    name="cross_entropy",
)
def _of_labels(logits: Any, labels: Any, reduction: str) -> Any:
    """Return the cross-entropy of labels that are plain, and known to be classes."""
    below = shifted(logits, -1)
    total = np.log(np.add.reduce(np.exp(below), axis=-1))
    return reduced("cross_entropy", total - chosen(below, labels), reduction)


def negative_log_likelihood(
    log_probabilities: Any, labels: Any, reduction: str = "mean"
) -> Any:
    """Return minus the log-probability of each sample's label.

    Parameters
    ----------
    log_probabilities : array, shape (..., classes)
        As of `log_softmax`.
    labels : array of int, shape (...)
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ShapeError, ValueError
        As `cross_entropy`.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> logs = np.log(np.array([[0.5, 0.5], [0.9, 0.1]]))
    >>> ad.nn.negative_log_likelihood(logs, np.array([0, 0]), reduction="none")
    array([0.69314718, 0.10536052])
    """
    name, labels = "negative_log_likelihood", as_array(labels)
    if not check_target(name, log_probabilities, labels):
        msg = f"{name}: labels are integers; for probabilities take kl_divergence."
        raise ValueError(msg)
    return reduced(name, -chosen(log_probabilities, labels), reduction)


def binary_cross_entropy(logits: Any, target: Any, reduction: str = "mean") -> Any:
    """Return -t log p - (1 - t) log(1 - p), p the sigmoid of the logits.

    Parameters
    ----------
    logits : array
    target : array
        Of the same shape: 0 or 1, or probabilities.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ShapeError
        If the shapes differ.
    ValueError
        For targets below 0 or above 1, or another reduction.

    Notes
    -----
    The gradient is p - t.  At the logit inf (-inf) the target 1 (0) has the loss 0.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> logits = np.array([1000.0, 0.0, -1000.0])
    >>> ad.nn.binary_cross_entropy(logits, np.array([1, 1, 1]), reduction="none")
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    name = "binary_cross_entropy"
    logits = as_array(logits)
    check_shapes(name, logits, target)
    target = in_precision_of(target, logits)
    if is_plain(target) and target.size and (target.min() < 0 or target.max() > 1):
        msg = (
            f"{name}: targets are from 0 to 1, these are from {target.min()} to "
            f"{target.max()}."
        )
        raise ValueError(msg)
    logits = _finite_where_right(logits, target)
    # Each term is accurate where the other is large; 1 - p would cancel.
    losses = target * softplus(-logits) + (1.0 - target) * softplus(logits)
    return reduced(name, losses, reduction)


def _finite_where_right(logits: Any, target: Any) -> Any:
    """Return logits without infinities that are just what the target asks for.

    The loss and its slope are 0 there, but one of its terms 0 times inf.  They are 0
    exactly at ±10,000 already, in any precision.
    """
    still = ad.stop_gradient(logits)
    if is_plain(still) and np.isfinite(still).all():
        return logits
    right = np.isinf(logits) & ((logits > 0.0) == target)
    return np.where(right, 1e4 * np.sign(logits), logits)


def kl_divergence(log_probabilities: Any, target: Any, reduction: str = "mean") -> Any:
    """Return Σ_k t_k (log t_k - log p_k) along the last axis: Kullback and Leibler's.

    Parameters
    ----------
    log_probabilities : array, shape (..., classes)
        log p, as of `log_softmax`.
    target : array, shape (..., classes)
        The probabilities t.
    reduction : {"mean", "sum", "none"}
        Over the leading axes.

    Raises
    ------
    ShapeError
        If the shapes differ.
    ValueError
        For negative probabilities, or another reduction.

    Notes
    -----
    A term with t = 0 is 0, and constant.

    References
    ----------
    Kullback & Leibler, "On information and sufficiency", Ann. Math. Statist. 22 (1951).

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> p = np.log(np.array([[0.5, 0.5]]))
    >>> float(ad.nn.kl_divergence(p, np.array([[1.0, 0.0]])))
    0.6931471805599453
    """
    check_shapes("kl_divergence", log_probabilities, target)
    check_probabilities("kl_divergence", target)
    there = target != 0.0
    ratio = np.log(np.where(there, target, 1.0)) - np.where(
        there, log_probabilities, 0.0
    )
    terms = np.where(there, target * ratio, 0.0)
    return reduced("kl_divergence", np.sum(terms, axis=-1), reduction)


def hinge(scores: Any, labels: Any, reduction: str = "mean") -> Any:
    """Return max(0, 1 - labels * scores); the slope at the kink is 0.

    Parameters
    ----------
    scores : array
    labels : array
        Of the same shape: -1 or 1.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ShapeError
        If the shapes differ.
    ValueError
        For other labels, or another reduction.

    References
    ----------
    Cortes & Vapnik, "Support-vector networks", Machine Learning 20 (1995).

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.hinge(np.array([2.0, 0.5]), np.array([1, -1]), reduction="none")
    array([0. , 1.5])
    """
    check_shapes("hinge", scores, labels)
    labels = in_precision_of(labels, scores)
    if is_plain(labels) and np.any(np.abs(labels) != 1.0):
        wrong = labels[np.abs(labels) != 1.0].flat[0]
        msg = f"hinge: labels are -1 or 1; one of these is {wrong} (0 or 1? 2 * y - 1)."
        raise ValueError(msg)
    margin = 1.0 - labels * scores
    return reduced("hinge", np.where(margin <= 0.0, 0.0, margin), reduction)
