"""What a step of training costs beside the same step by hand, and a convolution's.

``python -m benchmarks.networks`` prints the table.  A step is the gradient of a
784-512-512-10 network and the update of its parameters.  Both ways take turns in one
process, on one core; a ratio is the median of those within a turn.  PyTorch's
convolution stands beside ours if it is installed.
"""

import importlib.util
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import adjoint as ad
from adjoint import nn
from benchmarks import environment
from benchmarks.timing import Plan, interleave, ratios

PLAN = Plan(calls=1, rounds=31)
STEP = 1.3  # times the step by hand, at most
CONVOLUTIONS = (
    # batch, length of a side, channels in and out, kernel
    (32, 28, 1, 16, 3),
    (32, 14, 16, 32, 3),
    (8, 32, 64, 64, 3),
    (32, 28, 3, 16, 5),
)


def compare(one: Callable[[], Any], other: Callable[[], Any]) -> tuple[float, float]:
    """Return the median time of the first, in ms, and its median ratio to the other."""
    samples = interleave({"one": one, "other": other}, PLAN)
    ms = 1e3 * statistics.median(samples["one"])
    return ms, statistics.median(ratios(samples, "one", "other"))


def by_hand(parameters: list[Any], x: Any, labels: Any) -> list[Any]:
    """Return the parameters after one step, as one writes it in NumPy."""
    w1, b1, w2, b2, w3, b3 = parameters
    rows = np.arange(len(labels))
    z1 = x @ w1 + b1
    h1 = np.maximum(z1, 0.0)
    z2 = h1 @ w2 + b2
    h2 = np.maximum(z2, 0.0)
    z3 = h2 @ w3 + b3
    e = np.exp(z3 - z3.max(axis=1, keepdims=True))
    d3 = e / e.sum(axis=1, keepdims=True)
    d3[rows, labels] -= 1.0
    d3 /= len(labels)
    d2 = (d3 @ w3.T) * (z2 > 0.0)
    d1 = (d2 @ w2.T) * (z1 > 0.0)
    slopes = [x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ d3, d3.sum(0)]
    return [p - 0.1 * slope for p, slope in zip(parameters, slopes, strict=True)]


def loss(model: Any, x: Any, labels: Any) -> Any:
    """Return the cross-entropy of a model."""
    return nn.cross_entropy(model(x), labels)


def steps() -> Iterator[tuple[str, float, float]]:
    """Yield each case of a training step: its name, ms, and the ratio to by hand.

    Raises
    ------
    AssertionError
        If the two do not make the same step.
    """
    slopes_of = ad.grad(loss)
    for dtype in (np.float64, np.float32):
        rng = np.random.default_rng(0)
        options: dict[str, Any] = {"rng": rng, "dtype": dtype}
        model = nn.Sequential(
            nn.Linear(784, 512, **options),
            nn.relu,
            nn.Linear(512, 512, **options),
            nn.relu,
            nn.Linear(512, 10, **options),
        )
        parameters = [one.copy() for one in model.parameters().values()]
        for batch in (1, 16, 128):
            x = rng.standard_normal((batch, 784)).astype(dtype)
            labels = rng.integers(0, 10, batch)

            def ours(x: Any = x, labels: Any = labels, model: Any = model) -> Any:
                slopes = slopes_of(model, x, labels)
                return ad.tree.map(lambda p, slope: p - 0.1 * slope, model, slopes)

            def hand(x: Any = x, labels: Any = labels, p: Any = parameters) -> Any:
                return by_hand(p, x, labels)

            for one, other in zip(ad.tree.leaves(ours()), hand(), strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)
            ms, ratio = compare(ours, hand)
            yield f"step, {np.dtype(dtype)}, batch {batch}", ms, ratio


def convolutions() -> Iterator[tuple[str, float, float]]:
    """Yield each convolution, forward and backward in float32, beside PyTorch's."""
    import torch

    torch.set_num_threads(1)
    for batch, side, inputs, outputs, kernel in CONVOLUTIONS:
        rng = np.random.default_rng(0)
        layer = nn.Conv2D(
            inputs, outputs, kernel, rng=rng, padding="same", dtype=np.float32
        )
        x = rng.standard_normal((batch, side, side, inputs)).astype(np.float32)
        slopes_of = ad.grad(lambda layer, x: np.sum(layer(x) ** 2), argnums=(0, 1))
        peer = torch.nn.Conv2d(inputs, outputs, kernel, padding="same")
        theirs = torch.tensor(x.transpose(0, 3, 1, 2).copy(), requires_grad=True)

        def torchs(peer: Any = peer, x: Any = theirs) -> None:
            peer.zero_grad()
            x.grad = None
            (peer(x) ** 2).sum().backward()

        ms, ratio = compare(lambda: slopes_of(layer, x), torchs)  # noqa: B023 - called at once
        shape = f"{batch}x{side}x{side}x{inputs}"
        yield f"convolution {shape} to {outputs}, {kernel}x{kernel}", ms, ratio


def main() -> None:
    """Print the table."""
    environment.ensure_clean()
    environment.pin(None)
    print(f"{'':46}  ours, ms  times by hand (at most {STEP})")
    for name, ms, ratio in steps():
        print(f"{name:46}  {ms:8.2f}  {ratio:6.2f}")
    if importlib.util.find_spec("torch") is None:
        print("PyTorch is not installed: no convolutions beside it.")
        return
    print(f"\n{'':46}  ours, ms  times PyTorch eager")
    for name, ms, ratio in convolutions():
        print(f"{name:46}  {ms:8.2f}  {ratio:6.2f}")


if __name__ == "__main__":
    main()
