"""Configuration of the documentation, in the habit of the SciPy world."""

import os
import sys
from pathlib import Path
from typing import Any

# Times in the gallery are those of one thread: the pages say so, and several threads
# that wait for busy cores can take a hundred times longer.  NumPy reads it once.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import adjoint

sys.path.insert(0, str(Path(__file__).parent))  # coverage_page is ours

project = "Adjoint"
author = "the Adjoint developers"
project_copyright = f"2026, {author}"
version = release = adjoint.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "coverage_page",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_templates", "gallery"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}

# Docstrings name types in words for the reader; signatures stay short.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autosummary_generate = True
numpydoc_show_class_members = False

# The pages refer to each other; names of other projects are written, not linked, so
# that the build needs no network.
nitpick_ignore_regex = [
    (r"py:.*", r"(collections|numpy|np|optree|scipy|typing)\..*"),
    (r"py:.*", r"[A-Z]\w*(Error|Warning|Exception)"),
]
myst_heading_anchors = 2
myst_enable_extensions = ["dollarmath"]

# Pages by example, executed by the build.  Names in their code link to the reference.
sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "generated/gallery",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "image_scrapers": ("matplotlib",),
    "ignore_repr_types": r"matplotlib[.]",  # what axes.legend() returns says nothing
    "reference_url": {"adjoint": None},
    "download_all_examples": False,
    "write_computation_times": False,
    "show_signature": False,
    "min_reported_time": 1e9,  # a page that rests on its time says it itself
}

html_theme = "pydata_sphinx_theme"
html_title = f"Adjoint {release}"
html_theme_options = {"show_prev_next": False, "navigation_with_keys": False}
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["gallery.css"]
html_sidebars = {  # room for tables and code
    "benchmarks": [],
    "generated/gallery/plot_*": [],
}


def draw_methods(_app: object) -> None:
    """Draw the pictures of the methods page, ``methods.svg`` and ``swell.svg``."""

    def f(x: Any) -> Any:
        return np.log(x[0]) + x[0] * x[1] - np.sin(x[1])

    def by_hand(x: Any) -> Any:
        return np.array([1 / x[0] + x[1], x[0] - np.cos(x[1])])

    comparison = adjoint.compare_methods(f, np.array([2.0, 5.0]), manual=by_hand)
    swell = adjoint.symbolic.swell(lambda x: 4 * x * (1 - x), count=8)
    folder = Path(__file__).parent / "generated"
    folder.mkdir(exist_ok=True)
    comparison.plot().savefig(folder / "methods.svg")
    swell.plot().savefig(folder / "swell.svg")


def draw_profiles(_app: object) -> None:
    """Draw the timelines of the page on profiles, without and with checkpoints."""

    def step(x: Any) -> Any:
        y = np.sin(x)
        return y * x

    def segment(x: Any, length: int = 10) -> Any:
        for _ in range(length):
            x = step(x)
        return x

    def simulate(x: Any) -> Any:
        return np.sum(segment(x, 100))

    def simulate_in_segments(x: Any) -> Any:
        for _ in range(10):
            x = adjoint.checkpoint(segment)(x)
        return np.sum(x)

    folder = Path(__file__).parent / "generated"
    folder.mkdir(exist_ok=True)
    x = np.linspace(0.1, 1.0, 10_000)
    for function, name in ((simulate, "whole"), (simulate_in_segments, "segments")):
        found = adjoint.profile(adjoint.grad(function))(x)
        found.save(folder / f"profile-{name}.svg")


def setup(app: Any) -> None:
    """Connect what draws the pictures to the build."""
    app.connect("builder-inited", draw_methods, priority=100)
    app.connect("builder-inited", draw_profiles, priority=100)
