"""Nonlinear regression to the digits that NIST has certified.

For eight data sets the Statistical Reference Datasets of NIST (Rogers, Filliben, Gill,
Guthrie, Lagergren & Vangel, 1998) state parameters, their standard deviations and the
sum of squares to eleven digits, computed with 128 bits.  From each data set's two
starting points `ad.solve.curve_fit` finds them, with exact Jacobians of models that are
plain NumPy.

Such a fit compares sums of squares, and near the minimum these are flat: eight of the
parameters' digits decide the sixteen of the sum.  So it ends with some eight right.
The slope is not flat there, and Gauss and Newton's steps, which compare nothing, go by
it alone; with exact Jacobians a few of them give the others (with difference quotients
they would end where the wrong slope is 0).

Digits are those of the log relative error, -log10(|b - c| / |c|) for the worst entry
(McCullough, "Assessing the reliability of statistical software", The American
Statistician 52, 1998), eleven at most.
"""

from typing import NamedTuple

import numpy as np

import adjoint as ad
from _command import run
from _drawing import BLUE, RED, new_figure, tidy

# Data and models come with the package: its demonstration fits them too, against
# difference quotients.
from adjoint._demo.nist.data import load
from adjoint._demo.nist.models import MODELS
from adjoint._demo.nist.picture import UNITS

INK = "#333a40"
CERTIFIED = 11


class Row(NamedTuple):
    """Digits of one fit: of parameters, before and after refinement, and deviations."""

    name: str
    start: int
    fitted: float
    refined: float
    deviations: float
    evaluations: int


def digits(found, certified):
    """Return the log relative error of the worst entry, from 0 to 11."""
    error = np.max(np.abs(found - certified) / np.abs(certified))
    return float(np.clip(-np.log10(max(error, 1e-300)), 0.0, CERTIFIED))


def fit(data, start):
    """Return the fit of a data set from its first or second starting point.

    It ends when a step changes the parameters by less than 1e-12.  A trial step far
    from the solution may overflow; the method then takes a shorter one.
    """
    model = MODELS[data.name]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return ad.solve.curve_fit(
            lambda x, *b: model(b, x),
            data.x,
            data.y,
            p0=data.starts[start - 1],
            xtol=1e-12,
        )


def refined(data, parameters, steps=30):
    """Return parameters and their deviations, after some steps of Gauss and Newton.

    Columns of the Jacobian are scaled to norm 1, since parameters differ by powers of
    ten.  Deviations are s |row of R⁻¹|, with J = Q R.
    """
    model = MODELS[data.name]
    values_of = lambda b: model(b, data.x)  # noqa: E731
    jacobian_of = ad.jacobian(values_of)
    for _ in range(steps):
        residuals, jacobian = data.y - values_of(parameters), jacobian_of(parameters)
        scale = np.linalg.norm(jacobian, axis=0)
        orthogonal, triangle = np.linalg.qr(jacobian / scale)
        step = np.linalg.solve(triangle, orthogonal.T @ residuals) / scale
        parameters = parameters + step
        if np.all(np.abs(step) <= 1e-14 * np.abs(parameters)):
            break
    s = np.linalg.norm(data.y - values_of(parameters)) / np.sqrt(
        data.degrees_of_freedom
    )
    return parameters, s * np.linalg.norm(np.linalg.inv(triangle), axis=1) / scale


def draw(fits):
    """Return a figure: each data set with its fit and a band of 99 %, and residuals.

    The deviation of the curve is that of J b, with J the Jacobian of the model by its
    parameters, exact at any x (the delta method).
    """
    figure = new_figure(15, 8)
    panels = figure.subplots(2, 4).flat
    for axes, (data, parameters, covariance) in zip(panels, fits, strict=False):
        model = MODELS[data.name]
        x = np.linspace(data.x.min(), data.x.max(), 400)
        jacobian = ad.jacobian(lambda b, m=model, x=x: m(b, x))(parameters)
        spread = np.sqrt(np.einsum("ij,jk,ik->i", jacobian, covariance, jacobian))
        y = model(parameters, x)
        axes.plot(data.x, data.y, "o", markersize=3.5, color=BLUE, alpha=0.6)
        axes.fill_between(
            x, y - 2.6 * spread, y + 2.6 * spread, color=RED, alpha=0.25, linewidth=0
        )
        axes.plot(x, y, color=RED, linewidth=1.4)
        reached = digits(parameters, data.parameters)
        axes.set_title(data.name, loc="left", fontweight="bold", color=INK)
        axes.set_title(
            f"{len(parameters)} parameters, {reached:.1f} digits",
            loc="right",
            fontsize=9,
        )
        x_name, y_name = UNITS.get(data.name, (data.x_name, data.y_name))
        axes.set(xlabel=x_name, ylabel=y_name)
        tidy(axes, grid=False)
    figure.suptitle("observations (blue), fit and its band of 99 % (red)")
    return figure


def main(folder, *, quick=False):
    """Fit all, print a table of digits, save ``nist_regression.png`` in the folder.

    Returns
    -------
    list of Row
        One for each data set and start.
    """
    rows, fits = [], []
    print(f"certified digits, of {CERTIFIED}")
    print("data set   start   fitted  refined  deviations  evaluations")
    for name in ("Misra1a", "Thurber") if quick else MODELS:
        data = load(name)
        for start in (1, 2):
            fitted = fit(data, start)
            parameters, deviations = refined(data, fitted.params)
            row = Row(
                name,
                start,
                digits(fitted.params, data.parameters),
                digits(parameters, data.parameters),
                digits(deviations, data.deviations),
                fitted.result.nfev,
            )
            rows.append(row)
            print(
                f"{name:10}{start:6}{row.fitted:9.1f}{row.refined:9.1f}"
                f"{row.deviations:12.1f}{row.evaluations:13}"
            )
        fits.append((data, parameters, fitted.covariance))
    print(f"least digits of a parameter: {min(row.refined for row in rows):.1f}")
    draw(fits).savefig(folder / "nist_regression.png", dpi=110)
    return rows


if __name__ == "__main__":
    run(main, __doc__)
