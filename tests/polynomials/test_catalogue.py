"""What the catalogue says of ``numpy.polynomial``."""

import subprocess
import sys

import numpy as np
import pytest

import adjoint as ad
from adjoint._numpy.catalogue import Kind, classify, public_functions

from .families import FAMILIES

MODULES = [*(family.module for family in FAMILIES), np.polynomial.polyutils]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_public_function_of_a_module_is_listed(module):
    """By its full name, as often as there are names."""
    listed = {name for name, _ in public_functions()}
    offered = [name for name in module.__all__ if callable(getattr(module, name))]
    assert len(offered) > 6
    assert {f"{module.__name__}.{name}" for name in offered} <= listed


def test_kinds():
    """What is followed, what is a constant, what gives text."""
    polynomial = np.polynomial
    kinds = {
        polynomial.polynomial.polyval: Kind.DIFFERENTIABLE,
        polynomial.polynomial.polyval2d: Kind.DIFFERENTIABLE,
        polynomial.hermite.hermweight: Kind.DIFFERENTIABLE,
        polynomial.Laguerre: Kind.DIFFERENTIABLE,
        polynomial.legendre.leggauss: Kind.CONSTANT,
        polynomial.chebyshev.chebpts2: Kind.CONSTANT,
        polynomial.polyutils.format_float: Kind.WITHOUT,
        polynomial.set_default_printstyle: Kind.WITHOUT,
    }
    assert kinds == {function: classify(function).kind for function in kinds}


def test_the_place_in_numpys_own_source_is_told():
    told = ad.explain_rule("numpy.polynomial.legendre.legval")
    assert "followed" in told.reason
    assert "numpy/polynomial/legendre.py, line " in told.source.replace("\\", "/")


def test_numpys_package_is_not_loaded_before_it_is_used():
    program = "import sys, adjoint; print('numpy.polynomial' in sys.modules)"
    run = [sys.executable, "-c", program]
    out = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    assert out.split() == ["False"]
