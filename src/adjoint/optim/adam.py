"""Adam and its kin: steps scaled by running moments of the gradients."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from adjoint.optim import _checks
from adjoint.optim._blocks import Rule
from adjoint.optim._optimizer import Now, Optimizer, Schedule, State
from adjoint.optim.descent import decayed


@dataclass(frozen=True)
class _Moments(Optimizer):
    """What Adam and its kin have in common: two moments, and their settings."""

    learning_rate: float | Schedule = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        _checks.nonnegative(self, "learning_rate")
        _checks.fraction(self, "beta1")
        _checks.fraction(self, "beta2")
        _checks.nonnegative(self, "eps")
        _checks.nonnegative(self, "weight_decay")

    def _slots(self) -> tuple[str, ...]:
        return ("m", "v")

    def _corrected(self, now: Now) -> tuple[Any, float]:
        """Return η and ε with the corrections for the zeros the moments start from.

        η m̂ / (√v̂ + ε) is η √(1 - β₂ᵗ) / (1 - β₁ᵗ) m / (√v + ε √(1 - β₂ᵗ)), which
        spares two passes over the array (Kingma and Ba, end of section 2).
        """
        root = (1.0 - self.beta2**now.t) ** 0.5
        return now.rate * root / (1.0 - self.beta1**now.t), self.eps * root


@dataclass(frozen=True)
class Adam(_Moments):
    r"""Adam: adaptive moments.

    .. math::

       g &\leftarrow g + \lambda p \\
       m &\leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
       v \leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
       p &\leftarrow p - \eta\,
          \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon}

    Parameters
    ----------
    learning_rate : float or schedule
        η; default is 1e-3.  A schedule takes the number of the step, from 0.
    beta1, beta2 : float, optional
        Decay of the two moments, from 0 to 1.  Defaults are 0.9 and 0.999.
    eps : float, optional
        ε.  Default is 1e-8.
    weight_decay : float, optional
        λ: the gradient of λ‖p‖²/2 is added; `AdamW` decouples it.  Default is 0.
    clip_value, clip_norm, check_finite
        See `Optimizer`.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    References
    ----------
    Kingma and Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> optimizer = ad.optim.Adam(0.1)
    >>> params = {"w": np.array([1.0, -2.0])}
    >>> state = optimizer.init(params)
    >>> grads = {"w": np.array([100.0, -0.01])}
    >>> params, state = optimizer.update(grads, state, params)
    >>> print(params["w"].round(6))
    [ 0.9 -1.9]
    """

    def _rule(self, now: Now) -> Rule:
        beta1, beta2, decay = self.beta1, self.beta2, self.weight_decay
        size, eps = self._corrected(now)

        def rule(p: Any, g: Any, m: Any, v: Any) -> tuple[Any, Any, Any]:
            g = decayed(p, g, decay)
            m = m + (1.0 - beta1) * (g - m)
            v = beta2 * v + (1.0 - beta2) * (g * g)
            return p - size * m / (np.sqrt(v) + eps), m, v

        return rule


@dataclass(frozen=True)
class AdamW(_Moments):
    r"""Adam with decoupled weight decay.

    .. math::

       m &\leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
       v \leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
       p &\leftarrow p - \eta \lambda p - \eta\,
          \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon}

    Parameters
    ----------
    learning_rate, beta1, beta2, eps
        As in `Adam`.
    weight_decay : float, optional
        λ, multiplied by the learning rate.  Default is 0.01.
    clip_value, clip_norm, check_finite
        See `Optimizer`.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    References
    ----------
    Loshchilov and Hutter, "Decoupled weight decay regularization", 2019, algorithm 2.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> optimizer = ad.optim.AdamW(0.1, weight_decay=0.5)
    >>> params = np.array([1.0])
    >>> params, _ = optimizer.update(np.zeros(1), optimizer.init(params), params)
    >>> params
    array([0.95])
    """

    weight_decay: float = 1e-2

    def _rule(self, now: Now) -> Rule:
        beta1, beta2 = self.beta1, self.beta2
        shrink = 1.0 - now.rate * self.weight_decay
        size, eps = self._corrected(now)

        def rule(p: Any, g: Any, m: Any, v: Any) -> tuple[Any, Any, Any]:
            m = m + (1.0 - beta1) * (g - m)
            v = beta2 * v + (1.0 - beta2) * (g * g)
            return shrink * p - size * m / (np.sqrt(v) + eps), m, v

        return rule


@dataclass(frozen=True)
class Adamax(_Moments):
    r"""Adam with the maximum norm in place of the second moment.

    .. math::

       g &\leftarrow g + \lambda p \\
       m &\leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
       u \leftarrow \max(\beta_2 u,\ |g| + \varepsilon) \\
       p &\leftarrow p - \frac{\eta}{1 - \beta_1^t}\,\frac{m}{u}

    Parameters
    ----------
    learning_rate : float or schedule
        η; default is 2e-3.
    beta1, beta2, eps, weight_decay
        As in `Adam`.
    clip_value, clip_norm, check_finite
        See `Optimizer`.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    Notes
    -----
    The paper has no ε; without it a parameter whose gradients are all 0 would be 0/0.

    References
    ----------
    Kingma and Ba, "Adam: a method for stochastic optimization", 2015, algorithm 2.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> optimizer = ad.optim.Adamax(0.5)
    >>> params = np.array([1.0, 1.0])
    >>> state = optimizer.init(params)
    >>> params, state = optimizer.update(np.array([4.0, 0.0]), state, params)
    >>> print(params.round(6))
    [0.5 1. ]
    """

    learning_rate: float | Schedule = 2e-3

    def _slots(self) -> tuple[str, ...]:
        return ("m", "u")

    def _rule(self, now: Now) -> Rule:
        beta1, beta2, eps = self.beta1, self.beta2, self.eps
        decay = self.weight_decay
        size = now.rate / (1.0 - beta1**now.t)

        def rule(p: Any, g: Any, m: Any, u: Any) -> tuple[Any, Any, Any]:
            g = decayed(p, g, decay)
            m = m + (1.0 - beta1) * (g - m)
            u = np.maximum(beta2 * u, np.abs(g) + eps)
            return p - size * m / u, m, u

        return rule


@dataclass(frozen=True)
class NAdam(_Moments):
    r"""Adam with Nesterov's momentum.

    .. math::

       g &\leftarrow g + \lambda p \\
       \mu_t &= \beta_1 (1 - \tfrac12\, 0.96^{t \psi}) \\
       m &\leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
       v \leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
       \hat m &= \frac{\mu_{t+1} m}{1 - \prod_{i=1}^{t+1} \mu_i}
               + \frac{(1 - \mu_t) g}{1 - \prod_{i=1}^{t} \mu_i} \\
       p &\leftarrow p - \eta\,\frac{\hat m}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon}

    Parameters
    ----------
    learning_rate : float or schedule
        η; default is 2e-3.
    beta1, beta2, eps, weight_decay
        As in `Adam`.
    momentum_decay : float, optional
        ψ.  Default is 4e-3.
    clip_value, clip_norm, check_finite
        See `Optimizer`.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    References
    ----------
    Dozat, "Incorporating Nesterov momentum into Adam", 2016, algorithm 2.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> optimizer = ad.optim.NAdam(0.1)
    >>> params = np.array([1.0])
    >>> state = optimizer.init(params)
    >>> params, state = optimizer.update(np.array([5.0]), state, params)
    >>> print(params.round(4))
    [0.8944]
    """

    learning_rate: float | Schedule = 2e-3
    momentum_decay: float = 4e-3

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        _checks.nonnegative(self, "momentum_decay")

    def init(self, params: Any) -> State:
        """Return the state before the first step; see `Optimizer.init`."""
        return {**super().init(params), "momentum_product": 1.0}

    def _ahead(self, state: State) -> State:
        t = state["step"] + 1
        product = state["momentum_product"] * self._momentum(t)
        return {"step": t, "momentum_product": product}

    def _momentum(self, t: int) -> float:
        """Return μ of step t, counted from 1."""
        return float(self.beta1 * (1.0 - 0.5 * 0.96 ** (t * self.momentum_decay)))

    def _rule(self, now: Now) -> Rule:
        t, beta1, beta2, eps = now.t, self.beta1, self.beta2, self.eps
        decay, product = self.weight_decay, now.numbers["momentum_product"]
        next_momentum = self._momentum(t + 1)
        by_g = now.rate * (1.0 - self._momentum(t)) / (1.0 - product)
        by_m = now.rate * next_momentum / (1.0 - product * next_momentum)
        correction = 1.0 - beta2**t

        def rule(p: Any, g: Any, m: Any, v: Any) -> tuple[Any, Any, Any]:
            g = decayed(p, g, decay)
            m = m + (1.0 - beta1) * (g - m)
            v = beta2 * v + (1.0 - beta2) * (g * g)
            return p - (by_g * g + by_m * m) / (np.sqrt(v / correction) + eps), m, v

        return rule
