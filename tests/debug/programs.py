"""Programs with a planted NaN or infinity, each on a line marked with its name."""

import math

import numpy as np
from tests.debug import helpers

import adjoint as ad


def forward_only(x):
    y = np.exp(x)
    z = y - 1.0
    return np.sum(np.log(z))  # NaN here: forward_only


def backward_only(x):
    y = x * 3.0
    r = np.sqrt(y)  # NaN here: backward_only
    return np.sum(r * 2.0)


def inside_vmap(row):
    centred = row - row[0]
    return np.sum(
        1.0 / centred[1:]  # NaN here: inside_vmap
    )


def batched_loss(x):
    def member(row):
        total = np.sum(row)
        return np.arccos(total)  # NaN here: batched_loss

    return np.sum(ad.vmap(member)(x))


def second_order(x):
    y = x * 2.0
    return np.sum(y**1.5)  # NaN here: second_order


def gradient_penalty(x):
    def inner(y):
        scaled = y * 3.0
        return np.sum(np.cbrt(scaled) ** 4)

    slope = ad.grad(inner)(x)
    return np.sum(np.log(slope))  # NaN here: gradient_penalty


def in_a_helper_module(x):
    shifted = helpers.safe(x) - 2.0
    return np.sum(helpers.log_density(shifted))


def composite(x):
    table = np.reshape(x, (2, 3))
    return np.corrcoef(table)[0, 1]  # NaN here: composite


def composite_backward(x):
    return np.sum(np.emath.power(2.0 * x, 0.5))  # NaN here: composite_backward


def loop_with_writes(x):
    z = np.zeros(5)
    z[0] = x
    for k in range(1, 5):
        z[k] = np.exp(z[k - 1])  # NaN here: loop_with_writes
    return z[-1]


class Model:
    def __init__(self, scale):
        self.scale = scale

    def energy(self, x):
        return 0.5 * x**2

    def loss(self, x):
        energy = self.energy(x)
        ratio = self.scale / energy  # NaN here: method
        return np.sum(ratio)


def comprehension(x):
    terms = [
        np.arcsin(part)  # NaN here: comprehension
        for part in x
    ]
    return sum(terms)


squared_root = [
    lambda x: np.sqrt(3.0 * x),  # NaN here: squared_root
]


def calls_a_lambda(x):
    return squared_root[0](x - 1.0) + x


def forward_mode(x):
    y = np.sin(x)
    return np.power(y, 0.5)  # NaN here: forward_mode


def forward_mode_value(x):
    return np.log10(x - 3.0)  # NaN here: forward_mode_value


def checkpointed(x):
    def body(y):
        z = y * 3.0
        return np.sqrt(z)  # NaN here: checkpointed

    return ad.checkpoint(body)(x) * 2.0


def checkpointed_value(x):
    @ad.checkpoint
    def body(y):
        z = y - 1.0
        return np.log(z)  # NaN here: checkpointed_value

    return body(x)


def operators(x):
    total = x[0] + x[1]
    return x[0] / total  # NaN here: operators


def overflow(x):
    logits = 300.0 * x
    weights = np.exp(logits)  # NaN here: overflow
    return np.sum(weights / np.sum(weights))


def masked_row(x):
    scores = np.where(np.array([False, False]), x, -np.inf)
    shifted = scores - np.max(scores)  # NaN here: masked_row
    return np.sum(np.exp(shifted))


def generator(x):
    def parts():
        for k in range(3):
            yield x[k] ** -1.0  # NaN here: generator

    return sum(parts())


def in_python(x):
    y = x * 2.0
    return math.sqrt(y) + y  # NaN here: in_python


def recursive(x, depth=3):
    if depth == 0:
        return np.log1p(x)  # NaN here: recursive
    return recursive(x * 1.0, depth - 1)


def matrices(a):
    b = a @ a.T
    return np.sum(np.matmul(b, b))  # NaN here: matrices


def hypotenuse_of_logs(x):
    y = x[0] * 1e-200
    return 1.0 / (y * 1e-150)  # NaN here: hypotenuse_of_logs


def single_precision(x):
    y = x * np.float32(1e30)
    return np.sum(y * y)  # NaN here: single_precision


def with_custom_rule(x):
    @ad.custom_vjp
    def root(y):
        return np.sqrt(y)

    def forward(y):
        return np.sqrt(y), y

    def backward(y, bar):
        return (bar * 0.5 / np.sqrt(y),)

    root.defvjp(forward, backward)
    return root(x * 2.0) * 3.0  # NaN here: with_custom_rule
