"""What else NumPy's arrays can be asked: how they lie in memory, where, whose it is.

Nothing here has a derivative.  What would hand out the memory itself, or its bits,
refuses: see `REFUSED`.
"""

from typing import Any, NoReturn

import numpy as np

from adjoint._core.arrays import Value
from adjoint._core.dispatch import settle
from adjoint._core.errors import ConversionError, MutationError, user_line
from adjoint._core.handle import Handle, run, strip
from adjoint._core.layout import sample_model, sample_strides
from adjoint._core.views import is_read_only, root_of


class Flags:
    """What ``x.flags`` of a traced array is: as NumPy's, but nothing can be set."""

    __slots__ = ("_flags", "_x")

    _flags: Any
    _x: Handle

    def __init__(self, x: Handle) -> None:
        object.__setattr__(self, "_flags", _flags_of(x))
        object.__setattr__(self, "_x", x)

    def __getattr__(self, name: str) -> Any:
        if name == "owndata":
            return self._x.base is None  # which may refuse
        return getattr(self._flags, name)

    def __getitem__(self, key: str) -> Any:
        return self.owndata if key in {"O", "OWNDATA"} else self._flags[key]

    def __setattr__(self, name: str, value: Any) -> None:
        msg = (
            f"`x.flags.{name} = {value!r}` of a traced array{user_line()}, shape "
            f"{self._x.shape}: its memory is the transform's. Write into a copy, "
            "x.copy(), where an array is to stay as it is."
        )
        raise self._x.remember(MutationError(msg))

    def __setitem__(self, key: str, value: Any) -> None:
        names = {"W": "writeable", "A": "aligned", "X": "writebackifcopy"}
        setattr(self, names.get(key, key.lower()), value)

    def __eq__(self, other: object) -> bool:
        return repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return repr(self._flags)


def _flags_of(x: Handle) -> Any:
    """Return the flags of a plain array, or number, that is like ``x``."""
    if not x._is_array():
        return x.dtype.type(0).flags
    model = sample_model(x)
    if root_of(x) is x:
        model = np.empty_like(model, order="K")  # memory of its own
    escaped = x.link is not None and x.link.escaped  # then it may have been set
    model.flags.writeable = not is_read_only(x) and (
        not escaped or strip(x).flags.writeable
    )
    return model.flags


def strides(x: Handle) -> tuple[int, ...]:
    """Return the bytes from one element to the next, along each axis."""
    below = strip(x)
    return sample_strides(x, below) if isinstance(below, np.ndarray) else ()


def base(x: Handle) -> Value:
    """Return the handle whose memory ``x`` shows; ``None`` if it is its own.

    Raises
    ------
    AttributeError
        If ``x`` shows an input of a transform: that is a copy, perhaps of a view.
    """
    if not x._is_array():
        return None
    root = root_of(x)
    foreign = getattr(strip(root), "base", None) is not None
    if foreign or root.trace.is_input(root):
        raise AttributeError  # `Handle.__getattr__` says the rest
    return None if root is x else root


def to_device(self: Handle, device: Any, /, *, stream: None = None) -> Handle:
    """Return ``x``: it is on the CPU already."""
    np.empty(0).to_device(device, stream=stream)  # raises NumPy's errors
    return self


def array_namespace(_self: Handle, *, api_version: Any = None) -> Any:
    """Return NumPy: its functions are those of traced arrays."""
    return np.empty(0).__array_namespace__(api_version=api_version)


def array_wrap(
    _self: Handle, array: Value, _context: Any = None, return_scalar: bool = False
) -> Value:
    """Return what was computed of ``x``: of no subclass, so as it is."""
    return array[()] if return_scalar and not np.ndim(array) else array


def resize(
    self: Handle,
    *shape: Any,
    refcheck: bool = True,  # noqa: ARG001 - who else holds x sees the change
) -> None:
    """Cut ``x``, or fill it up with zeros, in place, as ``ndarray.resize``."""
    run(np.ndarray.resize, self, shape[0] if len(shape) == 1 else shape)


def is_integer(x: Handle) -> bool:
    """Return whether a number is a whole one."""
    whole: bool = settle(x, "one truth value (is_integer)", _is_whole, "is_integer")
    return whole


def _is_whole(number: Any) -> bool:
    return bool(number.is_integer())


def _refuse_dlpack(self: Handle, **_: Any) -> NoReturn:
    self._refuse("x.__dlpack__(), which hands out its memory", "x itself")


def _refuse_pickling(self: Handle, *_: Any) -> NoReturn:
    msg = (
        f"A traced value met pickling{user_line()}, which would lose its derivative. "
        "Pickle ad.stop_gradient(x), which can be pickled, and is a constant where it "
        f"is read again. x has dtype {self.dtype} and shape {self.shape}."
    )
    raise self.remember(ConversionError(msg))


_BITS = "It reads the bits, which have no derivative: pass x itself on."
_MEMORY = "It hands out the memory, where no derivative is: pass x itself on."
_STORED = "What is stored has no derivative."
REFUSED: dict[str, str] = {
    "_set_dtype": "Write x.astype(dtype).",
    "_set_shape": "Write x = x.reshape(shape).",
    "as_integer_ratio": _BITS,
    "base": (
        "Whether an input of a transform is itself a part of another array is not "
        "known there: make a copy, x.copy(), where it is to be nobody's part."
    ),
    "byteswap": "Swap the bytes before x is differentiated.",
    "ctypes": _MEMORY,
    "data": _MEMORY,
    "dump": _STORED,
    "dumps": _STORED,
    "getfield": "Write x.real, x.imag or x.astype(dtype).",
    "hex": _BITS,
    "setfield": "Write x[...] = v, or x.real = v and x.imag = v.",
    "setflags": "Write into a copy, x.copy(), where an array is to stay as it is.",
    "tobytes": _BITS,
    "tofile": _STORED,
}
"""Attributes without derivative, with what to do instead (see `Handle.__getattr__`)."""

_MEMBERS: dict[str, Any] = {
    "__array_finalize__": lambda _x, _template: None,
    "__array_namespace__": array_namespace,
    "__array_priority__": 0.0,
    "__array_wrap__": array_wrap,
    "__dlpack__": _refuse_dlpack,
    "__dlpack_device__": lambda _x: (1, 0),  # DLPack's number of the CPU
    "__getnewargs__": _refuse_pickling,
    "__reduce__": _refuse_pickling,
    "__reduce_ex__": _refuse_pickling,
    "__setstate__": _refuse_pickling,
    "base": property(base),
    "device": property(lambda _x: "cpu"),
    "flags": property(Flags),
    "is_integer": is_integer,
    "resize": resize,
    "strides": property(strides),
    "to_device": to_device,
}


def install_attributes() -> None:
    """Give all handles what this file holds."""
    for name, member in _MEMBERS.items():
        setattr(Handle, name, member)
    Handle.refused = REFUSED
