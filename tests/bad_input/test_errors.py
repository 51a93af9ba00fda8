"""The tree of errors."""

import pytest

from adjoint import errors


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (errors.ConversionError, TypeError),
        (errors.InputError, TypeError),
        (errors.OutputError, TypeError),
        (errors.ShapeError, ValueError),
        (errors.TreeError, ValueError),
        (errors.MissingRuleError, TypeError),
        (errors.MissingAttributeError, AttributeError),
        (errors.MutationError, TypeError),
        (errors.StaleError, RuntimeError),
        (errors.LeakError, RuntimeError),
        (errors.BatchedControlError, TypeError),
        (errors.CheckError, AssertionError),
        (errors.CheckpointError, ValueError),
    ],
)
def test_errors_are_ours_and_pythons(error, builtin):
    """Each error is caught by our base and by Python's class for such mistakes."""
    assert issubclass(error, errors.AdjointError)
    assert issubclass(error, builtin)
