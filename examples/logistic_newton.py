"""Logistic regression by Newton's method with the exact Hessian.

Which tumours are malignant?  The data are the 569 samples of Wolberg, Street and
Mangasarian (breast cancer Wisconsin, diagnostic, 1995) that come with scikit-learn: 30
measurements of the nuclei of cells.  A fifth is held back.

Minimized is the negative log-likelihood with a Gaussian prior on the weights (ridge of
1, scikit-learn's default), a convex function of 31 weights.  It is one line of NumPy;
gradient and Hessian come from it.  Near the minimum each step of Newton's method
doubles the number of right digits (Nocedal & Wright, "Numerical Optimization", 2006,
theorem 3.5), which a wrong Hessian would spoil at once.  The inverse of the Hessian at
the end is, by Laplace's approximation, the covariance of the weights.
"""

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

import adjoint as ad
from _command import run
from _drawing import BLUE, GRAY, RED, name_curve, new_figure, tidy

RIDGE = 1.0


class Samples(NamedTuple):
    """Measurements, shape (n, 30), of mean 0 and deviation 1, and 1 for malignant."""

    x: np.ndarray
    label: np.ndarray


class Course(NamedTuple):
    """Weights at the end, and the norm of the gradient before each step and after."""

    weights: np.ndarray
    gradient_norms: np.ndarray


def load():
    """Return names of the measurements, samples to learn from, and those held back."""
    bundled = load_breast_cancer()
    malignant = (bundled.target == 0).astype(float)
    x, held_x, label, held_label = train_test_split(
        bundled.data, malignant, test_size=0.2, random_state=0, stratify=malignant
    )
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    learned = Samples((x - mean) / deviation, label)
    held = Samples((held_x - mean) / deviation, held_label)
    return bundled.feature_names, learned, held


def logits(weights, x):
    """Return the logarithm of the odds of malignant; the last weight is the offset."""
    return x @ weights[:-1] + weights[-1]


def loss(weights, samples):
    """Return the negative logarithm of the posterior density, up to a constant.

    logaddexp(0, z) is log(1 + exp(z)), right where exp(z) overflows.
    """
    sign = 1.0 - 2.0 * samples.label
    misfit = np.sum(np.logaddexp(0.0, sign * logits(weights, samples.x)))
    return misfit + 0.5 * RIDGE * np.sum(weights[:-1] ** 2)


def newton(samples, tolerance=1e-8, steps=20):
    """Return the minimum, by full Newton steps from 0."""
    gradient, hessian = ad.grad(loss), ad.hessian(loss)
    weights = np.zeros(samples.x.shape[1] + 1)
    norms = []
    for _ in range(steps):
        slope = gradient(weights, samples)
        norms.append(np.linalg.norm(slope))
        if norms[-1] < tolerance:
            break
        weights = weights - np.linalg.solve(hessian(weights, samples), slope)
    return Course(weights, np.array(norms))


def quasi_newton(samples):
    """Return the same by L-BFGS, which sees gradients only."""
    value_and_gradient = ad.value_and_grad(loss)
    norms = []

    def record(weights):
        norms.append(np.linalg.norm(value_and_gradient(weights, samples)[1]))

    start = np.zeros(samples.x.shape[1] + 1)
    record(start)
    result = ad.solve.minimize(
        loss,
        start,
        args=(samples,),
        method="L-BFGS-B",
        callback=record,
        tol=1e-14,
    )
    return Course(result.x, np.array(norms))


def deviations(weights, samples):
    """Return the standard deviations of the weights by Laplace's approximation."""
    return np.sqrt(np.diagonal(np.linalg.inv(ad.hessian(loss)(weights, samples))))


def draw(courses, names, weights, spread):
    """Return a figure: the gradient by step, and the weights with their deviations."""
    figure = new_figure(11, 6)
    left, right = figure.subplots(1, 2, width_ratios=(1.1, 1.0))
    for (name, course), color in zip(courses.items(), (RED, BLUE), strict=False):
        norms = course.gradient_norms
        left.semilogy(norms, "o-", color=color, markersize=4)
        name_curve(left, name, (len(norms) - 1, norms[-1]), color, (8, 0))
    last = max(len(course.gradient_norms) for course in courses.values())
    left.set(xlabel="step", xlim=(-1, 1.3 * last))
    left.set_title("norm of the gradient", loc="left", fontsize=11)
    order = np.argsort(weights[:-1])
    rows = np.arange(len(order))
    right.axvline(0.0, color=GRAY, linewidth=0.8)
    right.errorbar(
        weights[order], rows, xerr=spread[order], fmt="o", color=BLUE, markersize=4
    )
    right.set_yticks(rows, names[order], fontsize=8)
    right.set_xlabel("weight, one deviation of the measurement, with its deviation")
    right.set_title("what speaks for malignant (right)", loc="left", fontsize=11)
    tidy(left, right)
    return figure


def main(folder, *, quick=False):
    """Print the steps and what was reached, save ``logistic_newton.png`` in the folder.

    Parameters
    ----------
    folder : Path
        Existing folder for the picture.
    quick : bool, optional
        Leave out the comparison with L-BFGS.

    Returns
    -------
    Course
        That of Newton's method.
    """
    names, learned, held = load()
    course = newton(learned)
    print("step  norm of the gradient")
    for step, norm in enumerate(course.gradient_norms):
        print(f"{step:4}  {norm:.2e}")
    courses = {"Newton,\nexact Hessian": course}
    if not quick:
        courses["L-BFGS,\nexact gradient"] = slow = quasi_newton(learned)
        print(
            f"L-BFGS: {len(slow.gradient_norms) - 1} iterations to "
            f"{slow.gradient_norms[-1]:.2e}"
        )
    peer = LogisticRegression(C=1 / RIDGE, solver="newton-cholesky", tol=1e-9)
    peer.fit(*learned)
    difference = np.max(np.abs(peer.coef_[0] - course.weights[:-1]))
    right = np.mean((logits(course.weights, held.x) > 0) == held.label)
    print(f"largest difference from scikit-learn's weights: {difference:.1e}")
    print(f"held back: {100 * right:.1f} % of {len(held.label)} right")
    spread = deviations(course.weights, learned)
    picture = draw(courses, names, course.weights, spread)
    picture.savefig(folder / "logistic_newton.png", dpi=110)
    return course


if __name__ == "__main__":
    run(main, __doc__)
