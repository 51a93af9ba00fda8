"""The report of an explained function, and the forms that it takes."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from adjoint._core.graph import Graph
from adjoint._core.tree import Tree
from adjoint._explain.page import as_frame, as_page
from adjoint._explain.terminal import as_text, terminal_width, wants_color
from adjoint._symbolic.conversion import expressions_of, symbols_of


class Report:
    """How the derivatives of a function come about, step by step.

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
        By the names of the inputs, the adjoints of the first reverse seed.

    See Also
    --------
    adjoint.explain : makes one.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> report = ad.explain(lambda x: x * np.exp(x), timing=False)(0.0)
    >>> print(report.text(width=88))
    <lambda>: 1 input, 2 operations, 1 output
    <BLANKLINE>
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
        return self.text(color=wants_color())

    def __repr__(self) -> str:
        count = len(self.data["nodes"]["name"])
        return f"<report of {self.data['title']}: {count:,} nodes>"

    def json(self) -> str:
        """Return `data` as JSON; NaN and infinity are the texts "nan" and "inf"."""
        return json.dumps(self.data, allow_nan=False, ensure_ascii=False)

    def html(self) -> str:
        """Return the report as a web page: one text, which needs no network."""
        return as_page(self.data)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the web page to a file, and return its path.

        A file that is there is replaced when the new one is complete.

        Parameters
        ----------
        path : path
            ``report.html``.

        Raises
        ------
        OSError
            If it cannot be written there.
        """
        return _written(self.html(), Path(path))

    def to_sympy(self) -> tuple[list[Any], list[Any]]:
        """Return the inputs as SymPy symbols, and the outputs as expressions of them.

        Raises
        ------
        MissingRuleError, ImportError
            See `adjoint.symbolic.to_sympy`.
        """
        symbols = symbols_of(self.graph)
        return symbols, expressions_of(self.graph, symbols)

    def _repr_html_(self) -> str:
        return as_frame(self.html())


def _written(text: str, path: Path) -> Path:
    """Write a file whole or not at all.

    Raises
    ------
    OSError
        With a sentence, if it cannot be written there.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        part = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            part.chmod(0o666 & ~_umask())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as cause:
        reason = cause.strerror or str(cause)
        msg = (
            f"The report could not be written to {str(path)!r}: {reason}. Give the path "
            "of a file, in a folder that exists and may be written to."
        )
        raise type(cause)(cause.errno, msg) from cause
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
