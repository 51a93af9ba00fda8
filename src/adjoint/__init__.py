"""Adjoint: exact derivatives of plain NumPy code.

>>> import numpy as np
>>> import adjoint as ad
>>> ad.grad(lambda x: np.sum(np.sin(x) ** 2))(np.array([0.0, np.pi / 4]))
array([0., 1.])
"""

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

__version__ = "0.1.0"

__all__ = [
    "Graph",
    "Table",
    "__version__",
    "check_grads",
    "checkpoint",
    "custom_jvp",
    "custom_vjp",
    "dual",
    "elementwise_grad",
    "errors",
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
    "numpy",
    "stop_gradient",
    "trace",
    "tree",
    "value_and_grad",
    "variable",
    "vjp",
    "vmap",
]

for _name in __all__:
    _public = globals()[_name]
    if callable(_public):
        _public.__module__ = "adjoint"
