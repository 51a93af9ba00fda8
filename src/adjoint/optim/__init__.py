"""Optimizers: from gradients to better parameters, step by step.

An optimizer is a record of settings; what it remembers is a state beside it.  Both
methods are pure functions of trees:

>>> import numpy as np
>>> import adjoint as ad
>>> def loss(params):
...     return np.sum((params["w"] * 2.0 + params["b"] - 5.0) ** 2)
>>> params = {"w": np.ones(3), "b": 0.0}
>>> optimizer = ad.optim.Adam(0.1)
>>> state = optimizer.init(params)
>>> for _ in range(200):
...     params, state = optimizer.update(ad.grad(loss)(params), state, params)
>>> float(loss(params)) < 1e-6
True

A learning rate is a number or a schedule, a function of the number of the step.
Parameters of float32 stay so.  A step can itself be differentiated.
"""

from adjoint.optim._clipping import (
    clip_by_global_norm as clip_by_global_norm,
    clip_by_value as clip_by_value,
    global_norm as global_norm,
)
from adjoint.optim._optimizer import Optimizer as Optimizer
from adjoint.optim.accumulation import Accumulate as Accumulate
from adjoint.optim.adam import (
    Adam as Adam,
    Adamax as Adamax,
    AdamW as AdamW,
    NAdam as NAdam,
)
from adjoint.optim.adaptive import Adagrad as Adagrad, RMSProp as RMSProp
from adjoint.optim.descent import SGD as SGD, Lion as Lion
from adjoint.optim.lbfgs import LBFGS as LBFGS
from adjoint.optim.schedules import (
    Constant as Constant,
    CosineDecay as CosineDecay,
    ExponentialDecay as ExponentialDecay,
    OneCycle as OneCycle,
    Piecewise as Piecewise,
    StepDecay as StepDecay,
    WarmUp as WarmUp,
)

__all__ = [
    "LBFGS",
    "SGD",
    "Accumulate",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Constant",
    "CosineDecay",
    "ExponentialDecay",
    "Lion",
    "NAdam",
    "OneCycle",
    "Optimizer",
    "Piecewise",
    "RMSProp",
    "StepDecay",
    "WarmUp",
    "clip_by_global_norm",
    "clip_by_value",
    "global_norm",
]
