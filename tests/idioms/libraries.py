"""Other libraries: copying and pickling, random numbers, SciPy."""

import copy
import pickle
import random

import numpy as np
import scipy.fft
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.optimize
import scipy.special
import scipy.stats

from adjoint.errors import ConversionError, MissingRuleError

from .catalogue import loud, right

NUMBER = 0.8
VECTOR = np.array([0.7, 1.9, -1.3])
SQUARE = np.array([[2.0, 0.3, 0.1], [-0.2, 1.5, 0.4], [0.6, -0.1, 1.8]])


@right(VECTOR)
def shallow_and_deep_copies(x):
    """copy.copy and copy.deepcopy keep the derivative."""
    return np.sum(copy.copy(x) * copy.deepcopy(x))


@right(NUMBER)
def copied_number(x):
    """A copied number is a number."""
    return copy.copy(x) * copy.deepcopy(x)


@right(VECTOR)
def deep_copy_of_a_container(x):
    """A container copied with the traced values inside it."""
    state = copy.deepcopy({"q": x[0], "p": [x[1], x[2:]], "again": x})
    return state["q"] * state["p"][0] + np.sum(state["p"][1] ** 2 + state["again"])


@loud(VECTOR, ConversionError, "pickling")
def pickled(x):
    """pickle writes values and loses the rest."""
    return np.sum(pickle.loads(pickle.dumps(x)) ** 2)  # noqa: S301 - our own bytes


@loud(VECTOR, ConversionError, "np.")
def normal_around_a_traced_mean(x):
    """Generator.normal takes plain parameters."""
    return np.sum(np.random.default_rng(0).normal(x))


@loud(NUMBER, ConversionError, "np.")
def normal_around_a_traced_number(x):
    """The same with a number."""
    return np.random.default_rng(0).normal(x, 1.0) * 2.0


@right(VECTOR)
def noise_scaled_by_hand(x):
    """The reparameterized draw has a derivative."""
    return np.sum(x[0] + np.abs(x[1]) * np.random.default_rng(0).standard_normal(4))


@loud(VECTOR, ConversionError, "np.")
def random_choice(x):
    """Generator.choice takes the values."""
    return np.sum(np.random.default_rng(0).choice(x, 2) ** 2)


@loud(VECTOR, ConversionError, "np.")
def random_permutation(x):
    """Generator.permutation takes the values."""
    return np.sum(np.random.default_rng(0).permutation(x) * np.arange(3.0))


@right(VECTOR)
def random_shuffle(x):
    """Generator.shuffle writes in place."""
    y = x * 1.0
    np.random.default_rng(0).shuffle(y)
    return np.sum(y * np.arange(3.0))


@right(NUMBER)
def python_random(x):
    """random.gauss is plain Python arithmetic."""
    generator = random.Random(0)  # noqa: S311 - no cryptography here
    return generator.gauss(x, x**2) + generator.uniform(x, 2.0)


@right(VECTOR)
def python_random_choice(x):
    """random.choice and sample hand the values on."""
    generator = random.Random(1)  # noqa: S311 - no cryptography here
    return generator.choice(list(x)) ** 2 + sum(generator.sample(list(x), 2)) ** 2


@loud(VECTOR + 2.0, MissingRuleError, "gammaln")
def special_function(x):
    """A ufunc of SciPy without a rule."""
    return np.sum(scipy.special.gammaln(x))


@loud(VECTOR, ConversionError, "np.")
def log_of_summed_exponentials(x):
    """scipy.special.logsumexp takes plain arrays."""
    return scipy.special.logsumexp(x)


@loud(VECTOR, ConversionError, "np.")
def linear_system_of_scipy(x):
    """scipy.linalg.solve takes plain arrays."""
    return np.sum(scipy.linalg.solve(SQUARE, x))


@loud(VECTOR, ConversionError, "np.")
def fourier_transform_of_scipy(x):
    """scipy.fft.dct takes plain arrays."""
    return np.sum(scipy.fft.dct(x) ** 2)


@loud(NUMBER, ConversionError, "np.")
def density_of_stats(x):
    """scipy.stats takes plain arrays."""
    return scipy.stats.norm.logpdf(x) * 2.0


@loud(NUMBER, ConversionError, "np.")
def spline_of_scipy(x):
    """A spline evaluated at a traced point."""
    spline = scipy.interpolate.CubicSpline([0.0, 1.0, 2.0], [0.0, 1.0, 0.0])
    return spline(x) * 1.0


@loud(NUMBER, ConversionError, "float(x)")
def integral_by_quadrature(x):
    """scipy.integrate.quad of an integrand that is traced."""
    return scipy.integrate.quad(lambda t: np.exp(-x * t), 0.0, 1.0)[0] * 1.0


@loud(NUMBER, ConversionError, "float(x)")
def root_of_an_equation(x):
    """scipy.optimize.brentq of a traced function."""
    return scipy.optimize.brentq(lambda t: t**3 - x, 0.0, 2.0) * 1.0


@loud(VECTOR, ConversionError, "np.")
def ordinary_differential_equation(x):
    """scipy.integrate.solve_ivp of a traced right-hand side."""
    answer = scipy.integrate.solve_ivp(lambda t, y: -x[0] * y, (0.0, 1.0), [x[1]])
    return answer.y[0, -1] * 1.0


@loud(VECTOR, ConversionError, "np.")
def minimum_of_a_traced_function(x):
    """scipy.optimize.minimize of a traced objective."""
    answer = scipy.optimize.minimize(lambda p: np.sum((p - x) ** 2), np.zeros(3))
    return np.sum(answer.x**2)


@loud(VECTOR, ConversionError, "np.")
def compared_by_numpy_testing(x):
    """np.testing takes plain arrays."""
    np.testing.assert_allclose(x, VECTOR, atol=1.0)
    return np.sum(x**2)


@right(VECTOR, batching="looped")
def asserted(x):
    """assert statements on shapes and signs."""
    assert x.shape == (3,)
    assert np.all(np.isfinite(x))
    assert (x < 10).all()
    return np.sum(x**2)
