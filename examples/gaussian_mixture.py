"""A mixture of Gaussians, fitted by the gradient of its likelihood.

The classical way is expectation and maximization (Dempster, Laird & Rubin, "Maximum
likelihood from incomplete data", JRSS B 39, 1977), derived anew for each model.  The
other way is to write down the log-likelihood and to follow its gradient, for which
nothing has to be derived.  What constrains the parameters is put into their form:
weights are a softmax, covariances are L Lᵀ with a lower triangle L whose diagonal is an
exponential.  Then every tree of numbers is a mixture, and a quasi-Newton method may
roam freely.

Where components overlap, EM crawls: its rate of convergence is the share of information
that is missing (Xu & Jordan, "On convergence properties of the EM algorithm for
Gaussian mixtures", Neural Computation 8, 1996).  BFGS does not.
"""

import numpy as np
from sklearn.mixture import GaussianMixture

import adjoint as ad
from _command import run
from _drawing import BLUE, GREEN, RED, name_curve, new_figure, tidy

COUNT = 600
WEIGHTS = np.array([0.35, 0.3, 0.2, 0.15])
MEANS = np.array([[0.0, 0.0], [2.2, 0.4], [-1.0, 3.0], [3.0, 4.0]])
FACTORS = np.array(
    [
        [[1.0, 0.0], [0.6, 0.8]],
        [[0.9, 0.0], [-0.6, 0.5]],
        [[1.2, 0.0], [0.3, 0.4]],
        [[0.5, 0.0], [0.4, 0.9]],
    ]
)
COLORS = (BLUE, RED, GREEN, "#b8860b")


def draw_sample(rng, count=COUNT):
    """Return points of the mixture above, shape (count, 2)."""
    which = rng.choice(len(WEIGHTS), size=count, p=WEIGHTS)
    standard = rng.standard_normal((count, 2))
    return MEANS[which] + np.einsum("nij,nj->ni", FACTORS[which], standard)


def start_of(points, components, rng):
    """Return where to start: centres far from each other, one covariance for all."""
    centres = [points[rng.integers(len(points))]]
    while len(centres) < components:
        gaps = np.linalg.norm(points[:, None] - np.array(centres), axis=-1).min(axis=1)
        centres.append(points[np.argmax(gaps)])
    factor = np.linalg.cholesky(np.cov(points.T) / components)
    shape = np.tril(factor, -1) + np.diag(np.log(np.diagonal(factor)))
    return {
        "logits": np.zeros(components),
        "means": np.array(centres),
        "shapes": np.tile(shape, (components, 1, 1)),
    }


def factors_of(shapes):
    """Return lower triangles with a positive diagonal, shape (components, d, d)."""
    diagonal = np.exp(np.diagonal(shapes, axis1=1, axis2=2))
    return np.tril(shapes, -1) + diagonal[:, :, None] * np.eye(shapes.shape[-1])


def log_sum_exp(x):
    """Return log Σ exp along the first axis, without overflow."""
    top = ad.stop_gradient(np.max(x, axis=0))
    return top + np.log(np.sum(np.exp(x - top), axis=0))


def log_joint(mixture, points):
    """Return log of weight times density, shape (components, n).

    With z = L⁻¹ (x - μ): log w - ½ |z|² - Σ log Lᵢᵢ - ½ d log 2π.
    """
    factors = factors_of(mixture["shapes"])
    offsets = np.swapaxes(points - mixture["means"][:, None], 1, 2)
    z = np.linalg.solve(factors, offsets)
    logits = mixture["logits"]
    log_weights = logits - log_sum_exp(logits)
    log_volume = np.trace(mixture["shapes"], axis1=1, axis2=2)
    constant = 0.5 * points.shape[1] * np.log(2 * np.pi)
    return (log_weights - log_volume - constant)[:, None] - 0.5 * np.sum(z**2, axis=1)


def loss(mixture, points):
    """Return the negative log-likelihood of a point, the mean over all."""
    return -np.mean(log_sum_exp(log_joint(mixture, points)))


def by_gradient(points, start):
    """Return the mixture of greatest likelihood, and the loss after each iteration."""
    losses = [float(loss(start, points))]
    result = ad.solve.minimize(
        loss,
        start,
        args=(points,),
        method="BFGS",
        options={"gtol": 1e-9},
        callback=lambda mixture: losses.append(float(loss(mixture, points))),
    )
    return result.x, np.array(losses)


def by_em(points, start, steps):
    """Return the same by expectation and maximization."""
    mixture, losses = start, [float(loss(start, points))]
    for _ in range(steps):
        joint = log_joint(mixture, points)
        shares = np.exp(joint - log_sum_exp(joint))
        sizes = shares.sum(axis=1)
        means = shares @ points / sizes[:, None]
        offsets = points - means[:, None]
        moments = np.einsum("kn,kni,knj->kij", shares, offsets, offsets)
        factors = np.linalg.cholesky(moments / sizes[:, None, None])
        logs = np.log(np.diagonal(factors, axis1=1, axis2=2))
        shapes = np.tril(factors, -1) + logs[:, :, None] * np.eye(points.shape[1])
        mixture = {"logits": np.log(sizes), "means": means, "shapes": shapes}
        losses.append(float(loss(mixture, points)))
    return mixture, np.array(losses)


def by_scikit_learn(points, start):
    """Return the log-likelihood of a point that scikit-learn's EM ends with."""
    factors = factors_of(start["shapes"])
    covariances = factors @ np.swapaxes(factors, 1, 2)
    components = len(start["means"])
    fitted = GaussianMixture(
        components,
        weights_init=np.full(components, 1 / components),
        means_init=start["means"],
        precisions_init=np.linalg.inv(covariances),
        reg_covar=0.0,
        tol=1e-13,
        max_iter=10_000,
    ).fit(points)
    return fitted.score(points)


def draw(points, mixture, courses):
    """Return a figure: points with ellipses, and how far the two methods have got."""
    figure = new_figure(11, 5)
    left, right = figure.subplots(1, 2)
    joint = log_joint(mixture, points)
    shares = np.exp(joint - log_sum_exp(joint))
    angles = np.linspace(0.0, 2 * np.pi, 200)
    circle = np.stack([np.cos(angles), np.sin(angles)])
    rgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in COLORS])
    left.scatter(*points.T, s=9, c=np.clip(shares.T @ rgb, 0.0, 1.0), alpha=0.7)
    weights = np.exp(mixture["logits"]) / np.sum(np.exp(mixture["logits"]))
    factors = factors_of(mixture["shapes"])
    for k, mean in enumerate(mixture["means"]):
        for radius in (1, 2):
            ellipse = mean[:, None] + radius * factors[k] @ circle
            left.plot(*ellipse, color=COLORS[k], linewidth=2.2 / radius)
        left.annotate(
            f"{100 * weights[k]:.0f} %",
            mean,
            ha="center",
            va="center",
            fontweight="bold",
            bbox={"facecolor": "white", "edgecolor": COLORS[k], "alpha": 0.85},
        )
    left.set_title("fitted: one and two deviations, and weights", loc="left")
    left.set(xlabel="x", ylabel="y", aspect="equal")
    best = min(losses.min() for losses in courses.values())
    for (name, losses), color in zip(courses.items(), COLORS, strict=False):
        gaps = losses - best
        steps = np.flatnonzero(gaps > 1e-14)
        right.loglog(1 + steps, gaps[steps], color=color, linewidth=2)
        end = (1 + steps[-1], gaps[steps[-1]])
        name_curve(right, name, end, color, (-6, 6), ha="right", va="baseline")
    right.set_xlabel("iteration")
    right.set_title("log-likelihood of a point, below its maximum", loc="left")
    tidy(left, right)
    return figure


def main(folder, *, quick=False):
    """Fit by both ways, print what they reach, save ``gaussian_mixture.png``.

    Returns
    -------
    dict of str to float
        Log-likelihood of a point by each way.
    """
    rng = np.random.default_rng(2)
    points = draw_sample(rng, 200 if quick else COUNT)
    start = start_of(points, len(WEIGHTS), rng)
    mixture, losses = by_gradient(points, start)
    _, em_losses = by_em(points, start, 300 if quick else 3000)
    reached = {
        "gradient": -losses[-1],
        "EM": -em_losses[-1],
        "scikit-learn": by_scikit_learn(points, start),
    }
    for name, value in reached.items():
        print(f"{name:13} log-likelihood of a point {value:.12f}")
    for name, course in {"gradient": losses, "EM": em_losses}.items():
        near = np.flatnonzero(course - losses.min() < 1e-8)
        when = f"after {near[0]} iterations" if near.size else "not reached"
        print(f"{name:13} within 1e-8 of it: {when}")
    largest = np.max(np.abs(ad.tree.ravel(ad.grad(loss)(mixture, points))[0]))
    print(f"largest slope at the end: {largest:.1e}")
    figure = draw(points, mixture, {"BFGS, exact gradient": losses, "EM": em_losses})
    figure.savefig(folder / "gaussian_mixture.png", dpi=110)
    return reached


if __name__ == "__main__":
    run(main, __doc__)
