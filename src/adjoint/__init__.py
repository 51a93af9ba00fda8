"""Adjoint: exact derivatives of plain NumPy code.

>>> import numpy as np
>>> import adjoint as ad
>>> ad.grad(lambda x: np.sum(np.sin(x) ** 2))(np.array([0.0, np.pi / 4]))
array([0., 1.])
"""

import typing as _typing
from importlib import import_module as _import_module

from adjoint import (
    _numpy as _numpy,
    _primitives as _primitives,
    errors as errors,
    extend as extend,
    numpy as numpy,
    tree as tree,
)
from adjoint._core.graph import Graph as Graph
from adjoint._core.table import Table as Table
from adjoint._debug.context import debug as debug
from adjoint._transforms.checkpointing import checkpoint as checkpoint
from adjoint._transforms.custom import (
    custom_jvp as custom_jvp,
    custom_vjp as custom_vjp,
)
from adjoint._transforms.derivative import (
    elementwise_grad as elementwise_grad,
    grad as grad,
    value_and_grad as value_and_grad,
)
from adjoint._transforms.duals import dual as dual
from adjoint._transforms.following import follow as follow
from adjoint._transforms.jacobian import (
    hessian as hessian,
    jacfwd as jacfwd,
    jacobian as jacobian,
    jacrev as jacrev,
)
from adjoint._transforms.products import (
    hvp as hvp,
    jvp as jvp,
    linearize as linearize,
    vjp as vjp,
)
from adjoint._transforms.stopping import stop_gradient as stop_gradient
from adjoint._transforms.tracing import trace as trace, variable as variable
from adjoint._transforms.vectorize import vmap as vmap
from adjoint.testing import check_grads as check_grads

if _typing.TYPE_CHECKING:
    from adjoint import numeric as numeric, symbolic as symbolic
    from adjoint._comparison.methods import compare_methods as compare_methods
    from adjoint._diagnosis.diagnose import diagnose as diagnose
    from adjoint._explain.explain import explain as explain
    from adjoint._explain.report import Report as Report
    from adjoint._profile.profile import profile as profile

__version__ = "0.1.0"

__all__ = [
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

_LATER = {
    "compare_methods": "adjoint._comparison.methods",
    "diagnose": "adjoint._diagnosis.diagnose",
    "Report": "adjoint._explain.report",
    "explain": "adjoint._explain.explain",
    "explain_rule": "adjoint._explain.rule",
    "nn": "adjoint.nn",
    "numeric": "adjoint.numeric",
    "optim": "adjoint.optim",
    "profile": "adjoint._profile.profile",
    "solve": "adjoint.solve",
    "symbolic": "adjoint.symbolic",
}
"""Names whose modules are loaded when they are asked for: `import adjoint` is quick."""


def __getattr__(name: str) -> _typing.Any:
    """Return one of the names that are loaded later."""
    if name not in _LATER:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    found: _typing.Any = _import_module(_LATER[name])
    if _LATER[name] != f"{__name__}.{name}":
        found = getattr(found, name)
        found.__module__ = __name__
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the names here, those that are loaded later among them."""
    return sorted({*globals(), *_LATER})


for _name in set(__all__) - set(_LATER):
    _public = globals()[_name]
    if callable(_public):
        _public.__module__ = "adjoint"
