"""One small function at very many points, and one network on a batch of images."""

from functools import partial
from itertools import pairwise
from math import prod

import numpy as np

from benchmarks.case import Case, Suite
from benchmarks.problems import gradbench_ba as ba, network

BATCH = 128


def _observations(count: int, *, quick: bool) -> Case:
    return Case(
        name=f"bundle adjustment, {count:,} Jacobians 2 x 15",
        task="batched_jacobian",
        problem="gradbench_ba",
        function="reprojection_error",
        by_hand="jacobians_by_hand",
        inputs=partial(ba.inputs, count),
        group="bundle adjustment",
        x=count,
        bytes=8 * count * (15 + 2 + 2 * 15),
        flops=400 * count,
        quick=quick,
    )


def _network(dtype: type[np.floating]) -> Case:
    layers = [prod(pair) for pair in pairwise(network.LAYERS)]
    images = BATCH * (network.LAYERS[0] + network.LAYERS[-1])
    # Forward, the weights' gradients, and the layers' but for that of the images.
    products = 3 * sum(layers) - layers[0]
    return Case(
        name=f"network 784-512-512-10, batch {BATCH}, {dtype.__name__}",
        task="value_and_gradient",
        problem="network",
        function="cross_entropy",
        by_hand="cross_entropy_by_hand",
        inputs=partial(network.inputs, dtype, BATCH),
        tolerance=1e-5 if dtype is np.float32 else 1e-12,
        written_for={"casadi": ""},
        bytes=np.dtype(dtype).itemsize * (2 * sum(layers) + images),
        flops=2 * BATCH * products,
        dtype=dtype.__name__,
    )


SUITE = Suite(
    name="batched",
    title="Batches: many small Jacobians, and a network",
    text=(
        "The bundle-adjustment residual of the small suite at many observations, each "
        "with a Jacobian of its own, written for one observation and vectorised by the "
        "library; and a network of three layers, forward and backward. Read the first "
        "against the bandwidth of the memory: the answer is 240 bytes an observation, "
        "and whatever else is written down on the way costs more than the arithmetic. "
        "Read the second against the matrix product: nearly all its time should be "
        "spent there, and who takes longer than *by hand* spends it elsewhere."
    ),
    cases=[
        _observations(10**4, quick=True),
        _observations(10**5, quick=False),
        _network(np.float32),
        _network(np.float64),
    ],
    without=("jax eager",),
    threads=("one", "all"),
)
