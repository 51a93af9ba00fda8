"""Gradient descent: plain, with momentum, with Nesterov's momentum."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint.optim import _checks
from adjoint.optim._blocks import Rule
from adjoint.optim._optimizer import Now, Optimizer, Schedule


@dataclass(frozen=True)
class SGD(Optimizer):
    r"""Gradient descent, with or without momentum.

    .. math::

       g &\leftarrow g + \lambda p \\
       b &\leftarrow \mu b + g \\
       p &\leftarrow p - \eta\, b
         \quad\text{or, by Nesterov,}\quad p - \eta\,(g + \mu b)

    Without momentum (:math:`\mu = 0`) nothing is remembered.

    Parameters
    ----------
    learning_rate : float or schedule
        η; a schedule takes the number of the step, from 0.
    momentum : float, optional
        μ, from 0 to 1.  Default is 0.
    nesterov : bool, optional
        Look ahead along the momentum.  Default is False.
    weight_decay : float, optional
        λ: the gradient of λ‖p‖²/2 is added.  Default is 0.
    clip_value, clip_norm, check_finite
        See `Optimizer`.

    Raises
    ------
    ValueError
        If a setting is out of its range, or Nesterov's has no momentum.

    References
    ----------
    Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
    Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and
    momentum in deep learning", 2013.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> optimizer = ad.optim.SGD(0.1, momentum=0.5)
    >>> params, state = np.array([1.0]), optimizer.init(np.array([1.0]))
    >>> for _ in range(2):
    ...     params, state = optimizer.update(np.array([2.0]), state, params)
    >>> params, state
    (array([0.5]), {'step': 2, 'momentum': array([3.])})
    """

    learning_rate: float | Schedule = 1e-2
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        _checks.nonnegative(self, "learning_rate")
        _checks.nonnegative(self, "weight_decay")
        _checks.fraction(self, "momentum")
        if self.nesterov and self.momentum == 0.0:
            msg = "SGD: nesterov=True looks ahead along a momentum; give momentum > 0."
            raise ValueError(msg)

    def _slots(self) -> tuple[str, ...]:
        return ("momentum",) if self.momentum else ()

    def _rule(self, now: Now) -> Rule:
        rate = now.rate
        decay, momentum, nesterov = self.weight_decay, self.momentum, self.nesterov

        def plain(p: Any, g: Any) -> tuple[Any]:
            return (p - rate * decayed(p, g, decay),)

        def with_momentum(p: Any, g: Any, b: Any) -> tuple[Any, Any]:
            g = decayed(p, g, decay)
            b = momentum * b + g
            return p - rate * (g + momentum * b if nesterov else b), b

        return with_momentum if momentum else plain


def decayed(p: Any, g: Any, weight_decay: float) -> Any:
    """Return the gradient with that of ``weight_decay`` ‖p‖²/2 added."""
    return g + weight_decay * p if weight_decay else g


@dataclass(frozen=True)
class Lion(Optimizer):
    r"""Sign of an interpolated momentum (evolved sign momentum).

    .. math::

       u &= \operatorname{sign}(\beta_1 m + (1 - \beta_1) g) \\
       p &\leftarrow p - \eta\,(u + \lambda p) \\
       m &\leftarrow \beta_2 m + (1 - \beta_2) g

    The weight decay is decoupled, as in the paper.  Every number moves by η, so a good
    rate is three to ten times smaller than Adam's.

    Parameters
    ----------
    learning_rate : float or schedule
        η; default is 1e-4.
    beta1, beta2 : float, optional
        From 0 to 1.  Defaults are 0.9 and 0.99.
    weight_decay : float, optional
        λ.  Default is 0.
    clip_value, clip_norm, check_finite
        See `Optimizer`.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    References
    ----------
    Chen et al., "Symbolic discovery of optimization algorithms", 2023, algorithm 2.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> optimizer = ad.optim.Lion(0.5)
    >>> params = np.array([1.0, 2.0, 3.0])
    >>> state = optimizer.init(params)
    >>> params, state = optimizer.update(np.array([8.0, 0.0, -0.1]), state, params)
    >>> params
    array([0.5, 2. , 3.5])
    """

    learning_rate: float | Schedule = 1e-4
    beta1: float = 0.9
    beta2: float = 0.99
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        _checks.nonnegative(self, "learning_rate")
        _checks.nonnegative(self, "weight_decay")
        _checks.fraction(self, "beta1")
        _checks.fraction(self, "beta2")

    def _slots(self) -> tuple[str, ...]:
        return ("m",)

    def _rule(self, now: Now) -> Rule:
        rate = now.rate
        beta1, beta2, decay = self.beta1, self.beta2, self.weight_decay

        def rule(p: Any, g: Any, m: Any) -> tuple[Any, Any]:
            u = np.sign(beta1 * m + (1.0 - beta1) * g)
            return p - rate * decayed(p, u, decay), beta2 * m + (1.0 - beta2) * g

        return rule
