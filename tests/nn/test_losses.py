"""Losses: formulas, derivatives, extremes, reductions, and targets that cannot be."""

import numpy as np
import pytest
from scipy import special

import adjoint as ad
from adjoint import nn

X = np.array([[0.3, -1.1, 2.0], [1.5, 0.2, -0.4]])
T = np.array([[0.2, 0.5, 0.3], [0.0, 1.0, 0.0]])
LABELS = np.array([2, 0])
SIGNS = np.array([[1, -1, 1], [-1, -1, 1]])
P = special.softmax(X, axis=-1)
LOGS = np.log(P)
E = X - T

# loss with its target, its values without reduction, the gradient of their sum
CASES = {
    "squared_error": (nn.squared_error, T, E**2, 2 * E),
    "absolute_error": (nn.absolute_error, T, abs(E), np.sign(E)),
    "huber": (
        lambda x, t, **o: nn.huber(x, t, delta=0.5, **o),
        T,
        np.where(abs(E) <= 0.5, E**2 / 2, 0.5 * (abs(E) - 0.25)),
        np.clip(E, -0.5, 0.5),
    ),
    "cross_entropy": (
        nn.cross_entropy,
        LABELS,
        -LOGS[[0, 1], LABELS],
        P - np.eye(3)[LABELS],
    ),
    "cross_entropy_probabilities": (
        nn.cross_entropy,
        T,
        -np.sum(T * LOGS, axis=-1),
        P - T,
    ),
    "cross_entropy_smooth": (
        lambda x, t, **o: nn.cross_entropy(x, t, label_smoothing=0.3, **o),
        LABELS,
        -np.sum((0.7 * np.eye(3)[LABELS] + 0.1) * LOGS, axis=-1),
        P - 0.7 * np.eye(3)[LABELS] - 0.1,
    ),
    "negative_log_likelihood": (
        nn.negative_log_likelihood,
        LABELS,
        -X[[0, 1], LABELS],
        -np.eye(3)[LABELS],
    ),
    "binary_cross_entropy": (
        nn.binary_cross_entropy,
        T,
        -T * special.log_expit(X) - (1 - T) * special.log_expit(-X),
        special.expit(X) - T,
    ),
    "kl_divergence": (
        nn.kl_divergence,
        T,
        np.sum(special.xlogy(T, T) - T * X, axis=-1),
        -T,
    ),
    "hinge": (
        nn.hinge,
        SIGNS,
        np.maximum(0, 1 - SIGNS * X),
        np.where(SIGNS * X < 1, -SIGNS, 0),
    ),
}
by_name = pytest.mark.parametrize("name", CASES)


@by_name
def test_the_values_and_the_gradient_are_the_formulas(name):
    loss, target, values, slopes = CASES[name]
    np.testing.assert_allclose(
        loss(X, target, reduction="none"), values, rtol=1e-13, atol=1e-15
    )
    np.testing.assert_allclose(
        loss(X, target, reduction="sum"), np.sum(values), rtol=1e-13
    )
    np.testing.assert_allclose(loss(X, target), np.mean(values), rtol=1e-13)
    found = ad.grad(lambda x: loss(x, target, reduction="sum"))(X)
    np.testing.assert_allclose(found, slopes, rtol=1e-13, atol=1e-15)
    ad.check_grads(lambda x: loss(x, target), (X,), order=2)


@by_name
def test_float32_stays_float32(name):
    loss, target, values, _ = CASES[name]
    x = X.astype(np.float32)
    if target.dtype.kind == "f":
        target = target.astype(np.float32)
    assert np.float32 == loss(x, target).dtype
    assert np.float32 == ad.grad(loss)(x, target).dtype
    np.testing.assert_allclose(loss(x, target), np.mean(values), rtol=1e-5)


@by_name
def test_per_sample_gradients_by_vmap_are_the_loop(name):
    loss, target, _, _ = CASES[name]
    each = ad.vmap(ad.grad(lambda x, t: loss(x, t, reduction="sum")))(X, target)
    expected = ad.grad(lambda x: loss(x, target, reduction="sum"))(X)
    np.testing.assert_allclose(each, expected, rtol=1e-13, atol=1e-15)


@by_name
def test_extremes_neither_overflow_nor_lose_the_gradient(name):
    loss, target, _, _ = CASES[name]
    for size in (1e3, -1e3):
        value, slope = ad.value_and_grad(loss)(size * X, target)
        assert np.isfinite(value)
        assert np.all(np.isfinite(slope))


def test_cross_entropy_at_extreme_logits_is_exact():
    logits = np.array([[1e3, -1e3], [-1e3, 1e3]])
    found = nn.cross_entropy(logits, np.array([0, 0]), reduction="none")
    np.testing.assert_array_equal([0.0, 2e3], found)
    slopes = ad.grad(lambda x: nn.cross_entropy(x, np.array([0, 0]), reduction="sum"))
    np.testing.assert_array_equal([[0, 0], [-1, 1]], slopes(logits))


def test_a_class_that_cannot_be_has_no_part():
    logits = np.array([0.0, 0.0, -np.inf])
    even = np.array([0.5, 0.5, 0.0])
    assert np.log(2) == nn.cross_entropy(logits, np.array(1))
    assert np.log(2) == nn.cross_entropy(logits, even)
    np.testing.assert_array_equal(
        [0.0, 0.0, 0.0], ad.grad(nn.cross_entropy)(logits, even)
    )
    assert np.inf == nn.cross_entropy(logits, np.array(2))
    assert 0.0 == nn.kl_divergence(np.log(even + 1e-300), even).round(12)


def test_binary_cross_entropy_is_accurate_on_both_sides():
    logits, ones = np.array([40.0, -40.0]), np.array([1.0, 0.0])
    found = nn.binary_cross_entropy(logits, ones, reduction="none")
    np.testing.assert_allclose(np.full(2, np.log1p(np.exp(-40))), found, rtol=1e-14)
    slopes = ad.grad(lambda x: nn.binary_cross_entropy(x, ones, reduction="sum"))
    np.testing.assert_allclose([-np.exp(-40), np.exp(-40)], slopes(logits), rtol=1e-12)


FAR = np.array([np.inf, -np.inf, 1e4, -1e4])
FAR_SIDES = np.array([1.0, 0.0, 1.0, 0.0])
IN_ALL_WAYS = [
    lambda f: f,
    ad.vmap,
    lambda f: lambda *args: ad.trace(f)(*args)(*args),
]


@pytest.mark.parametrize("wrap", IN_ALL_WAYS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_binary_cross_entropy_at_infinite_logits_is_the_limit(dtype, wrap):
    def loss(x, t):
        return nn.binary_cross_entropy(x, t, reduction="none")

    far, zeros = FAR.astype(dtype), np.zeros(4)
    each = ad.elementwise_grad(loss)
    assert dtype == loss(far, FAR_SIDES.astype(dtype)).dtype
    np.testing.assert_array_equal(zeros, wrap(loss)(far, FAR_SIDES))
    np.testing.assert_array_equal(zeros, wrap(each)(far, FAR_SIDES))
    np.testing.assert_array_equal(zeros, ad.elementwise_grad(each)(far, FAR_SIDES))
    forward = ad.jvp(lambda x: loss(x, FAR_SIDES), (far,), (np.ones(4, dtype),))[1]
    np.testing.assert_array_equal(zeros, forward)
    np.testing.assert_array_equal(abs(FAR), wrap(loss)(FAR, 1.0 - FAR_SIDES))
    wrong = ad.vjp(lambda x: loss(x, 1.0 - FAR_SIDES), far)[1](np.ones(4, dtype))[0]
    np.testing.assert_array_equal([1, -1, 1, -1], wrong)
    np.testing.assert_array_equal(abs(FAR) / 2, wrap(loss)(FAR, zeros + 0.5))


@pytest.mark.parametrize("far", [np.inf, 1e4])
@pytest.mark.parametrize("right", [np.array(1), np.array([0.0, 1.0, 0.0])])
def test_cross_entropy_at_an_infinite_logit_is_the_limit(far, right):
    logits = np.array([0.0, far, -3.0])
    assert 0.0 == nn.cross_entropy(logits, right)
    np.testing.assert_array_equal(np.zeros(3), ad.grad(nn.cross_entropy)(logits, right))
    np.testing.assert_array_equal(
        np.zeros((3, 3)), ad.hessian(nn.cross_entropy)(logits, right)
    )
    wrong = np.array(0)
    assert far == nn.cross_entropy(logits, wrong)
    np.testing.assert_array_equal([-1, 1, 0], ad.grad(nn.cross_entropy)(logits, wrong))


@np.errstate(divide="ignore", invalid="ignore")
@pytest.mark.parametrize("reduction", ["sum", "none"])
@pytest.mark.parametrize("bad", [np.nan, -np.inf])
def test_rows_that_nothing_depends_on_have_no_part(bad, reduction):
    """As of a padded sequence: 0 times nan is 0 there."""
    logits, known = np.stack([X[0], np.full(3, bad)]), np.array([True, False])

    def loss(x):
        if reduction == "none":
            each = nn.cross_entropy(x, LABELS, reduction=reduction)
        else:
            each = np.stack(
                [nn.cross_entropy(x[k], LABELS[k], reduction=reduction) for k in (0, 1)]
            )
        return np.sum(np.where(known, each, 0.0))

    expected = np.stack([P[0] - np.eye(3)[LABELS[0]], np.zeros(3)])
    np.testing.assert_allclose(ad.grad(loss)(logits), expected, rtol=1e-13)
    batch = ad.vmap(ad.grad(loss))(logits[np.newaxis])
    np.testing.assert_allclose(batch[0], expected, rtol=1e-13)
    second = ad.jvp(ad.grad(loss), (logits,), (np.ones((2, 3)),))[1]
    np.testing.assert_allclose(second, np.zeros((2, 3)), atol=1e-15)


def test_labels_of_a_batch_do_not_count_from_the_end():
    labels = np.array([2, -1])
    found = ad.vmap(nn.cross_entropy)(X, labels)
    np.testing.assert_array_equal([False, True], np.isnan(found))


def test_whole_rows_of_integers_are_probabilities():
    rows = np.eye(3, dtype=int)[LABELS]
    assert nn.cross_entropy(X, LABELS) == nn.cross_entropy(X, rows)
    single = nn.cross_entropy(X.astype(np.float32), rows)
    assert np.float32 == single.dtype


def test_labels_may_be_a_list():
    assert nn.cross_entropy(X, LABELS) == nn.cross_entropy(X, [2, 0])


def test_settings_have_derivatives_too():
    ad.check_grads(lambda d: nn.huber(X, T, delta=d), (0.7,), order=1)
    ad.check_grads(lambda s: nn.cross_entropy(X, LABELS, s), (0.3,), order=1)
    at_zero = ad.grad(lambda s: nn.cross_entropy(X, LABELS, s))(0.0)
    expected = np.mean(LOGS[[0, 1], LABELS] - np.mean(LOGS, axis=-1))
    np.testing.assert_allclose(at_zero, expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ([0, 3], "3 classes, so labels are from 0 to 2; one of these is 3"),
        ([-1, 0], "one of these is -1"),
        ([0.0, 1.0], "labels are integers, these are float64"),
    ],
)
def test_accuracy_checks_labels(labels, sentence):
    with pytest.raises(ValueError, match=f"accuracy: .*{sentence}"):
        nn.accuracy(X, labels)


def test_the_accuracy_of_no_samples_is_refused():
    with pytest.raises(ValueError, match=r"no share of no samples.*\(0,\)"):
        nn.accuracy(np.zeros((0, 3)), np.zeros(0, int))


def test_a_prediction_of_nan_is_wrong():
    logits = np.array([[0.0, np.nan], [np.nan, np.nan], [0.0, 1.0], [np.nan, 0.0]])
    assert 0.25 == nn.accuracy(logits, np.array([1, 0, 1, 1]))


def test_targets_have_derivatives_too():
    for loss in (nn.squared_error, nn.cross_entropy, nn.binary_cross_entropy):
        ad.check_grads(lambda t, loss=loss: loss(X, t), (T[:1].repeat(2, 0),), order=1)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (
            lambda: nn.squared_error(np.zeros((3, 1)), np.zeros(3)),
            ad.errors.ShapeError,
            r"squared_error: the prediction has shape \(3, 1\), the target \(3,\)",
        ),
        (
            lambda: nn.cross_entropy(X, np.array([0, 3])),
            ValueError,
            r"3 classes, so labels are from 0 to 2; one of these is 3",
        ),
        (
            lambda: nn.cross_entropy(X, np.array([-1, 0])),
            ValueError,
            "one of these is -1",
        ),
        (
            lambda: nn.cross_entropy(X, np.array([0.0, 1.0])),
            ad.errors.ShapeError,
            r"labels of shape \(2,\) or probabilities of shape \(2, 3\).* is float64",
        ),
        (
            lambda: nn.cross_entropy(X, np.array([[0], [1]])),
            ad.errors.ShapeError,
            r"int64 of shape \(2, 1\)",
        ),
        (
            lambda: nn.cross_entropy(X, -T),
            ValueError,
            r"probabilities are not negative; one of these is -1\.0",
        ),
        (
            lambda: nn.cross_entropy(X, LABELS, label_smoothing=1.5),
            ValueError,
            r"label_smoothing=1\.5",
        ),
        (
            lambda: nn.cross_entropy(X, LABELS, label_smoothing=np.zeros(2)),
            ValueError,
            r"cross_entropy: label_smoothing=array.* one number from 0 to 1",
        ),
        (
            lambda: nn.cross_entropy(X, LABELS, label_smoothing=None),
            ValueError,
            "label_smoothing=None should be one number",
        ),
        *(
            (
                lambda delta=delta: nn.huber(X, T, delta=delta),
                ValueError,
                r"huber: delta=.* should be one positive number",
            )
            for delta in (-1.0, 0, np.ones(3), np.nan, np.inf, "1", None)
        ),
        (lambda: nn.kl_divergence(X, -T), ValueError, "not negative"),
        (
            lambda: nn.negative_log_likelihood(X, T),
            ValueError,
            "labels are integers",
        ),
        (
            lambda: nn.binary_cross_entropy(X, 2 * T),
            ValueError,
            r"from 0 to 1, these are from 0\.0 to 2\.0",
        ),
        (
            lambda: nn.hinge(np.zeros(2), np.array([0, 1])),
            ValueError,
            "labels are -1 or 1; one of these is 0.0",
        ),
        (
            lambda: nn.squared_error(X, T, reduction="average"),
            ValueError,
            'reduction=\'average\' is not "mean", "sum" or "none"',
        ),
        (
            lambda: nn.squared_error(X, T, reduction=["mean"]),
            ValueError,
            "reduction=.*mean.* is not",
        ),
        (
            lambda: nn.squared_error(np.zeros((0, 2)), np.zeros((0, 2))),
            ValueError,
            r"no mean of no samples; the shape is \(0, 2\)",
        ),
        (
            lambda: nn.cross_entropy(np.zeros((0, 2)), np.zeros(0, int)),
            ValueError,
            "no mean of no samples",
        ),
        (
            lambda: ad.vmap(lambda x: nn.cross_entropy(x, np.zeros(0, int)))(
                np.zeros((2, 0, 2))
            ),
            ValueError,
            r"no mean of no samples; the shape is \(0,\)",
        ),
        *(
            (
                lambda x=x, labels=labels: ad.vmap(
                    lambda x: nn.cross_entropy(x, labels, reduction="max")
                )(x),
                ValueError,
                'reduction=\'max\' is not "mean", "sum" or "none"',
            )
            for x, labels in ((X, 1), (X[np.newaxis], LABELS))
        ),
    ],
)
def test_targets_that_cannot_be_are_named(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()


def test_lists_of_logits_are_arrays():
    logits, target = [2.0, -1.0], [1, 0]
    expected = nn.binary_cross_entropy(np.array(logits), np.array(target))
    assert expected == nn.binary_cross_entropy(logits, target)
