"""GradBench's problems and protocol: values by plain loops, slopes by differences."""

import json
import math
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from benchmarks.gradbench.modules import MODULES
from benchmarks.gradbench.protocol import answer
from benchmarks.problems import (
    gradbench_ba as ba,
    gradbench_gmm as gmm,
    gradbench_kmeans as kmeans,
    gradbench_llsq as llsq,
    gradbench_lse as lse,
)

ROOT = Path(__file__).resolve().parents[2]


def evaluate(module, function, given):
    """Return the output for an input that has passed through JSON."""
    message = {"id": 5, "kind": "evaluate", "module": module, "function": function}
    said = answer(message | {"input": json.loads(json.dumps(given))})
    assert said["success"], said
    return json.loads(json.dumps(said))["output"]


def differences(f, x, step=1e-6):
    """Return the gradient of f by central differences, in the shape of x."""
    slopes = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        away = np.zeros(x.shape)
        away[index] = step
        slopes[index] = (f(x + away) - f(x - away)) / (2.0 * step)
    return slopes


def assert_slopes(module, functions, given, names):
    """Compare a gradient by some fields of the input with difference quotients."""
    primal, derivative = functions
    measured = evaluate(module, derivative, given)
    if not isinstance(measured, dict):
        measured = np.split(
            np.array(measured), np.cumsum([np.size(given[name]) for name in names])[:-1]
        )
        measured = dict(zip(names, measured, strict=True))
    for name in names:

        def value(part, name=name):
            changed = given | {name: part.tolist()}
            return np.ravel(evaluate(module, primal, changed))[-1]

        expected = differences(value, np.array(given[name]))
        # Central differences with 1e-6 are good to about 1e-9 of the value.
        np.testing.assert_allclose(
            np.reshape(measured[name], expected.shape), expected, rtol=1e-5, atol=1e-6
        )


# --- the protocol ---------------------------------------------------------------------


def refuse(constant):
    raise ValueError(constant)


def exchange(messages):
    """Return the answers of a fresh process; a message may be a line as it stands."""
    lines = [m if isinstance(m, str) else json.dumps(m) for m in messages]
    paths = [str(ROOT), str(ROOT / "src"), *filter(None, [os.getenv("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.gradbench"],
        input="".join(line + "\n" for line in lines),
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=True,
    )
    return [
        json.loads(line, parse_constant=refuse) for line in done.stdout.splitlines()
    ]


def test_hello_is_answered_line_by_line():
    """A session as the referee holds it: 1, 1, 2, 4, 8 ... by square and double."""
    messages = [
        {"id": 0, "kind": "start", "eval": "hello"},
        {"id": 1, "kind": "define", "module": "hello"},
    ]
    given, outputs = 1.0, []
    for turn, name in enumerate(("square", "double") * 2):
        call = {"module": "hello", "function": name, "input": given}
        number = 2 + 2 * turn
        messages.append({"id": number, "kind": "evaluate", **call})
        messages.append(
            {"id": number + 1, "kind": "analysis", "of": number, "valid": True}
        )
        given = given * given if name == "square" else 2.0 * given
        outputs.append(given)
    answers = exchange(messages)
    assert [message["id"] for message in messages] == [said["id"] for said in answers]
    assert [{"id": 0, "tool": "adjoint"}, {"id": 1, "success": True}] == answers[:2]
    evaluations = answers[2::2]
    assert outputs == [said["output"] for said in evaluations]
    for said in evaluations:
        (timing,) = said["timings"]
        assert timing["name"] == "evaluate"
        assert timing["nanoseconds"] > 0
    assert [{"id": number} for number in (3, 5, 7, 9)] == answers[3::2]


def test_a_fault_is_an_answer_and_the_session_goes_on():
    """What is unknown or raises gives success false with the error, and no more."""
    call = {"kind": "evaluate", "module": "hello", "function": "square"}
    faults = exchange(
        [
            {"id": 0, "kind": "define", "module": "nothing"},
            {"id": 1, **call, "function": "cube", "input": 1.0},
            {"id": 2, **call, "module": "nothing", "input": 1.0},
            {"id": 3, **call, "input": "one"},
            {"id": 4, **call, "input": 3},
        ]
    )
    assert [False] * 4 + [True] == [said["success"] for said in faults]
    assert "nothing" in faults[0]["error"]
    assert "cube" in faults[1]["error"]
    assert "ValueError" in faults[3]["error"]


def test_what_is_no_message_is_answered_too():
    """A line that is no JSON or no object, no id, no kind, an output that is nan."""
    call = {"kind": "evaluate", "module": "lse", "function": "primal"}
    said = exchange(
        [
            "{half a line",
            "[1, 2]",
            {"kind": "define", "module": "hello"},
            {"id": 3},
            {"id": 4, "kind": "evaluate"},
            {"id": 5, **call, "input": {"x": [1e308, float("nan")]}},
            {"id": 6, **call, "input": {"x": [0.0]}},
        ]
    )
    assert [None, None, None, 3, 4, 5, 6] == [one["id"] for one in said]
    assert [False, False, True, False, False, False, True] == [
        one["success"] for one in said
    ]
    assert "not finite" in said[5]["error"]


@pytest.mark.parametrize(("runs", "seconds"), [(1, 0.0), (7, 0.0), (1, 0.01)])
def test_a_call_is_repeated_as_often_and_as_long_as_asked(runs, seconds):
    """Each repetition is a timing; together they last long enough."""
    given = {"x": [0.0, 1.0], "min_runs": runs, "min_seconds": seconds}
    said = answer(
        {
            "id": 0,
            "kind": "evaluate",
            "module": "lse",
            "function": "primal",
            "input": given,
        }
    )
    took = [timing["nanoseconds"] for timing in said["timings"]]
    assert len(took) >= runs
    assert sum(took) >= seconds * 1e9
    assert len(took) == runs or sum(took[:-1]) < seconds * 1e9


def test_every_module_has_its_functions():
    """The names are the referee's."""
    assert {
        "hello": ["square", "double"],
        "gmm": ["objective", "jacobian"],
        "ba": ["objective", "jacobian"],
        "lstm": ["objective", "jacobian"],
        "kmeans": ["cost", "dir"],
        "llsq": ["primal", "gradient"],
        "lse": ["primal", "gradient"],
        "ode": ["primal", "gradient"],
    } == {module: list(functions) for module, functions in MODULES.items()}


# --- gmm ------------------------------------------------------------------------------


def mixture(d, k, n, m=0, gamma=1.0):
    rng = np.random.default_rng(31337)
    return {
        "d": d,
        "k": k,
        "n": n,
        "x": rng.normal(size=(n, d)).tolist(),
        "alpha": rng.normal(size=k).tolist(),
        "mu": rng.uniform(size=(k, d)).tolist(),
        "q": rng.normal(size=(k, d)).tolist(),
        "l": rng.normal(size=(k, d * (d - 1) // 2)).tolist(),
        "m": m,
        "gamma": gamma,
    }


def log_of_sum(numbers):
    largest = max(numbers)
    return largest + math.log(sum(math.exp(number - largest) for number in numbers))


def log_posterior_by_loops(given):
    d, k, n = given["d"], given["k"], given["n"]
    total = -0.5 * n * d * math.log(2.0 * math.pi)
    roots = []
    for c in range(k):
        root = np.diag(np.exp(given["q"][c]))
        packed = iter(given["l"][c])
        for j in range(d):
            for i in range(j + 1, d):
                root[i, j] = next(packed)
        roots.append(root)
    for x in given["x"]:
        beta = []
        for c in range(k):
            y = roots[c] @ (np.array(x) - given["mu"][c])
            beta.append(given["alpha"][c] + sum(given["q"][c]) - 0.5 * float(y @ y))
        total += log_of_sum(beta)
    total -= n * log_of_sum(given["alpha"])
    freedom, gamma = d + given["m"] + 1, given["gamma"]
    log_gamma = 0.25 * d * (d - 1) * math.log(math.pi)
    for j in range(1, d + 1):
        log_gamma += math.lgamma(0.5 * freedom + 0.5 * (1 - j))
    total += k * (freedom * d * (math.log(gamma) - 0.5 * math.log(2.0)) - log_gamma)
    for c in range(k):
        total -= 0.5 * gamma**2 * float(np.sum(roots[c] ** 2))
        total += given["m"] * sum(given["q"][c])
    return total


@pytest.mark.parametrize("d", [1, 2, 4])
def test_gmm_agrees_with_plain_loops(d):
    """The triangle is filled column by column, and the prior counts."""
    given = mixture(d, 3, 5, m=2, gamma=1.5)
    expected = log_posterior_by_loops(given)
    np.testing.assert_allclose(
        evaluate("gmm", "objective", given), expected, rtol=1e-12
    )


def test_the_gradient_of_gmm_is_that_of_differences():
    """In the four fields of the answer."""
    given = mixture(3, 2, 4, m=2, gamma=1.5)
    names = ("alpha", "mu", "q", "l")
    assert_slopes("gmm", ("objective", "jacobian"), given, names)


def test_the_blocks_of_gmm_make_no_difference(monkeypatch):
    """One component at a time, or all at once."""
    given = mixture(3, 5, 4)
    at_once = evaluate("gmm", "jacobian", given)
    monkeypatch.setattr(gmm, "BLOCK", 24)
    in_blocks = evaluate("gmm", "jacobian", given)
    for name, expected in at_once.items():
        np.testing.assert_allclose(in_blocks[name], expected, rtol=1e-12)


# --- ba -------------------------------------------------------------------------------


def scene(rotation=(0.3, -0.2, 0.1)):
    camera = [*rotation, 0.2, 0.1, -0.3, 1.5, 0.1, 0.2, -0.05, 0.02]
    point = [0.4, -0.3, 4.0]
    return {"n": 2, "m": 3, "p": 4, "cam": camera, "x": point, "w": 0.7, "feat": [1, 2]}


def reprojection_by_scalars(numbers, seen):
    """Return the two errors of one observation, number by number."""
    r, centre, (f, u, v, k1, k2) = numbers[0:3], numbers[3:6], numbers[6:11]
    away = numbers[11:14] - centre
    angle = math.sqrt(sum(r * r))
    if angle:
        axis = r / angle
        turned = (
            away * math.cos(angle)
            + np.cross(axis, away) * math.sin(angle)
            + axis * float(axis @ away) * (1.0 - math.cos(angle))
        )
    else:
        turned = away + np.cross(r, away)
    image = turned[:2] / turned[2]
    square = float(image @ image)
    image = image * (1.0 + k1 * square + k2 * square**2)
    return numbers[14] * (f * image + [u, v] - seen)


@pytest.mark.parametrize("rotation", [(0.3, -0.2, 0.1), (0.0, 0.0, 0.0)])
def test_ba_agrees_with_the_formula_for_one_observation(rotation):
    """Turned or not; the answer is the first error, and how often it is repeated."""
    given = scene(rotation)
    numbers = np.array([*given["cam"], *given["x"], given["w"]])
    expected = reprojection_by_scalars(numbers, np.array(given["feat"]))
    measured = evaluate("ba", "objective", given)
    np.testing.assert_allclose(
        measured["reproj_error"]["elements"], expected, rtol=1e-13
    )
    assert measured["reproj_error"]["repeated"] == 4
    np.testing.assert_allclose(measured["w_err"]["element"], 1.0 - 0.7**2, rtol=1e-13)
    assert measured["w_err"]["repeated"] == 4


def dense_jacobian(given):
    """Return the whole Jacobian by differences, shape (3 p, 11 n + 3 m + p)."""
    n, m, p = given["n"], given["m"], given["p"]
    seen = np.array(given["feat"])
    unknowns = np.concatenate(
        [np.tile(given["cam"], n), np.tile(given["x"], m), np.full(p, given["w"])]
    )

    def errors(unknowns):
        cameras = unknowns[: 11 * n].reshape(n, 11)
        points = unknowns[11 * n : 11 * n + 3 * m].reshape(m, 3)
        weights = unknowns[11 * n + 3 * m :]
        rows = []
        for i in range(p):
            numbers = [*cameras[i % n], *points[i % m], weights[i]]
            rows.extend(reprojection_by_scalars(np.array(numbers), seen))
        return np.array([*rows, *(1.0 - weights**2)])

    columns = []
    for k in range(unknowns.size):
        away = np.zeros(unknowns.size)
        away[k] = 1e-6
        columns.append((errors(unknowns + away) - errors(unknowns - away)) / 2e-6)
    return np.stack(columns, axis=1)


def test_the_compressed_rows_of_ba_are_those_of_the_dense_jacobian():
    """Every entry in its place, and nothing left out."""
    given = scene()
    function = MODULES["ba"]["jacobian"]
    matrix = function.run(*function.decode(given))
    expected = dense_jacobian(given)
    measured = np.zeros_like(expected)
    for row in range(len(measured)):
        entries = slice(matrix.rows[row], matrix.rows[row + 1])
        assert len(set(matrix.cols[entries])) == len(matrix.cols[entries])
        measured[row, matrix.cols[entries]] = matrix.vals[entries]
    assert matrix.rows[-1] == len(matrix.cols) == len(matrix.vals) == 31 * 4
    np.testing.assert_allclose(measured, expected, rtol=1e-6, atol=1e-8)


def test_ba_sends_thirty_elements_and_the_last():
    """Of each array, so that large scenes have short answers."""
    given = scene() | {"p": 40}
    function = MODULES["ba"]["jacobian"]
    matrix = function.run(*function.decode(given))
    sent = evaluate("ba", "jacobian", given)
    for name in ("rows", "cols", "vals"):
        whole = getattr(matrix, name)
        assert [*whole[:30].tolist(), whole[-1]] == sent[name]
    assert [*range(0, 450, 15), 31 * 40] == sent["rows"]


def test_the_rotation_by_nothing_has_a_slope():
    """The branch at angle 0 divides by nothing: x + r x X to first order."""
    given = scene((0.0, 0.0, 0.0))
    measured = evaluate("ba", "jacobian", given)["vals"][:30]
    numbers = np.array([*given["cam"], *given["x"], given["w"]])
    by_differences = [
        differences(
            lambda x, i=i: float(reprojection_by_scalars(x, np.array([1, 2]))[i]),
            numbers,
        )
        for i in range(2)
    ]
    np.testing.assert_allclose(
        measured, np.concatenate(by_differences), rtol=1e-5, atol=1e-8
    )


def test_the_weight_error_has_slope_minus_two_w():
    """Its p entries stand at the end."""
    assert evaluate("ba", "jacobian", scene())["vals"][-1] == -2.0 * 0.7
    assert ba.weight_error(3.0) == -8.0


# --- lstm -----------------------------------------------------------------------------


def text(layers=2, characters=4, b=3):
    rng = np.random.default_rng(8)
    return {
        "main_params": rng.uniform(size=(2 * layers, 4 * b)).tolist(),
        "extra_params": rng.uniform(size=(3, b)).tolist(),
        "state": rng.uniform(size=(2 * layers, b)).tolist(),
        "sequence": rng.integers(0, 2, size=(characters, b)).tolist(),
    }


def sigmoid(z):
    return 1.0 / (1.0 + math.exp(-z))


def lstm_loss_by_loops(given):
    main, extra = given["main_params"], given["extra_params"]
    state = [list(row) for row in given["state"]]
    sequence = given["sequence"]
    b = len(extra[0])
    total = 0.0
    for t in range(len(sequence) - 1):
        x = [sequence[t][j] * extra[0][j] for j in range(b)]
        for layer in range(len(main) // 2):
            weight, bias = main[2 * layer], main[2 * layer + 1]
            hidden, cell = state[2 * layer], state[2 * layer + 1]
            for j in range(b):
                forget = sigmoid(x[j] * weight[j] + bias[j])
                into = sigmoid(hidden[j] * weight[b + j] + bias[b + j])
                out = sigmoid(x[j] * weight[2 * b + j] + bias[2 * b + j])
                change = math.tanh(hidden[j] * weight[3 * b + j] + bias[3 * b + j])
                cell[j] = cell[j] * forget + into * change
                hidden[j] = out * math.tanh(cell[j])
            x = list(hidden)
        y = [x[j] * extra[1][j] + extra[2][j] for j in range(b)]
        lse = math.log(2.0 + sum(math.exp(one) for one in y))
        total += sum(sequence[t + 1][j] * (y[j] - lse) for j in range(b))
    return -total / ((len(sequence) - 1) * b)


def test_lstm_agrees_with_plain_loops():
    """Number by number."""
    given = text()
    np.testing.assert_allclose(
        evaluate("lstm", "objective", given), lstm_loss_by_loops(given), rtol=1e-13
    )


def test_the_gradient_of_lstm_is_that_of_differences():
    """One vector: the main parameters row by row, then the extra ones."""
    given = text()
    names = ("main_params", "extra_params")
    assert len(evaluate("lstm", "jacobian", given)) == 8 * 2 * 3 + 3 * 3
    assert_slopes("lstm", ("objective", "jacobian"), given, names)


# --- kmeans ---------------------------------------------------------------------------


def clusters():
    points = np.random.default_rng(9).uniform(size=(12, 2))
    return {"points": points.tolist(), "centroids": points[-3:].tolist()}


def test_kmeans_costs_the_distance_to_the_nearest_centre():
    """Point by point."""
    given = clusters()
    expected = sum(
        min(math.dist(point, centre) ** 2 for centre in given["centroids"])
        for point in given["points"]
    )
    np.testing.assert_allclose(evaluate("kmeans", "cost", given), expected, rtol=1e-13)


def test_the_newton_direction_leads_to_the_mean_of_each_cluster():
    """C - dir is the mean of the points that are nearest to C."""
    given = clusters()
    points, centres = np.array(given["points"]), np.array(given["centroids"])
    nearest = [
        int(np.argmin([math.dist(point, centre) for centre in centres]))
        for point in points
    ]
    means = [points[np.equal(nearest, j)].mean(axis=0) for j in range(3)]
    measured = np.array(evaluate("kmeans", "dir", given))
    np.testing.assert_allclose(centres - measured, means, rtol=1e-12)


def test_the_newton_direction_is_slope_over_curvature_by_differences():
    """Gradient and the Hessian's diagonal, both by differences."""
    given = clusters()
    points, centres = np.array(given["points"]), np.array(given["centroids"])

    def cost(centres):
        return evaluate("kmeans", "cost", given | {"centroids": centres.tolist()})

    gradient = differences(cost, centres)
    curvature = np.empty_like(centres)
    for index in product(range(3), range(2)):
        away = np.zeros_like(centres)
        away[index] = 1e-3  # the cost is quadratic: a wide step loses nothing
        ends = cost(centres + away) + cost(centres - away)
        curvature[index] = (ends - 2.0 * cost(centres)) / 1e-6
    measured = evaluate("kmeans", "dir", given)
    np.testing.assert_allclose(measured, gradient / curvature, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(
        kmeans.newton_direction_by_hand(centres, points), measured, rtol=1e-12
    )


# --- llsq, lse, ode -------------------------------------------------------------------


@pytest.mark.parametrize("m", [1, 2, 5, 8])
def test_llsq_agrees_with_plain_loops(m):
    """Also where the number of coefficients is no power of two; sign(0) is 0."""
    n = 7
    x = np.random.default_rng(10).uniform(size=m).tolist()
    total = 0.0
    for i in range(n):
        t = -1.0 + 2.0 * i / (n - 1)
        step = (t > 0) - (t < 0)
        total += (step - sum(x[j] * t**j for j in range(m))) ** 2
    given = {"x": x, "n": n}
    np.testing.assert_allclose(
        evaluate("llsq", "primal", given), 0.5 * total, rtol=1e-12
    )
    assert_slopes("llsq", ("primal", "gradient"), given, ("x",))
    np.testing.assert_allclose(
        llsq.squared_error_by_hand(np.array(x), np.linspace(-1.0, 1.0, n)),
        evaluate("llsq", "gradient", given),
        rtol=1e-12,
    )


def test_lse_agrees_with_plain_loops():
    """The maximum taken out, so that large numbers do no harm."""
    given = {"x": np.random.default_rng(11).uniform(size=6).tolist()}
    expected = math.log(sum(math.exp(one) for one in given["x"]))
    np.testing.assert_allclose(evaluate("lse", "primal", given), expected, rtol=1e-14)
    assert_slopes("lse", ("primal", "gradient"), given, ("x",))
    assert evaluate("lse", "primal", {"x": [1000.0, 1000.0]}) == 1000.0 + math.log(2.0)
    np.testing.assert_allclose(
        lse.log_sum_exp_by_hand(np.array(given["x"])),
        evaluate("lse", "gradient", given),
        rtol=1e-13,
    )


def runge_kutta_by_loops(x, steps):
    n, h = len(x), 2.0 / steps

    def slope(y):
        return [x[0], *(x[i] * y[i - 1] for i in range(1, n))]

    y = [0.0] * n
    for _ in range(steps):
        k1 = slope(y)
        k2 = slope([y[i] + h / 2 * k1[i] for i in range(n)])
        k3 = slope([y[i] + h / 2 * k2[i] for i in range(n)])
        k4 = slope([y[i] + h * k3[i] for i in range(n)])
        y = [y[i] + h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]) for i in range(n)]
    return y


@pytest.mark.parametrize("steps", [1, 4])
def test_ode_agrees_with_plain_loops(steps):
    """All components; and for the first four, the method is exact."""
    x = np.random.default_rng(12).uniform(size=4).tolist()
    given = {"x": x, "s": steps}
    measured = evaluate("ode", "primal", given)
    np.testing.assert_allclose(measured, runge_kutta_by_loops(x, steps), rtol=1e-13)
    exact = np.cumprod([2.0 * x[j] / (j + 1) for j in range(4)])
    np.testing.assert_allclose(measured, exact, rtol=1e-12)
    assert_slopes("ode", ("primal", "gradient"), given, ("x",))


def test_the_gradient_of_gmm_by_hand_is_that_of_adjoint():
    """What the benchmark compares with."""
    given = mixture(3, 2, 4, m=2, gamma=1.5)
    parameters = [np.array(given[name]) for name in ("alpha", "mu", "q", "l")]
    by_hand = gmm.log_posterior_by_hand(parameters, np.array(given["x"]), 2, 1.5, 0.0)
    measured = evaluate("gmm", "jacobian", given)
    for name, expected in zip(("alpha", "mu", "q", "l"), by_hand, strict=True):
        np.testing.assert_allclose(measured[name], expected, rtol=1e-11)
