"""The rewriting of stores: assignments to attributes, items and outer variables.

================  ==========================================  ======================
source            becomes                                     in
================  ==========================================  ======================
``o.a = v``       ``SETATTR(v, o, "a")``                      all clones
``o.a += v``      ``SETATTR(INPLACE("Add", o.a, v), o, "a")``  all clones
``o[i] = v``      ``SETITEM(v, o, i)``                        deep clones
``o[i] += v``     ``SETITEM(INPLACE(...), o, i)``             deep clones
``g = v``         ``g = OUT(v, "g")``, of another scope       deep clones
``t += [v]``      ``t = INPLACE("Add", t, [v])``              deep clones
================  ==========================================  ======================
"""

import ast
from abc import ABC, abstractmethod
from typing import Any

from adjoint._clone.placeholders import (
    INPLACE,
    ITER,
    LOAD,
    OUT,
    SETATTR,
    SETITEM,
    SLICE,
    UNPACK,
    hook,
    place,
    text,
)


def _leaves(target: Any) -> list[Any]:
    """Return what one target of an assignment stores into."""
    if isinstance(target, ast.Starred):
        return _leaves(target.value)
    if isinstance(target, (ast.Tuple, ast.List)):
        return [leaf for one in target.elts for leaf in _leaves(one)]
    return [target]


def as_list(part: Any) -> list[Any]:
    return part if isinstance(part, list) else [part]


def form_of(target: Any) -> Any:
    """Return what parts of parts a target takes out of what is assigned to it.

    A tuple with one entry a part: ``None`` for a whole one, ``...`` for the starred
    one, a tuple for one that is taken apart in its turn.
    """
    if isinstance(target, ast.Starred):
        return ...
    if isinstance(target, (ast.Tuple, ast.List)):
        return tuple(map(form_of, target.elts))
    return None


def unpacked(at: Any, value: ast.expr, target: Any) -> ast.expr:
    """Return a value whose parts, as a target takes them, are loaded."""
    form = form_of(target)
    if not any(type(part) is tuple for part in form):
        return hook(at, ITER, value)
    return hook(at, UNPACK, value, ast.Constant(form, **place(at)))


_SHOWN = (ast.List, ast.Tuple, ast.ListComp)
"""Expressions that extend a list: ``losses += [loss]``."""


class Stores(ast.NodeTransformer, ABC):
    """The part of the rewriter that is concerned with stores."""

    _deep: bool
    _temporaries = 0

    @abstractmethod
    def _is_local(self, name: str) -> bool:
        """Tell whether a name is local to the function that is rewritten."""

    @abstractmethod
    def _mangled(self, name: str) -> str:
        """Return a name as the class around it makes it."""

    def visit_Assign(self, node: ast.Assign) -> Any:
        targets = [leaf for one in node.targets for leaf in _leaves(one)]
        if len(targets) > 1 and any(map(self._is_hooked, targets)):
            return self._stores_one_by_one(node)
        node.value = self.visit(node.value)
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Attribute):
            return ast.copy_location(
                ast.Expr(self._attribute_store(node.value, node.targets[0])), node
            )
        if self._deep and len(node.targets) == 1:
            return self._deep_store(node, node.targets[0])
        node.targets = [self.visit(one) for one in node.targets]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is None or not self._is_hooked(node.target):
            node.value = node.value and self.visit(node.value)
            return node
        return self.visit_Assign(
            ast.copy_location(ast.Assign([node.target], node.value), node)
        )

    def _is_hooked(self, target: ast.expr) -> bool:
        """Tell whether a store into a target has a hook of its own."""
        if isinstance(target, ast.Attribute):
            return True
        if isinstance(target, ast.Subscript):
            return self._deep
        return self._deep and not self._is_local(target.id)  # type: ignore[attr-defined]

    def _stores_one_by_one(self, node: ast.Assign) -> list[ast.stmt]:
        """Return ``a.u, a.v = s`` as ``t1, t2 = s; a.u = t1; a.v = t2``.

        All parts, in the order in which Python stores them.
        """
        whole = self._temporary()
        value = self.visit(node.value)
        made: list[ast.stmt] = [ast.Assign([ast.Name(whole, ast.Store())], value)]
        for target in node.targets:
            parts: list[tuple[str, ast.expr]] = []
            pattern = self._pattern(target, parts)
            source: ast.expr = ast.Name(whole, ast.Load(), **place(node))
            if self._deep and not isinstance(pattern, ast.Name):
                source = unpacked(node, source, pattern)
            made.append(ast.Assign([pattern], source))
            for name, part in parts:
                one = ast.Assign([part], ast.Name(name, ast.Load(), **place(node)))
                made += as_list(self.visit_Assign(ast.copy_location(one, node)))
        return [ast.fix_missing_locations(ast.copy_location(one, node)) for one in made]

    def _pattern(self, target: Any, parts: list[tuple[str, ast.expr]]) -> ast.expr:
        """Return a target with names in the places of its parts; note both."""
        if isinstance(target, ast.Starred):
            return ast.Starred(self._pattern(target.value, parts), ast.Store())
        if isinstance(target, (ast.Tuple, ast.List)):
            return ast.Tuple(
                [self._pattern(one, parts) for one in target.elts], ast.Store()
            )
        name = self._temporary()
        parts.append((name, target))
        return ast.Name(name, ast.Store())

    def _attribute_store(self, value: ast.expr, target: ast.Attribute) -> ast.expr:
        owner = self.visit(target.value)
        name = text(target, self._mangled(target.attr))
        return hook(target, SETATTR, value, owner, name)

    def _deep_store(self, node: ast.Assign, target: ast.expr) -> Any:
        if isinstance(target, ast.Subscript):
            stored = hook(
                node,
                SETITEM,
                node.value,
                self.visit(target.value),
                self._index(target.slice),
            )
            return ast.copy_location(ast.Expr(stored), node)
        if isinstance(target, ast.Name) and not self._is_local(target.id):
            node.value = hook(node, OUT, node.value, text(node, target.id))
            return node
        if isinstance(target, (ast.Tuple, ast.List)):
            node.value = unpacked(node, node.value, target)
        node.targets = [self.visit(target)]
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        target = node.target
        extends = isinstance(target, ast.Name) and isinstance(node.value, _SHOWN)
        if not (self._is_hooked(target) or (self._deep and extends)):
            node.value = self.visit(node.value)
            if not isinstance(target, ast.Name):
                node.target = self.visit(target)
            return node
        symbol = text(node, type(node.op).__name__)
        value = self.visit(node.value)
        if isinstance(target, ast.Name):
            old = hook(node, LOAD, ast.Name(target.id, ast.Load()))
            new = hook(node, INPLACE, symbol, old, value)
            if not self._is_local(target.id):
                new = hook(node, OUT, new, text(node, target.id))
            stored: ast.stmt = ast.Assign([ast.Name(target.id, ast.Store())], new)
            return ast.fix_missing_locations(ast.copy_location(stored, node))
        keep, owner = self._kept(self.visit(target.value))
        if isinstance(target, ast.Attribute):
            name = self._mangled(target.attr)
            read = ast.Attribute(keep, target.attr, ast.Load())
            loaded = hook(node, LOAD, read) if self._deep else read
            new = hook(node, INPLACE, symbol, loaded, value)
            stored = ast.Expr(hook(node, SETATTR, new, owner, text(node, name)))
        else:
            keep_index, index = self._kept(self._index(target.slice))
            old = hook(node, LOAD, ast.Subscript(keep, keep_index, ast.Load()))
            new = hook(node, INPLACE, symbol, old, value)
            stored = ast.Expr(hook(node, SETITEM, new, owner, index))
        return ast.fix_missing_locations(ast.copy_location(stored, node))

    def _kept(self, expression: ast.expr) -> tuple[ast.expr, ast.expr]:
        """Return an expression that keeps its value under a name, and that name."""
        if isinstance(expression, ast.Constant):
            return expression, expression
        name = self._temporary()
        stored = ast.NamedExpr(ast.Name(name, ast.Store()), expression)
        return stored, ast.Name(name, ast.Load())

    def _temporary(self) -> str:
        """Return a name for a value, one that no source can have."""
        self._temporaries += 1
        return f".{self._temporaries}"

    def _index(self, index: ast.expr) -> ast.expr:
        """Return an index as an expression: slices become calls of ``slice``."""
        if isinstance(index, ast.Slice):
            parts = (index.lower, index.upper, index.step)
            return hook(
                index,
                SLICE,
                *(self.visit(one) if one else ast.Constant(None) for one in parts),
            )
        if isinstance(index, ast.Tuple):
            return ast.Tuple([self._index(one) for one in index.elts], ast.Load())
        return self.visit(index)  # type: ignore[no-any-return]
