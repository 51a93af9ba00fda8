"""NumPy's namespace, for code that says ``import adjoint.numpy as np``.

All names are NumPy's own objects, except for those few that NumPy's protocols do not
carry to us: ``array``, ``asarray``, ``zeros``, ``ones``, ``empty``, ``full`` and the
like, ``fromiter``, ``r_``, ``c_``.  Here they make arrays that take traced values.

Transforms see those calls in plain NumPy code too, wherever they can read its source.
This namespace is for functions without readable source, for ``plain_numpy=False``, and
for those who like it said.  Outside of transforms everything is NumPy's.

>>> import adjoint as ad
>>> import adjoint.numpy as np
>>> def powers(x):
...     z = np.zeros(3)
...     for k in range(3):
...         z[k] = x**k
...     return np.sum(np.array([z[1], z[2], 1.0]))
>>> ad.grad(powers, plain_numpy=False)(2.0)
np.float64(5.0)
"""

from typing import Any

import numpy as _numpy  # noqa: ICN001 - its own name is this module

from adjoint._clone.constructors import join
from adjoint._clone.hooks import SHALLOW_CALLS
from adjoint._clone.records import STAND_INS

_ITS_OWN = frozenset({"test"})
"""What belongs to NumPy as a package, not to its namespace."""


def __getattr__(name: str) -> Any:
    """Return NumPy's object of a name, or what stands for it."""
    if name in _ITS_OWN or (name.startswith("__") and name != "__version__"):
        msg = f"module 'adjoint.numpy' has no attribute {name!r}"
        raise AttributeError(msg)
    found = getattr(_numpy, name)
    value = _standing_for(found)
    globals()[name] = value  # the next look-up is the module's own
    return value


def _standing_for(found: Any) -> Any:
    if found is _numpy.r_ or found is _numpy.c_:
        return join(found)
    try:
        maker = STAND_INS.get(found)
    except TypeError:  # without a hash: no function
        return found
    is_class = isinstance(found, type)  # isinstance(v, np.float64) asks for it too
    return found if maker is None or is_class else maker(SHALLOW_CALLS)


def __dir__() -> list[str]:
    return sorted(dir(_numpy))
