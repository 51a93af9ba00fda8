"""The page that lists all of NumPy: what each function is to derivatives.

A Sphinx extension.  When a build begins it writes ``generated/coverage.rst`` from the
registry and the catalogue, so the page cannot say other than the code does.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from adjoint._explain.rule import RuleExplanation, explanation
from adjoint._numpy.catalogue import classify, public_functions

HEAD = """\
Coverage of NumPy
=================

Every public function of NumPy {version} and what it is to derivatives: {counts}.
None is left out. The table is made from the rules themselves when these pages are
built; ``ad.explain_rule(np.sin)`` tells the same, and more, of one function.

*Differentiable* functions run in forward and reverse mode, in batches (``ad.vmap``),
and in any nesting of these. Where the *derivative is zero by nature* the function jumps
or stays, and its result is a constant. Functions *without derivative* run as NumPy's on
plain arrays, and raise an error that says so on traced ones. Operators (``+``, ``@``,
``x[i]``) and the methods of arrays behave as the functions of the same names. The page
of :doc:`conventions <../conventions>` says more of kinks.

.. raw:: html

   <script>{script}</script>

.. list-table::
   :header-rows: 1
   :class: coverage
   :widths: 22 14 20 14 16 14

   * - Function
     - Derivative
     - How, or why not
     - Modes
     - Kinks: the convention taken
     - Keywords
"""

SCRIPT = """
document.addEventListener("DOMContentLoaded", () => {
  const table = document.querySelector("table.coverage");
  const rows = [...table.querySelectorAll("tbody tr")];
  const input = document.createElement("input");
  const count = document.createElement("span");
  input.type = "search";
  input.placeholder = "filter: sin, linalg, zero by nature ...";
  input.setAttribute("aria-label", "Filter the table");
  const show = () => {
    const words = input.value.toLowerCase().split(/\\s+/);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = ` ${shown} of ${rows.length}`;
  };
  input.addEventListener("input", show);
  table.before(input, count);
  show();
});
"""


def rows() -> Iterator[tuple[str, RuleExplanation]]:
    """Yield every public function's name, and what is told of it.

    Raises
    ------
    LookupError
        If a function is not classified.
    """
    for name, function in public_functions():
        yield name, explanation(name, function, classify(function))


def page() -> str:
    """Return the text of the page."""
    table = list(rows())
    counts = Counter(told.kind for _, told in table)
    listed = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    script = " ".join(SCRIPT.split())
    head = HEAD.format(version=np.__version__, counts=listed, script=script)
    return head + "".join(_row(name, told) for name, told in table)


def _row(name: str, told: RuleExplanation) -> str:
    cells = (
        f"``{name}``",
        told.kind,
        _plain(told.reason),
        told.modes,
        _plain("; ".join(told.kinks)),
        _plain(told.keywords),
    )
    first, *others = (cell or "\\ " for cell in cells)
    return f"   * - {first}\n" + "".join(f"     - {cell}\n" for cell in others)


def _plain(text: str) -> str:
    """Return text that reStructuredText shows as it is."""
    for mark in "\\*`|_":
        text = text.replace(mark, f"\\{mark}")
    return text


def write(_app: object) -> None:
    """Write ``generated/coverage.rst``."""
    target = Path(__file__).parent / "generated" / "coverage.rst"
    target.parent.mkdir(exist_ok=True)
    target.write_text(page(), encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Connect the writer to the build."""
    app.connect("builder-inited", write, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
