"""What a step of training costs beside the same step by hand, and a convolution's.

``python -m benchmarks.networks`` prints both tables.  A step is the gradient of a
784-512-512-10 network and the update of its parameters.  All take turns in one process,
on one core; a ratio is the median of those within a turn.  PyTorch (eager) and JAX
(compiled) stand beside ours if they are installed.
"""

import importlib.util
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import adjoint as ad
from adjoint import nn
from benchmarks import environment, training
from benchmarks.timing import Plan, interleave, ratios

PLAN = Plan(calls=1, rounds=31)
IN_A_ROW = Plan(calls=25, rounds=15)
"""As steps come in a training.  The first after other libraries' has to fetch the
interpreter's code from memory again: 0.6 ms more."""
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


def steps() -> Iterator[tuple[str, dict[str, float]]]:
    """Yield each case of a training step: its name, and the ms of each contender.

    With them stands the ratio of ours to by hand, the median of those within a turn.

    Raises
    ------
    AssertionError
        If they do not make the same step.
    """
    contenders = {"ours": training.ours, "by hand": training.by_hand} | {
        package: write
        for package, write in training.PEERS.items()
        if importlib.util.find_spec(package) is not None
    }
    for dtype in (np.float64, np.float32):
        parameters = training.start(dtype)
        rng = np.random.default_rng(0)
        for batch in (1, 16, 128):
            x = rng.standard_normal((batch, 784)).astype(dtype)
            labels = rng.integers(0, 10, batch)
            runs = {
                name: write(parameters, x, labels) for name, write in contenders.items()
            }
            expected = runs["by hand"]()
            for run in runs.values():
                for one, other in zip(run(), expected, strict=True):
                    found = np.asarray(getattr(one, "detach", lambda one=one: one)())
                    np.testing.assert_allclose(found, other, rtol=1e-3, atol=1e-5)
            samples = interleave(runs, IN_A_ROW)
            found = {name: 1e3 * statistics.median(samples[name]) for name in runs}
            ratio = statistics.median(ratios(samples, "ours", "by hand"))
            yield f"{np.dtype(dtype)}, batch {batch}", {**found, "ratio": ratio}


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
    print(f"A step of training, ms; the ratio is ours by hand, at most {STEP}")
    for number, (name, found) in enumerate(steps()):
        if not number:
            print(" " * 22 + "".join(f"{key:>10}" for key in found))
        print(f"{name:22}" + "".join(f"{value:10.2f}" for value in found.values()))
    if importlib.util.find_spec("torch") is None:
        print("PyTorch is not installed: no convolutions beside it.")
        return
    print(f"\n{'':46}  ours, ms  times PyTorch eager")
    for name, ms, ratio in convolutions():
        print(f"{name:46}  {ms:8.2f}  {ratio:6.2f}")


if __name__ == "__main__":
    main()
