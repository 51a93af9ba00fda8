"""What every test may use, and what the report says about the libraries below."""

import os

import numpy as np
import pytest
import scipy

# No test needs a screen; set before anything loads matplotlib.
os.environ.setdefault("MPLBACKEND", "Agg")


def pytest_report_header() -> str:
    return f"numpy {np.__version__}, scipy {scipy.__version__}"


@pytest.fixture
def rng():
    """Random numbers, the same in every run and for every order of the tests."""
    return np.random.default_rng(20260101)
