"""``np.pad``: an array with margins, in all of NumPy's named modes.

Axes are padded one after the other, as NumPy does, so later axes fill the corners.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import Value, has_zero, in_dtype
from adjoint._core.dispatch import as_part, decide
from adjoint._core.errors import MissingRuleError, user_line
from adjoint._core.handle import Handle
from adjoint._core.layout import lies_in_columns
from adjoint._core.registry import implements
from adjoint._numpy.differences import along
from adjoint._primitives.shape import laid_out

Widths = tuple[int, int]
_STATISTICS: dict[str, Callable[..., Value]] = {
    "maximum": np.max,
    "minimum": np.min,
    "mean": np.mean,
    "median": np.median,
}
_KEYWORDS = {
    "constant": {"constant_values"},
    "linear_ramp": {"end_values"},
    "reflect": {"reflect_type"},
    "symmetric": {"reflect_type"},
    **{mode: {"stat_length"} for mode in _STATISTICS},
}


@implements(np.pad)
def pad(
    array: Value,
    pad_width: Any,
    mode: str = "constant",
    *,
    constant_values: Any = None,
    end_values: Any = None,
    reflect_type: Any = None,
    stat_length: Any = None,
) -> Value:
    """Return ``array`` with margins of given widths before and after each axis.

    The values of ``"empty"`` margins are zeros here.

    Raises
    ------
    MissingRuleError
        For a mode that is a function, which writes into its argument.
    ValueError
        For an unknown mode, or a keyword that is not the mode's.
    """
    array = as_part(array)
    given = {
        "constant_values": constant_values,
        "end_values": end_values,
        "reflect_type": reflect_type,
        "stat_length": stat_length,
    }
    options = {key: value for key, value in given.items() if value is not None}
    _check(array, mode, options)
    rank = array.ndim
    widths = _widths(array, pad_width)
    if all(width == (0, 0) for width in widths):
        return np.copy(array)
    for axis, width in enumerate(widths):
        if width != (0, 0) and not array.size and mode not in {"constant", "empty"}:
            _refuse_empty(array, axis)
    (option,) = options.values() or (None,)
    in_columns = lies_in_columns(array)
    for axis, width in enumerate(widths):
        if width != (0, 0):
            array = _margins(mode)(
                array, axis, width, mode, _of_axis(option, axis, rank)
            )
    return laid_out(array, "F" if in_columns else "C")


def _check(array: Value, mode: Any, options: dict[str, Any]) -> None:
    if callable(mode):
        msg = (
            f"np.pad with a function as mode{user_line()} has no derivative rule: the "
            "function writes into its argument. Use a named mode, or np.concatenate."
        )
        error = MissingRuleError(msg)
        raise array.remember(error) if isinstance(array, Handle) else error
    known = {*_KEYWORDS, "edge", "wrap", "empty"}
    if mode not in known:
        msg = f"mode '{mode}' is not supported"
        raise ValueError(msg)
    unknown = set(options) - _KEYWORDS.get(mode, set())
    if unknown:
        msg = f"unsupported keyword arguments for mode '{mode}': {unknown}"
        raise ValueError(msg)


def _refuse_empty(array: Value, axis: int) -> None:
    if array.shape[axis] == 0:
        msg = (
            f"can't extend empty axis {axis} using modes other than 'constant' or "
            "'empty'"
        )
        raise ValueError(msg)


def _widths(array: Value, pad_width: Any) -> list[Widths]:
    """Return the widths before and after each axis."""
    if isinstance(pad_width, dict):
        table = np.zeros((array.ndim, 2), int)
        for axis, width in pad_width.items():
            table[axis] = width
        pad_width = table
    widths = np.asarray(pad_width)
    if widths.dtype.kind != "i":
        msg = "`pad_width` must be of integral type."
        raise TypeError(msg)
    if np.any(widths < 0):
        msg = "index can't contain negative values"
        raise ValueError(msg)
    if widths.shape == (2, 1) and array.ndim != 2:  # NumPy takes it for one pair
        widths = np.ravel(widths)
    pairs = np.broadcast_to(widths, (array.ndim, 2)).tolist()
    return [(before, after) for before, after in pairs]


def _of_axis(option: Any, axis: int, rank: int) -> Any:
    """Return what an option says of one axis: a word, or one value for each side."""
    if option is None or isinstance(option, str):
        return option
    table = as_part(option)
    if table.shape == (2, 1) and rank != 2:
        table = np.ravel(table)
    pairs = np.broadcast_to(table, (rank, 2))
    return pairs[axis, 0], pairs[axis, 1]


def _margins(mode: str) -> Callable[..., Value]:
    if mode in {"reflect", "symmetric"}:
        return _reflected
    if mode in {"edge", "wrap"}:
        return _copied
    if mode == "linear_ramp":
        return _ramped
    return _statistics if mode in _STATISTICS else _filled


def _copied(array: Value, axis: int, width: Widths, mode: str, _option: Any) -> Value:
    """Return an axis padded with copies: the places are found by padding numbers."""
    numbers = np.pad(np.arange(array.shape[axis]), width, mode=mode)  # type: ignore[call-overload]
    return np.take(array, numbers, axis=axis)


def _reflected(array: Value, axis: int, width: Widths, mode: str, how: Any) -> Value:
    """Return an axis padded with its mirror images; odd ones are turned round.

    An odd image of ``x`` in an edge ``e`` is ``2 e - x``; images are reflected again
    where the margin is wider than the array.
    """
    length = array.shape[axis]
    if how != "odd" or length == 1:
        return _copied(array, axis, width, mode, None)
    offset = 1 if mode == "reflect" else 0
    period = length - offset
    left, right = width
    while left or right:
        whole = (array.shape[axis] - offset) // period * period
        if left:
            reach = min(whole, left)
            image = array[along(axis, slice(offset, offset + reach))]
            image = 2 * array[along(axis, slice(0, 1))] - np.flip(image, axis)
            array, left = np.concatenate([image, array], axis), left - reach
        if right:
            reach = min(whole, right)
            end = array.shape[axis] - offset
            image = array[along(axis, slice(end - reach, end))]
            image = 2 * array[along(axis, slice(-1, None))] - np.flip(image, axis)
            array, right = np.concatenate([array, image], axis), right - reach
    return array


def _filled(array: Value, axis: int, width: Widths, _mode: str, pair: Any) -> Value:
    """Return an axis padded with constants."""
    return _between(array, axis, width, pair or (0, 0))


def _between(array: Value, axis: int, width: Widths, values: Any) -> Value:
    """Return an axis between margins of one value (or slice) each."""
    before, after = (
        np.broadcast_to(
            _cast(value, array), (*array.shape[:axis], n, *array.shape[axis + 1 :])
        )
        for n, value in zip(width, values, strict=True)
    )
    return np.concatenate([before, array, after], axis)


def _cast(value: Any, array: Value) -> Value:
    """Return a margin in the dtype of the array, as NumPy's store does."""
    return in_dtype(as_part(value), array.dtype)


def _statistics(
    array: Value, axis: int, width: Widths, mode: str, lengths: Any
) -> Value:
    """Return an axis padded with a statistic of its ends."""
    whole = array.shape[axis]
    left, right = (
        whole if n is None else min(int(np.round(n)), whole)
        for n in lengths or (None, None)
    )
    if min(left, right) < 0:
        msg = "index can't contain negative values"
        raise ValueError(msg)
    if 0 in (left, right) and mode in {"maximum", "minimum"}:
        msg = "stat_length of 0 yields no value for padding"
        raise ValueError(msg)
    ends = (slice(0, left), slice(whole - right, whole))
    values = [
        _STATISTICS[mode](array[along(axis, end)], axis=axis, keepdims=True)
        for end in ends
    ]
    return _between(array, axis, width, values)


def _ramped(array: Value, axis: int, width: Widths, _mode: str, pair: Any) -> Value:
    """Return an axis padded with even steps from end values to its edges."""
    left, right = (
        _ramp(as_part(end), array[along(axis, edge)], n, axis)
        for n, end, edge in zip(
            width, pair or (0, 0), (slice(0, 1), slice(-1, None)), strict=True
        )
    )
    return np.concatenate([left, array, np.flip(right, axis)], axis)


def _ramp(end: Value, edge: Value, n: int, axis: int) -> Value:
    """Return ``n`` even steps from an end value that stop before the edge."""
    numbers = np.arange(n, dtype=edge.dtype)
    steps = np.reshape(numbers, (n, *(1,) * (edge.ndim - axis - 1)))
    delta = edge - end
    if decide(
        "zero", has_zero, delta
    ):  # np.linspace rounds otherwise where a step is 0
        ramp = steps / n * delta if n else steps * delta
    else:
        ramp = steps * (delta / max(n, 1))
    return _cast(ramp + end, edge)
