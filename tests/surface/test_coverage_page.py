"""The page of the documentation that lists all of NumPy."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from adjoint._numpy import catalogue

FILE = Path(__file__).parents[2] / "docs" / "coverage_page.py"


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("coverage_page", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_has_a_row_for_every_public_function(generator):
    """None is unclassified: that would raise."""
    page = generator.page()
    names = [name for name, _ in catalogue.public_functions()]
    assert len(names) > 500
    missing = [name for name in names if f"   * - ``{name}``\n" not in page]
    assert [] == missing
    assert page.count("   * - ``numpy.") == len(names)


def test_the_page_says_for_which_numpy_it_was_made(generator):
    assert f"Every public function of NumPy {np.__version__} " in generator.page()


def test_each_row_has_six_cells(generator):
    """A cell too few would shift the others, and docutils refuse the page."""
    rows = generator.page().split("   * - ")[1:]
    assert {5} == {row.count("\n     - ") for row in rows}


def test_a_function_that_nobody_classified_stops_the_page(generator, monkeypatch):
    class Namespace:
        newcomer = staticmethod(lambda x: x)

    monkeypatch.setitem(catalogue._NAMESPACES, "numpy.future", Namespace)
    with pytest.raises(LookupError, match="nothing is known of"):
        generator.page()


def test_kinks_and_reasons_are_in_the_rows(generator):
    page = generator.page()
    row = page[page.index("``numpy.absolute``") :].split("   * - ")[0]
    assert "at 0: " in row
    row = page[page.index("``numpy.save``") :].split("   * - ")[0]
    assert "without derivative" in row
    assert "it reads or writes files" in row
