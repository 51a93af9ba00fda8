"""``x.flat``: the elements row by row, to be walked through, read and written."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import as_part, settle
from adjoint._core.handle import Handle
from adjoint._core.registry import implements
from adjoint._numpy.writing import write_at


class Flat:
    """What ``x.flat`` of a traced array is.

    Like NumPy's own: reading gives copies, writing goes into ``x`` however it lies in
    memory, and to a NumPy function it is the vector of the elements.
    """

    __slots__ = ("base",)

    def __init__(self, base: Handle) -> None:
        self.base = base

    def __len__(self) -> int:
        return self.base.size

    def __iter__(self) -> Iterator[Value]:
        return iter(self.copy())

    def copy(self) -> Value:
        """Return the elements as a vector of their own."""
        return self.base.flatten()

    def __getitem__(self, index: Any) -> Value:
        return self.copy()[index]

    def __setitem__(self, index: Any, values: Value) -> None:
        if np.iterable(index) and not isinstance(index, tuple):
            index = settle(as_part(index), "a place to write to")
        places = np.arange(self.base.size)[index]
        if np.ndim(places) == 0 and self.base.ndim:
            self.base[np.unravel_index(places, self.base.shape)] = values
        else:
            write_at(self.base, np.ravel(places), values)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.copy().__array__(dtype, copy)

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any
    ) -> Value:
        return getattr(ufunc, method)(*map(_elements, inputs), **kwargs)

    def __array_function__(
        self, function: Callable[..., Any], _types: Any, args: Any, kwargs: Any
    ) -> Value:
        return function(*map(_elements, args), **kwargs)

    def __eq__(self, other: object) -> Value:
        return self.copy() == other

    def __ne__(self, other: object) -> Value:
        return self.copy() != other

    __hash__ = None  # type: ignore[assignment]


def _elements(value: Any) -> Any:
    return value.copy() if isinstance(value, Flat) else value


@implements(np.flatiter)
def flat(x: Handle) -> Flat:
    """Return ``x.flat``."""
    return Flat(x)
