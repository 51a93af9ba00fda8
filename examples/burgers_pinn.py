"""A network that solves Burgers' equation, in which waves steepen to a shock.

Sought is u(x, t) for -1 ≤ x ≤ 1, 0 ≤ t ≤ 1 with

    u_t + u u_x = ν u_xx,   u(x, 0) = -sin(π x),   u(-1, t) = u(1, t) = 0,

and ν = 0.01 / π: from t = 1/π on there is a layer at x = 0, a hundredth wide, in which
u falls by 2.  It is the first example of Raissi, Perdikaris & Karniadakis ("Physics-
informed neural networks", J. Comput. Phys. 378, 2019), who reach a relative error of
6.7e-4 by L-BFGS with 10,000 points.

Here u = -sin(π x) + t (1 - x²) N(x, t), which has the right start and edges whatever
the network N is.  N sees sinh⁻¹(x / width) beside x, which looks at the layer closely.
Its weights minimize the squared residual by Levenberg and Marquardt's method.  A
residual depends on one point only, so its row of the Jacobian is one gradient, and
`vmap` takes the gradients at all points at once: a reverse mode over two forward ones,
batched.

The exact solution is known as a quotient of integrals (Hopf 1950, Cole 1951), computed
by Gauss and Hermite's quadrature (Basdevant et al., "Spectral and finite difference
solutions of the Burgers equation", Computers & Fluids 14, 1986).
"""

import time

import numpy as np
import scipy.linalg

import adjoint as ad
from _command import run
from _drawing import BLUE, GRAY, RED, new_figure, tidy
from _errors import relative_and_greatest
from adjoint import nn

VISCOSITY = 0.01 / np.pi
LAYER = 0.02


def exact(x, t, nodes=120):
    """Return u by Cole and Hopf's formula, t > 0; x and t broadcast.

    The weight is exp(-cos(π y) / (2 π ν)), here over its greatest value.
    """
    z, weight = np.polynomial.hermite.hermgauss(nodes)
    y = np.asarray(x)[..., None] - np.sqrt(4 * VISCOSITY * np.asarray(t))[..., None] * z
    mass = weight * np.exp(-(1 + np.cos(np.pi * y)) / (2 * np.pi * VISCOSITY))
    # 1 + cos is least, 0, where the weight is greatest.
    return -np.sum(mass * np.sin(np.pi * y), axis=-1) / np.sum(mass, axis=-1)


class Solution(nn.Module):
    """A network of three hidden layers, in a form with the right start and edges."""

    def __init__(self, width, rng):
        self.network = nn.Sequential(
            *(nn.Linear(3, width, rng=rng), nn.tanh),
            *(nn.Linear(width, width, rng=rng), nn.tanh),
            *(nn.Linear(width, width, rng=rng), nn.tanh),
            nn.Linear(width, 1, rng=rng),
        )

    def __call__(self, point):
        """Return u at points (x, t), shape (..., 2)."""
        x, t = point[..., 0], point[..., 1]
        near = np.arcsinh(x / LAYER) / np.arcsinh(1 / LAYER)
        inside = self.network(np.stack([x, near, 2 * t - 1], axis=-1))[..., 0]
        return -np.sin(np.pi * x) + t * (1 - x**2) * inside


def residual(model, point):
    """Return u_t + u u_x - ν u_xx at one point or at many, shape (..., 2)."""
    along_x = np.broadcast_to([1.0, 0.0], point.shape)
    along_t = np.broadcast_to([0.0, 1.0], point.shape)

    def value_and_slope(point):
        return ad.jvp(model, (point,), (along_x,))

    (u, u_x), (_, u_xx) = ad.jvp(value_and_slope, (point,), (along_x,))
    _, u_t = ad.jvp(model, (point,), (along_t,))
    return u_t + u * u_x - VISCOSITY * u_xx


def jacobian(model, points):
    """Return the derivatives of residuals by weights, shape (points, weights)."""
    rows = ad.vmap(ad.grad(residual), in_axes=(None, 0))(model, points)
    count = len(points)
    return np.concatenate(
        [leaf.reshape(count, -1) for leaf in ad.tree.leaves(rows)], axis=1
    )


def grid(columns, rows):
    """Return columns · rows points of the domain, dense at the layer.

    Columns are even in sinh⁻¹(x / width), rows in t.
    """
    stretch = np.arcsinh(1 / LAYER)
    x = LAYER * np.sinh(stretch * (2 * middles(columns) - 1))
    return np.stack(np.meshgrid(x, middles(rows)), axis=-1).reshape(-1, 2)


def middles(count):
    """Return the middles of equal parts of the interval from 0 to 1."""
    return (np.arange(count) + 0.5) / count


def levenberg_marquardt(model, points, steps, report):
    """Return the model with the least squared residuals, and the course of the loss.

    Each step solves (Jᵀ J + λ I) δ = -Jᵀ r; λ falls after a good step, and grows until
    there is one.  (`ad.solve.least_squares` factors J itself, which is more accurate,
    and slower for J of this size.)
    """
    weights, model_of = ad.tree.ravel(model)
    r = residual(model, points)
    losses, damping = [np.mean(r**2)], 1.0
    for step in range(steps):
        J = jacobian(model_of(weights), points)
        normal, slope = J.T @ J, J.T @ r
        while damping < 1e12:
            factor = scipy.linalg.cho_factor(normal + damping * np.eye(len(weights)))
            trial = weights - scipy.linalg.cho_solve(factor, slope)
            trial_r = residual(model_of(trial), points)
            if np.mean(trial_r**2) < losses[-1]:
                break
            damping *= 4.0
        else:
            break
        weights, r, damping = trial, trial_r, damping / 3.0
        losses.append(np.mean(r**2))
        report(step + 1, model_of(weights), losses[-1])
    return model_of(weights), np.array(losses)


def errors(model, columns=401, rows=100):
    """Return the relative error, in the L2 norm, and the greatest.

    The grid is even in x and t; the start, where u is right by form, is left out.
    """
    x, t = np.meshgrid(np.linspace(-1, 1, columns), np.arange(1, rows + 1) / rows)
    return relative_and_greatest(model(np.stack([x, t], axis=-1)), exact(x, t))


def draw(model, losses):
    """Return a figure: u by place and time, cuts beside the exact ones, the loss."""
    figure = new_figure(12, 7)
    axes = figure.subplot_mosaic([["field", "field"], ["cuts", "loss"]])
    x, t = np.linspace(-1, 1, 401), np.linspace(0, 1, 201)
    points = np.stack(np.meshgrid(x, t), axis=-1)
    image = axes["field"].imshow(
        model(points).T,
        extent=(0, 1, -1, 1),
        origin="lower",
        aspect="auto",
        cmap="RdBu_r",
    )
    figure.colorbar(image, ax=axes["field"], label="u")
    axes["field"].set(xlabel="t", ylabel="x")
    axes["field"].set_title("u, found by the network", loc="left", fontsize=11)
    x = np.concatenate([x, np.linspace(-0.05, 0.05, 101)])
    x.sort()
    for at, color in ((0.25, GRAY), (0.5, BLUE), (1.0, RED)):
        u = model(np.stack([x, np.full_like(x, at)], axis=-1))
        axes["cuts"].plot(x, u, color=color, linewidth=2)
        some = np.linspace(-0.98, 0.98, 41)
        axes["cuts"].plot(some, exact(some, at), "o", color=color, markersize=3.5)
        axes["cuts"].text(0.15, 1.05 - 0.6 * at, f"t = {at}", color=color)
    axes["cuts"].set(xlabel="x", ylim=(-1.15, 1.15))
    axes["cuts"].set_title("u: network (lines), exact (dots)", loc="left", fontsize=11)
    axes["loss"].semilogy(losses, color=BLUE)
    axes["loss"].set_xlabel("step of Levenberg and Marquardt")
    axes["loss"].set_title("mean squared residual", loc="left", fontsize=11)
    tidy(axes["cuts"], axes["loss"])
    return figure


def main(folder, *, quick=False):
    """Solve, print the error on the way and at the end, save ``burgers_pinn.png``.

    Returns
    -------
    float
        L2 norm of the error relative to that of the solution.
    """
    begin = time.perf_counter()
    width, columns, rows, steps = (8, 24, 12, 80) if quick else (16, 60, 30, 300)

    def report(step, model, loss):
        if step % 25 == 0:
            error, _ = errors(model)
            print(
                f"step {step:4}  mean squared residual {loss:.1e}  relative error "
                f"{error:.1e}  {time.perf_counter() - begin:4.0f} s",
                flush=True,
            )

    model = Solution(width, np.random.default_rng(0))
    points = grid(columns, rows)
    model, losses = levenberg_marquardt(model, points, steps, report)
    relative, greatest = errors(model)
    print(f"relative error (L2): {relative:.1e}; greatest error: {greatest:.1e}")
    draw(model, losses).savefig(folder / "burgers_pinn.png", dpi=110)
    return relative


if __name__ == "__main__":
    run(main, __doc__)
