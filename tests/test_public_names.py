"""The public names: exactly these, each with an example, and nothing loaded unasked."""

import importlib.metadata
import inspect
import json
import pkgutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

import adjoint as ad
from adjoint._core.errors import warn_the_user

EXPECTED = [
    "Graph",
    "Report",
    "Table",
    "__version__",
    "check_grads",
    "checkpoint",
    "compare_methods",
    "custom_jvp",
    "custom_vjp",
    "debug",
    "diagnose",
    "dual",
    "elementwise_grad",
    "errors",
    "explain",
    "explain_rule",
    "extend",
    "follow",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "linearize",
    "nn",
    "numeric",
    "numpy",
    "optim",
    "profile",
    "solve",
    "stop_gradient",
    "symbolic",
    "trace",
    "tree",
    "value_and_grad",
    "variable",
    "vjp",
    "vmap",
]
MODULES = {
    "errors",
    "extend",
    "nn",
    "numeric",
    "numpy",
    "optim",
    "solve",
    "symbolic",
    "tree",
}
OBJECTS = [name for name in EXPECTED if name != "__version__"]


def test_the_list_of_public_names_is_the_expected_one():
    assert EXPECTED == ad.__all__


def test_the_list_of_public_names_is_sorted():
    assert sorted(ad.__all__) == ad.__all__


@pytest.mark.parametrize("name", OBJECTS)
def test_a_public_object_has_a_docstring_with_an_example(name):
    assert ">>> " in (inspect.getdoc(getattr(ad, name)) or "")


@pytest.mark.parametrize("name", sorted({*OBJECTS} - MODULES))
def test_a_public_callable_says_that_it_is_adjoints(name):
    made = getattr(ad, name)
    assert callable(made)
    assert made.__module__ == "adjoint"
    assert made.__name__ == name


def test_only_public_modules_share_a_name_with_a_file():
    files = {found.name for found in pkgutil.iter_modules(ad.__path__)}
    assert files & {*EXPECTED} == MODULES
    assert all(isinstance(getattr(ad, name), types.ModuleType) for name in MODULES)


def test_no_further_name_looks_public():
    """What stands beside the list without an underscore is a module of ours."""
    further = {name for name in vars(ad) if name[0] != "_"} - {*EXPECTED}
    strangers = {
        name
        for name in further
        if getattr(getattr(ad, name), "__name__", "") != f"adjoint.{name}"
    }
    assert strangers <= {"annotations"}  # from __future__ import annotations


def test_the_version_is_the_installed_one():
    installed = importlib.metadata.version("adjoint")
    assert installed == ad.__version__, "installed before the change: make clean"


def test_importing_adjoint_loads_numpy_and_nothing_else_that_is_heavy():
    """A fresh process, since this one has loaded everything long ago."""
    heavy = ["matplotlib", "optree", "scipy", "sympy"]
    program = (
        "import json, sys, adjoint\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    run = [sys.executable, "-c", program]
    loaded = json.loads(subprocess.run(run, check=True, capture_output=True).stdout)
    assert "numpy" in loaded
    assert [] == [name for name in heavy if name in loaded]


def test_what_is_loaded_later_comes_when_it_is_asked_for():
    program = (
        "import sys, adjoint as ad\n"
        "late = {'adjoint.numeric', 'adjoint.optim', 'adjoint.solve'}\n"
        "assert not {'adjoint.symbolic', *late} & {*sys.modules}\n"
        "assert {*ad.__all__} <= {*dir(ad)}\n"
        "assert ad.numeric.grad is sys.modules['adjoint.numeric'].grad\n"
        "assert ad.compare_methods is vars(ad)['compare_methods']\n"
        "assert ad.symbolic is sys.modules['adjoint.symbolic']\n"
        "assert 'sympy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_name_that_is_none_is_no_attribute():
    with pytest.raises(AttributeError, match="has no attribute 'gradient'"):
        ad.gradient  # noqa: B018 - the look-up is what is tested


def test_every_error_is_explained_where_its_note_points():
    """docs/errors.md has a heading for each class, as the note under a message says."""
    page = (Path(__file__).parents[1] / "docs" / "errors.md").read_text()
    for name in ad.errors.__all__:
        kind = getattr(ad.errors, name)
        if kind in {ad.errors.AdjointError, ad.errors.AdjointWarning}:
            assert f"ad.errors.{name}" in page
            continue
        if issubclass(kind, Warning):
            assert f"\n### {name}\n" in page
            with pytest.warns(
                kind, match=rf"a sentence\. .*errors\.md#{name.lower()}$"
            ):
                warn_the_user("a sentence.", kind)
            continue
        assert f"\n## {name}\n" in page
        (note,) = kind("a sentence").__notes__
        assert f"docs/errors.md#{name.lower()}" in note
        assert f"help(adjoint.errors.{name})" in note
