"""Rates for each parameter from the squares of its gradients: Adagrad and RMSProp."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint.optim import _checks
from adjoint.optim._blocks import Rule
from adjoint.optim._optimizer import Now, Optimizer, Schedule
from adjoint.optim.descent import decayed


@dataclass(frozen=True)
class Adagrad(Optimizer):
    r"""Rates that fall with the sum of squared gradients.

    .. math::

       g &\leftarrow g + \lambda p \\
       s &\leftarrow s + g^2 \\
       p &\leftarrow p - \eta\,\frac{g}{\sqrt{s} + \varepsilon}

    Parameters
    ----------
    learning_rate : float or schedule
        η; default is 1e-2.
    eps : float, optional
        ε.  Default is 1e-10.
    weight_decay : float, optional
        λ: the gradient of λ‖p‖²/2 is added.  Default is 0.
    clip_value, clip_norm, check_finite
        See `Optimizer`.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    References
    ----------
    Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and
    stochastic optimization", 2011.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> optimizer = ad.optim.Adagrad(1.0)
    >>> params, state = np.zeros(1), optimizer.init(np.zeros(1))
    >>> for slope in (3.0, 4.0):
    ...     params, state = optimizer.update(np.array([slope]), state, params)
    >>> print(params, state["s"])
    [-1.8] [25.]
    """

    learning_rate: float | Schedule = 1e-2
    eps: float = 1e-10
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        _checks.nonnegative(self, "learning_rate")
        _checks.positive(self, "eps")
        _checks.nonnegative(self, "weight_decay")

    def _slots(self) -> tuple[str, ...]:
        return ("s",)

    def _rule(self, now: Now) -> Rule:
        rate = now.rate
        eps, decay = self.eps, self.weight_decay

        def rule(p: Any, g: Any, s: Any) -> tuple[Any, Any]:
            g = decayed(p, g, decay)
            s = s + g * g
            return p - rate * g / (np.sqrt(s) + eps), s

        return rule


@dataclass(frozen=True)
class RMSProp(Optimizer):
    r"""Rates by a running mean of squared gradients.

    .. math::

       g &\leftarrow g + \lambda p \\
       s &\leftarrow \alpha s + (1 - \alpha) g^2, \qquad
       a \leftarrow \alpha a + (1 - \alpha) g \\
       d &= \frac{g}{\sqrt{s} + \varepsilon}
         \quad\text{or, centered,}\quad \frac{g}{\sqrt{s - a^2} + \varepsilon} \\
       b &\leftarrow \mu b + d, \qquad p \leftarrow p - \eta\, b

    Parameters
    ----------
    learning_rate : float or schedule
        η; default is 1e-2.
    decay : float, optional
        α, from 0 to 1.  Default is 0.99.
    eps : float, optional
        ε.  Default is 1e-8.
    momentum : float, optional
        μ, from 0 to 1.  Default is 0.
    centered : bool, optional
        Divide by an estimate of the standard deviation.  Default is False.
    weight_decay : float, optional
        λ: the gradient of λ‖p‖²/2 is added.  Default is 0.
    clip_value, clip_norm, check_finite
        See `Optimizer`.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    References
    ----------
    Tieleman and Hinton, "Neural networks for machine learning", lecture 6.5, 2012.
    Graves, "Generating sequences with recurrent neural networks", 2013, equations 38
    to 45, for the centered form.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> optimizer = ad.optim.RMSProp(0.1, decay=0.75)
    >>> params = np.array([1.0])
    >>> state = optimizer.init(params)
    >>> params, state = optimizer.update(np.array([4.0]), state, params)
    >>> print(params.round(6), state["s"])
    [0.8] [4.]
    """

    learning_rate: float | Schedule = 1e-2
    decay: float = 0.99
    eps: float = 1e-8
    momentum: float = 0.0
    centered: bool = False
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        _checks.nonnegative(self, "learning_rate")
        _checks.fraction(self, "decay")
        _checks.positive(self, "eps")
        _checks.fraction(self, "momentum")
        _checks.nonnegative(self, "weight_decay")

    def _slots(self) -> tuple[str, ...]:
        mean = ("mean",) if self.centered else ()
        momentum = ("momentum",) if self.momentum else ()
        return ("s", *mean, *momentum)

    def _rule(self, now: Now) -> Rule:
        rate = now.rate
        alpha, eps, momentum = self.decay, self.eps, self.momentum
        centered, weight_decay = self.centered, self.weight_decay

        def rule(p: Any, g: Any, s: Any, *rest: Any) -> tuple[Any, ...]:
            g = decayed(p, g, weight_decay)
            s = alpha * s + (1.0 - alpha) * (g * g)
            slots, variance = [s], s
            if centered:
                mean = rest[0] + (1.0 - alpha) * (g - rest[0])
                # Rounding may leave a variance of nearly constant gradients below 0.
                variance = np.maximum(s - mean * mean, 0.0)
                slots.append(mean)
            step = g / (np.sqrt(variance) + eps)
            if momentum:
                step = momentum * rest[-1] + step
                slots.append(step)
            return p - rate * step, *slots

        return rule
