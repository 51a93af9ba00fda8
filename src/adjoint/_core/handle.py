"""The handle: what a differentiated function sees in the place of a number or an array.

A handle stands for one value during one transform.  NumPy hands every ufunc and
function called on it back to us through NumPy's own protocols (NEP 13
``__array_ufunc__``, NEP 18 ``__array_function__``), so the user's code needs no other
namespace.  What the protocols cannot carry (``float(x)``, ``np.array([x, 1.0])``)
raises and says what to write instead: a derivative is never lost in silence.

This file knows no primitive and no mode: it looks functions up in the registry.  Each
mode makes a subclass and installs its own fast operators.
"""

import operator
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, NoReturn

import numpy as np

from adjoint._core.arrays import PYTHON_SCALARS, Shape, Value, dtype_of
from adjoint._core.errors import (
    AdjointError,
    ConversionError,
    MissingAttributeError,
    user_line,
)
from adjoint._core.options import read_order
from adjoint._core.protocols import Entries, apply_function
from adjoint._core.refusals import REFUSALS, as_numpys
from adjoint._core.registry import IMPLEMENTATIONS
from adjoint._core.text import NO_GRAD, TracedText


class _UnsizedError(TypeError, AttributeError):
    """What ``len`` of a number raises; to ``hasattr`` it says that nothing is there."""


class _OfArrays:
    """A method that arrays have and numbers have not, by what the handle stands for.

    ``hasattr(x, "__len__")`` is how some code tells numbers from arrays.
    """

    def __init__(self, method: Callable[..., Any]) -> None:
        self.method = method
        self.__doc__ = method.__doc__

    def __get__(self, x: Any, owner: type) -> Any:
        if x is None:
            return self
        zero_d = type(x.value) is np.ndarray and not x.value.ndim  # those have it
        if not x.shape and not zero_d:
            msg = f"a number has no {self.method.__name__}: it is no array"
            raise _UnsizedError(msg)
        return self.method.__get__(x, owner)


class Handle:
    """Base of all handles.

    Attributes
    ----------
    value
        What the handle stands for: a number, an array, or a handle of a lower level.
    trace
        The transform it belongs to.
    payload
        What the mode keeps beside the value: the place on the tape (reverse), the
        tangent (forward), nothing (batch).
    link
        With whom it shares memory (see ``views.py``); ``None`` for most.
    origin
        How a dual number was made, where a rewrite of derivatives may ask (see
        ``_modes/remembered.py``); here, not there, so that all handles have one layout.
    """

    __slots__ = ("__weakref__", "link", "origin", "payload", "trace", "value")

    entries: ClassVar[Entries]
    """The mode's fast implementations, by function."""

    refused: ClassVar[dict[str, str]]
    """Attributes of arrays that no handle carries, with what to do instead."""

    __array_ufunc__: ClassVar[Callable[..., Value]]
    __array_function__: ClassVar[Callable[..., Value]]

    value: Value
    trace: Any
    payload: Any
    origin: Any
    link: Any  # not set on most handles: then `__getattr__` answers

    def __init_subclass__(cls) -> None:
        """Give each class its own ``__getattr__``.

        CPython looks the hook up in one base after another, and drops it for good if an
        exception of somebody else's is pending meanwhile (``brentq`` of SciPy calls
        back so).  A missing attribute would then be Python's error, not ours.
        """
        super().__init_subclass__()
        if "__getattr__" not in cls.__dict__:
            cls.__getattr__ = cls.__getattr__  # type: ignore[method-assign]

    # What a handle is

    @property
    def shape(self) -> Shape:
        value = self.value
        return () if type(value) in PYTHON_SCALARS else value.shape

    @shape.setter
    def shape(self, shape: Any) -> None:
        run(set_shape, self, shape)

    @property
    def ndim(self) -> int:
        value = self.value
        return 0 if type(value) in PYTHON_SCALARS else value.ndim

    @property
    def dtype(self) -> np.dtype[Any]:
        return dtype_of(self.value)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=int))

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize

    @property
    def T(self) -> Value:
        return run(np.transpose, self)

    @property
    def mT(self) -> Value:
        return run(np.swapaxes, self, -1, -2)

    @property
    def real(self) -> Value:
        return run(np.real, self)

    @real.setter
    def real(self, part: Value) -> None:
        run(np.real, self)[...] = part

    @property
    def imag(self) -> Value:
        return run(np.imag, self)

    @imag.setter
    def imag(self, part: Value) -> None:
        if self.dtype.kind != "c":
            msg = "array does not have imaginary part to set"
            raise TypeError(msg)
        run(np.imag, self)[...] = part

    @property
    def flat(self) -> Value:
        return run(np.flatiter, self)

    @flat.setter
    def flat(self, values: Value) -> None:
        run(np.flatiter, self)[...] = values

    @_OfArrays
    def __len__(self) -> int:
        if not self.shape:
            msg = "len() of unsized object"
            raise TypeError(msg)
        return self.shape[0]

    def __iter__(self) -> Iterator[Value]:
        if not self.shape:
            msg = "iteration over a 0-d array"
            raise TypeError(msg)
        return (self[i] for i in range(self.shape[0]))

    def __hash__(self) -> NoReturn:  # noqa: PLE0309 - it raises, as annotated
        self._refuse("hash(x): a set, a dictionary key or a cache", "a list or tuple")

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """The class of the value, so that ``isinstance(x, np.ndarray)`` holds."""
        return self.value.__class__  # type: ignore[no-any-return]

    def _is_array(self) -> bool:
        cls: type = self.__class__
        return cls is np.ndarray

    def __repr__(self) -> str:
        """Return the value, the mode (the innermost transform first), shape, dtype."""
        modes: list[str] = []
        value: Value = self
        while isinstance(value, Handle):
            modes.append(value.trace.mode)
            value = value.value
        where = " within ".join(modes)
        return f"<traced {value!r}: {where}, shape {self.shape}, {self.dtype}>"

    def __str__(self) -> str:
        return TracedText(str(self.value), self._refuse_parsing)

    def __format__(self, spec: str) -> str:
        return TracedText(format(self.value, spec), self._refuse_parsing)

    # Indexing and methods, by the registry

    def __getitem__(self, index: Any) -> Value:
        return run(operator.getitem, self, index)

    def __contains__(self, item: Any) -> bool:
        return bool(run(np.any, self == item))

    def reshape(self, *shape: Any, **kwargs: Any) -> Value:
        copied = kwargs.pop("copy", None)
        target = shape[0] if len(shape) == 1 else shape
        out = apply_function(self, np.reshape, (self, target), kwargs)
        return run(np.copy, out) if copied else out

    def view(self, dtype: Any = None, *args: Any) -> Value:
        """Return another handle of the same memory, as ``ndarray.view``."""
        if args or (dtype not in (None, np.ndarray) and np.dtype(dtype) != self.dtype):
            self._refuse("x.view(dtype), which reads the bits", "x.astype(dtype)")
        return self[...]

    def transpose(self, *axes: Any) -> Value:
        return run(np.transpose, self, axes[0] if len(axes) == 1 else axes or None)

    def compress(self, condition: Value, axis: int | None = None) -> Value:
        return run(np.compress, condition, self, axis)

    def copy(self, order: str = "C") -> Value:
        return run(np.copy, self, read_order(order, "C"))

    def flatten(self, order: str = "C") -> Value:
        return run(np.copy, run(np.ravel, self, order))

    def conj(self) -> Value:
        return run(np.conjugate, self) if self.dtype.kind == "c" else self

    conjugate = conj

    def astype(
        self,
        dtype: Any,
        order: str = "K",
        casting: str = "unsafe",
        subok: bool = True,  # noqa: ARG002 - handles have no subclasses
        copy: bool = True,
    ) -> Value:
        if casting != "unsafe":
            nothing: Any = np.empty(0, self.dtype)
            nothing.astype(dtype, casting=casting)  # NumPy's own error
        order = read_order(order)
        out = run(np.ndarray.astype, self, dtype, copy=copy)
        return out if order == "K" or out is self else run(np.copy, out, order)

    def item(self, *index: Any) -> Value:
        if len(index) == 1 and isinstance(index[0], tuple):
            index = index[0]
        flat = run(np.ravel, self)
        if not index and self.size != 1:
            msg = "can only convert an array of size 1 to a Python scalar"
            raise ValueError(msg)
        if len(index) <= 1:
            return flat[index[0] if index else 0]
        return self[index]

    def tolist(self) -> Any:
        if not self.shape:
            return self
        return [part.tolist() if part.shape else part for part in self]

    def __copy__(self) -> Value:
        return run(np.copy, self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        """Return a traced value of its own: the derivative follows it."""
        return run(np.copy, self)

    def __divmod__(self, other: Value) -> tuple[Value, Value]:
        return self // other, self % other

    def __rdivmod__(self, other: Value) -> tuple[Value, Value]:
        return other // self, other % self

    # Conversions: concrete where nothing is lost, else an error with its cure

    def __bool__(self) -> bool:
        return bool(self.value)

    def __int__(self) -> int:
        self._refuse_float("int(x)", "np.floor(x) or np.trunc(x) first")
        return int(self.value)

    def __index__(self) -> int:
        plain = "ad.stop_gradient(x)"
        cure = f"{plain}.astype(int)" if self.shape else f"int({plain})"
        self._refuse_float("using x as an index", cure)
        return operator.index(self.value)

    def __float__(self) -> float:
        self._refuse_float(
            "float(x), or a place where only a plain number fits (math.sin(x), "
            "z[i] = x)",
            "np.sin(x) for math.sin(x), np.stack([...]) for an array filled by "
            "z[i] = x, else x itself: it behaves like a number",
        )
        return float(self.value)

    def __complex__(self) -> complex:
        self._refuse_float("complex(x)", "x itself")
        return complex(self.value)

    def __round__(self, digits: int | None = None) -> NoReturn:
        self._refuse("round(x)", "np.round(x), whose derivative is zero by nature")

    def __trunc__(self) -> NoReturn:
        self._refuse("math.trunc(x)", "np.trunc(x), whose derivative is zero by nature")

    def __floor__(self) -> NoReturn:
        self._refuse("math.floor(x)", "np.floor(x), whose derivative is zero by nature")

    def __ceil__(self) -> NoReturn:
        self._refuse("math.ceil(x)", "np.ceil(x), whose derivative is zero by nature")

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        self._refuse(
            "np.asarray(x) or a place where only a plain array fits "
            "(np.array([x, 1.0]), z[i] = x, a function without derivative rule)",
            "np.stack([x[0], 1.0]) for np.array([x[0], 1.0]) and for an array filled "
            "by z[i] = x, np.stack([np.stack(row) for row in rows]) for nested lists, "
            "x itself for np.asarray(x)",
        )

    def __setitem__(self, index: Any, item: Any) -> None:
        if not self._is_array():
            msg = f"a number has no elements to assign to{user_line()}"
            raise TypeError(msg)
        run(operator.setitem, self, index, item)

    def __delitem__(self, index: Any) -> NoReturn:
        msg = "cannot delete array elements"
        raise ValueError(msg)

    def fill(self, value: Value) -> None:
        """Write one value everywhere, as ``ndarray.fill``."""
        self[...] = value

    def sort(
        self,
        axis: int = -1,
        kind: Any = None,
        order: Any = None,
        *,
        stable: bool | None = None,
        descending: bool | None = None,
    ) -> None:
        """Sort in place, as ``ndarray.sort``."""
        names = ("kind", "order", "stable", "descending")
        given = zip(names, (kind, order, stable, descending), strict=True)
        named = {name: value for name, value in given if value is not None}
        self[...] = apply_function(self, np.sort, (self, axis), named)

    def partition(self, kth: Any, axis: int = -1) -> None:
        """Partition in place, as ``ndarray.partition``."""
        self[...] = run(np.partition, self, kth, axis)

    def put(self, indices: Any, values: Value, mode: str = "raise") -> None:
        """Write at places of the flattened array, as ``ndarray.put``."""
        run(np.put, self, indices, values, mode)

    def __getattr__(self, name: str) -> Any:
        if name == "link":
            return None
        if name == "grad":
            raise MissingAttributeError(NO_GRAD)  # `hasattr` may ask: nothing is lost
        known = hasattr(np.ndarray, name) or hasattr(self.__class__, name)
        if known and not name.startswith("__"):
            cure = self.refused.get(name, "Write it with functions that have one.")
            msg = (
                f"`x.{name}` of a traced value has no derivative rule{user_line()}. "
                f"{cure} Use ad.stop_gradient(x).{name} where the value alone is "
                "wanted."
            )
            raise self.remember(MissingAttributeError(msg))
        msg = f"{self.__class__.__name__!r} object has no attribute {name!r}"
        raise AttributeError(msg)

    def settled(self, _what: str) -> Value:
        """Return the value below, where a shape or a count is to follow from it."""
        return self.value

    def _refuse(self, what: str, cure: str) -> NoReturn:
        advice = f"Use {cure}; or ad.stop_gradient(x) where no derivative is wanted."
        msg = (
            f"A traced value met {what}{user_line()}, which would lose its derivative. "
            f"{advice} x has dtype {self.dtype} and shape {self.shape}."
        )
        raise self.remember(_with_advice(ConversionError(msg), advice))

    def _refuse_float(self, what: str, cure: str) -> None:
        """Raise for floating values; integers and booleans have nothing to lose."""
        if self.dtype.kind in "fc":
            self._refuse(what, cure)

    def _refuse_parsing(self, what: str) -> None:
        self._refuse_float(what, "x itself: it behaves like a number")

    def remember(self, error: AdjointError) -> AdjointError:
        """Note a refusal on the trace, so that a ``try`` block cannot swallow it."""
        self.trace.note(error)
        return error


def strip(value: Value) -> Value:
    """Return the plain number or array at the bottom of a pile of handles."""
    while isinstance(value, Handle):
        value = value.value
    return value


def run(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Value:
    """Run what is registered for a NumPy function, without NumPy's own dispatch."""
    try:
        return IMPLEMENTATIONS[function](*args, **kwargs)
    except REFUSALS as error:
        raise as_numpys(error, function, args, kwargs)  # noqa: B904 - or error itself


def _with_advice(error: ConversionError, advice: str) -> ConversionError:
    """Return an error that knows which part of its text is advice.

    No frame that raises may hold its error: it would live for ever.
    """
    error.advice = advice
    return error


def set_shape(x: Handle, shape: Any) -> None:
    """Do ``x.shape = shape``."""
    run(set_shape, x, shape)


def update(x: Handle, new: Value, what: str) -> Handle:
    """Write ``new`` over all of ``x``, as an in-place operator does; return ``x``."""
    return run(update, x, new, what)  # type: ignore[no-any-return]
