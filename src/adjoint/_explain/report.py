"""The report of an explained function, and the forms that it takes."""

import json
import os
import sys
from collections.abc import Callable
from operator import methodcaller
from pathlib import Path
from typing import Any

from adjoint._core.errors import InputError
from adjoint._core.graph import Graph
from adjoint._core.tree import Tree
from adjoint._explain.dot import as_dot
from adjoint._explain.drawing import drawing_of
from adjoint._explain.files import write_whole
from adjoint._explain.harmless import encodable
from adjoint._explain.latex import as_latex
from adjoint._explain.page import as_frame, as_page
from adjoint._explain.png import as_png
from adjoint._explain.svg import as_svg
from adjoint._explain.terminal import WIDTH, as_text, terminal_width, wants_color
from adjoint._symbolic.conversion import in_symbols


class Report:
    r"""How the derivatives of a function come about, step by step.

    Printed it is text, in a notebook a page to play the sweeps on; the methods give
    other forms.  `adjoint.explain` makes one.

    Attributes
    ----------
    data : dict
        All of it as plain numbers, texts, lists and dictionaries.
    graph : Graph
        What the function computed.
    value : tree
        What the function returned.
    gradients : dict
        By the names of the inputs, the adjoints of the first reverse seed, in the
        form that `grad` has; zeros where no result depends on them.

    See Also
    --------
    adjoint.explain : makes one.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> report = ad.explain(lambda x: x * np.exp(x), timing=False)(0.0)
    >>> print(report.text(width=88).split("\n\n")[1])
    name  operation  primal  adjoint  tangent  partials
    x     input           0        1        1
    v1    exp(x)          1        0        1  ∂/∂x = v1
    v2    x * v1          0        1        1  ∂/∂x = v1, ∂/∂v1 = x
    """

    __slots__ = ("data", "gradients", "graph", "value")

    def __init__(
        self, data: dict[str, Any], graph: Graph, value: Tree, gradients: dict[str, Any]
    ) -> None:
        self.data = data
        self.graph = graph
        self.value = value
        self.gradients = gradients

    def text(self, width: int | None = None, *, color: bool = False) -> str:
        """Return the report as tables.

        Parameters
        ----------
        width : int, optional
            Columns of a line; by default those of the terminal.
        color : bool
            Whether to colour tangents and adjoints by ANSI codes.
        """
        return as_text(self.data, width or terminal_width(), color=color)

    def __str__(self) -> str:
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        return encodable(self.text(color=wants_color()), encoding)

    def __repr__(self) -> str:
        count = len(self.data["nodes"]["name"])
        return f"<report of {self.data['title']}: {count:,} nodes>"

    def json(self) -> str:
        """Return `data` as JSON; NaN and infinity are the texts "nan" and "inf"."""
        return json.dumps(self.data, allow_nan=False, ensure_ascii=False)

    def html(self) -> str:
        """Return the report as a web page: one text, which needs no network."""
        return as_page(self.data)

    def svg(self) -> str:
        """Return the graph as a picture, the text of an SVG file.

        Each operation is a card with its value, tangent and adjoint; edges bear the
        local partials.  A graph of more than 40 nodes is drawn folded.
        """
        return as_svg(drawing_of(self.data))

    def dot(self) -> str:
        """Return the whole graph in Graphviz's language, its groups as clusters."""
        return as_dot(self.data)

    def latex(self) -> str:
        r"""Return the Wengert list as a LaTeX table, which needs ``amsmath`` alone."""
        return as_latex(self.data)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the report in the form that a file's name asks for; return its path.

        A file that is there is replaced when the new one is complete.

        Parameters
        ----------
        path : path
            ``.html``, or no ending, for the web page; ``.png`` and ``.svg`` for the
            picture; ``.tex``, ``.dot``, ``.json`` and ``.txt`` for what `latex`,
            `dot`, `json` and `text` return.

        Raises
        ------
        InputError
            For another ending.
        ImportError
            For ``.png``, without matplotlib: ``pip install 'adjoint[explain]'``.
        OSError
            If it cannot be written there.
        """
        ending = Path(path).suffix.lower()
        if ending == ".png":
            return self.png(path)
        if ending not in _FORMS:
            *others, last = [one for one in (".png", *_FORMS) if one]
            msg = (
                f"A report is not written as {ending}: the name of the file is to end "
                f"in {', '.join(others)} or {last}."
            )
            raise InputError(msg)
        return write_whole(_FORMS[ending](self).encode(), Path(path))

    def png(self, path: str | os.PathLike[str], dpi: int = 192) -> Path:
        """Write the picture of `svg` as a PNG file, and return its path.

        Parameters
        ----------
        path : path
        dpi : int
            Pixels to an inch; 96 for the size of the SVG.

        Raises
        ------
        InputError
            If the path ends as that of another kind of file.
        ImportError
            Without matplotlib: ``pip install 'adjoint[explain]'``.
        OSError
            If it cannot be written there.
        """
        ending = Path(path).suffix.lower()
        if ending not in {"", ".png"}:
            msg = f"Report.png writes .png, not {ending}; .save(path) goes by the name."
            raise InputError(msg)
        return write_whole(as_png(drawing_of(self.data), dpi), Path(path))

    def to_sympy(self) -> tuple[list[Any], list[Any]]:
        """Return the inputs as SymPy symbols, and the outputs as expressions of them.

        Raises
        ------
        MissingRuleError, ImportError
            See `adjoint.symbolic.to_sympy`.
        """
        return in_symbols(self.graph)

    def _repr_html_(self) -> str:
        return as_frame(self.html())

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> dict[str, str]:
        """Return the forms that a notebook may choose from; small graphs drawn too."""
        forms = {"text/plain": self.text(), "text/html": self._repr_html_()}
        if len(self.data["nodes"]["name"]) <= _SMALL:
            forms["image/svg+xml"] = self.svg()
        wanted = set(include or forms) - set(exclude or ())
        return {kind: form for kind, form in forms.items() if kind in wanted}


_FORMS: dict[str, Callable[[Report], str]] = {
    ".html": methodcaller("html"),
    ".htm": methodcaller("html"),
    "": methodcaller("html"),
    ".svg": methodcaller("svg"),
    ".tex": methodcaller("latex"),
    ".dot": methodcaller("dot"),
    ".gv": methodcaller("dot"),
    ".json": methodcaller("json"),
    ".txt": lambda report: f"{report.text(WIDTH)}\n",
}
"""What files hold, by the endings of their names."""
_SMALL = 40
"""Nodes of a graph whose picture goes into a notebook too."""
