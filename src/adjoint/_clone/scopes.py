"""Which names a function binds, read from its syntax tree."""

import ast
from typing import Any


def parameters(args: ast.arguments) -> list[ast.arg]:
    """Return all parameters of a function; ``*args`` and ``**kwargs`` are the last."""
    named = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return [*named, *filter(None, (args.vararg, args.kwarg))]


def locals_of(scope: Any) -> set[str]:
    """Return the names a function binds and nobody else."""
    names = {arg.arg for arg in parameters(scope.args)}
    elsewhere: set[str] = set()
    body = scope.body if isinstance(scope.body, list) else [scope.body]
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
            for one in ast.walk(node):  # variables that are written from inside
                if isinstance(one, ast.Nonlocal):
                    elsewhere.update(one.names)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.comprehension):  # its targets are its own
            stack += [node.iter, *node.ifs]
            continue
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            elsewhere.update(node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            names.update(filter(None, (node.name,)))
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.add(node.rest)
        stack.extend(ast.iter_child_nodes(node))
    return names - elsewhere


def targets_of(target: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def inner_functions(node: Any) -> set[str]:
    """Return names that a function binds by one ``def`` without decorators, only."""
    own = {
        one.name
        for one in node.body
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    if not own:
        return own
    counts: dict[str, int] = {}
    for one in ast.walk(node):
        name = getattr(one, "name", None)
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)) and one is not node:
            counts[one.name] = (
                counts.get(one.name, 0) + 1 + 2 * bool(one.decorator_list)
            )
        elif isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load):
            counts[one.id] = counts.get(one.id, 0) + 2
        elif isinstance(one, ast.arg):
            counts[one.arg] = counts.get(one.arg, 0) + 2
        elif isinstance(one, (ast.Global, ast.Nonlocal)):
            counts.update(dict.fromkeys(one.names, 2))
        elif isinstance(name, str):
            counts[name] = counts.get(name, 0) + 2
    return {name for name in own if counts[name] == 1}
