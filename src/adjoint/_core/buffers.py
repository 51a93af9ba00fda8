"""The buffer: a handle that stands for a plain array, until something traced is stored.

``z = np.zeros(3); z[0] = x`` stores a traced number into an array that is not traced.
NumPy's own array can hold numbers only; a buffer becomes a traced array at that moment,
for everyone who holds it.  Until then it computes as its array does, and where plain
code wants an array it hands out the one it has.
"""

from typing import Any

import numpy as np

from adjoint._core.arrays import PLAIN, Value
from adjoint._core.attributes import Flags
from adjoint._core.dispatch import Trace
from adjoint._core.handle import Handle
from adjoint._core.views import is_read_only, link_of, root_of

_new = object.__new__

_COPY_OUT = frozenset({"dump", "dumps", "tobytes", "tofile"})
"""Methods of arrays that keep nothing of the memory."""


class BufferFlags(Flags):
    """What ``z.flags`` of a buffer is: its array's, which can be set."""

    __slots__ = ()

    def __setattr__(self, name: str, value: Any) -> None:
        link_of(self._x).escaped = True  # what is read-only takes no traced value
        setattr(self._x.value.flags, name, value)
        setattr(self._flags, name, value)


class Buffer(Handle):
    """A plain array under the name of a handle: all constants, so far."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Value:
        kind = type(index)
        if kind is int or kind is tuple:
            part = self.value[index] if _all_integers(index) else None
            if type(part) is not np.ndarray and part is not None:
                return part
        return super().__getitem__(index)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """Return the array itself: a later traced store would not reach it."""
        array = np.asarray(self.value, dtype=dtype, copy=copy)
        if array is self.value or array.base is not None:
            link_of(self).escaped = True
        return array

    def view(self, dtype: Any = None, *args: Any) -> Value:
        """Return another handle of the memory, or an array of another type or class."""
        if not args and dtype in (None, np.ndarray, self.value.dtype):
            return super().view()
        link_of(self).escaped = True
        return self.value.view(dtype, *args)

    def __float__(self) -> float:
        return float(self.value)

    def __complex__(self) -> complex:
        return complex(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __repr__(self) -> str:
        return repr(self.value)

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    @property
    def flags(self) -> BufferFlags:
        """How the array lies in memory, and whether it can be written into."""
        return BufferFlags(self)

    @property
    def base(self) -> Any:
        """What the array shows the memory of: a buffer, if it is known."""
        root = root_of(self)
        if root is not self and root.value.base is None:
            return root
        if self.value.base is not None:
            link_of(self).escaped = True
        return self.value.base

    def __reduce__(self) -> Any:
        return self.value.__reduce__()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.value.__reduce_ex__(protocol)

    def __dlpack__(self, **kwargs: Any) -> Any:
        link_of(self).escaped = True
        return self.value.__dlpack__(**kwargs)

    def __getattr__(self, name: str) -> Any:
        """Return what else the array has."""
        if name == "link":
            return None
        if name.startswith("__"):
            return super().__getattr__(name)
        if name not in _COPY_OUT:
            link_of(self).escaped = True
        return getattr(self.value, name)


def _all_integers(index: Any) -> bool:
    return type(index) is int or all(type(one) is int for one in index)


class BufferTrace(Trace):
    """What buffers belong to, below every transform; never closed."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()
        self.level = -1

    def lift(self, array: Any) -> Buffer:
        """Return the buffer of an array."""
        handle = _new(Buffer)
        handle.value = array
        handle.trace = self
        handle.payload = None
        return handle

    def process(self, record: Any, args: Any, params: tuple[Any, ...]) -> Value:
        """Carry an operation out on the arrays."""
        values = [arg.value if type(arg) is Buffer else arg for arg in args]
        out = record.evaluate(*values, *params)
        return tuple(map(wrapped, out)) if record.outputs > 1 else wrapped(out)

    def store(self, x: Handle, index: Any, item: Value) -> bool:
        """Write a constant into the array, where every view of it shows it."""
        if type(item) is Buffer:
            item = item.value
        elif type(item) not in PLAIN and isinstance(item, Handle):
            return False
        if not x.value.flags.writeable or is_read_only(x) or is_read(x):
            return False
        claim(x)
        x.value[index] = item
        return True


def is_read(x: Handle) -> bool:
    """Tell whether a running transform was given this memory as its input."""
    link = x.link
    while link is not None:
        if any(not reader.closed for reader in link.readers):
            return True
        link = None if link.parent is None else link.parent.link
    return False


def claim(x: Handle) -> None:
    """Tell the owner of the array below a buffer, if any, that it will change."""
    x = root_of(x)
    if x.payload is not None:
        x.payload.claim()


BUFFERS = BufferTrace()


def wrapped(out: Value) -> Value:
    """Return a floating array as a buffer; numbers and everything else as they are."""
    if type(out) is np.ndarray and out.dtype.kind in "fc" and out.ndim:
        return BUFFERS.lift(out)
    return out


def plain(value: Value) -> Value:
    """Return the array of a buffer; anything else as it is."""
    return value.value if type(value) is Buffer else value
