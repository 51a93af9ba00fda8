"""The graph of a report in Graphviz's language, with its groups as clusters."""

from collections.abc import Mapping
from typing import Any

from adjoint._explain.seeds import BAR, DOT, marked
from adjoint._explain.texts import cell_text, factor_text


def as_dot(data: Mapping[str, Any]) -> str:
    """Return the whole graph, not folded, as Graphviz reads it."""
    nodes = data["nodes"]
    lines = [
        f"digraph {_quoted(data['title'])} {{",
        '  node [shape=box, style=rounded, fontname="monospace", fontsize=10];',
        '  edge [fontname="monospace", fontsize=8];',
    ]
    lines += _clusters(data)
    for node, parents in enumerate(nodes["parents"]):
        labels = [
            one["formula"] or factor_text(one["value"])
            for one in nodes["partials"][node]
        ]
        for k, parent in enumerate(parents):
            label = labels[k] if k < len(labels) else ""
            shown = f" [label={_quoted(label)}]" if label else ""
            lines.append(f"  n{parent} -> n{node}{shown};")
    return "\n".join([*lines, "}", ""])


def _clusters(data: Mapping[str, Any]) -> list[str]:
    """Return the statements of all nodes, those of a group inside its cluster."""
    opening: dict[int, list[str]] = {}
    closing: dict[int, int] = {}
    for k, group in enumerate(data["groups"]):
        opening.setdefault(group["first"], []).append(
            f"  subgraph cluster_{k} {{ label={_quoted(group['name'])};"
        )
        closing[group["last"]] = closing.get(group["last"], 0) + 1
    lines = []
    for node in range(len(data["nodes"]["name"])):
        lines += opening.get(node, [])
        lines.append(f"  n{node} [label={_quoted(_label(data, node))}];")
        lines += ["  }"] * closing.get(node, 0)
    return lines


def _label(data: Mapping[str, Any], node: int) -> str:
    nodes = data["nodes"]
    name = nodes["name"][node]
    is_input = nodes["operation"][node] == "input"
    lines = [name if is_input else f"{name} = {nodes['expression'][node]}"]
    lines.append(cell_text(nodes["value"][node]))
    for sweeps, key, mark in (
        (data["forward"], "tangent", DOT),
        (data["reverse"], "adjoint", BAR),
    ):
        if sweeps and sweeps[0][key][node] is not None:
            lines.append(f"{marked(name, mark)} = {cell_text(sweeps[0][key][node])}")
    return "\n".join(line for line in lines if line)


def _quoted(text: str) -> str:
    r"""Return text as a quoted name of Graphviz, in which ``\`` and ``"`` are plain."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + plain.replace("\r", "").replace("\n", "\\n") + '"'
