"""Whether contenders gave the same answer: form, shape, dtype, values."""

import numpy as np
import scipy.sparse

from benchmarks.case import Value


def disagreement(measured: Value, expected: Value, tolerance: float) -> str:
    """Return how a result differs from the expected one, or nothing.

    Form, shape and dtype are compared too; values to ``tolerance`` times the largest
    entry expected, since a gradient's small entries carry the rounding of its large
    ones.
    """
    if isinstance(expected, list | tuple):
        if not isinstance(measured, list | tuple) or len(measured) != len(expected):
            return f"{type(measured).__name__} for {len(expected)} parts"
        pairs = zip(measured, expected, strict=True)
        found = (disagreement(m, e, tolerance) for m, e in pairs)
        return next((text for text in found if text), "")
    strange = _not_numeric(measured) or _not_numeric(expected)
    if strange:
        return f"{strange} is no number or array of numbers"
    measured, expected = _alike(measured, expected)
    if (measured.shape, measured.dtype) != (expected.shape, expected.dtype):
        return (
            f"{measured.dtype}{measured.shape}, "
            f"expected {expected.dtype}{expected.shape}"
        )
    if 0 in expected.shape:
        return ""
    error = float(abs(measured - expected).max())
    scale = float(abs(expected).max())
    if not error <= tolerance * scale:
        return f"off by {error:.3g} where the largest entry is {scale:.3g}"
    return ""


def _not_numeric(result: Value) -> str:
    """Return the type of a result that cannot be compared, or nothing."""
    if scipy.sparse.issparse(result):
        return ""
    kind = np.asarray(result).dtype
    if kind.kind in "iufc":
        return ""
    held = "" if kind.hasobject else f" of {kind}"
    return f"{type(result).__name__}{held}"


def _alike(measured: Value, expected: Value) -> tuple[Value, Value]:
    """Return two arrays: both sparse by rows, one sparse and one dense filled up."""
    if scipy.sparse.issparse(measured) and scipy.sparse.issparse(expected):
        return scipy.sparse.csr_array(measured), scipy.sparse.csr_array(expected)
    return _dense(measured), _dense(expected)


def _dense(result: Value) -> np.ndarray:
    return np.asarray(result.toarray() if scipy.sparse.issparse(result) else result)
