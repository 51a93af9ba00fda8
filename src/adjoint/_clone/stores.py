"""Whether a function's source stores into what the function did not make itself.

Read from the syntax tree, once for each function.  An expression is *fresh* if it makes
its object, as a display, an operator or ``np.zeros`` does; a variable is, if whatever
it is bound to is.  A store (``u[i] = v``, ``u += v``, ``out=u``, ``u.fill(v)``) into
anything else may reach an array of the function's surroundings.  What the source does
not tell (the result of an unknown function, say) counts as not fresh: to be wrong about
it costs speed, no more.
"""

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from adjoint._clone.scopes import parameters

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

_IN_PLACE = frozenset({"fill", "sort", "put", "partition", "resize", "setfield"})
"""Methods that write into their array."""
_INTO_FIRST = frozenset(
    {
        *("copyto", "put", "place", "putmask", "put_along_axis", "fill_diagonal"),
        *("at", "setitem", "shuffle", "__setitem__"),
    }
)
"""Functions that write into their first argument."""
WRITERS = _IN_PLACE | _INTO_FIRST
"""Names of all of these: code without them, without stores and ``out=`` writes nothing
that is told here."""
_SHOWN = frozenset(
    {
        *("asarray", "asanyarray", "ascontiguousarray", "asfortranarray", "reshape"),
        *("ravel", "transpose", "squeeze", "atleast_1d", "atleast_2d", "atleast_3d"),
        *("broadcast_to", "swapaxes", "moveaxis", "rollaxis", "expand_dims", "real"),
        *("imag", "diagonal", "flip", "fliplr", "flipud", "rot90", "split", "view"),
        *("array_split", "hsplit", "vsplit", "dsplit", "nditer", "lib", "T", "mT"),
        *("flat", "permute_dims", "matrix_transpose", "diag", "flatiter", "get"),
        *("pop", "popleft", "setdefault", "values", "items", "send"),
    }
)
"""Functions, methods and attributes that hand out what they are asked of, or a part."""
_NEW = frozenset(dir(np.ndarray)) - _SHOWN
"""Methods of arrays whose results are new."""
_NUMBERS = frozenset({"shape", "size", "ndim", "dtype", "itemsize", "nbytes"})
"""Attributes of arrays that are numbers."""
_STEPS = 20_000
"""So many expressions are looked at; a function with more counts as one that stores."""
_HANDED_ON = frozenset(
    {"zip", "enumerate", "reversed", "iter", "next", "map", "filter", "max", "min"}
)
"""Built-in functions that hand out what their arguments hold."""
_OF_ITEMS = frozenset({"list", "tuple", "sorted", "dict", "set"})


class _Names:
    """What the variables of one function are bound to.

    Parameters
    ----------
    node : function definition
    around : _Names or None
        Those of the function around it.
    own : set of str
        Parameters that are the function's own copies.
    """

    def __init__(
        self, node: _Function, around: "_Names | None", own: Iterable[str] = ()
    ) -> None:
        self.around = around
        self.bound: dict[str, list[ast.expr | bool]] = {}
        for arg in parameters(node.args):
            self.bound[arg.arg] = [arg.arg in own]
        self.outside: set[str] = set()
        self.asked: set[tuple[str, bool]] = set()

    def bind(self, target: ast.expr, value: ast.expr | bool, *, part: bool) -> None:
        """Note that a target is bound to a value, or to parts of it."""
        if isinstance(target, ast.Name):
            entry = _part_of(value) if part else value
            self.bound.setdefault(target.id, []).append(entry)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, value, part=part)
        elif isinstance(target, (ast.Tuple, ast.List)):
            parts: list[Any] = [value] * len(target.elts)
            apart = (
                not part
                and isinstance(value, (ast.Tuple, ast.List))
                and len(value.elts) == len(target.elts)
                and not any(isinstance(one, ast.Starred) for one in value.elts)
            )
            if apart:
                parts = value.elts  # type: ignore[union-attr]
            for one, its in zip(target.elts, parts, strict=True):
                self.bind(one, its if apart else _part_of(its), part=part)


def _part_of(value: ast.expr | bool) -> ast.expr | bool:
    """Return an expression for any part of a value."""
    if isinstance(value, bool):
        return value
    return ast.Subscript(value, ast.Constant(0), ast.Load())


def stores_elsewhere(
    node: _Function,
    module_globals: Mapping[str, Any],
    own: Iterable[str],
    returns_fresh: Callable[[Any], bool],
) -> bool:
    """Tell whether a function may store into what it did not make.

    Parameters
    ----------
    node : function definition
    module_globals : mapping
        What names outside all functions mean.
    own : iterable of str
        Parameters that are the function's own copies.
    returns_fresh : callable
        Tells whether a function of the user's returns what it has made.
    """
    return _Reader(module_globals, returns_fresh).stores(_Names(node, None, own), node)


def returns_what_it_makes(
    node: _Function,
    module_globals: Mapping[str, Any],
    returns_fresh: Callable[[Any], bool],
) -> bool:
    """Tell whether all that a function returns is fresh, with all that it holds."""
    reader = _Reader(module_globals, returns_fresh)
    names = _Names(node, None)
    reader.gather(names, node)
    if isinstance(node, ast.Lambda):
        return reader.fresh(node.body, names, deep=True)
    inside = list(_inside(node))
    if any(isinstance(one, (ast.Yield, ast.YieldFrom)) for one in inside):
        return False
    return all(
        one.value is None or reader.fresh(one.value, names, deep=True)
        for one in inside
        if isinstance(one, ast.Return)
    )


def _inside(node: Any) -> Iterator[Any]:
    """Yield the nodes of a function without those of functions inside it.

    These themselves are yielded; of classes the bodies are looked into.
    """
    stack = list(node.body) if isinstance(node.body, list) else [node.body]
    while stack:
        one = stack.pop()
        yield one
        if isinstance(one, _FUNCTIONS):
            stack += [*one.args.defaults, *filter(None, one.args.kw_defaults)]
        else:
            stack.extend(ast.iter_child_nodes(one))


class _Reader:
    """Reads one function, and those inside it."""

    def __init__(
        self, module_globals: Mapping[str, Any], returns_fresh: Callable[[Any], bool]
    ) -> None:
        self._globals = module_globals
        self._returns_fresh = returns_fresh
        self._left = _STEPS

    def gather(self, names: _Names, node: _Function) -> None:
        """Note what the variables of a function are bound to."""
        for one in _inside(node):
            if isinstance(one, ast.Assign):
                for target in one.targets:
                    names.bind(target, one.value, part=False)
            elif isinstance(one, (ast.AnnAssign, ast.NamedExpr)) and one.value:
                names.bind(one.target, one.value, part=False)
            elif isinstance(one, (ast.For, ast.AsyncFor, ast.comprehension)):
                names.bind(one.target, one.iter, part=True)
            elif isinstance(one, ast.withitem) and one.optional_vars is not None:
                names.bind(one.optional_vars, False, part=False)
            elif isinstance(one, (ast.Global, ast.Nonlocal)):
                names.outside.update(one.names)
            elif isinstance(one, (ast.MatchAs, ast.MatchStar)) and one.name:
                names.bound.setdefault(one.name, []).append(False)
            elif isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)):
                names.bound.setdefault(one.name, []).append(one)  # type: ignore[arg-type]

    def stores(self, names: _Names, node: _Function) -> bool:
        """Tell whether a function, or one inside it, stores into what is not fresh."""
        self.gather(names, node)
        outer = names.around
        for name in names.outside & names.bound.keys():
            if outer is None or name not in outer.bound:
                return True
        for one in _inside(node):
            if isinstance(one, _FUNCTIONS):
                if self.stores(_Names(one, names), one):
                    return True
            elif any(
                not self.fresh(target, names, deep=False)
                for target in self._into(one, names)
            ):
                return True
        return False

    def _into(self, node: Any, names: _Names) -> Iterator[ast.expr]:
        """Yield what a statement or call writes into; a constant does not count."""
        if isinstance(node, ast.AugAssign) and not isinstance(node.value, ast.Constant):
            target = node.target
            yield target.value if isinstance(target, ast.Subscript) else target
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            yield node.value
        elif isinstance(node, ast.Call):
            yield from self._written_by(node, names)

    def _written_by(self, call: ast.Call, names: _Names) -> Iterator[ast.expr]:
        yield from (one.value for one in call.keywords if one.arg == "out")
        function = call.func
        name = getattr(function, "attr", getattr(function, "id", ""))
        owner = function.value if isinstance(function, ast.Attribute) else None
        if owner is not None and name in _IN_PLACE:
            yield from [owner] if self._module(owner, names) is None else []
        if name in _INTO_FIRST and call.args:
            yield call.args[0]
        ufunc = self._meaning(function, names)
        if isinstance(ufunc, np.ufunc):
            yield from call.args[ufunc.nin :]

    def fresh(self, value: Any, names: _Names, *, deep: bool) -> bool:
        """Tell whether an expression makes its object; ``deep``: all that it holds."""
        self._left -= 1
        if self._left < 0:
            return False
        if isinstance(value, bool):
            return value
        if isinstance(value, ast.Name):
            return self._variable(value.id, names, deep=deep)
        if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
            return not deep or all(self.fresh(x, names, deep=True) for x in value.elts)
        if isinstance(value, ast.Dict):
            return not deep or all(
                self.fresh(one, names, deep=True) for one in value.values
            )
        if isinstance(value, _COMPREHENSIONS):
            made = value.value if isinstance(value, ast.DictComp) else value.elt
            return not deep or self.fresh(made, names, deep=True)
        if isinstance(value, ast.BinOp):
            parts = (value.left, value.right)
            shown = any(isinstance(one, (ast.List, ast.Tuple)) for one in parts)
            return not (deep and shown) or all(
                self.fresh(one, names, deep=True) for one in parts
            )
        if isinstance(value, ast.BoolOp):
            return all(self.fresh(one, names, deep=deep) for one in value.values)
        if isinstance(value, ast.IfExp):
            return all(
                self.fresh(one, names, deep=deep) for one in (value.body, value.orelse)
            )
        if isinstance(value, (ast.NamedExpr, ast.Starred)):
            return self.fresh(value.value, names, deep=deep)
        if isinstance(value, ast.Subscript):
            return self.fresh(value.value, names, deep=True)
        if isinstance(value, ast.Attribute):
            if value.attr in _SHOWN:
                return self.fresh(value.value, names, deep=deep)
            return value.attr in _NUMBERS
        if isinstance(value, ast.Call):
            return self._call(value, names, deep=deep)
        return isinstance(value, _MADE)

    def _variable(self, name: str, names: _Names | None, *, deep: bool) -> bool:
        while names is not None and name not in names.bound:
            names = names.around
        if names is None or name in names.outside:
            return False
        if (name, deep) in names.asked:  # a loop of variables, such as u, v = v, u
            return True
        names.asked.add((name, deep))
        found = all(self.fresh(one, names, deep=deep) for one in names.bound[name])
        names.asked.discard((name, deep))
        return found

    def _call(self, call: ast.Call, names: _Names, *, deep: bool) -> bool:
        """Tell whether the result of a call is made by it."""
        function = call.func
        args = [*call.args, *(one.value for one in call.keywords)]
        known = self._meaning(function, names)
        if known is None and isinstance(function, ast.Attribute):
            if function.attr in _SHOWN:
                return self.fresh(function.value, names, deep=True)
            return function.attr in _NEW
        name = getattr(known, "__name__", "")
        if name in _HANDED_ON or (name in _OF_ITEMS and deep) or name in _SHOWN:
            return all(self.fresh(one, names, deep=True) for one in args)
        module = getattr(known, "__module__", None) or ""
        if isinstance(known, np.ufunc) or module.partition(".")[0] in _PLAIN:
            return True
        if isinstance(known, type):
            return not deep
        return known is not None and self._returns_fresh(known)

    def _meaning(self, node: ast.expr, names: _Names) -> Any:
        """Return what an expression means outside of all functions, if it says so."""
        if isinstance(node, ast.Attribute):
            module = self._module(node.value, names)
            return None if module is None else getattr(module, node.attr, None)
        if not isinstance(node, ast.Name):
            return None
        around: _Names | None = names
        while around is not None:
            if node.id in around.bound:
                return None
            around = around.around
        return self._globals.get(node.id, getattr(builtins, node.id, None))

    def _module(self, node: ast.expr, names: _Names) -> ModuleType | None:
        found = self._meaning(node, names)
        return found if isinstance(found, ModuleType) else None


_PLAIN = frozenset({"builtins", "numpy", "math", "cmath", "statistics", "scipy"})
"""Packages whose functions return what they have made, if not named above."""

_MADE = (
    *(ast.Constant, ast.JoinedStr, ast.Compare, ast.UnaryOp),
    *_FUNCTIONS,
)
"""Expressions that make what they are, or numbers."""
