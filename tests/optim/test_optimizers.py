"""Optimizers: what they return, what they leave alone, what they refuse."""

import math
import re

import numpy as np
import pytest

import adjoint as ad
from optim import problem

EVERY = [
    ad.optim.SGD(0.1),
    ad.optim.SGD(0.1, momentum=0.9, nesterov=True),
    ad.optim.Adagrad(0.1),
    ad.optim.RMSProp(0.01, momentum=0.5, centered=True),
    ad.optim.Adam(0.1),
    ad.optim.AdamW(0.1),
    ad.optim.Adamax(0.1),
    ad.optim.NAdam(0.1),
    ad.optim.Lion(0.01, weight_decay=0.1),
    ad.optim.LBFGS(0.1, line_search=None),
    ad.optim.Accumulate(ad.optim.Adam(0.1), every=1),
]
FIRST_ORDER = [one for one in EVERY if not isinstance(one, ad.optim.LBFGS)]
every = pytest.mark.parametrize("optimizer", EVERY, ids=lambda one: type(one).__name__)
first_order = pytest.mark.parametrize(
    "optimizer", FIRST_ORDER, ids=lambda one: type(one).__name__
)


def run(optimizer, params, grads, steps=3):
    state = optimizer.init(params)
    for _ in range(steps):
        params, state = optimizer.update(grads, state, params)
    return params, state


@every
def test_a_step_changes_nothing_it_was_given(optimizer):
    params, grads = {"w": np.ones(3)}, {"w": np.arange(1.0, 4.0)}
    state = run(optimizer, params, grads)[1]
    given = (params, grads, state)
    before = ad.tree.map(np.array, given)
    optimizer.update(grads, state, params)
    for old, now in zip(ad.tree.leaves(before), ad.tree.leaves(given), strict=True):
        np.testing.assert_array_equal(old, now)


@every
def test_what_a_step_returns_shares_no_memory_with_what_it_was_given(optimizer):
    params, grads = np.ones(3), np.arange(1.0, 4.0)
    state = run(optimizer, params, grads)[1]
    stepped, _ = optimizer.update(grads, state, params)
    assert not np.shares_memory(stepped, params)
    assert not np.shares_memory(stepped, grads)


@every
def test_float32_stays_float32(optimizer):
    params = {"w": np.ones((2, 3), np.float32), "b": np.float32(1.0)}
    grads = {"w": np.full((2, 3), 0.5, np.float32), "b": np.float32(2.0)}
    stepped, state = run(optimizer, params, grads)
    assert np.float32 == stepped["w"].dtype
    assert np.float32 == stepped["b"].dtype
    arrays = [leaf for leaf in ad.tree.leaves(state) if isinstance(leaf, np.ndarray)]
    assert {np.dtype(np.float32)} >= {array.dtype for array in arrays}


@first_order
@pytest.mark.parametrize("size", [3, 70_000])
def test_float32_stays_float32_beside_a_state_and_gradients_in_float64(optimizer, size):
    params, grads = np.ones(size, np.float32), np.ones(size)
    state = optimizer.init(np.ones(size))
    stepped, _ = optimizer.update(grads, state, params)
    assert np.float32 == stepped.dtype


@every
def test_parameters_keep_their_forms(optimizer):
    params = {"a": 1.0, "b": np.array(2.0), "c": (np.ones((2, 2)), None), "d": []}
    grads = {"a": 1.0, "b": np.array(1.0), "c": (np.ones((2, 2)), None), "d": []}
    stepped, _ = run(optimizer, params, grads)
    assert ad.tree.structure(params) == ad.tree.structure(stepped)
    assert isinstance(stepped["a"], float)
    assert isinstance(stepped["b"], np.ndarray)
    assert stepped["b"].shape == ()


@first_order
def test_long_arrays_are_stepped_like_each_of_their_numbers(optimizer):
    """Longer than one piece, and with a rest."""
    long = np.linspace(-1.0, 1.0, 70_001)
    places = [0, 32_767, 32_768, 65_536, 70_000]
    whole, _ = run(optimizer, long, np.cos(9 * long))
    alone, _ = run(optimizer, long[places], np.cos(9 * long[places]))
    np.testing.assert_array_equal(alone, whole[places])


@first_order
def test_the_layout_of_an_array_does_not_matter(optimizer):
    params = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    grads = np.cos(np.arange(12.0)).reshape(2, 6)[:, ::2]
    found, _ = run(optimizer, params, grads)
    wanted, _ = run(optimizer, params.copy(order="C"), grads.copy(order="C"))
    np.testing.assert_array_equal(wanted, found)


@first_order
def test_a_complex_parameter_is_stepped_like_its_two_parts(optimizer):
    target = np.array([1.0 - 2.0j, 0.5j])

    def loss(z):
        return np.sum(np.abs(z - target) ** 2)

    def loss_of_parts(x, y):
        return np.sum((x - target.real) ** 2 + (y - target.imag) ** 2)

    z, state = np.zeros(2, complex), optimizer.init(np.zeros(2, complex))
    parts = (np.zeros(2), np.zeros(2))
    other = optimizer.init(parts)
    for _ in range(3):
        z, state = optimizer.update(ad.grad(loss)(z), state, z)
        slopes = ad.grad(loss_of_parts, argnums=(0, 1))(*parts)
        parts, other = optimizer.update(slopes, other, parts)
    np.testing.assert_allclose(z, parts[0] + 1j * parts[1], rtol=1e-14)


@every
def test_donated_arrays_give_the_same_step(optimizer):
    def path(donate):
        params = {"w": np.linspace(-1.0, 1.0, 40_000), "b": np.array(1.0), "c": 0.5}
        state = optimizer.init(params)
        for _ in range(3):
            grads = ad.tree.map(np.cos, params)
            params, state = optimizer.update(grads, state, params, donate=donate)
        return params, state

    pairs = zip(ad.tree.leaves(path(True)), ad.tree.leaves(path(False)), strict=True)
    for donated, kept in pairs:
        np.testing.assert_array_equal(kept, donated)


def test_a_donated_array_is_written_into():
    optimizer, params = ad.optim.Adam(0.1), np.ones(40_000)
    state = optimizer.init(params)
    stepped, after = optimizer.update(np.ones(40_000), state, params, donate=True)
    assert stepped is params
    assert after["m"] is state["m"]


def test_what_stands_in_two_places_or_belongs_to_others_is_not_written_into():
    optimizer = ad.optim.SGD(0.5)
    tied, whole, fixed, slope = np.ones((4, 40_000))
    tied, fixed = tied.copy(), fixed.copy()
    fixed.flags.writeable = False
    for params, grads in (
        ((tied, tied), (slope, slope)),
        ((whole,), (slope,)),
        ((fixed,), (slope,)),
        ((tied,), (tied,)),
    ):
        state = optimizer.init(params)
        stepped, _ = optimizer.update(grads, state, params, donate=True)
        for array in stepped:
            np.testing.assert_array_equal(np.full(40_000, 0.5), array)
    for array in (tied, whole, fixed):
        np.testing.assert_array_equal(np.ones(40_000), array)


def test_lion_follows_the_formulas_of_its_paper():
    rate, beta1, beta2, decay = 0.1, 0.8, 0.95, 0.3
    optimizer = ad.optim.Lion(rate, beta1, beta2, decay)
    params = {"w": np.array([1.0, -2.0, 0.5])}
    state = optimizer.init(params)
    p, m = [1.0, -2.0, 0.5], [0.0, 0.0, 0.0]
    for step in range(6):
        g = [math.cos(step + i) for i in range(3)]
        params, state = optimizer.update({"w": np.array(g)}, state, params)
        for i in range(3):
            c = beta1 * m[i] + (1 - beta1) * g[i]
            p[i] -= rate * (math.copysign(1.0, c) + decay * p[i])
            m[i] = beta2 * m[i] + (1 - beta2) * g[i]
    np.testing.assert_allclose(params["w"], p, rtol=1e-14)
    np.testing.assert_allclose(state["m"]["w"], m, rtol=1e-14)


def test_lbfgs_minimizes_rosenbrock_and_a_quadratic_in_many_variables():
    def rosenbrock(x):
        return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    def quadratic(x):
        return np.sum(scale * (x - 1.0) ** 2)

    scale = np.geomspace(1.0, 100.0, 30)
    for fun, start in ((rosenbrock, np.zeros(6)), (quadratic, np.zeros(30))):
        optimizer, x = ad.optim.LBFGS(history=10), start
        state = optimizer.init(x)
        for _ in range(120):
            _, x, state = optimizer.step(ad.value_and_grad(fun), state, x)
        np.testing.assert_allclose(x, np.ones_like(x), rtol=1e-7)


def test_lbfgs_stays_where_the_gradient_is_zero():
    optimizer, x = ad.optim.LBFGS(), np.zeros(2)
    state = optimizer.init(x)
    for _ in range(3):
        _, x, state = optimizer.step(ad.value_and_grad(lambda x: x @ x), state, x)
    assert [0.0, 0.0] == x.tolist()


def test_lbfgs_shortens_a_step_into_the_undefined():
    def loss(x):
        with np.errstate(invalid="ignore", divide="ignore"):
            return x - np.log(x)  # nan below 0

    optimizer, x = ad.optim.LBFGS(50.0, check_finite=False), 5.0
    state = optimizer.init(x)
    for _ in range(30):
        _, x, state = optimizer.step(ad.value_and_grad(loss), state, x)
    assert float(x) == pytest.approx(1.0, rel=1e-6)


def test_accumulated_gradients_step_like_one_large_batch():
    x = np.cos(np.arange(12.0))

    def loss(w, batch):
        return np.mean((w * batch - 1.0) ** 2)

    large = ad.optim.Adam(0.1)
    small = ad.optim.Accumulate(large, every=3)
    w, v = np.array(0.0), np.array(0.0)
    state, other = large.init(w), small.init(v)
    for _ in range(4):
        w, state = large.update(ad.grad(loss)(w, x), state, w)
        for part in np.split(x, 3):
            v, other = small.update(ad.grad(loss)(v, part), other, v)
    np.testing.assert_allclose(w, v, rtol=1e-13)
    assert state["step"] == other["inner"]["step"] == 4


def test_the_gradient_of_a_trained_loss_by_the_learning_rate_is_that_of_the_formula():
    """Two steps down x²: x (1 - 2 η)², so the loss's slope is -8 x² (1 - 2 η)³."""

    def trained(rate):
        optimizer = ad.optim.SGD(rate)
        x = 3.0
        state = optimizer.init(x)
        for _ in range(2):
            x, state = optimizer.update(ad.grad(lambda x: x * x)(x), state, x)
        return x * x

    assert ad.grad(trained)(0.1) == pytest.approx(-8 * 9 * 0.8**3, rel=1e-13)


def test_a_step_of_adam_is_differentiated_by_its_parameters():
    optimizer = ad.optim.Adam(0.1)

    def after(params):
        state = optimizer.init(params)
        for _ in range(2):
            params, state = optimizer.update(
                ad.grad(problem.loss)(params), state, params
            )
        return problem.loss(params)

    ad.check_grads(after, (problem.START,), order=1)


def test_the_global_norm_takes_all_leaves_and_any_magnitude():
    assert 13.0 == ad.optim.global_norm((np.array([3.0, 4.0]), {"a": 12.0}))
    assert 0.0 == ad.optim.global_norm(())
    huge = np.full(4, 1e200)
    assert ad.optim.global_norm(huge) == pytest.approx(2e200)
    single = np.full(4, 1e30, np.float32)
    assert ad.optim.global_norm(single) == pytest.approx(2e30)
    assert ad.optim.global_norm(np.full(4, 1e-200)) == pytest.approx(2e-200)


def test_clipping_by_norm_keeps_the_direction_and_short_gradients():
    grads = {"a": np.array([6.0]), "b": np.array([8.0])}
    clipped = ad.optim.clip_by_global_norm(grads, 5.0)
    np.testing.assert_allclose([3.0, 4.0], [*clipped["a"], *clipped["b"]])
    assert grads is ad.optim.clip_by_global_norm(grads, 10.0)


def test_clipping_by_value_keeps_real_and_imaginary_parts_apart():
    grads = (np.array([-3.0, 0.5]), np.array([2.0 - 0.5j]))
    real, whole = ad.optim.clip_by_value(grads, 1.0)
    assert [-1.0, 0.5] == real.tolist()
    assert [1.0 - 0.5j] == whole.tolist()


def test_an_optimizer_clips_before_it_steps():
    params = np.zeros(2)
    by_norm = ad.optim.SGD(1.0, clip_norm=5.0)
    by_value = ad.optim.SGD(1.0, clip_value=7.0)
    grads = np.array([6.0, 8.0])
    np.testing.assert_allclose([-3.0, -4.0], run(by_norm, params, grads, 1)[0])
    np.testing.assert_allclose([-6.0, -7.0], run(by_value, params, grads, 1)[0])


def test_a_schedule_sees_the_number_of_the_step_from_0():
    seen = []

    def schedule(step):
        seen.append(step)
        return 0.1

    run(ad.optim.SGD(schedule), np.ones(1), np.ones(1))
    assert [0, 1, 2] == seen


def test_schedules_stand_inside_each_other():
    schedule = ad.optim.Piecewise(
        [2], [0.5, ad.optim.WarmUp(ad.optim.ExponentialDecay(1.0, 0.5), steps=2)]
    )
    assert [0.5, 0.5, 0.0, 0.5, 1.0, 0.5] == [schedule(step) for step in range(6)]


def test_optimizers_print_and_compare_by_their_settings():
    assert ad.optim.Adam(0.1) == ad.optim.Adam(0.1)
    assert ad.optim.Adam(0.1) != ad.optim.Adam(0.2)
    assert ad.optim.Adam(0.1) != ad.optim.AdamW(0.1, weight_decay=0.0)
    assert "beta2=0.95" in repr(ad.optim.Adam(beta2=0.95))


# What is refused


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_names_its_leaf(bad):
    params = {"layers": [{"w": np.ones(2)}, {"w": np.ones(2)}]}
    grads = {"layers": [{"w": np.ones(2)}, {"w": np.array([1.0, bad])}]}
    optimizer = ad.optim.Adam()
    said = rf"params\['layers'\]\[1\]\['w'\] holds {bad} \(1 of 2 numbers"
    with pytest.raises(FloatingPointError, match=said):
        optimizer.update(grads, optimizer.init(params), params)
    unchecked = ad.optim.Adam(check_finite=False)
    with np.errstate(invalid="ignore"):
        stepped, _ = unchecked.update(grads, unchecked.init(params), params)
    assert np.isnan(stepped["layers"][1]["w"][1])


def test_a_gradient_whose_square_overflows_is_finite():
    optimizer = ad.optim.SGD(1e-200)
    stepped, _ = run(optimizer, np.zeros(2), np.full(2, 1e200), 1)
    np.testing.assert_allclose([-1.0, -1.0], stepped)


def test_gradients_of_another_structure_are_refused():
    optimizer = ad.optim.SGD()
    params = {"w": 1.0, "b": 2.0}
    said = "the gradients have the structure {'w': *}, the parameters {'b': *, 'w': *}"
    with pytest.raises(ad.errors.TreeError, match=re.escape(said)):
        optimizer.update({"w": 1.0}, optimizer.init(params), params)


def test_a_gradient_of_another_shape_is_refused_and_named():
    optimizer = ad.optim.SGD()
    params = {"w": np.ones((2, 3))}
    said = "the gradient of params['w'] has the shape (3,), the parameter (2, 3)"
    with pytest.raises(ad.errors.ShapeError, match=re.escape(said)):
        optimizer.update({"w": np.ones(3)}, optimizer.init(params), params)


@pytest.mark.parametrize(
    ("leaf", "kind"),
    [(np.arange(3), "ndarray of int64"), (1, "int"), (True, "bool"), ("text", "str")],
)
def test_parameters_that_are_no_floats_are_refused(leaf, kind):
    said = f"params['n'] is {kind}"
    with pytest.raises(ad.errors.InputError, match=re.escape(said)):
        ad.optim.Adam().init({"n": leaf})


def test_a_complex_gradient_of_a_real_parameter_is_refused():
    optimizer, params = ad.optim.SGD(), {"w": np.ones(2)}
    with pytest.raises(ad.errors.InputError, match=r"params\['w'\] is complex"):
        optimizer.update({"w": np.ones(2) * 1j}, optimizer.init(params), params)
    real, _ = run(ad.optim.SGD(1.0), np.full(2, 1 + 1j), np.ones(2), 1)
    assert [1j, 1j] == real.tolist()


def test_a_state_of_another_optimizer_or_of_other_parameters_is_refused():
    params = np.ones(3)
    adam = ad.optim.Adam()
    with pytest.raises(ad.errors.TreeError, match=r"the state is \['step'\]"):
        adam.update(params, ad.optim.SGD().init(params), params)
    with pytest.raises(ad.errors.TreeError, match="the state is NoneType"):
        adam.update(params, None, params)
    with pytest.raises(ad.errors.ShapeError, match="the state's 'm' holds arrays"):
        adam.update(params, adam.init(np.ones(4)), params)


def test_lbfgs_asks_for_the_loss_and_refuses_complex_parameters():
    optimizer = ad.optim.LBFGS()
    x = np.ones(2)
    with pytest.raises(TypeError, match=r"call optimizer\.step\("):
        optimizer.update(x, optimizer.init(x), x)
    with pytest.raises(ad.errors.InputError, match="complex parameters"):
        optimizer.init(np.ones(2, complex))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ad.optim.Adam(-1.0), "Adam: learning_rate is -1.0; give a finite"),
        (lambda: ad.optim.Adam(np.nan), "Adam: learning_rate is nan"),
        (lambda: ad.optim.Adam("0.1"), "Adam: learning_rate is '0.1'; give a finite"),
        (lambda: ad.optim.Adam(None), "Adam: learning_rate is None"),
        (lambda: ad.optim.Adam(np.ones(2)), "Adam: learning_rate is array([1., 1.])"),
        (lambda: ad.optim.Adam(ad.optim.CosineDecay), "Adam: learning_rate is <class"),
        (lambda: ad.optim.Adam(beta1="0.9"), "Adam: beta1 is '0.9'"),
        (lambda: ad.optim.Adam(clip_norm="1"), "Adam: clip_norm is '1'"),
        (
            lambda: ad.optim.Accumulate(ad.optim.SGD, 2),
            "Accumulate: optimizer is <class 'adjoint.optim.descent.SGD'>; give an",
        ),
        (lambda: ad.optim.Adam(beta1=1.0), "Adam: beta1 is 1.0; give a number from 0"),
        (lambda: ad.optim.SGD(0.1, nesterov=True), "give momentum > 0"),
        (lambda: ad.optim.SGD(clip_norm=0.0), "SGD: clip_norm is 0.0"),
        (lambda: ad.optim.LBFGS(history=0), "LBFGS: history is 0; give an integer"),
        (lambda: ad.optim.LBFGS(line_search="armijo"), "line_search is 'armijo'"),
        (lambda: ad.optim.Accumulate(ad.optim.SGD(), 0), "every is 0"),
        (lambda: ad.optim.StepDecay(0.1, every=0), "every is 0"),
        (lambda: ad.optim.Piecewise([1], [0.1]), "1 boundaries part 2 rates"),
        (lambda: ad.optim.Piecewise([2, 1], [1, 2, 3]), "must rise"),
        (lambda: ad.optim.clip_by_value(1.0, 0.0), "limit is 0.0"),
    ],
)
def test_settings_out_of_range_are_refused(make, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        make()


@pytest.mark.parametrize("rate", [np.nan, -1.0, np.inf, None, "0.1", np.ones(2)])
@pytest.mark.parametrize("make", [ad.optim.SGD, ad.optim.Adam, ad.optim.LBFGS])
def test_a_schedule_that_returns_no_rate_is_refused(make, rate):
    optimizer, params = make(lambda step: 0.1 if step == 0 else rate), np.ones(2)
    state = optimizer.init(params)
    step = ad.value_and_grad(lambda x: np.sum(x**2))
    _, params, state = optimizer.step(step, state, params)
    said = f"{make.__name__}: the schedule returned {rate!r} at step 1; a learning rate"
    with pytest.raises(ValueError, match=re.escape(said)):
        optimizer.step(step, state, params)


@every
def test_a_step_of_a_loss_without_its_gradient_is_refused(optimizer):
    params = np.ones(2)
    said = r"the loss and its gradient; this one.*float64\. Give ad\.value_and_grad"
    with pytest.raises(TypeError, match=said):
        optimizer.step(lambda x: np.sum(x**2), optimizer.init(params), params)


def test_steps_are_gathered_for_an_optimizer_of_the_users_own():
    class Halving:
        def init(self, params):
            return {"step": 0}

        def rate(self, step):
            return 0.5

        def update(self, grads, state, params, donate=False):
            return params - 0.5 * grads, {"step": state["step"] + 1}

    gathered = ad.optim.Accumulate(Halving(), every=2)
    params, state = np.ones(1), gathered.init(np.ones(1))
    for slope in (1.0, 3.0):
        params, state = gathered.update(np.array([slope]), state, params)
    np.testing.assert_array_equal([0.0], params)
