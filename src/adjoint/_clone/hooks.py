"""The hooks of a clone, and the two kinds of clones: with loads hooked, and without."""

import operator
import sys
from collections.abc import Callable
from types import CodeType
from typing import Any

import numpy as np

from adjoint._clone import (
    callbacks,
    constructors,
    conversions,
    mathematics,
    series,
    statistics,
)
from adjoint._clone.callees import Calls, Methods
from adjoint._clone.clones import Cloner
from adjoint._clone.filling import (
    note_attribute,
    note_filling,
    note_item,
    note_variable,
)
from adjoint._clone.leftovers import CONTAINERS
from adjoint._clone.origins import Origins
from adjoint._clone.placeholders import (
    CALL,
    CALL_ANY,
    EACH,
    FORMAT,
    INPLACE,
    ITER,
    JOIN,
    LOAD,
    METHOD,
    OUT,
    SETATTR,
    SETITEM,
    SLICE,
    UNPACK,
)
from adjoint._clone.records import guarded, is_numpys, is_traced, stands_for
from adjoint._clone.twins import (
    HANDLES,
    array_of,
    iterate,
    iterate_apart,
    load,
    meet,
    opened,
    outside,
    unpack,
)
from adjoint._core.dispatch import settle
from adjoint._core.errors import MutationError, user_line
from adjoint._core.text import TracedText
from adjoint._modes import constant
from adjoint._primitives.writing import refuse_to_cut

_LOADED = (
    *(callbacks, constant, constructors, conversions, mathematics, series, statistics),
)
"""Modules that enter what they define when they are imported."""

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
    note_attribute(owner, name, value)
    setattr(owner, name, value)


@stands_for(setattr)
def set_by_name(owner: Any, name: str, value: Any, /) -> None:
    """Do ``setattr(owner, name, value)``."""
    set_attribute(value, owner, name)


def format_text(left: Any, right: Any) -> Any:
    """Return ``left % right``; in a text, numbers are shown and their slope is not."""
    if type(left) is not str:
        return left % right
    parts = right if type(right) is tuple else (right,)
    traced = [one for one in parts if is_traced(one)]
    if not traced:
        return left % right
    shown = tuple(settle(one, "one text") for one in parts)
    return TracedText(left % shown, traced[0]._refuse_parsing)


def in_place(symbol: str, old: Any, value: Any) -> Any:
    """Return what ``old += value`` (or another operator) leaves in the place of old."""
    if type(old) in CONTAINERS:
        note_filling(old, "extend" if type(old) is list else "update")
    return _IN_PLACE[symbol](old, value)


def store_item(value: Any, owner: Any, index: Any) -> None:
    """Do ``owner[index] = value``; of a twin, a container keeps the plain array."""
    if type(owner) in HANDLES:
        owner[index] = value
        return
    if isinstance(owner, np.ndarray) and is_traced(value):
        _check_array(owner, value)
    if isinstance(owner, CONTAINERS):
        value = array_of(value)
    owner[index] = value
    note_item(owner, index, value)


def _check_array(owner: np.ndarray[Any, Any], value: Any) -> None:
    """Raise where an array that has no twin cannot take a traced value.

    Raises
    ------
    MutationError
        If it is one of integers, or of a class of its own.
    """
    if owner.dtype.kind in "iub":
        refuse_to_cut(owner.dtype, value)
    if type(owner) is not np.ndarray:
        name = type(owner).__name__
        msg = (
            f"A traced value was to be stored in a {name} of shape {owner.shape}"
            f"{user_line()}, whose memory transforms do not follow. Store into a plain "
            "array (np.array(w)), and copy its values there when the transform has "
            "ended."
        )
        raise value.remember(MutationError(msg))


def store_variable(value: Any, name: str) -> Any:
    """Return what to store in a variable outside of the function: no twin."""
    value = outside(value)
    note_variable(sys._getframe(1), name, value)
    return value


ORIGINS = Origins()


def _make(*, deep: bool) -> tuple[Cloner, Calls]:
    cloner = Cloner(deep=deep)
    hooked = (load, meet, opened) if deep else ()
    calls = Calls(cloner, ORIGINS, *hooked)
    cloner.hooks = {
        CALL: calls,
        CALL_ANY: calls.of,
        METHOD: Methods(calls),
        SETATTR: set_attribute,
        FORMAT: format_text,
        JOIN: constructors.join,
        LOAD: load,
        ITER: iterate,
        UNPACK: unpack,
        EACH: iterate_apart,
        SETITEM: store_item,
        INPLACE: in_place,
        OUT: store_variable,
        SLICE: slice,
    }
    return cloner, calls


def _naming(cloner: Cloner, calls: Calls) -> Callable[[Any, int], str | None]:
    """Return what gives NumPy's functions names of their own among the hooks.

    A call of one needs no look-up: the hook is handed the function, and looks whether
    it is still the one it was made for.
    """

    def name_of(function: Any, arity: int) -> str | None:
        if not is_numpys(function):
            return None
        name = f"\0adjoint {function.__name__} {arity} {id(function)}"
        if name not in cloner.hooks:
            cloner.hooks[name] = guarded(function, arity, calls.of)
        return name

    return name_of


SHALLOW, SHALLOW_CALLS = _make(deep=False)
SHALLOW.name_of = _naming(SHALLOW, SHALLOW_CALLS)
DEEP, DEEP_CALLS = _make(deep=True)


def why_not_cloned(code: CodeType) -> str | None:
    """Return why a function with this code object has no clone, if it was tried."""
    return SHALLOW.why_not(code) or DEEP.why_not(code)


def forget_tables() -> None:
    """Let functions that were given other code (by a reload) be cloned anew."""
    ORIGINS.clear()  # first: what another thread enters meanwhile is noted afterwards
    SHALLOW_CALLS.clear()
    DEEP_CALLS.clear()


def forget_callees() -> None:
    """Let every callee be classified again: what is followed has changed."""
    forget_tables()
    SHALLOW.forget()
    DEEP.forget()
