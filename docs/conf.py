"""Configuration of the documentation, in the habit of the SciPy world."""

import adjoint

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
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_templates"]
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

html_theme = "pydata_sphinx_theme"
html_title = f"Adjoint {release}"
html_theme_options = {"show_prev_next": False, "navigation_with_keys": False}
html_show_sourcelink = False
