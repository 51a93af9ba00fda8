"""A clone: the user's function with the same globals, cells, defaults, file and lines.

Only the code object differs: it is compiled from the rewritten source and has our hooks
among its constants.  Tracebacks, breakpoints and profilers see the user's file and
lines, ``global`` and ``nonlocal`` write where they always did, and functions defined
inside a clone are clones already.
"""

import ast
import dis
import sys
import warnings
import weakref
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from adjoint._clone.filling import note_cells
from adjoint._clone.records import by_name
from adjoint._clone.rewriting import rewrite
from adjoint._clone.source import Block, NoSourceError, find_block, parsing, walk

Function = Callable[..., Any]

_MADE: dict[int, tuple[int, ...] | None] = {}
"""The variables that a clone's code sets around it (see `_written_cells`), by identity.

``None`` until it is asked for.  The code objects live as long as the caches.
"""


_MEMOS = "__adjoint_clone__", "__adjoint_deep_clone__"
"""The attributes of functions that hold their clones, of either kind."""


class _Memo:
    """The clone of one function, kept among the function's attributes.

    A lambda lives as long as somebody holds it, and so must its clone: a table would
    keep both for ever, and all they close over.  Python would specialize the code of a
    clone made anew from the start again: one that is kept makes a gradient 3 to 4 us
    faster.

    It is no part of the function's state: copied to another function (by
    ``functools.wraps``) it does not fit, and pickled it is nothing.
    """

    __slots__ = ("_clone", "_codes", "_made_from", "_of", "_written")

    def __init__(
        self, codes: Any, function: FunctionType, code: CodeType, written: Any
    ) -> None:
        self._codes = codes
        self._of = weakref.ref(function)
        self._made_from = parts(function)
        self._clone = with_code(function, code)
        self._written = written

    def clone_of(
        self, codes: Any, function: FunctionType, other: str
    ) -> FunctionType | None:
        """Return the clone if it is this function's as it is now, for a call.

        What it sets is noted.  A function without attributes of its own has this memo
        alone, and perhaps the ``other``; the clone got those that it had when the clone
        was made.
        """
        code, defaults, keywords = self._made_from
        if (
            self._of() is not function
            or code is not function.__code__
            or defaults is not function.__defaults__
            or keywords is not function.__kwdefaults__
            or codes is not self._codes
        ):
            return None
        if self._written:
            note_cells(function.__closure__, self._written)
        attributes = function.__dict__
        if len(attributes) > 1 + (other in attributes) or self._clone.__dict__:
            _hand_on_attributes(function, self._clone)
        return self._clone

    def __reduce__(self) -> tuple[Any, ...]:
        return _nothing, ()


def _nothing() -> None:
    """Return what is left of a memo that was pickled."""


def _hand_on_attributes(function: FunctionType, clone: FunctionType) -> None:
    """Give a clone the function's present attributes: those that a library may read.

    Memos are left out, an old one would hold its clone and the defaults of its time.
    """
    given = dict(function.__dict__)
    for name in _MEMOS:
        given.pop(name, None)
    known = clone.__dict__
    if given or known:
        known.update(given)
        for name in known.keys() - given.keys():
            known.pop(name, None)


def parts(function: FunctionType) -> tuple[Any, Any, Any]:
    """Return what a clone is made from, beside the closure, which is the same."""
    return function.__code__, function.__defaults__, function.__kwdefaults__


class Cloner:
    """Makes the clones of one kind, and remembers them.

    Parameters
    ----------
    deep : bool
        Whether loads are hooked too (see ``rewriting.py``).
    """

    def __init__(self, *, deep: bool) -> None:
        self.deep = deep
        self.hooks: dict[str, Any] = {}
        self.name_of: Callable[[Any, int], str | None] = _no_name
        self._codes: dict[int, tuple[CodeType, CodeType | str, tuple[int, ...]]] = {}
        self._memo, self._other_memo = _MEMOS[deep], _MEMOS[not deep]

    def known(
        self, function: FunctionType, *, keep: bool = True
    ) -> FunctionType | None:
        """Return a new clone of a function whose code was cloned before, if it was.

        Not to ``keep`` where something stands for the function by its name: then the
        clone is but a part of what is called.
        """
        found = self._codes.get(id(function.__code__))
        if found is None or isinstance(found[1], str):
            return None
        memo = _Memo(self._codes, function, found[1], found[2])
        if keep:
            function.__dict__[self._memo] = memo
        return memo.clone_of(self._codes, function, self._other_memo)

    def remembered(self, function: FunctionType) -> FunctionType | None:
        """Return the clone of this very function, if it was made before."""
        memo: _Memo | None = function.__dict__.get(self._memo)
        if memo is None:
            return None
        return memo.clone_of(self._codes, function, self._other_memo)

    def forget(self) -> None:
        """Make every clone anew when it is asked for again."""
        self._codes = {}

    def clone(self, function: FunctionType) -> FunctionType:
        """Return the clone of a function; itself if it is one.

        Raises
        ------
        NoSourceError
            If its source cannot be read.
        """
        code = function.__code__
        if id(code) in _MADE:
            return function
        remembered = self.remembered(function)
        if remembered is not None:
            return remembered
        if id(code) not in self._codes:
            new = self._cloned_code(function)
            self._codes[id(code)] = (code, new, _written_cells(code))
        known = self.known(function, keep=by_name(function) is None)
        if known is None:
            raise NoSourceError(str(self._codes[id(code)][1]))
        return known

    def why_not(self, code: CodeType) -> str | None:
        """Return why a function with this code object has no clone, if it was tried."""
        known = self._codes.get(id(code))
        return known[1] if known is not None and isinstance(known[1], str) else None

    def _cloned_code(self, function: FunctionType) -> CodeType | str:
        """Return the code object of a clone, or why there is none."""
        try:
            block = find_block(function.__code__, function.__globals__)
        except NoSourceError as error:
            return str(error)
        new = self._rewritten(block, function)[block.position]
        if new.co_freevars != function.__code__.co_freevars:
            return "reads other variables than its source says"
        return new

    def _rewritten(self, block: Block, function: FunctionType) -> list[CodeType]:
        with parsing:
            parsed = ast.parse(block.text)
        tree = rewrite(
            parsed,
            function.__globals__,
            block.bound,
            deep=self.deep,
            name_of=self.name_of,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # "'str' is not callable"
            codes = block.compiled(tree)
        hooked = self._with_hooks(codes[0])
        made = list(walk(hooked))
        _MADE.update(dict.fromkeys(map(id, made)))
        _KEPT.append(hooked)
        return made

    def _with_hooks(self, code: CodeType) -> CodeType:
        """Return a code object with the hooks in the places of their names."""
        consts = tuple(
            self._with_hooks(const)
            if isinstance(const, CodeType)
            else self.hooks.get(const, const)
            if type(const) is str
            else const
            for const in code.co_consts
        )
        return code.replace(co_consts=consts)


def _written_cells(code: CodeType) -> tuple[int, ...]:
    """Return the places, in a function's closure, of the variables it sets.

    Functions that it defines may set them too.
    """
    if not code.co_freevars:
        return ()
    names = {
        one.argval
        for part in walk(code)
        if _SETS_CELL in part.co_code[::2]
        for one in dis.get_instructions(part)
        if one.opcode == _SETS_CELL
    }
    return tuple(k for k, name in enumerate(code.co_freevars) if name in names)


_SETS_CELL = dis.opmap["STORE_DEREF"]

_KEPT: list[CodeType] = []
"""Clones' code lives for ever: its identities are known by `_MADE`."""


def _no_name(_function: Any, _arity: int) -> None:
    """Return no name: every call goes through the tables."""


def is_clone(function: FunctionType) -> bool:
    """Tell whether a function is a clone, or was defined inside one."""
    return id(function.__code__) in _MADE


def met(clone: FunctionType) -> FunctionType:
    """Return a clone that is about to be called, after a note of what it sets."""
    if clone.__closure__:
        code = clone.__code__
        written = _MADE[id(code)]
        if written is None:
            written = _MADE[id(code)] = _written_cells(code)
        if written:
            note_cells(clone.__closure__, written)
    return clone


def is_clone_code(code: CodeType) -> bool:
    """Tell whether a code object is a clone's."""
    return id(code) in _MADE


def with_code(function: FunctionType, code: CodeType) -> FunctionType:
    """Return a function that differs from another in its code alone."""
    new = FunctionType(
        code,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    new.__kwdefaults__ = function.__kwdefaults__
    new.__qualname__ = function.__qualname__
    new.__doc__ = function.__doc__
    new.__module__ = function.__module__
    if sys.version_info >= (3, 14):
        new.__annotate__ = function.__annotate__  # read now, they might not be known
    else:
        new.__annotations__ = function.__annotations__
    _hand_on_attributes(function, new)
    return new
