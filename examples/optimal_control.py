"""Swinging up a pole on a cart with the least effort, by direct collocation.

A cart on a rail carries a pole on a free hinge.  It hangs down, and in two seconds it
has to stand upright, one metre to the right, at rest; wanted is the force that does it
with the least ∫ u² dt.  States and forces at the points of a grid are the unknowns; the
equations of motion between them, by Hermite and Simpson's rule, are constraints.
Problem, numbers and method are those of Kelly, "An introduction to trajectory
optimization", SIAM Review 59, 2017, sections 4 and 6, but for forces, which are linear
between points.

SLSQP wants the Jacobian of 4 N equations by 5 (N + 1) unknowns in each iteration.
`ad.solve.minimize` computes it exactly; without it SciPy calls the equations once for
each unknown.
"""

import time
from typing import NamedTuple

import numpy as np
import scipy.integrate
import scipy.optimize

import adjoint as ad
from _command import run
from _drawing import BLUE, GRAY, GREEN, RED, name_curve, new_figure, tidy

CART, POLE = 1.0, 0.3  # masses in kg
LENGTH, GRAVITY = 0.5, 9.81  # m, m/s²
DISTANCE, DURATION = 1.0, 2.0  # m, s
STRONGEST, FARTHEST = 20.0, 2.0  # N, m

START = np.array([0.0, 0.0, 0.0, 0.0])
END = np.array([DISTANCE, np.pi, 0.0, 0.0])


def motion(states, forces):
    """Return the derivatives by time of states, shape (..., 4).

    A state is the cart's place, the pole's angle from hanging, and their speeds:
    equations 6.1 and 6.2 of the paper.
    """
    angle, speed, turn = states[..., 1], states[..., 2], states[..., 3]
    sine, cosine = np.sin(angle), np.cos(angle)
    inertia = CART + POLE * sine**2
    swing = POLE * LENGTH * sine * turn**2
    push = (swing + forces + POLE * GRAVITY * cosine * sine) / inertia
    pull = swing * cosine + forces * cosine + (CART + POLE) * GRAVITY * sine
    return np.stack([speed, turn, push, -pull / (LENGTH * inertia)], axis=-1)


def effort(path):
    """Return ∫ u² dt in N² s, exact for a force that is linear between points."""
    before, after = path["forces"][:-1], path["forces"][1:]
    step = DURATION / len(before)
    return step / 3 * np.sum(before**2 + before * after + after**2)


def defects(path):
    """Return by how much each step misses the equations of motion, shape (N, 4).

    Between two points a state is the cubic with the right values and rates there; half
    way it has to have the right rate too (Kelly, equations 4.3 and 4.4).
    """
    states, forces = path["states"], path["forces"]
    before, after = states[:-1], states[1:]
    step = DURATION / len(before)
    rates = motion(states, forces)
    first, last = rates[:-1], rates[1:]
    halfway = (before + after) / 2 + step / 8 * (first - last)
    middle = motion(halfway, (forces[:-1] + forces[1:]) / 2)
    return after - before - step / 6 * (first + 4 * middle + last)


def ends(path):
    """Return by how much start and end are missed, shape (2, 4)."""
    return path["states"][[0, -1]] - np.stack([START, END])


def straight_path(steps):
    """Return where the search starts: evenly from start to end, without a force."""
    share = np.linspace(0.0, 1.0, steps + 1)[:, None]
    states = START + share * (END - START)
    return {"states": states, "forces": np.zeros(steps + 1)}


class Counter:
    """A function that counts its calls."""

    def __init__(self, function):
        self.function, self.calls = function, 0

    def __call__(self, *args):
        """Return what the function returns."""
        self.calls += 1
        return self.function(*args)


class Outcome(NamedTuple):
    """A path, and what it cost."""

    path: dict
    effort: float
    iterations: int
    defect_calls: int
    seconds: float
    success: bool


def by_adjoint(steps):
    """Return the best path, with exact derivatives; the unknowns are a dictionary."""
    counted = Counter(defects)
    place = np.tile([FARTHEST, np.inf, np.inf, np.inf], (steps + 1, 1))
    begin = time.perf_counter()
    result = ad.solve.minimize(
        effort,
        straight_path(steps),
        method="SLSQP",
        bounds={"states": (-place, place), "forces": (-STRONGEST, STRONGEST)},
        constraints=[{"type": "eq", "fun": counted}, {"type": "eq", "fun": ends}],
        options={"maxiter": 300, "ftol": 1e-9},
    )
    seconds = time.perf_counter() - begin
    return Outcome(
        result.x, result.fun, result.nit, counted.calls, seconds, result.success
    )


def by_differences(steps):
    """Return the same of SciPy alone: a vector of unknowns, difference quotients."""
    vector, path_of = ad.tree.ravel(straight_path(steps))
    counted = Counter(lambda x: np.ravel(defects(path_of(x))))
    low, _ = ad.tree.ravel(
        {
            "states": np.tile([-FARTHEST, -np.inf, -np.inf, -np.inf], (steps + 1, 1)),
            "forces": np.full(steps + 1, -STRONGEST),
        }
    )
    begin = time.perf_counter()
    result = scipy.optimize.minimize(
        lambda x: effort(path_of(x)),
        vector,
        method="SLSQP",
        bounds=scipy.optimize.Bounds(low, -low),
        constraints=[
            {"type": "eq", "fun": counted},
            {"type": "eq", "fun": lambda x: np.ravel(ends(path_of(x)))},
        ],
        options={"maxiter": 300, "ftol": 1e-9},
    )
    seconds = time.perf_counter() - begin
    path = path_of(result.x)
    return Outcome(path, result.fun, result.nit, counted.calls, seconds, result.success)


def simulate(path, count=401):
    """Return times and states if the forces, linear between points, act on the cart.

    This is integrated by a method of eighth order, which knows nothing of collocation.
    """
    grid = np.linspace(0.0, DURATION, len(path["forces"]))
    times = np.linspace(0.0, DURATION, count)
    solved = scipy.integrate.solve_ivp(
        lambda t, state: motion(state, np.interp(t, grid, path["forces"])),
        (0.0, DURATION),
        START,
        method="DOP853",
        t_eval=times,
        rtol=1e-9,
        atol=1e-9,
        max_step=DURATION / len(grid),
    )
    return times, solved.y.T


def draw(outcome):
    """Return a figure: the swing as a sequence of poles, place and angle, the force."""
    figure = new_figure(11, 6.4)
    axes = figure.subplot_mosaic([["swing", "angle"], ["swing", "force"]])
    path = outcome.path
    grid = np.linspace(0.0, DURATION, len(path["forces"]))
    times, states = simulate(path)
    draw_swing(axes["swing"], states)
    for column, name, color in ((1, "angle / rad", RED), (0, "place / m", BLUE)):
        axes["angle"].plot(times, states[:, column], color=color, linewidth=2)
        axes["angle"].plot(
            grid, path["states"][:, column], "o", markersize=3.5, color=color
        )
        name_curve(axes["angle"], name, (times[-1], states[-1, column]), color)
    axes["angle"].set_title(
        "points of the grid, and the simulated motion", loc="left", fontsize=11
    )
    axes["force"].plot(grid, path["forces"], "o-", color=GREEN, markersize=3.5)
    axes["force"].set_title("force on the cart / N", loc="left", fontsize=11)
    for name in ("angle", "force"):
        axes[name].set_xlabel("time / s")
        tidy(axes[name])
    return figure


def draw_swing(axes, states, poses=25):
    """Draw cart and pole at even times, from light to dark."""
    rows = np.linspace(0, len(states) - 1, poses).astype(int)
    places, angles = states[:, 0], states[:, 1]
    tips = np.stack(
        [places + LENGTH * np.sin(angles), -LENGTH * np.cos(angles)], axis=1
    )
    axes.axhline(0.0, color=GRAY, linewidth=1)
    axes.plot(*tips.T, color=RED, linewidth=1, alpha=0.6)
    for share, row in zip(np.linspace(0.15, 1.0, poses), rows, strict=True):
        axes.plot(
            [places[row], tips[row, 0]], [0.0, tips[row, 1]], color=BLUE, alpha=share
        )
        axes.plot(places[row], 0.0, "s", markersize=9, color=BLUE, alpha=share)
        axes.plot(*tips[row], "o", markersize=7, color=RED, alpha=share)
    axes.annotate("start", tips[0], (0, -16), textcoords="offset points", ha="center")
    axes.annotate("end", tips[-1], (0, 10), textcoords="offset points", ha="center")
    axes.set(xlabel="place / m", ylabel="height / m", aspect="equal")
    axes.set_title("the swing", loc="left", fontsize=11)
    tidy(axes, grid=False)


def main(folder, *, quick=False):
    """Solve, print effort, calls and errors, save ``optimal_control.png``.

    Returns
    -------
    dict of str to Outcome
        By exact derivatives and by SciPy's differences.
    """
    steps = 12 if quick else 30
    outcomes = {"exact derivatives": by_adjoint(steps)}
    outcomes["SciPy's differences"] = by_differences(steps)
    print(f"{5 * (steps + 1)} unknowns, {4 * steps + 8} equations")
    for name, outcome in outcomes.items():
        print(
            f"{name:20} effort {outcome.effort:.6f} N² s, {outcome.iterations} "
            f"iterations, {outcome.defect_calls} calls of the equations of motion, "
            f"{outcome.seconds:.1f} s{'' if outcome.success else ', NOT CONVERGED'}"
        )
    best = outcomes["exact derivatives"]
    print(f"largest defect: {np.max(np.abs(defects(best.path))):.1e}")
    _, states = simulate(best.path)
    missed = np.abs(states[-1] - END)
    print(f"simulated, it ends {missed[0]:.3f} m and {missed[1]:.3f} rad away")
    draw(best).savefig(folder / "optimal_control.png", dpi=110)
    return outcomes


if __name__ == "__main__":
    run(main, __doc__)
