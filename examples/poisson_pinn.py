"""A network that solves Poisson's equation, trained by its residual.

Sought is u on the unit square with -Δu = f inside and u = 0 on its edge.  A network N
is put into the form u(x, y) = x (1 - x) y (1 - y) N(x, y), which is 0 on the edge
whatever N is (Lagaris, Likas & Fotiadis, "Artificial neural networks for solving
ordinary and partial differential equations", IEEE Trans. Neural Networks 9, 1998; the
name physics-informed is from Raissi, Perdikaris & Karniadakis, J. Comput. Phys. 378,
2019).  The residual Δu + f at points of the square asks for second derivatives by the
place, and its minimization for their derivatives by the weights: a reverse mode over
two forward ones, written as nested transforms.

What is minimized is a sum of squares, so `ad.solve.least_squares` does it, by Levenberg
and Marquardt's method, with a model as the unknown.  It would compute the Jacobian of
residuals by weights itself, as that of any function.  But each residual depends on one
point only, and we know it: then a row is one gradient, and `vmap` takes all rows at
once for little more than one pass over the network.
"""

import time

import numpy as np

import adjoint as ad
from _command import run
from _drawing import new_figure
from _errors import relative_and_greatest
from adjoint import nn


def exact(points):
    """Return the solution that the network has to find: two waves, one finer."""
    x, y = points[..., 0], points[..., 1]
    coarse = np.sin(np.pi * x) * np.sin(np.pi * y)
    return coarse + 0.5 * np.sin(2 * np.pi * x) * np.sin(3 * np.pi * y)


def source(points):
    """Return f = -Δu of that solution."""
    x, y = points[..., 0], points[..., 1]
    coarse = 2 * np.pi**2 * np.sin(np.pi * x) * np.sin(np.pi * y)
    fine = 13 * np.pi**2 * np.sin(2 * np.pi * x) * np.sin(3 * np.pi * y)
    return coarse + 0.5 * fine


class Solution(nn.Module):
    """A network of two hidden layers times what vanishes on the edge."""

    def __init__(self, width, rng):
        self.network = nn.Sequential(
            *(nn.Linear(2, width, rng=rng), nn.tanh),
            *(nn.Linear(width, width, rng=rng), nn.tanh),
            nn.Linear(width, 1, rng=rng),
        )

    def __call__(self, points):
        """Return u at points, shape (..., 2)."""
        x, y = points[..., 0], points[..., 1]
        inside = self.network(2 * points - 1)[..., 0]
        return 16 * x * (1 - x) * y * (1 - y) * inside


def laplacian(u, points):
    """Return Σᵢ ∂²u/∂xᵢ², by the second derivative along each axis.

    Points do not act on each other, so one tangent moves all of them at once.
    """

    def second_derivative(along):
        def slope(points):
            return ad.jvp(u, (points,), (along,))[1]

        return ad.jvp(slope, (points,), (along,))[1]

    axes = np.eye(points.shape[-1])
    return sum(second_derivative(np.broadcast_to(e, points.shape)) for e in axes)


def residuals(model, points):
    """Return Δu + f, which is 0 where the equation holds; at one point or at many."""
    return laplacian(model, points) + source(points)


rows_of_jacobian = ad.vmap(ad.grad(residuals), in_axes=(None, 0))
"""Derivative of each residual by the model, at points of shape (n, 2)."""


def gauss_points(count):
    """Return count² points of the square, dense at its edges: Gauss and Legendre's."""
    nodes = (1 + np.polynomial.legendre.leggauss(count)[0]) / 2
    return np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)


def solve(width, count, evaluations):
    """Return the trained model and what `least_squares` says of it."""
    model = Solution(width, np.random.default_rng(0))
    points = gauss_points(count)
    result = ad.solve.least_squares(
        residuals,
        model,
        jac=rows_of_jacobian,
        args=(points,),
        max_nfev=evaluations,
    )
    return result.x, result


def errors(model, count=101):
    """Return the relative error, in the L2 norm, and the greatest."""
    points = even_grid(count)
    return relative_and_greatest(model(points), exact(points))


def even_grid(count):
    """Return points of the square, shape (count, count, 2)."""
    axis = np.linspace(0.0, 1.0, count)
    return np.stack(np.meshgrid(axis, axis), axis=-1)


def draw(model, count=101):
    """Return a figure: the solution found, and its error."""
    points = even_grid(count)
    x, y = points[..., 0], points[..., 1]
    found = model(points)
    error = found - exact(points)
    figure = new_figure(11, 4.8)
    left, right = figure.subplots(1, 2)
    for axes, values, title in (
        (left, found, "u, found by the network"),
        (right, 1e6 * error, "its error, in millionths"),
    ):
        limit = np.max(np.abs(values))
        image = axes.contourf(
            x, y, values, np.linspace(-limit, limit, 25), cmap="RdBu_r"
        )
        figure.colorbar(image, ax=axes, shrink=0.9)
        axes.set(xlabel="x", ylabel="y", aspect="equal")
        axes.set_title(title, loc="left", fontsize=11)
    nodes = gauss_points(20)
    left.plot(*nodes.T, ".", color="black", markersize=1.5, alpha=0.6)
    return figure


def main(folder, *, quick=False):
    """Solve, print the errors, save ``poisson_pinn.png`` in the folder.

    Returns
    -------
    float
        L2 norm of the error relative to that of the solution.
    """
    begin = time.perf_counter()
    width, count, evaluations = (10, 14, 120) if quick else (16, 20, 200)
    model, result = solve(width, count, evaluations)
    print(
        f"{result.jac.shape[1]} weights, {count**2} points, {result.nfev} evaluations, "
        f"{result.njev} Jacobians, {time.perf_counter() - begin:.0f} s"
    )
    print(f"root mean square of the residual: {np.sqrt(2 * result.cost) / count:.1e}")
    relative, greatest = errors(model)
    print(f"relative error (L2): {relative:.1e}; greatest error: {greatest:.1e}")
    draw(model).savefig(folder / "poisson_pinn.png", dpi=110)
    return relative


if __name__ == "__main__":
    run(main, __doc__)
