"""Less memory for one call, for the price of running it twice."""

import functools
from collections.abc import Callable
from typing import Any

from adjoint._clone.runs import followed
from adjoint._control.checkpoint import call_checkpointed


def checkpoint(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that keeps no intermediate values for the backward pass.

    Reverse mode keeps what each operation's rule reads.  A checkpointed function keeps
    its arguments and results; when the backward sweep arrives, it runs once more.

    Parameters
    ----------
    fun : callable
        A function of arrays or trees.  It must give the same results when run again: no
        random numbers, nothing that changes meanwhile.

    Returns
    -------
    callable
        The same function; values and derivatives are the same in every mode.

    Raises
    ------
    StaleError
        In the backward pass, if the second run gives another result.

    References
    ----------
    Griewank & Walther 2008, section 12.1.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> step = ad.checkpoint(lambda x: np.sin(np.exp(np.sin(x))))
    >>> ad.grad(lambda x: step(step(x)))(0.0)
    np.float64(-0.3881848931765454)
    """

    @functools.wraps(fun, updated=())
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        return call_checkpointed(followed(fun), args, kwargs)

    return checkpointed
