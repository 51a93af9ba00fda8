"""Operations declared by ``ad.extend``, those of `adjoint.nn` among them.

They stand in no table; here each states the shapes and domains that the laws ask for.
"""

import dataclasses

import numpy as np

import adjoint as ad
from adjoint._core.record import Example, Kink
from adjoint.nn.activations import _rectified
from adjoint.nn.losses import _of_labels
from laws.compositions import COMPOSITIONS, REALS


def held_to_the_laws(function, *domain, examples=(), kinks=()):
    """Enter a declared function for the laws, called as its users call it."""
    COMPOSITIONS.append(
        dataclasses.replace(
            function.record,
            evaluate=function,
            domain=domain,
            examples=examples,
            kinks=kinks,
        )
    )


held_to_the_laws(
    _rectified, REALS, kinks=(Kink((0.0,), (0.0,), "that of the left side"),)
)
held_to_the_laws(
    _of_labels,
    REALS,
    (0, 3),
    examples=(
        Example(((3, 4), (3,)), ("mean",)),
        Example(((2, 3, 4), (2, 3)), ("sum",)),
        Example(((3, 4), (3,)), ("none",)),
        Example(((4,), ()), ("mean",)),
    ),
)


@ad.extend.elementwise(
    lambda _out, _x, y: np.sin(y), lambda _out, x, y: x * np.cos(y), name="own-of-two"
)
def _wave(x, y):
    return x * np.sin(y)


@ad.extend.primitive(
    lambda out_bar, _out, x, _y, k: np.expand_dims(out_bar, -1) * k * x ** (k - 1),
    lambda out_bar, _out, _x, y, _k: out_bar * np.exp(y),
    name="own-with-parameter",
)
def _powers(x, y, k):
    return np.sum(x**k, axis=-1) + np.exp(y)


held_to_the_laws(_wave, REALS, REALS)
held_to_the_laws(
    _powers,
    REALS,
    REALS,
    examples=(Example(((2, 3), (2,)), (3,)), Example(((3,), ()), (2,))),
)
