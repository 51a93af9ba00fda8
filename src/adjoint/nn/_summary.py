"""A model as text: one line a layer, and its repr."""

from typing import Any

import numpy as np

import adjoint as ad
from adjoint.nn._form import is_array, is_container


def parts(value: Any, name: str = "") -> list[tuple[str, Any]]:
    """Return what a module or container directly holds, by dotted name."""
    if isinstance(value, (list, tuple)):
        pairs = [(str(k), part) for k, part in enumerate(value)]
    elif isinstance(value, dict):
        pairs = [(str(key), part) for key, part in value.items()]
    else:
        pairs = list(getattr(value, "__dict__", {}).items())
    return [(f"{name}.{key}" if name else key, part) for key, part in pairs]


def layers(value: Any, name: str = "") -> list[tuple[str, Any]]:
    """Return a model and the modules in it, outer ones first, by dotted name."""
    nested = (list, tuple, dict)
    found = [] if type(value) in nested else [(name, value)]
    for inner_name, part in parts(value, name):
        if type(part) in nested or (not is_array(part) and is_container(part)):
            found += layers(part, inner_name)
    return found


def summary(model: Any) -> str:
    """Return a table of the layers of a model: names, shapes, numbers of parameters."""
    rows = [("name", "layer", "parameters", "number")]
    for name, layer in layers(model):
        own = [
            f"{key} {tuple(value.shape)}"
            for key, value in parts(layer)
            if is_array(value) and key not in getattr(layer, "_static", ())
        ]
        count = sum(np.size(leaf) for leaf in ad.tree.leaves(layer))
        rows.append((name, type(layer).__name__, ", ".join(own), f"{count:,}"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join([*map(str.ljust, row[:3], widths[:3]), row[3].rjust(widths[3])])
        for row in rows
    ]
    rule = "-" * max(map(len, lines))
    leaves = ad.tree.leaves(model)
    total = sum(np.size(leaf) for leaf in leaves)
    size = sum(leaf.nbytes for leaf in leaves)
    return "\n".join(
        [lines[0], rule, *lines[1:], rule, f"{total:,} parameters, {size:,} bytes"]
    )


def as_text(module: Any) -> str:
    """Return a module's repr: its attributes, arrays by shape and dtype."""
    inner = ", ".join(f"{name}={_text(part)}" for name, part in vars(module).items())
    line = f"{type(module).__name__}({inner})"
    if len(line) <= 88 and "\n" not in line:
        return line
    body = "".join(
        f"  {name}={_indented(_text(part))},\n" for name, part in vars(module).items()
    )
    return f"{type(module).__name__}(\n{body})"


def _text(value: Any) -> str:
    if is_array(value):
        return f"{value.dtype}{list(value.shape)}"
    if isinstance(value, (list, tuple)) and value and is_container(value):
        left, right = "[]" if isinstance(value, list) else "()"
        body = "".join(f"  {_indented(_text(part))},\n" for part in value)
        return f"{left}\n{body}{right}"
    if isinstance(value, dict) and is_container(value):
        body = "".join(f"  {k!r}: {_indented(_text(v))},\n" for k, v in value.items())
        return f"{{\n{body}}}"
    name = getattr(value, "__name__", None)
    return name if callable(value) and isinstance(name, str) else repr(value)


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
