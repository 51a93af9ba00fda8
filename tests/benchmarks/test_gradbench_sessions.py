"""Each module over the protocol: values by plain NumPy, derivatives by differences.

A session is what the referee holds: one fresh process, a message a line.  All that a
module is asked stands in one session: the value at the point and a step to either side
along each number of the input, and the derivative.
"""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logsumexp, multigammaln

ROOT = Path(__file__).resolve().parents[2]
STEP = 1e-5


class Session:
    """Messages to one module, and the answers to them."""

    def __init__(self, module):
        self.module = module
        self.messages = [
            {"id": 0, "kind": "start", "eval": module},
            {"id": 1, "kind": "define", "module": module},
        ]

    def ask(self, function, given):
        """Note that a function is to be evaluated; return the place of the answer."""
        place = len(self.messages)
        call = {"module": self.module, "function": function, "input": given}
        self.messages.append({"id": place, "kind": "evaluate", **call})
        return place

    def hold(self):
        """Return the outputs, by the places that `ask` gave."""
        paths = [str(ROOT), str(ROOT / "src"), *filter(None, [os.getenv("PYTHONPATH")])]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.gradbench"],
            input="".join(json.dumps(message) + "\n" for message in self.messages),
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True,
            text=True,
            check=True,
        )
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert list(range(len(self.messages))) == [said["id"] for said in answers]
        assert {"id": 0, "tool": "adjoint"} == answers[0]
        assert all(said["success"] for said in answers[1:])
        for said in answers[2:]:
            assert all(timing["nanoseconds"] > 0 for timing in said["timings"])
        return [said.get("output") for said in answers]


def outputs(module, functions, given, fields):
    """Return value, derivative, and central differences of the value by some fields.

    The differences are dictionaries by field: first and second ones, a row for each
    number of the field.  A module whose input is a bare number has the field "".
    """
    value, derivative = functions
    session = Session(module)
    at = session.ask(value, given)
    slope = session.ask(derivative, given)
    away = {
        field: [
            [session.ask(value, moved(given, field, k, step)) for step in (STEP, -STEP)]
            for k in range(np.size(given[field] if field else given))
        ]
        for field in fields
    }
    said = session.hold()
    ends = {
        field: np.array([[flat(said[one]) for one in pair] for pair in pairs])
        for field, pairs in away.items()
    }
    first = {f: (e[:, 0] - e[:, 1]) / (2.0 * STEP) for f, e in ends.items()}
    middle = flat(said[at])
    second = {f: (e[:, 0] - 2.0 * middle + e[:, 1]) / STEP**2 for f, e in ends.items()}
    return said[at], said[slope], first, second


def moved(given, field, k, step):
    """Return the input with the k-th number of a field moved by a step."""
    if not field:
        return given + step
    changed = np.array(given[field], dtype=float)
    changed.flat[k] += step
    return {**given, field: changed.tolist()}


def flat(output):
    """Return all numbers of an output in one vector; of ba the errors themselves."""
    if isinstance(output, dict):
        errors = output["reproj_error"]["elements"], output["w_err"]["element"]
        return np.concatenate([np.ravel(one) for one in errors])
    return np.ravel(output)


def assert_close(measured, expected):
    """Compare with differences, good to about 1e-10 of the value over the step."""
    np.testing.assert_allclose(
        np.ravel(measured), np.ravel(expected), rtol=1e-5, atol=1e-6
    )


def test_hello():
    value, slope, first, _ = outputs("hello", ("square", "double"), 3.0, [""])
    assert value == 9.0
    assert slope == 6.0
    assert_close(slope, first[""])


def test_gmm():
    d, k, n, m, gamma = 3, 2, 4, 1, 1.5
    rng = np.random.default_rng(1)
    sizes = {"x": (n, d), "alpha": k, "mu": (k, d), "q": (k, d), "l": (k, 3)}
    drawn = {name: rng.normal(size=size) for name, size in sizes.items()}
    given = {name: array.tolist() for name, array in drawn.items()}
    given |= {"d": d, "k": k, "n": n, "m": m, "gamma": gamma}
    fields = ["alpha", "mu", "q", "l"]
    value, slope, first, _ = outputs("gmm", ("objective", "jacobian"), given, fields)

    x, alpha, mu, q, packed = drawn.values()
    roots = np.stack([np.diag(np.exp(one)) for one in q])
    roots[:, [1, 2, 2], [0, 0, 1]] = packed  # column by column
    y = np.einsum("kij,nkj->nki", roots, x[:, None] - mu)
    beta = alpha + q.sum(axis=1) - 0.5 * (y**2).sum(axis=2)
    freedom = d + m + 1
    prior = k * (freedom * d * np.log(gamma / np.sqrt(2)))
    prior -= k * multigammaln(freedom / 2, d) + 0.5 * gamma**2 * (roots**2).sum()
    expected = logsumexp(beta, axis=1).sum() - n * logsumexp(alpha)
    expected += prior + m * q.sum() - 0.5 * n * d * np.log(2 * np.pi)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    assert fields == list(slope)
    for name in fields:
        assert np.shape(given[name]) == np.shape(slope[name])
        assert_close(slope[name], first[name])


def reprojection(camera, x, w, seen):
    """Return the error of one observation, by the formula of Rodrigues."""
    r, centre, (f, *principal), (k1, k2) = np.split(camera, [3, 6, 9])
    angle = np.linalg.norm(r)
    axis, away = r / angle, x - centre
    turned = away * np.cos(angle) + np.cross(axis, away) * np.sin(angle)
    turned += axis * (axis @ away) * (1 - np.cos(angle))
    p = turned[:2] / turned[2]
    s = p @ p
    return w * (f * p * (1 + k1 * s + k2 * s**2) + principal - seen)


def test_ba():
    camera = [0.3, -0.2, 0.1, 0.2, 0.1, -0.3, 1.5, 0.1, 0.2, -0.05, 0.02]
    given = {"cam": camera, "x": [0.4, -0.3, 4.0], "w": 0.7, "feat": [1.0, 2.0]}
    given |= {"n": 2, "m": 2, "p": 3}
    fields = ["cam", "x", "w"]
    value, slope, first, _ = outputs("ba", ("objective", "jacobian"), given, fields)
    expected = reprojection(*(np.array(given[name]) for name in (*fields, "feat")))
    assert value["reproj_error"]["repeated"] == value["w_err"]["repeated"] == 3
    np.testing.assert_allclose(value["reproj_error"]["elements"], expected, rtol=1e-12)
    np.testing.assert_allclose(value["w_err"]["element"], 1 - 0.7**2, rtol=1e-12)

    *vals, last = slope["vals"]
    block = np.concatenate([first[name] for name in fields])
    assert_close(vals, block[:, :2].T)
    assert_close(last, block[-1, 2])
    columns = [*range(11), *range(22, 25), 28]
    assert [*columns, *columns, 30] == slope["cols"]
    assert [0, 15, 30, 45, 60, 75, 90, 91, 92, 93, 93] == slope["rows"]


def lstm_loss(main, extra, state, sequence):
    state, total = state.copy(), 0.0
    for now, following in pairwise(sequence):
        x = now * extra[0]
        for layer in range(len(main) // 2):
            rows = slice(2 * layer, 2 * layer + 2)
            (wf, bf), (wi, bi), (wo, bo), (wg, bg) = np.split(main[rows], 4, axis=1)
            h, cell = state[2 * layer], state[2 * layer + 1]
            cell = cell * expit(x * wf + bf) + expit(h * wi + bi) * np.tanh(h * wg + bg)
            x = expit(x * wo + bo) * np.tanh(cell)
            state[2 * layer], state[2 * layer + 1] = x, cell
        y = x * extra[1] + extra[2]
        total += following @ (y - np.log(2 + np.exp(y).sum()))
    return -total / sequence[1:].size


def test_lstm():
    rng = np.random.default_rng(2)
    drawn = {
        "main_params": rng.uniform(size=(4, 12)),
        "extra_params": rng.uniform(size=(3, 3)),
        "state": rng.uniform(size=(4, 3)),
        "sequence": rng.integers(0, 2, size=(5, 3)).astype(float),
    }
    given = {name: array.tolist() for name, array in drawn.items()}
    fields = ["main_params", "extra_params"]
    value, slope, first, _ = outputs("lstm", ("objective", "jacobian"), given, fields)
    np.testing.assert_allclose(value, lstm_loss(*drawn.values()), rtol=1e-12)
    assert_close(slope, np.concatenate([first[name] for name in fields]))


def test_kmeans():
    points = np.random.default_rng(3).uniform(size=(8, 2))
    given = {"points": points.tolist(), "centroids": points[-2:].tolist()}
    value, direction, first, second = outputs(
        "kmeans", ("cost", "dir"), given, ["centroids"]
    )
    distances = ((points[:, None] - points[-2:]) ** 2).sum(axis=2)
    np.testing.assert_allclose(value, distances.min(axis=1).sum(), rtol=1e-12)
    # Second differences of a value of 1 are good to 1e-16 / STEP**2.
    expected = first["centroids"] / second["centroids"]
    np.testing.assert_allclose(np.ravel(direction), expected[:, 0], rtol=1e-4)
    assert (2, 2) == np.shape(direction)


def test_llsq():
    x = np.random.default_rng(4).uniform(size=5)
    given = {"x": x.tolist(), "n": 6}
    value, slope, first, _ = outputs("llsq", ("primal", "gradient"), given, ["x"])
    t = np.linspace(-1, 1, 6)
    expected = 0.5 * ((np.sign(t) - np.polyval(x[::-1], t)) ** 2).sum()
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    assert_close(slope, first["x"])


def test_lse():
    x = np.random.default_rng(5).uniform(size=7)
    given = {"x": x.tolist()}
    value, slope, first, _ = outputs("lse", ("primal", "gradient"), given, ["x"])
    np.testing.assert_allclose(value, np.log(np.exp(x).sum()), rtol=1e-13)
    assert_close(slope, first["x"])


@pytest.mark.parametrize("steps", [1, 3])
def test_ode(steps):
    """The method is exact for the first four components: products of 2 x / (j + 1)."""
    x = np.random.default_rng(6).uniform(size=4)
    given = {"x": x.tolist(), "s": steps}
    value, slope, first, _ = outputs("ode", ("primal", "gradient"), given, ["x"])
    np.testing.assert_allclose(value, np.cumprod(2 * x / [1, 2, 3, 4]), rtol=1e-12)
    assert_close(slope, first["x"][:, -1])
