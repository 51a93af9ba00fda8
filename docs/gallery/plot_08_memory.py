"""
The memory of the tape
======================

Reverse mode needs the values of the function when it comes back: it keeps them. What
it keeps can be traded for time.
"""

# %%
# A long computation
# ------------------
#
# 64 steps of a wave of 20,000 numbers, x ← x + h sin(x) cos(x). The backward sweep
# reads the sines and cosines of every step.

import tracemalloc

import matplotlib.pyplot as plt
import numpy as np

import adjoint as ad

STEPS, SIZE = 64, 20_000
evaluations = []


def step(x):
    evaluations.append(1)
    return x + 0.05 * np.sin(x) * np.cos(x)


def all_kept(x):
    for _ in range(STEPS):
        x = step(x)
    return np.sum(x**2)


def peak(function):
    """Return the gradient, bytes allocated at once, and steps computed."""
    x = np.linspace(0.1, 3.0, SIZE)
    gradient = ad.grad(function)
    evaluations.clear()
    tracemalloc.start()
    found = gradient(x)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return found, most, len(evaluations)


expected, kept, count = peak(all_kept)
print(f"{kept / 1e6:.0f} MB, {count} steps; one array has {8 * SIZE / 1e6} MB")

# %%
# Checkpoints
# -----------
#
# :func:`adjoint.checkpoint` wraps a part of the computation. Of it only the arguments
# are kept; when the backward sweep arrives, the part runs once more, and its own values
# live only until the sweep has left it. Here every part has the same number of steps.


def in_parts(length):
    def part(x):
        for _ in range(length):
            x = step(x)
        return x

    kept_at_its_start = ad.checkpoint(part)

    def function(x):
        for _ in range(STEPS // length):
            x = kept_at_its_start(x)
        return np.sum(x**2)

    return function


lengths = [1, 2, 4, 8, 16, 32, 64]
memory = []
for length in lengths:
    found, most, count = peak(in_parts(length))
    same = np.array_equal(expected, found)
    memory.append(most / 1e6)
    print(f"parts of {length:2}: {most / 1e6:5.1f} MB, {count} steps, same: {same}")

# %%
# The gradient is the same to the last bit. The steps are computed twice, whatever the
# length. The memory is least between the ends: with short parts there are many starts
# to keep, with long ones there is much inside a part. With s steps and parts of length
# l it is about s / l + c l arrays, least near l = √(s / c): of the order √s instead of
# s.

figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
axes.loglog(lengths, memory, "o-", color="#2a6f97", base=2)
axes.axhline(kept / 1e6, color="#d1495b")
axes.text(1, 0.8 * kept / 1e6, "all kept: each step once", color="#d1495b", va="top")
best = int(np.argmin(memory))
axes.annotate(
    f"{memory[best]:.0f} MB\neach step twice",
    (lengths[best], memory[best]),
    xytext=(0, -10),
    textcoords="offset points",
    ha="center",
    va="top",
    color="#2a6f97",
)
axes.set(
    xlabel="steps in a checkpointed part", ylabel="peak memory, MB", ylim=(2.5, 40)
)
axes.set_xticks(lengths, [str(length) for length in lengths])
ticks = [4, 8, 16, 32]
axes.set_yticks(ticks, [str(tick) for tick in ticks])
axes.spines[["top", "right"]].set_visible(False)

# %%
# Parts within parts
# ------------------
#
# Checkpoints nest: a part that is halved, and its halves again, keeps about log₂ s
# starts at a time, and computes each step about log₂ s times (Griewank & Walther 2008,
# chapter 12, show how to place them best).


def halved(x, steps):
    if steps == 1:
        return step(x)
    half = ad.checkpoint(lambda y: halved(y, steps // 2))
    return half(half(x))


found, most, count = peak(lambda x: np.sum(halved(x, STEPS) ** 2))
print(f"halved: {most / 1e6:.1f} MB, {count} steps")
