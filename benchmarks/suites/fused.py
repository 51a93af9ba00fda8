"""Elementwise formulas at growing sizes: what a compiler can fuse into one loop."""

import numpy as np

from benchmarks.case import Case, Inputs, Suite


def _inputs(n: int, dtype: type[np.floating]) -> Inputs:
    rng = np.random.default_rng(5)
    return rng.normal(size=n).astype(dtype), ()


def _cases() -> list[Case]:
    return [
        Case(
            name=f"tanh(sin x cos x), n = {n:,}, {dtype.__name__}",
            task="value_and_gradient",
            problem="elementwise",
            function="tanh_of_product",
            by_hand="tanh_of_product_by_hand",
            inputs=lambda n=n, dtype=dtype: _inputs(n, dtype),
            tolerance=1e-5 if dtype is np.float32 else 1e-12,
            group=f"tanh(sin x cos x), {dtype.__name__}",
            x=n,
            bytes=2 * n * np.dtype(dtype).itemsize,
            quick=n <= 10**6,
        )
        for dtype in (np.float64, np.float32)
        for n in (10**2, 10**4, 10**6, 10**7)
    ]


SUITE = Suite(
    name="fused",
    title="Elementwise formulas, value and gradient",
    text="",
    cases=_cases(),
    contenders=("by hand", "adjoint", "adjoint compiled", "autograd", "torch", "jax"),
    threads=("one", "all"),
)
