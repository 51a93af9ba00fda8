"""What gradients of larger operations cost, beside PyTorch's: products to transforms.

``python -m benchmarks.rulebook`` prints the time of value and gradient of each at
n = 200, and which are within the bound of 1.5 times PyTorch's.  Both take turns in one
process on one core; a figure is a median of times, a ratio the median of the ratios of
the rounds.  ``NumPy`` is the function alone, without a derivative: what
NumPy takes for it is part of our time, since values are NumPy's to the last bit, except
where compiled code gives the same bits sooner (``einsum ij,jk->ik``).
"""

import statistics
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

import adjoint as ad
from benchmarks import environment
from benchmarks.timing import Plan, interleave, ratios

N = 200
WARM_UP = 5
PLAN = Plan(calls=1, rounds=100_000, seconds=4.0, least=3 * WARM_UP)
BOUND = 1.5

rng = np.random.default_rng(0)
A, B = rng.normal(size=(2, N, N)) / np.sqrt(N)
A_REGULAR = A + 2.0 * np.eye(N)
A_SYMMETRIC = A + A.T
X, Y = rng.normal(size=(2, N))
WEIGHTS = rng.normal(size=(N, N))
T_WEIGHTS = torch.tensor(WEIGHTS)
LONG, KERNEL = rng.normal(size=10_000), rng.normal(size=N)
IMAGE = rng.normal(size=(N, N))


class Pair(NamedTuple):
    """One function as it is written for NumPy and for PyTorch, and its arguments."""

    name: str
    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    args: tuple[Any, ...]


def eigh(a: Any) -> Any:
    """Return a number that reads eigenvalues and eigenvectors."""
    values, vectors = np.linalg.eigh(a)
    return np.sum(values * values) + np.sum(WEIGHTS * vectors**2)


def torch_eigh(a: Any) -> Any:
    """Return the same of tensors."""
    values, vectors = torch.linalg.eigh(a)
    return torch.sum(values * values) + torch.sum(T_WEIGHTS * vectors**2)


def svd(a: Any) -> Any:
    """Return a number that reads singular values and vectors."""
    u, values, _ = np.linalg.svd(a, full_matrices=False)
    return np.sum(values) + np.sum(WEIGHTS * u**2)


def torch_svd(a: Any) -> Any:
    """Return the same of tensors."""
    u, values, _ = torch.linalg.svd(a, full_matrices=False)
    return torch.sum(values) + torch.sum(T_WEIGHTS * u**2)


def torch_convolve(x: Any, y: Any) -> Any:
    """Return ``np.sum(np.convolve(x, y) ** 2)`` of tensors."""
    full = torch.nn.functional.conv1d(
        x[None, None], y.flip(0)[None, None], padding=len(y) - 1
    )
    return torch.sum(full**2)


PAIRS = (
    Pair(
        "einsum ij,jk->ik, optimize",
        lambda a, b: np.sum(np.einsum("ij,jk->ik", a, b, optimize=True) ** 2),
        lambda a, b: torch.sum(torch.einsum("ij,jk->ik", a, b) ** 2),
        (A, B),
    ),
    Pair(
        "einsum i,ij,j->, optimize",
        lambda x, a, y: np.einsum("i,ij,j->", x, a, y, optimize=True),
        lambda x, a, y: torch.einsum("i,ij,j->", x, a, y),
        (X, A, Y),
    ),
    Pair(
        "einsum ij,jk->ik",
        lambda a, b: np.sum(np.einsum("ij,jk->ik", a, b) ** 2),
        lambda a, b: torch.sum(torch.einsum("ij,jk->ik", a, b) ** 2),
        (A, B),
    ),
    Pair(
        "einsum i,ij,j->",
        lambda x, a, y: np.einsum("i,ij,j->", x, a, y),
        lambda x, a, y: torch.einsum("i,ij,j->", x, a, y),
        (X, A, Y),
    ),
    Pair(
        "solve, a vector",
        lambda a, x: np.sum(np.linalg.solve(a, x) ** 2),
        lambda a, x: torch.sum(torch.linalg.solve(a, x) ** 2),
        (A_REGULAR, X),
    ),
    Pair(
        "solve, a matrix",
        lambda a, b: np.sum(np.linalg.solve(a, b) ** 2),
        lambda a, b: torch.sum(torch.linalg.solve(a, b) ** 2),
        (A_REGULAR, B),
    ),
    Pair("eigh", eigh, torch_eigh, (A_SYMMETRIC,)),
    Pair("svd", svd, torch_svd, (A,)),
    Pair(
        "convolve, 200 with 200",
        lambda x, y: np.sum(np.convolve(x, y) ** 2),
        torch_convolve,
        (X, Y),
    ),
    Pair(
        "convolve, 10,000 with 200",
        lambda x, y: np.sum(np.convolve(x, y) ** 2),
        torch_convolve,
        (LONG, KERNEL),
    ),
    Pair(
        "fft2, power",
        lambda x: np.sum(np.abs(np.fft.fft2(x)) ** 2),
        lambda x: torch.sum(torch.abs(torch.fft.fft2(x)) ** 2),
        (IMAGE,),
    ),
    Pair(
        "rfft2 and irfft2",
        lambda x: np.sum(np.fft.irfft2(np.fft.rfft2(x), s=(N, N)) ** 2),
        lambda x: torch.sum(torch.fft.irfft2(torch.fft.rfft2(x), s=(N, N)) ** 2),
        (IMAGE,),
    ),
    Pair(
        "ifft",
        lambda x: np.sum(np.abs(np.fft.ifft(x)) ** 2),
        lambda x: torch.sum(torch.abs(torch.fft.ifft(x)) ** 2),
        (X,),
    ),
)


def contenders(pair: Pair) -> dict[str, Callable[[], Any]]:
    """Return calls of NumPy, of our value and gradient, and of PyTorch's."""
    derivative = ad.value_and_grad(pair.ours, argnums=tuple(range(len(pair.args))))
    tensors = [torch.tensor(arg, requires_grad=True) for arg in pair.args]

    def theirs() -> Any:
        value = pair.theirs(*tensors)
        return value, torch.autograd.grad(value, tensors)

    return {
        "NumPy": lambda: pair.ours(*pair.args),
        "Adjoint": lambda: derivative(*pair.args),
        "PyTorch": theirs,
    }


def check(pair: Pair, ours: Any, theirs: Any) -> None:
    """Raise unless both say the same."""
    for mine, other in zip((ours[0], *ours[1]), (theirs[0], *theirs[1]), strict=True):
        np.testing.assert_allclose(
            mine, other.detach().numpy(), rtol=1e-6, atol=1e-8, err_msg=pair.name
        )


def measure(pair: Pair) -> tuple[float, float, float, float]:
    """Return milliseconds of NumPy, ours and PyTorch's, and the ratio of the last."""
    calls = contenders(pair)
    check(pair, calls["Adjoint"](), calls["PyTorch"]())
    samples = interleave(calls, PLAN)
    kept = {name: seconds[WARM_UP:] for name, seconds in samples.items()}
    plain, ours, theirs = (1e3 * statistics.median(one) for one in kept.values())
    return plain, ours, theirs, statistics.median(ratios(kept, "Adjoint", "PyTorch"))


def main() -> int:
    """Print all figures; return 1 if one is out of the bound."""
    environment.ensure_clean()
    environment.pin(None)
    torch.set_num_threads(1)
    print(
        f"Value and gradient at n = {N}, ms; NumPy {np.__version__}, "
        f"PyTorch {torch.__version__}, one thread"
    )
    print(f"{'':28}{'NumPy':>9}{'Adjoint':>9}{'PyTorch':>9}{'ratio':>8}")
    missed = 0
    for pair in PAIRS:
        plain, ours, theirs, ratio = measure(pair)
        missed += ratio > BOUND
        note = f"  over {BOUND}" if ratio > BOUND else ""
        print(f"{pair.name:28}{plain:9.3f}{ours:9.3f}{theirs:9.3f}{ratio:8.2f}{note}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
