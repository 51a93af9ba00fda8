"""Optional packages: named with their extra where they are missing."""

import sys

import pytest

from adjoint._demo import optional
from adjoint._demo.digits.data import load
from adjoint.cli import main


def test_missing_scikit_learn_names_the_extra(monkeypatch):
    """The sentence says what needs it and how to install it."""
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError) as caught:
        load()
    assert (
        "Learning from handwritten digits needs scikit-learn, which is not installed: "
        'pip install "adjoint[demo]".'
    ) == str(caught.value)


def test_a_missing_package_ends_the_command_with_its_sentence(
    tmp_path, monkeypatch, capsys
):
    """No traceback: status 1, and the sentence on standard error."""
    monkeypatch.setitem(sys.modules, "matplotlib.layout_engine", None)
    assert 1 == main(["demo", "constrained", "--output", str(tmp_path)])
    assert 'needs matplotlib, which is not installed: pip install "adjoint[demo]"' in (
        capsys.readouterr().err
    )


def test_a_damaged_package_is_not_called_missing(tmp_path, monkeypatch):
    """Where something that a package needs is missing, that error comes through."""
    (tmp_path / "rich.py").write_text("import a_package_that_is_nowhere\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "rich", raising=False)
    with pytest.raises(ModuleNotFoundError, match="a_package_that_is_nowhere"):
        optional.load("rich", "The test")
