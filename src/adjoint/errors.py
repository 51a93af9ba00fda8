"""Every exception and warning of Adjoint.

All exceptions derive from ``AdjointError``, all warnings from ``AdjointWarning``.

>>> import adjoint as ad
>>> try:
...     ad.grad(lambda x: x)("text")
... except ad.errors.AdjointError as error:
...     print(type(error).__name__)
InputError
"""

from adjoint._core import errors as _errors
from adjoint._core.errors import (
    AdjointError,
    AdjointWarning,
    BatchedControlError,
    BatchFallbackWarning,
    CheckError,
    CheckpointError,
    ConventionWarning,
    ConversionError,
    GraphError,
    GuardError,
    InputError,
    LeakError,
    MissingAttributeError,
    MissingRuleError,
    MutationError,
    NoInfluenceWarning,
    NonFiniteError,
    NonFiniteWarning,
    OutputError,
    ShapeError,
    StaleError,
    TreeError,
    UndefinedDerivativeWarning,
)

__all__ = [
    "AdjointError",
    "AdjointWarning",
    "BatchFallbackWarning",
    "BatchedControlError",
    "CheckError",
    "CheckpointError",
    "ConventionWarning",
    "ConversionError",
    "GraphError",
    "GuardError",
    "InputError",
    "LeakError",
    "MissingAttributeError",
    "MissingRuleError",
    "MutationError",
    "NoInfluenceWarning",
    "NonFiniteError",
    "NonFiniteWarning",
    "OutputError",
    "ShapeError",
    "StaleError",
    "TreeError",
    "UndefinedDerivativeWarning",
]

for _name in __all__:
    getattr(_errors, _name).__module__ = __name__
