"""least_squares and curve_fit: certified digits, errors, intervals, refusals."""

import copy
import pickle
import re

import numpy as np
import pytest
import scipy.optimize
from scipy import stats
from scipy.optimize import Bounds, OptimizeWarning

import adjoint as ad
from adjoint._demo.nist.data import load
from adjoint._demo.nist.fit import certified_digits
from adjoint._demo.nist.models import MODELS
from solve.problems import counted

# As of the demonstration: Lanczos3 has data rounded in the sixth digit.
LEAST_DIGITS = dict.fromkeys(MODELS, 6.0) | {"Lanczos3": 5.5}

T = np.arange(8.0)
Y = 5.0 * np.exp(-0.3 * T) + 0.02 * np.cos(7 * T)


def decay(t, amplitude, rate):
    return amplitude * np.exp(-rate * t)


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", MODELS)
def test_nist_data_are_fitted_to_their_certified_digits(name, start):
    data, model = load(name), MODELS[name]
    with np.errstate(all="ignore"):  # far trial steps overflow; they are shortened
        fit = ad.solve.curve_fit(
            lambda x, p: model(p["b"], x), data.x, data.y, {"b": data.starts[start]}
        )
    least = LEAST_DIGITS[name]
    assert certified_digits(fit.params["b"], data.parameters) >= least
    assert certified_digits(fit.standard_errors["b"], data.deviations) >= least
    assert data.degrees_of_freedom == fit.degrees_of_freedom


def test_parameters_and_covariance_are_those_of_scipy():
    fit = ad.solve.curve_fit(decay, T, Y)
    popt, pcov = fit
    wanted, covariance = scipy.optimize.curve_fit(decay, T, Y, xtol=1e-14)
    np.testing.assert_allclose(wanted, popt, rtol=1e-7)
    np.testing.assert_allclose(covariance, pcov, rtol=1e-5)
    assert fit.params is popt
    assert fit.covariance is pcov
    assert ["amplitude", "rate"] == fit.names


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("kind", ["none", "one", "each", "covariance"])
def test_sigma_has_scipys_meaning(kind, absolute):
    each = 0.01 * (1.0 + T)
    covariance = np.diag(each**2) + 1e-5
    sigma = {"none": None, "one": 0.1, "each": each, "covariance": covariance}[kind]
    popt, pcov = ad.solve.curve_fit(decay, T, Y, sigma=sigma, absolute_sigma=absolute)
    wanted, covariance = scipy.optimize.curve_fit(
        decay, T, Y, sigma=sigma, absolute_sigma=absolute, xtol=1e-14
    )
    np.testing.assert_allclose(wanted, popt, rtol=1e-6)
    np.testing.assert_allclose(covariance, pcov, rtol=1e-4)


def test_errors_of_a_straight_line_are_those_of_the_textbook():
    x = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    y = np.array([1.1, 2.9, 5.2, 6.8, 9.1])
    fit = ad.solve.curve_fit(lambda x, slope, offset: slope * x + offset, x, y)
    wanted = stats.linregress(x, y)
    np.testing.assert_allclose([wanted.slope, wanted.intercept], fit.params)
    errors = [wanted.stderr, wanted.intercept_stderr]
    np.testing.assert_allclose(errors, fit.standard_errors)
    low, high = fit.interval(0.9)
    half = stats.t.ppf(0.95, 3) * np.array(errors)
    np.testing.assert_allclose(fit.params - half, low)
    np.testing.assert_allclose(fit.params + half, high)
    # cov = -mean(x) var(slope)
    ratio = -2.0 * wanted.stderr / wanted.intercept_stderr
    np.testing.assert_allclose([[1.0, ratio], [ratio, 1.0]], fit.correlation)


def test_errors_do_not_depend_on_units():
    """Columns of 1 and 1e-7: the textbook's formulas hold to rounding."""
    t, y = np.array([0.0, 1.0, 2.0, 4.0]), np.array([1.0, 3.0, 2.0, 6.0])
    found = ad.solve.least_squares(lambda p: p[0] + 1e-7 * p[1] * t - y, [0.0, 0.0])
    line = stats.linregress(t, y)
    np.testing.assert_allclose([line.intercept, 1e7 * line.slope], found.x, rtol=1e-9)
    np.testing.assert_allclose(
        [line.intercept_stderr, 1e7 * line.stderr],
        found.fit.standard_errors,
        rtol=1e-9,
    )


def test_intervals_are_normal_where_sigma_is_known():
    fit = ad.solve.curve_fit(decay, T, Y, sigma=0.1, absolute_sigma=True)
    low, high = fit.interval()
    half = stats.norm.ppf(0.975) * fit.standard_errors
    np.testing.assert_allclose(2 * half, high - low)
    assert "normal distribution" in fit.summary()


def test_the_summary_is_a_table():
    x = np.arange(4.0)
    y = np.array([1.0, 2.5, 4.5, 6.0])
    fit = ad.solve.curve_fit(
        lambda x, p: p["slope"] * x + p["at"][0],
        x,
        y,
        {
            "slope": 1,
            "at": [
                0.0,
            ],
        },
    )
    rows = fit.summary(0.95).splitlines()
    assert rows[0] == "parameter  estimate  std error  95 % interval"
    assert rows[1].split() == ["at[0]", "0.95", "0.132288", "0.380813", "to", "1.51919"]
    assert rows[2].split() == ["slope", "1.7", "0.0707107", "1.39576", "to", "2.00424"]
    assert rows[4] == (
        "4 observations, 2 degrees of freedom, residual deviation 0.158114; "
        "Student's t."
    )


def test_a_start_is_chosen_within_bounds():
    fit = ad.solve.curve_fit(decay, T, Y, bounds=([6.0, 0.0], [9.0, np.inf]))
    assert fit.params[0] == pytest.approx(6.0, abs=1e-6)
    same = ad.solve.curve_fit(decay, T, Y, bounds=Bounds([6.0, 0.0], [9.0, np.inf]))
    np.testing.assert_allclose(fit.params, same.params, rtol=1e-6)


def test_bounds_of_a_tree_are_two_trees():
    fit = ad.solve.curve_fit(
        lambda t, p: decay(t, p["a"], p["k"]),
        T,
        Y,
        {"a": 7.0, "k": 1.0},
        bounds=({"a": 6.0, "k": 0.0}, {"a": 9.0, "k": np.inf}),
    )
    assert fit.params["a"] == pytest.approx(6.0, abs=1e-6)


def test_a_model_may_fill_an_array_and_have_any_xdata():
    def model(xdata, a, b):
        assert xdata["kind"] == "line"
        out = np.zeros(4)
        for i, x in enumerate(xdata["x"]):
            out[i] = a * x + b
        return out

    data = {"kind": "line", "x": [0.0, 1.0, 2.0, 3.0]}
    popt, _ = ad.solve.curve_fit(model, data, [1.0, 3.0, 5.0, 7.0])
    np.testing.assert_allclose([2.0, 1.0], popt, atol=1e-9)


def test_a_constant_model_is_one_number_for_all_data():
    fit = ad.solve.curve_fit(lambda x, mean: mean, T, Y)
    assert fit.params[0] == pytest.approx(np.mean(Y))
    error = np.std(Y, ddof=1) / np.sqrt(Y.size)
    assert fit.standard_errors[0] == pytest.approx(error)


def test_any_number_of_parameters_by_p0():
    fit = ad.solve.curve_fit(
        lambda x, *c: np.polyval(np.stack(c), x), T, T**2, [1, 1, 1]
    )
    np.testing.assert_allclose([1.0, 0.0, 0.0], fit.params, atol=1e-9)
    assert ["p[0]", "p[1]", "p[2]"] == fit.names


def test_points_with_nan_are_left_out_on_request():
    t, y = np.append(T, 9.0), np.append(Y, np.nan)
    wanted = ad.solve.curve_fit(decay, T, Y)
    found = ad.solve.curve_fit(decay, t, y, nan_policy="omit")
    np.testing.assert_array_equal(wanted.params, found.params)
    with pytest.raises(ValueError, match="ydata holds nan or inf"):
        ad.solve.curve_fit(decay, t, y)


def test_parameters_that_the_data_do_not_determine_are_named():
    def model(t, a, b, rate):
        return a * b * np.exp(-rate * t)

    with pytest.warns(OptimizeWarning, match=r"rank 2 for 3 .* determine a, b\."):
        fit = ad.solve.curve_fit(model, T, Y)
    assert np.all(np.isinf(fit.covariance))
    with pytest.warns(OptimizeWarning, match=re.escape("determine x['unused'].")):
        ad.solve.least_squares(lambda p: p["a"] - Y, {"a": 1.0, "unused": 2.0})


def test_of_many_such_parameters_eight_are_named():
    with pytest.warns(OptimizeWarning, match=r"x\[7\] and 3 more\. Fix some"):
        ad.solve.least_squares(lambda x: np.sum(x) - Y, np.ones(11), method="trf")


def test_a_fit_without_degrees_of_freedom_has_infinite_errors():
    with pytest.warns(OptimizeWarning, match="covariance could not be estimated: 2 ob"):
        fit = ad.solve.curve_fit(decay, T[:2], Y[:2])
    assert np.all(np.isinf(fit.standard_errors))
    known = ad.solve.curve_fit(decay, T[:2], Y[:2], sigma=0.1, absolute_sigma=True)
    assert np.all(np.isfinite(known.standard_errors))


@pytest.mark.parametrize("method", ["lm", "trf"])
def test_maxfev_is_max_nfev_as_in_scipy(method):
    def fit(**options):
        return ad.solve.curve_fit(decay, T, Y, method=method, **options)

    np.testing.assert_array_equal(fit(max_nfev=500)[0], fit(maxfev=500)[0])
    for name in ("maxfev", "max_nfev"):
        with pytest.raises(RuntimeError, match="did not converge after"):
            fit(**{name: 2})


@pytest.mark.parametrize("method", ["lm", "trf"])
def test_a_full_output_has_five_results_as_scipys(method):
    fit = ad.solve.curve_fit(decay, T, Y, method=method, full_output=True)
    popt, pcov, found, message, status = fit
    scipys = scipy.optimize.curve_fit(decay, T, Y, method=method, full_output=True)
    np.testing.assert_allclose(scipys[0], popt, rtol=1e-6)
    np.testing.assert_allclose(scipys[1], pcov, rtol=1e-5)
    np.testing.assert_allclose(scipys[2]["fvec"], found["fvec"], atol=1e-6)
    assert found["nfev"] > 0
    assert isinstance(message, str)
    assert status > 0
    assert "amplitude" in fit.summary()
    assert 2 == len(ad.solve.curve_fit(decay, T, Y, method=method))


@pytest.mark.parametrize("name", ["epsfcn", "args", "maxiter"])
def test_an_option_that_is_not_known_is_named(name):
    with pytest.raises(TypeError, match=rf"curve_fit takes no {name}=.*ftol, xtol"):
        ad.solve.curve_fit(decay, T, Y, **{name: 1})
    with pytest.raises(TypeError, match="takes no maxfev=5"):
        ad.solve.curve_fit(decay, T, Y, maxfev=5, max_nfev=5)


def circle(angles):
    return np.stack([3.0 + 2.0 * np.cos(angles), -1.0 + 2.0 * np.sin(angles)], axis=1)


@pytest.mark.parametrize("method", [None, "lm", "trf", "dogbox"])
def test_a_circle_is_fitted_by_its_center_and_radius(method):
    points = circle(np.linspace(0.0, 5.0, 12))

    def residuals(p):
        return np.linalg.norm(points - p["center"], axis=1) - p["radius"]

    start = {"center": np.array([1.0, 1.0]), "radius": 1.0}
    found = ad.solve.least_squares(residuals, start, method=method)
    np.testing.assert_allclose([3.0, -1.0], found.x["center"], rtol=1e-9)
    assert found.x["radius"] == pytest.approx(2.0, rel=1e-9)
    assert found.cost < 1e-18
    assert (12, 3) == found.jac.shape


def test_least_squares_has_the_errors_of_the_same_curve_fit():
    found = ad.solve.least_squares(lambda p: decay(T, p[0], p[1]) - Y, [1, 1])
    fit = ad.solve.curve_fit(decay, T, Y)
    np.testing.assert_allclose(fit.covariance, found.fit.covariance, rtol=1e-8)
    assert ["x[0]", "x[1]"] == found.fit.names


def test_residuals_may_be_a_tree_and_take_arguments():
    def residuals(x, a, *, b):
        return {"one": x[0] - a, "two": x - b}

    found = ad.solve.least_squares(
        residuals, [0.0, 0.0], args=(3,), kwargs={"b": np.array([1.0, 5.0])}
    )
    np.testing.assert_allclose([2.0, 5.0], found.x)


def test_robust_losses_and_underdetermined_problems_choose_their_method():
    outlier = np.array([1.0, 1.0, 1.0, 1.0, 100.0])
    found = ad.solve.least_squares(lambda x: x - outlier, 0.0, loss="cauchy")
    assert found.x == pytest.approx(1.0, abs=0.01)
    with pytest.warns(OptimizeWarning, match="rank 1 for 2"):
        found = ad.solve.least_squares(lambda x: x[0] + x[1] - 2.0, [0.0, 0.0])
    assert np.sum(found.x) == pytest.approx(2.0)


def test_robust_losses_do_not_write_into_what_is_remembered():
    """Their methods scale residuals in place; the solution must be SciPy's."""

    def residuals(p):
        return decay(T, p[0], p[1]) - Y - 3.0 * (T == 4.0)

    for method in ("trf", "dogbox"):
        given = {"loss": "soft_l1", "f_scale": 0.1, "method": method, "xtol": 1e-12}
        found = ad.solve.least_squares(residuals, [1.0, 1.0], **given)
        wanted = scipy.optimize.least_squares(
            residuals, [1.0, 1.0], jac="3-point", ftol=1e-15, gtol=1e-12, **given
        )
        np.testing.assert_allclose(wanted.x, found.x, rtol=1e-6)


def test_a_jacobian_that_is_not_finite_at_the_end_is_warned_of():
    def residuals(x):
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.sqrt(x) - np.zeros(2)

    with pytest.warns(OptimizeWarning, match="holds nan or inf"):
        ad.solve.least_squares(residuals, 0.0, jac=lambda x: np.full((2, 1), np.nan))


def test_a_fit_is_pickled_and_copied():
    fit = ad.solve.curve_fit(
        lambda t, p: decay(t, p["a"], p["k"]), T, Y, {"a": 1, "k": 1}
    )
    for other in (pickle.loads(pickle.dumps(fit)), copy.deepcopy(fit)):  # noqa: S301
        assert fit.summary() == other.summary()
        assert ad.tree.structure(fit.params) == ad.tree.structure(other.params)


def test_a_users_jacobian_is_used():
    jac, calls = counted(
        lambda t, a, k: np.stack([np.exp(-k * t), -a * t * np.exp(-k * t)], axis=1)
    )
    wanted = ad.solve.curve_fit(decay, T, Y)
    found = ad.solve.curve_fit(decay, T, Y, jac=jac)
    assert calls
    np.testing.assert_allclose(wanted.params, found.params, rtol=1e-9)
    np.testing.assert_allclose(
        wanted.params, ad.solve.curve_fit(decay, T, Y, jac="3-point").params, rtol=1e-6
    )
    blocks, calls = counted(ad.jacobian(lambda p: decay(T, p["a"], p["k"]) - Y))
    result = ad.solve.least_squares(
        lambda p: decay(T, p["a"], p["k"]) - Y, {"a": 1.0, "k": 1.0}, jac=blocks
    )
    assert calls
    assert result.x["k"] == pytest.approx(wanted.params[1])


# What is refused


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"ydata": []}, ValueError, "ydata is empty"),
        (
            {"ydata": Y[:3]},
            ad.errors.ShapeError,
            "returned shape (8,) for data of shape",
        ),
        ({"xdata": T * np.nan}, ValueError, "xdata holds nan"),
        ({"sigma": np.ones(3)}, ad.errors.ShapeError, "sigma has the shape (3,)"),
        ({"sigma": -np.ones(8)}, ValueError, "sigma must be positive"),
        ({"sigma": -np.eye(8)}, ValueError, "not positive definite"),
        ({"nan_policy": "drop"}, ValueError, "nan_policy is 'drop'"),
        ({"f": lambda x, *p: x}, ValueError, "give a start, p0"),
        ({"bounds": (1.0, 0.0)}, ValueError, "must not exceed"),
        ({"bounds": 3.0}, ad.errors.TreeError, "a pair (lower, upper)"),
        ({"max_nfev": 2}, RuntimeError, "did not converge after"),
        ({"p0": [1.0, -1e3]}, ValueError, "the model is inf"),
    ],
)
def test_fits_that_cannot_be_are_refused(options, error, said):
    given = {"f": decay, "xdata": T, "ydata": Y, **options}
    with np.errstate(over="ignore"), pytest.raises(error, match=re.escape(said)):
        ad.solve.curve_fit(**given)


def test_fewer_data_than_parameters_are_refused():
    with pytest.raises(TypeError, match="1 observations for 2 parameters"):
        ad.solve.curve_fit(decay, T[:1], Y[:1])


def test_a_level_that_is_no_probability_is_refused():
    with pytest.raises(ValueError, match="the level is 95"):
        ad.solve.curve_fit(decay, T, Y).interval(95)


def test_residuals_that_are_not_finite_at_the_start_are_counted():
    with pytest.raises(ValueError, match="the residuals is inf in 1 of 3"):
        ad.solve.least_squares(lambda x: np.array([x, np.inf, x]), 0.0)


@pytest.mark.parametrize(
    ("residuals", "kind"),
    [
        (lambda x: None, "NoneType"),
        (lambda x: x[:0], "0 numbers of float64"),
        (lambda x: x * 1j, "2 numbers of complex128"),
    ],
)
def test_residuals_that_are_no_real_numbers_are_refused(residuals, kind):
    with pytest.raises(ad.errors.OutputError, match=f"it returned {kind}"):
        ad.solve.least_squares(residuals, [1.0, 2.0])


def test_a_start_outside_its_bounds_is_named():
    said = re.escape("the start of x['a'] is 5.0, outside its bounds -1.0 and 1.0")
    with pytest.raises(ValueError, match=said):
        ad.solve.least_squares(
            lambda p: p["a"] - np.ones(2), {"a": 5.0}, bounds=(-1, 1)
        )


def test_a_model_without_parameters_is_refused():
    with pytest.raises(ValueError, match="the model takes no parameters"):
        ad.solve.curve_fit(lambda x: x, T, Y)
