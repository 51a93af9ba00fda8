"""How buffers compute: as the arrays they hold.

A call that meets buffers and plain arrays only is NumPy's own.  Its floating arrays
come back as buffers, so that something traced can be stored in them too; a result that
shows a part of a buffer's memory is made by our records instead, which link it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from adjoint._core.arrays import PLAIN, Value
from adjoint._core.buffers import Buffer, plain, wrapped
from adjoint._core.dispatch import bind_operands
from adjoint._core.handle import Handle
from adjoint._core.operators import install_operators
from adjoint._core.protocols import Entries, apply_function
from adjoint._core.record import Record
from adjoint._core.refusals import WRITERS
from adjoint._core.registry import IMPLEMENTATIONS
from adjoint._core.views import shares_memory


def make(
    record: Record, function: Callable[..., Value] | None = None
) -> Callable[..., Value]:
    """Return the entry of a record, evaluated by ``function`` (an operator, say)."""
    evaluate = function or record.evaluate

    def entry(*args: Value) -> Value:
        values = []
        for arg in args:
            if type(arg) is Buffer:
                values.append(arg.value)
            elif type(arg) in PLAIN:
                values.append(arg)
            elif function and arg is not args[0] and _is_traced(arg):
                return NotImplemented  # Python asks the traced operand next
            else:
                return bind_operands(record, args)
        return wrapped(evaluate(*values))

    return entry


def array_ufunc(
    _self: Buffer, ufunc: np.ufunc, method: str, /, *inputs: Value, **kwargs: Any
) -> Value:
    """Carry a ufunc out on plain arrays; leave it to a traced operand's mode."""
    outs = kwargs.get("out", ())
    if any(_is_traced(one) for one in (*inputs, *outs)):
        return NotImplemented
    targets = inputs[:1] if method == "at" else outs
    for target in targets:
        if type(target) is Buffer:
            own(target)
    arrays = [plain(one) for one in inputs]
    given = {key: plain(value) for key, value in kwargs.items()}
    if outs:
        given["out"] = tuple(map(plain, outs))
    result = getattr(ufunc, method)(*arrays, **given)
    if outs:
        return outs[0] if len(outs) == 1 else outs
    return tuple(map(wrapped, result)) if type(result) is tuple else wrapped(result)


def array_function(
    self: Buffer,
    function: Callable[..., Any],
    types: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Value:
    """Carry any other NumPy function out on plain arrays."""
    if any(issubclass(one, Handle) and one is not Buffer for one in types):
        return NotImplemented
    if _holds_traced((args, kwargs)):  # where NumPy does not look: np.put(z, i, x)
        return apply_function(self, function, args, kwargs)
    if function in WRITERS:
        if any(map(_is_traced, (*args, *kwargs.values()))):
            return apply_function(self, function, args, kwargs)  # only self was asked
        for target in args[:1] or kwargs.values():
            own(target)
    for target in _outs(kwargs.get("out")):
        own(target)
    result = function(*map(_unwrapped, args), **_unwrapped(kwargs))
    if "out" in kwargs and kwargs["out"] is not None:
        return kwargs["out"]
    if _shows_a_buffer(result, (args, kwargs)):
        if function in IMPLEMENTATIONS:
            return apply_function(self, function, args, kwargs)
        return result
    return _wrapped_tree(result)


def own(target: Value) -> None:
    """Give a buffer memory that can be written into, if a tape has frozen its own."""
    if type(target) is Buffer and not target.value.flags.writeable:
        target[...] = target.value.copy()


def _outs(out: Any) -> tuple[Any, ...]:
    return out if isinstance(out, tuple) else (out,)


def _is_traced(one: Any) -> bool:
    return isinstance(one, Handle) and type(one) is not Buffer


def _holds_traced(tree: Any) -> bool:
    """Tell whether arguments hold a handle that is no buffer."""
    if type(tree) in (list, tuple):
        return any(map(_holds_traced, tree))
    if type(tree) is dict:
        return any(map(_holds_traced, tree.values()))
    return _is_traced(tree)


def _unwrapped(tree: Any) -> Any:
    """Return arguments with the arrays of buffers in their places."""
    if type(tree) is Buffer:
        return tree.value
    if type(tree) in (list, tuple):
        return type(tree)(map(_unwrapped, tree))
    if type(tree) is dict:
        return {key: _unwrapped(value) for key, value in tree.items()}
    return tree


def _wrapped_tree(result: Any) -> Any:
    if type(result) in (list, tuple):
        return type(result)(map(wrapped, result))
    return wrapped(result)


def _shows_a_buffer(result: Any, given: Any) -> bool:
    """Tell whether a result is a view of one of the arrays given."""
    if type(result) in (list, tuple):
        return any(_shows_a_buffer(one, given) for one in result)
    if type(result) is not np.ndarray:
        return False
    return any(
        result is one.value or shares_memory(result, one.value)
        for one in _buffers(given)
    )


def _buffers(tree: Any) -> list[Buffer]:
    if type(tree) is Buffer:
        return [tree]
    parts = tree.values() if type(tree) is dict else tree
    if type(tree) in (list, tuple, dict):
        return [one for part in parts for one in _buffers(part)]
    return []


Buffer.entries = Entries(make)
install_operators(Buffer, make)
Buffer.__array_ufunc__ = array_ufunc
Buffer.__array_function__ = array_function
