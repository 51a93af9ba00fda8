"""The example of NIST's certified data, with an easy set and a hard one."""

import pytest

pytest.importorskip("matplotlib", reason="needs the extra 'demo'")

from adjoint._demo.nist.data import load
from examples import nist_regression as example


def test_fits_have_the_certified_digits(tmp_path):
    """Ten of eleven, of which the last is rounded, from both starts."""
    rows = example.main(tmp_path, quick=True)
    assert [("Misra1a", 1), ("Misra1a", 2), ("Thurber", 1), ("Thurber", 2)] == [
        (row.name, row.start) for row in rows
    ]
    assert min(row.refined for row in rows) >= 10.0
    assert min(row.deviations for row in rows) >= 10.0
    assert (tmp_path / "nist_regression.png").stat().st_size > 10_000


@pytest.mark.parametrize("name", sorted(set(example.MODELS) - {"Misra1a", "Thurber"}))
def test_others_do_from_the_nearer_start(name):
    """The six that the short version leaves out, without pictures."""
    data = load(name)
    parameters, deviations = example.refined(data, example.fit(data, 2).params)
    assert example.digits(parameters, data.parameters) >= 10.0
    assert example.digits(deviations, data.deviations) >= 10.0
