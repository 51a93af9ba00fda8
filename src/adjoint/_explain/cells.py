"""Values as a report's data holds them: numbers, and arrays in summary.

JSON knows no NaN and no infinity: they are the texts ``"nan"``, ``"inf"``, ``"-inf"``.
"""

import math
from typing import Any, TypeAlias

import numpy as np

Cell: TypeAlias = Any
"""A number, one of these texts, ``None``, or a dictionary of a complex number's parts
or of an array's summary (see `cell`)."""

_LONG: dict[Any, Any] = {
    np.dtype(np.longdouble): np.float64,
    np.dtype(np.clongdouble): np.complex128,
}
"""What Python has no numbers of, and as which it is shown."""
HEAD = 8
"""Elements of an array that a summary holds."""


@np.errstate(all="ignore")
def cell(value: Any, head: int = HEAD) -> Cell:
    """Return a value as data.

    Of an array: its shape, least and greatest element (magnitudes, of complex ones) and
    Euclidean norm, NaNs left out, how many elements are NaN and infinite, and the first
    elements, ``head`` of them.  ``None`` for what is no number and no array of numbers.
    """
    if value is None or isinstance(value, (tuple, list, str, bytes)):
        return None
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        return None
    if array.dtype in _LONG:
        array = array.astype(_LONG[array.dtype])
    if array.shape == ():
        return _number(array.item())
    flat = array.reshape(-1)
    sizes = np.abs(flat) if array.dtype.kind == "c" else flat
    kept = sizes
    nans = infinities = 0
    if array.dtype.kind in "fc" and not np.isfinite(np.dot(flat, flat)):
        is_nan = np.isnan(flat)
        nans = int(np.count_nonzero(is_nan))
        infinities = int(np.count_nonzero(np.isinf(flat) & ~is_nan))
        kept = sizes[~is_nan]
    return {
        "shape": list(array.shape),
        "min": _number(kept.min().item()) if kept.size else None,
        "max": _number(kept.max().item()) if kept.size else None,
        "norm": _number(_norm(kept)),
        "nan": nans,
        "inf": infinities,
        "head": [_number(one) for one in flat[:head].tolist()],
    }


def nonfinite(one: Cell) -> list[int]:
    """Return how many numbers of a cell are NaN, and how many infinite."""
    if isinstance(one, dict):
        if "shape" in one:
            return [one["nan"], one["inf"]]
        parts = [one["re"], one["im"]]
    else:
        parts = [one]
    if "nan" in parts:
        return [1, 0]
    return [0, int("inf" in parts or "-inf" in parts)]


def size(one: Cell) -> float | None:
    """Return the magnitude of a number, the norm of an array; ``None`` if unknown."""
    if isinstance(one, dict):
        if "shape" in one:
            return size(one["norm"])
        return math.hypot(float(one["re"]), float(one["im"]))
    return None if one is None else abs(float(one))


def _number(number: Any) -> Cell:
    if isinstance(number, complex):
        return {"re": _number(number.real), "im": _number(number.imag)}
    if isinstance(number, float):
        if math.isnan(number):
            return "nan"
        if math.isinf(number):
            return "inf" if number > 0 else "-inf"
        return number
    return int(number)


def _norm(sizes: Any) -> float:
    """Return the Euclidean norm; of numbers near the limits, too."""
    if not sizes.size:
        return 0.0
    real = sizes.astype(float, copy=False)
    norm = math.sqrt(np.dot(real, real))
    if 1e-140 < norm < math.inf:
        return norm
    scale = float(np.abs(real).max())
    if scale == 0.0 or math.isinf(scale):
        return scale
    scaled = real / scale
    return scale * math.sqrt(np.dot(scaled, scaled))
