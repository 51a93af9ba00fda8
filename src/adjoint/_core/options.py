"""Options that are words: ``order="F"``, ``casting="safe"``, ``kind="stable"``.

NumPy reads them by rules of its own (any case, one letter or the whole word).  What is
not one of the usual is shown to NumPy, on an array without elements: so its errors are
NumPy's own.
"""

from typing import Any

import numpy as np

_ORDERS = ("C", "F", "A", "K")
_NOTHING: Any = np.zeros(0)
_can_cast: Any = np.can_cast


def read_order(order: Any, default: str = "K") -> str:
    """Return an order in memory by its capital letter: C, F, A or K.

    Raises
    ------
    ValueError, TypeError
        NumPy's own, for what names none.
    """
    if type(order) is str and order in _ORDERS:
        return order
    if order is None:
        return default
    _NOTHING.copy(order)
    word: str = order.decode() if isinstance(order, bytes) else str(order)
    return word.upper()


def check_casting(casting: Any) -> None:
    """Raise NumPy's own error for what names no casting rule.

    Raises
    ------
    ValueError, TypeError
        If so.
    """
    _can_cast(np.float64, np.float64, casting)


def check_sorting(**options: Any) -> None:
    """Raise NumPy's own error for a kind of sort that is none, or is named twice.

    Raises
    ------
    ValueError, TypeError
        If so.
    """
    given = {key: value for key, value in options.items() if value is not None}
    if given:
        np.sort(_NOTHING, **given)
