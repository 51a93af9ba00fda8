"""The rewriting of a block: what a user's code does, said so that it reaches us.

======================  ===============================  =============================
source                  becomes                          why
======================  ===============================  =============================
``f(a)``                ``CALL[f](a)``                   ``float(x)``, ``np.array(..)``
``np.sin(a)``           ``SIN(np.sin, a)``              no look-up, if it is that
``g(a)``, a variable    ``CALL_ANY(g)(a)``               it may be without a hash
``o.m(a)``              ``METHOD(o, "m")(a)``            ``A.dot(x)``, ``model.step(x)``
``o.a = v``             ``SETATTR(v, o, "a")``           the value goes back at the end
``np.r_[a, x]``         ``JOIN(np.r_)[a, x]``            NumPy asks nobody there
``"%g" % x``            ``FORMAT("%g", x)``              text is made of numbers
======================  ===============================  =============================

With ``deep=True`` loads are hooked too, because the function stores traced values into
arrays that are no creation of its own (see ``twins.py``): a ``name`` that is not local,
``o.a``, ``o[i]`` and ``a * b`` become ``LOAD(...)``; ``for t in s`` runs over
``ITER(s)``; parameters are loaded when the function starts; ``o.a += v`` and the like
become a load, the operator, and a store.

Names such as ``CALL`` are placeholders: string constants of the tree, which are
exchanged for the hooks in the compiled code object.  No name is looked up for them, and
none appears in the user's globals.
"""

import ast
import builtins
from collections.abc import Callable, Mapping
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from adjoint._clone.placeholders import (
    CALL,
    CALL_ANY,
    EACH,
    FORMAT,
    ITER,
    JOIN,
    LOAD,
    METHOD,
    hook,
    place,
    text,
)
from adjoint._clone.scopes import inner_functions, locals_of, parameters, targets_of
from adjoint._clone.storing import Stores, as_list, form_of

_LEFT_ALONE = frozenset(
    {
        "super",
        "locals",
        "globals",
        "vars",
        "dir",
        "eval",
        "exec",
        "breakpoint",
        "__import__",
    }
)
"""Functions that look at the frame they are called from."""
_JOINERS = frozenset({"r_", "c_"})

_LEAVES = frozenset(
    {
        *(ast.Constant, ast.Load, ast.Store, ast.Del, ast.Pass, ast.Break, ast.alias),
        *ast.operator.__subclasses__(),
        *ast.unaryop.__subclasses__(),
        *ast.boolop.__subclasses__(),
        *ast.cmpop.__subclasses__(),
    }
)
"""Nodes that have nothing below them to rewrite: nearly half of a tree."""


def rewrite(
    tree: ast.Module,
    module_globals: Mapping[str, Any],
    bound: frozenset[str],
    *,
    deep: bool,
    name_of: Callable[[Any, int], str | None],
) -> ast.Module:
    """Return the rewritten tree of a block; ``tree`` itself is changed.

    Parameters
    ----------
    tree : ast.Module
    module_globals : mapping
        What names outside all functions mean; modules among them are known not to be
        objects with methods.
    bound : frozenset of str
        Every name that is bound inside a function of the block.
    deep : bool
        Whether loads are hooked.
    name_of : callable
        Returns the placeholder for calls of one function with so many arguments, if
        there is one.
    """
    new = _Rewriter(module_globals, bound, name_of, deep=deep).visit(tree)
    return ast.fix_missing_locations(new) if deep else new  # type: ignore[no-any-return]


class _Rewriter(Stores):
    """One pass over one block."""

    def __init__(
        self,
        module_globals: Mapping[str, Any],
        bound: frozenset[str],
        name_of: Callable[[Any, int], str | None],
        *,
        deep: bool,
    ) -> None:
        self._globals = module_globals
        self._bound = bound
        self._name_of = name_of
        self._deep = deep
        self._scopes: list[set[str]] = []
        self._functions: list[set[str]] = []  # names that are inner functions, for sure
        self._classes: list[str] = []

    def visit(self, node: ast.AST) -> Any:
        """Return what stands for a node; most leaves stay, and need no look at them."""
        return node if type(node) in _LEAVES else super().visit(node)

    # Scopes

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self._classes.append(node.name)
        self._scopes.append(set())
        self.generic_visit(node)
        self._scopes.pop()
        self._classes.pop()
        return node

    def visit_FunctionDef(self, node: Any) -> ast.AST:
        node.decorator_list = [self.visit(one) for one in node.decorator_list]
        self._visit_defaults(node.args)
        self._scopes.append(locals_of(node) if self._deep else set())
        self._functions.append(inner_functions(node))
        node.body = [part for one in node.body for part in as_list(self.visit(one))]
        if self._deep:
            node.body = _with_loads(node.body, node.args)
        self._functions.pop()
        self._scopes.pop()
        return node  # type: ignore[no-any-return]

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - the name ast gives it

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self._visit_defaults(node.args)
        self._scopes.append(locals_of(node) if self._deep else set())
        self._functions.append(set())  # it may be cloned without the function around
        node.body = self.visit(node.body)
        self._functions.pop()
        self._scopes.pop()
        return node

    def _visit_defaults(self, args: ast.arguments) -> None:
        args.defaults = [self.visit(one) for one in args.defaults]
        args.kw_defaults = [one and self.visit(one) for one in args.kw_defaults]

    def _visit_comprehension(self, node: Any) -> ast.AST:
        names: set[str] = set()
        for part in node.generators:
            names |= targets_of(part.target)
        self._scopes.append(names | (self._scopes[-1] if self._scopes else set()))
        self.generic_visit(node)
        self._scopes.pop()
        return node  # type: ignore[no-any-return]

    visit_ListComp = _visit_comprehension  # noqa: N815 - as above
    visit_SetComp = _visit_comprehension  # noqa: N815 - as above
    visit_DictComp = _visit_comprehension  # noqa: N815 - as above
    visit_GeneratorExp = _visit_comprehension  # noqa: N815 - as above

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.iter = self._iterated(node.iter, node.target)
        return node

    def visit_For(self, node: Any) -> ast.AST:
        self.generic_visit(node)
        node.iter = self._iterated(node.iter, node.target)
        return node  # type: ignore[no-any-return]

    def _iterated(self, source: ast.expr, target: ast.expr) -> ast.expr:
        if not self._deep:
            return source
        form = form_of(target)
        if form is None:
            return hook(source, ITER, source)
        return hook(source, EACH, source, ast.Constant(form, **place(source)))

    # Calls

    def visit_Call(self, node: ast.Call) -> ast.AST:
        function = node.func
        node.args = [self.visit(one) for one in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        if isinstance(function, ast.Name):
            if function.id in _LEFT_ALONE or self._is_inner_function(function.id):
                return node
            node.func = _called(function, hashable=self._is_known(function.id))
        elif isinstance(function, ast.Attribute):
            module = self._module(function.value)
            if module is not None:
                return self._call_in_module(node, function, module)
            owner = self.visit(function.value)
            name = text(function, self._mangled(function.attr))
            node.func = hook(function, METHOD, owner, name)
        else:
            node.func = _called(self.visit(function), hashable=False)
        return node

    def _call_in_module(
        self, node: ast.Call, function: ast.Attribute, module: ModuleType
    ) -> ast.AST:
        """Return the call of a module's function, ``np.sin(x)``."""
        if _is_short(node):
            found = getattr(module, function.attr, None)
            name = self._name_of(found, len(node.args))
            if name is not None:
                return hook(node, name, function, *node.args)
        node.func = _called(function, hashable=True)
        return node

    def _is_known(self, name: str) -> bool:
        """Tell whether a name is that of a function or class of the module."""
        if name in self._bound:
            return False
        known = self._globals.get(name)
        if known is None:
            return hasattr(builtins, name)
        return isinstance(known, (FunctionType, BuiltinFunctionType, type))

    def _is_inner_function(self, name: str) -> bool:
        return any(name in names for names in self._functions[-1:])

    def _module(self, node: ast.expr) -> ModuleType | None:
        """Return the module an expression is (``np``, ``scipy.linalg``), if any."""
        path = []
        while isinstance(node, ast.Attribute):
            path.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id in self._bound:
            return None
        found: Any = self._globals.get(node.id)
        for name in reversed(path):
            found = getattr(found, name, None) if type(found) is ModuleType else None
        return found if type(found) is ModuleType else None

    def _mangled(self, name: str) -> str:
        """Return an attribute's name as Python changes ``__name`` inside a class."""
        if not self._classes or not name.startswith("__") or name.endswith("__"):
            return name
        return f"_{self._classes[-1].lstrip('_')}{name}"

    def visit_Starred(self, node: ast.Starred) -> ast.AST:
        self.generic_visit(node)
        if self._deep and isinstance(node.ctx, ast.Load):
            node.value = hook(node, ITER, node.value)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Mod) and (self._deep or _is_text(node.left)):
            return hook(node, FORMAT, node.left, node.right)
        return hook(node, LOAD, node) if self._deep else node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return hook(node, LOAD, node) if self._deep else node

    # Loads

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        owner = node.value
        if isinstance(owner, ast.Attribute) and owner.attr in _JOINERS:
            self.generic_visit(node)
            node.value = hook(owner, JOIN, owner)
            return node
        self.generic_visit(node)
        if self._deep and isinstance(node.ctx, ast.Load):
            return hook(node, LOAD, node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        module = self._module(node.value)
        if module is not None and (
            not self._deep or _never_an_array(getattr(module, node.attr, None))
        ):
            return node
        if module is None:
            self.generic_visit(node)
        if self._deep and isinstance(node.ctx, ast.Load):
            return hook(node, LOAD, node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if not self._deep or not isinstance(node.ctx, ast.Load):
            return node
        if self._is_local(node.id) or not self._scopes:
            return node
        known = self._globals.get(node.id)
        if node.id not in self._bound and (
            _never_an_array(known) or (known is None and hasattr(builtins, node.id))
        ):
            return node
        return hook(node, LOAD, node)

    def _is_local(self, name: str) -> bool:
        if name.startswith("."):  # a temporary of ours
            return True
        return bool(self._scopes) and name in self._scopes[-1]

    # Patterns are not looked into

    def visit_match_case(self, node: ast.match_case) -> ast.AST:
        body = [part for one in node.body for part in as_list(self.visit(one))]
        loads: list[ast.expr] = [
            ast.NamedExpr(
                ast.Name(name, ast.Store()),
                hook(body[0], LOAD, ast.Name(name, ast.Load())),
            )
            for name in _captured(node.pattern)
            if self._deep and self._is_local(name)
        ]
        guard: list[ast.expr] = [] if node.guard is None else [self.visit(node.guard)]
        if loads and guard:  # a list that is not empty is true
            guard = [ast.BoolOp(ast.And(), [ast.List(loads, ast.Load()), *guard])]
        elif loads:
            body = [ast.Expr(ast.List(loads, ast.Load())), *body]
        node.guard = guard[0] if guard else None
        node.body = body
        return ast.fix_missing_locations(node)


def _captured(pattern: ast.pattern) -> list[str]:
    """Return the names that a pattern binds to single objects."""
    return [
        one.name
        for one in ast.walk(pattern)
        if isinstance(one, ast.MatchAs) and one.name is not None
    ]


def _is_short(node: ast.Call) -> bool:
    """Tell whether a call has one or two arguments and nothing else."""
    return (
        len(node.args) in (1, 2)
        and not node.keywords
        and not any(isinstance(one, ast.Starred) for one in node.args)
    )


def _called(function: ast.expr, *, hashable: bool) -> ast.expr:
    """Return a look-up of what is called; by a call, where it may have no hash."""
    if hashable:
        where = place(function)
        table = ast.Constant(CALL, **where)
        return ast.Subscript(table, function, ast.Load(), **where)
    return hook(function, CALL_ANY, function)


def _never_an_array(known: Any) -> bool:
    """Tell whether what a module holds under a name will be no array later either."""
    return isinstance(known, (ModuleType, FunctionType, BuiltinFunctionType, type))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _with_loads(body: list[ast.stmt], args: ast.arguments) -> list[ast.stmt]:
    """Return a function's body after loads of its parameters."""
    is_text = (
        body
        and isinstance(body[0], ast.Expr)
        and isinstance(body[0].value, ast.Constant)
    )
    loads: list[ast.stmt] = [
        ast.copy_location(
            ast.Assign(
                [ast.Name(arg.arg, ast.Store())],
                hook(body[0], LOAD, ast.Name(arg.arg, ast.Load())),
            ),
            body[0],
        )
        for arg in parameters(args)
    ]
    return [*body[:1], *loads, *body[1:]] if is_text else [*loads, *body]
