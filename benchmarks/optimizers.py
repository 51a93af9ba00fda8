"""What a step of each optimizer costs for a million parameters, beside PyTorch's.

``python -m benchmarks.optimizers`` prints times and ratios, and whether Adam's is
within its bound: as pure functions, and with donated arrays, which PyTorch's steps
always overwrite.  All take turns in one process on one core; a figure is the lower
quartile of the times.  PyTorch's are its ``foreach`` versions.
"""

import statistics
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import adjoint as ad
from benchmarks import environment
from benchmarks.timing import Plan, interleave

PARAMETERS = 1_000_000
PLAN = Plan(calls=1, rounds=80)
WARM_UP = 5
BOUND = 1.5

PAIRS: dict[str, tuple[Any, Callable[..., Any]]] = {
    "SGD": (ad.optim.SGD(1e-3, momentum=0.9), torch.optim.SGD),
    "Adam": (ad.optim.Adam(1e-3), torch.optim.Adam),
    "AdamW": (ad.optim.AdamW(1e-3), torch.optim.AdamW),
    "RMSProp": (ad.optim.RMSProp(1e-3), torch.optim.RMSprop),
}
SETTINGS = {"SGD": {"momentum": 0.9}}


def our_step(optimizer: Any, p: Any, g: Any, donate: bool) -> Callable[[], None]:
    """Return a function that takes one step of ours."""
    now = [p.copy(), optimizer.init(p)]

    def step() -> None:
        now[:] = optimizer.update(g, now[1], now[0], donate=donate)

    return step


def their_step(make: Callable[..., Any], p: Any, g: Any, **settings: Any) -> Any:
    """Return a function that takes one step of PyTorch's."""
    parameter = torch.tensor(p, requires_grad=True)
    parameter.grad = torch.tensor(g)
    return make([parameter], lr=1e-3, foreach=True, **settings).step


def compare(name: str, dtype: Any) -> tuple[float, float, float]:
    """Return the milliseconds of a step: pure, donated, and PyTorch's."""
    rng = np.random.default_rng(0)
    p, g = rng.normal(size=(2, PARAMETERS)).astype(dtype)
    optimizer, theirs = PAIRS[name]
    steps = {
        "pure": our_step(optimizer, p, g, False),
        "donated": our_step(optimizer, p, g, True),
        "PyTorch": their_step(theirs, p, g, **SETTINGS.get(name, {})),
    }
    pure, donated, other = (
        statistics.quantiles(seconds[WARM_UP:])[0] * 1e3
        for seconds in interleave(steps, PLAN).values()
    )
    return pure, donated, other


def main() -> int:
    """Print all figures; return 1 if Adam's is out of its bound."""
    environment.ensure_clean()
    environment.pin(None)
    torch.set_num_threads(1)
    print(f"One step, {PARAMETERS:,} parameters, PyTorch {torch.__version__}, ms")
    print(f"{'':10}{'dtype':>9}{'pure':>9}{'donated':>9}{'PyTorch':>9}{'ratios':>13}")
    missed = False
    for name in PAIRS:
        for dtype in (np.float32, np.float64):
            pure, donated, other = compare(name, dtype)
            ratios = (pure / other, donated / other)
            bad = name == "Adam" and ratios[0] > BOUND
            missed |= bad
            print(
                f"{name:10}{dtype.__name__:>9}{pure:9.2f}{donated:9.2f}{other:9.2f}"
                f"{ratios[0]:7.2f}{ratios[1]:6.2f}{f'  over {BOUND}' if bad else ''}"
            )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
