"""What ``numpy.polynomial`` is to derivatives: transforms follow its own Python.

NumPy loads that package when it is first used, and so do we: the statements are made
when somebody asks.
"""

from types import ModuleType, SimpleNamespace

import numpy as np

from adjoint._numpy.catalogue import Kind, include, state, state_later

_FOLLOWED = "its own Python is followed, statement by statement"
_OF_A_DEGREE = "it is made of a degree alone"
_ENDINGS = ("gauss", "pts1", "pts2")
_MODULES = (
    *("polynomial", "chebyshev", "legendre", "hermite", "hermite_e", "laguerre"),
    "polyutils",
)


def state_polynomials() -> None:
    """State what each public function and class of ``numpy.polynomial`` is."""
    package = np.polynomial
    settings, text = package.set_default_printstyle, package.polyutils.format_float
    state(Kind.WITHOUT, "it is a setting of NumPy, or tells one", settings)
    state(Kind.WITHOUT, "it gives text", text)
    for module in (package, *(getattr(package, name) for name in _MODULES)):
        public = _public(module)
        include(module.__name__, public)
        for name, function in vars(public).items():
            if function is settings or function is text or not callable(function):
                continue
            if name.endswith(_ENDINGS):
                state(Kind.CONSTANT, _OF_A_DEGREE, function)
            else:
                state(Kind.DIFFERENTIABLE, _FOLLOWED, function)


def _public(module: ModuleType) -> SimpleNamespace:
    """Return what a module offers; ``dir`` of it names what it imports too."""
    return SimpleNamespace(**{name: getattr(module, name) for name in module.__all__})


state_later("numpy.polynomial", state_polynomials)
