"""The hooks of a clone, and the two kinds of clones: with loads hooked, and without."""

import operator
from types import CodeType
from typing import Any


from adjoint._clone import callbacks, constructors, conversions, mathematics
from adjoint._clone.callees import Calls, Methods
from adjoint._clone.clones import Cloner
from adjoint._clone.rewriting import (
    CALL,
    CALLEE,
    INPLACE,
    ITER,
    JOIN,
    LOAD,
    METHOD,
    OUT,
    SETATTR,
    SETITEM,
    SLICE,
)
from adjoint._clone.state import STATE
from adjoint._clone.twins import iterate, load, outside, store_item
from adjoint._core.handle import Handle

_LOADED = (callbacks, constructors, conversions, mathematics)  # they enter their stand-ins when imported

_IN_PLACE: dict[str, Any] = {
    "Add": operator.iadd,
    "Sub": operator.isub,
    "Mult": operator.imul,
    "Div": operator.itruediv,
    "FloorDiv": operator.ifloordiv,
    "Mod": operator.imod,
    "Pow": operator.ipow,
    "MatMult": operator.imatmul,
    "BitAnd": operator.iand,
    "BitOr": operator.ior,
    "BitXor": operator.ixor,
    "LShift": operator.ilshift,
    "RShift": operator.irshift,
}


def set_attribute(value: Any, owner: Any, name: str) -> None:
    """Do ``owner.name = value``; a traced value goes back to plain at the end."""
    if isinstance(value, Handle) and STATE.stored is not None:
        STATE.stored.append((owner, name))
    setattr(owner, name, value)


def set_attribute_outside(value: Any, owner: Any, name: str) -> None:
    """Do ``owner.name = value``, with a plain array in the place of its twin."""
    set_attribute(outside(value), owner, name)


def in_place(symbol: str, old: Any, value: Any) -> Any:
    """Return what ``old += value`` (or another operator) leaves in the place of old."""
    return _IN_PLACE[symbol](old, value)


def _make(*, deep: bool) -> tuple[Cloner, Calls]:
    cloner = Cloner(deep=deep)
    calls = Calls(cloner, load if deep else None)
    cloner.hooks = {
        CALL: calls,
        CALLEE: calls.of,
        METHOD: Methods(calls),
        SETATTR: set_attribute_outside if deep else set_attribute,
        JOIN: constructors.join,
        LOAD: load,
        ITER: iterate,
        SETITEM: store_item,
        INPLACE: in_place,
        OUT: outside,
        SLICE: slice,
    }
    return cloner, calls


SHALLOW, SHALLOW_CALLS = _make(deep=False)
DEEP, DEEP_CALLS = _make(deep=True)


def why_not_cloned(code: CodeType) -> str | None:
    """Return why a function with this code object has no clone, if it was tried."""
    return SHALLOW.why_not(code) or DEEP.why_not(code)


def forget_callees() -> None:
    """Let every callee be classified again: what is followed or extended has changed."""
    SHALLOW_CALLS.clear()
    DEEP_CALLS.clear()
