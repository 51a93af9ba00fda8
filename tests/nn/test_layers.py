"""Every layer: derivatives of two orders, batches, precision, and what it is for."""

import itertools
import tracemalloc

import numpy as np
import pytest

import adjoint as ad
from adjoint import nn
from adjoint.nn import _checks


def rng():
    return np.random.default_rng(0)


def normal(*shape):
    return np.random.default_rng(1).standard_normal(shape)


def cases(dtype=np.float64):
    """Layers with an input each; what they return is cut to one array."""
    options = {"rng": rng(), "dtype": dtype}
    affine = {"dtype": dtype}
    ids = np.array([[0, 2, 2], [1, 0, 1]])
    x = {
        "linear": (nn.Linear(3, 2, **options), (2, 3)),
        "linear_bare": (nn.Linear(3, 2, bias=False, **options), (3,)),
        "conv1d": (nn.Conv1D(2, 3, 2, padding=1, **options), (2, 4, 2)),
        "conv2d": (
            nn.Conv2D(2, 2, 2, padding="same", stride=2, **options),
            (1, 4, 3, 2),
        ),
        "conv2d_one": (nn.Conv2D(2, 3, 1, bias=False, **options), (1, 2, 2, 2)),
        "conv2d_groups": (
            nn.Conv2D(4, 2, (2, 1), groups=2, dilation=(2, 1), **options),
            (4, 2, 4),
        ),
        "max_pool1d": (nn.MaxPool1D(2), (2, 5, 2)),
        "max_pool2d": (nn.MaxPool2D(2, 1, padding="same"), (2, 3, 3, 1)),
        "avg_pool1d": (nn.AvgPool1D(3, 2, padding=1), (5, 2)),
        "avg_pool2d": (nn.AvgPool2D(2, padding="same"), (2, 3, 3, 1)),
        "layer_norm": (nn.LayerNorm(3, **affine), (2, 3)),
        "rnn": (nn.RNN(2, 3, **options), (2, 3, 2)),
        "rnn_relu": (nn.RNN(2, 3, activation=nn.softplus, **options), (3, 2)),
        "gru": (nn.GRU(2, 3, **options), (2, 3, 2)),
        "lstm": (nn.LSTM(2, 3, **options), (2, 3, 2)),
        "attention": (nn.MultiHeadAttention(4, 2, causal=True, **options), (2, 3, 4)),
        "transformer": (nn.TransformerBlock(4, 2, hidden=3, **options), (2, 4)),
        "residual": (nn.Residual(nn.Linear(3, 3, **options)), (2, 3)),
        "flatten": (nn.Flatten(), (2, 3, 2)),
        "dropout": (nn.Dropout(0.5), (4, 3)),
        "sequential": (
            nn.Sequential(
                nn.Linear(3, 2, **options), nn.silu, nn.LayerNorm(2, **affine)
            ),
            (2, 3),
        ),
    }
    found = {
        name: (layer, normal(*shape).astype(dtype))
        for name, (layer, shape) in x.items()
    }
    embedding = nn.Embedding(3, 2, **options)
    norm = nn.BatchNorm(2, **affine)
    statistics = norm.statistics()
    y = normal(4, 2).astype(dtype)
    calls = dict.fromkeys(found, outputs)
    found |= {
        "embedding": (embedding, y),
        "batch_norm": (norm, y),
        "batch_norm_running": (norm, y),
    }
    calls |= {
        "embedding": lambda layer, x: layer(ids) * np.mean(x),
        "batch_norm": lambda layer, x: layer(x, statistics, training=True)[0],
        "batch_norm_running": lambda layer, x: layer(x, statistics)[0],
        "dropout": lambda layer, x: layer(x, rng=rng()),
    }
    return {name: (calls[name], *found[name]) for name in found}


def outputs(layer, x):
    """What a layer returns for each place, without the last state."""
    out = layer(x)
    return out[0] if isinstance(out, tuple) else out


CASES, SINGLE = cases(), cases(np.float32)
by_name = pytest.mark.parametrize("name", CASES)


@by_name
def test_derivatives_are_right_forward_and_reverse_to_second_order(name):
    call, layer, x = CASES[name]
    ad.check_grads(call, (layer, x), order=2)


@by_name
def test_float32_stays_float32(name):
    call, layer, x = SINGLE[name]
    assert np.float32 == call(layer, x).dtype
    slopes, slope = ad.grad(lambda *args: np.sum(call(*args) ** 2), argnums=(0, 1))(
        layer, x
    )
    assert {np.dtype(np.float32)} == {
        leaf.dtype for leaf in [*ad.tree.leaves(slopes), slope]
    }
    double, wide = CASES[name][1:]
    np.testing.assert_allclose(
        call(layer, x), CASES[name][0](double, wide), rtol=1e-4, atol=1e-5
    )


@by_name
def test_a_layer_that_works_does_not_look_for_its_name(name, monkeypatch):
    # Callers are searched for the model, which takes longer than a small layer.
    monkeypatch.setattr(_checks, "_path_from_callers", None)
    call, layer, x = CASES[name]
    call(layer, x)


@pytest.mark.parametrize("name", sorted({*CASES} - {"batch_norm", "dropout"}))
def test_a_batch_of_inputs_is_the_loop(name):
    """But of the two of which what they do hangs on the whole batch."""
    call, layer, x = CASES[name]
    xs = np.stack([x, 2 * x, x - 1])
    expected = [call(layer, x) for x in xs]
    found = ad.vmap(call, in_axes=(None, 0))(layer, xs)
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(
    "name", [name for name in CASES if ad.tree.leaves(CASES[name][1])]
)
def test_an_ensemble_of_layers_is_the_loop(name):
    call, layer, x = CASES[name]
    layers = [ad.tree.map(lambda p, k=k: p + 0.1 * k, layer) for k in range(3)]
    stacked = ad.tree.map(lambda *leaves: np.stack(leaves), *layers)
    found = ad.vmap(call, in_axes=(0, None))(stacked, x)
    expected = [call(layer, x) for layer in layers]
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)


@by_name
def test_a_hessian_product_is_the_same_in_all_nestings(name):
    call, layer, x = CASES[name]

    def f(x):
        return np.sum(np.sin(call(layer, x)))

    v = np.cos(np.arange(x.size)).reshape(x.shape)
    expected = ad.hvp(f, x, v)
    backwards = ad.grad(lambda x: np.sum(ad.grad(f)(x) * v))(x)
    np.testing.assert_allclose(backwards, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", sorted({*CASES} - {"dropout"}))
def test_a_trace_of_a_layer_computes_it_for_other_inputs(name):
    call, layer, x = CASES[name]
    graph = ad.trace(call)(layer, x)
    np.testing.assert_allclose(
        graph(layer, x * 1.1), call(layer, x * 1.1), rtol=1e-12, atol=1e-14
    )


# Convolutions


def convolved(x, weight, stride, dilation, margin, groups):
    """A convolution by loops, as its formula says."""
    x = np.pad(x, [(0, 0), margin[0], margin[1], (0, 0)])
    kh, kw, inputs, outputs = weight.shape
    height = (x.shape[1] - (kh - 1) * dilation[0] - 1) // stride[0] + 1
    width = (x.shape[2] - (kw - 1) * dilation[1] - 1) // stride[1] + 1
    out = np.zeros((x.shape[0], height, width, outputs))
    places = itertools.product(range(height), range(width), range(kh), range(kw))
    for i, j, k, l in places:  # noqa: E741 - the formula's letters
        seen = x[:, i * stride[0] + k * dilation[0], j * stride[1] + l * dilation[1]]
        for o in range(outputs):
            first = o // (outputs // groups) * inputs
            out[:, i, j, o] += seen[:, first : first + inputs] @ weight[k, l, :, o]
    return out


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("dilation", [(1, 1), (2, 1)])
@pytest.mark.parametrize("stride", [(1, 1), (2, 3)])
@pytest.mark.parametrize("padding", ["valid", "same", 1, (2, 0)])
def test_a_convolution_is_the_sum_over_its_windows(padding, stride, dilation, groups):
    layer = nn.Conv2D(
        4,
        6,
        (3, 2),
        rng=rng(),
        padding=padding,
        stride=stride,
        dilation=dilation,
        groups=groups,
    )
    x = normal(2, 7, 6, 4)
    margins = []
    for axis, length in enumerate((7, 6)):
        count, reach = -(-length // stride[axis]), ((3, 2)[axis] - 1) * dilation[axis]
        total = max((count - 1) * stride[axis] + reach + 1 - length, 0)
        margins.append(
            {
                "valid": (0, 0),
                "same": (total // 2, total - total // 2),
                1: (1, 1),
                (2, 0): ((2, 2), (0, 0))[axis],
            }[padding]
        )
    expected = convolved(x, layer.weight, stride, dilation, margins, groups)
    np.testing.assert_allclose(layer(x), expected + layer.bias, rtol=1e-12, atol=1e-13)
    if padding == "same":
        assert (2, -(-7 // stride[0]), -(-6 // stride[1]), 6) == layer(x).shape


def test_convolution_allocates_no_more_than_its_columns_at_a_time():
    """Forward keeps the columns; backward makes them once more, for the input."""
    layer = nn.Conv2D(8, 8, 3, rng=rng(), padding="same")
    x = normal(4, 32, 32, 8)
    columns, out = x.nbytes * 9, x.nbytes

    def loss(layer, x):
        return np.sum(layer(x))

    step = ad.grad(loss, argnums=(0, 1))
    step(layer, x)
    tracemalloc.start()
    step(layer, x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert columns < peak < 2 * columns + 8 * out


# Pooling


def test_pooling_takes_the_largest_and_the_mean_of_each_window():
    x = normal(2, 6, 4, 3)
    blocks = x.reshape(2, 3, 2, 2, 2, 3)
    np.testing.assert_array_equal(blocks.max(axis=(2, 4)), nn.MaxPool2D(2)(x))
    np.testing.assert_allclose(blocks.mean(axis=(2, 4)), nn.AvgPool2D(2)(x), rtol=1e-14)


def test_ties_in_a_window_share_the_derivative():
    slope = ad.grad(lambda x: np.sum(nn.MaxPool1D(3)(x)))(np.zeros((3, 1)))
    np.testing.assert_allclose(np.full((3, 1), 1 / 3), slope, rtol=1e-15)


def test_margins_neither_win_nor_count():
    x = np.full((3, 3, 1), -2.0)
    np.testing.assert_array_equal(
        np.full((2, 2, 1), -2.0), nn.MaxPool2D(2, padding=1)(x)
    )
    np.testing.assert_array_equal(
        np.full((2, 2, 1), -2.0), nn.AvgPool2D(2, padding=1)(x)
    )


# Statistics, random numbers


def test_batch_norm_passes_its_statistics_on():
    model = nn.Sequential(
        nn.Linear(3, 2, rng=rng()), nn.Residual(nn.BatchNorm(2)), nn.relu
    )
    x = normal(6, 3)
    h = x @ model.layers[0].weight

    def loss(model, x, statistics):
        y, statistics = model(x, statistics, training=True)
        return np.sum(y**2), statistics

    slopes, new = ad.grad(loss, has_aux=True)(model, x, model.statistics())
    np.testing.assert_allclose(0.1 * h.mean(axis=0), new[1].mean, rtol=1e-13)
    np.testing.assert_allclose(
        0.9 + 0.1 * h.var(axis=0, ddof=1), new[1].variance, rtol=1e-13
    )
    assert isinstance(new[1].mean, np.ndarray)
    y, same = model(x, new)
    scaled = (h - new[1].mean) / np.sqrt(new[1].variance + 1e-5)
    np.testing.assert_allclose(nn.relu(h + scaled), y, rtol=1e-12)
    assert same[1] is new[1]
    assert ad.tree.structure(slopes) == ad.tree.structure(model)


def test_sequential_says_that_statistics_are_needed():
    with pytest.raises(ValueError, match=r"model\.statistics\(\)"):
        nn.Sequential(nn.BatchNorm(2))(normal(3, 2))


def test_one_number_has_no_variance():
    norm = nn.BatchNorm(2)
    with pytest.raises(ValueError, match=r"shape \(1, 2\) has 1 number"):
        norm(normal(1, 2), norm.statistics(), training=True)


def test_dropout_is_drawn_from_the_generator_and_keeps_the_mean():
    layer, x = nn.Dropout(0.25), np.ones((200, 50))
    y = layer(x, rng=rng())
    np.testing.assert_array_equal(y, layer(x, rng=rng()))
    assert {0.0, 1 / 0.75} == {*np.unique(y)}
    assert abs(np.mean(y) - 1.0) < 0.02  # five standard deviations are 0.03
    assert layer(x) is x
    mask = y > 0
    np.testing.assert_array_equal(y, layer(x, mask=mask))
    slope = ad.grad(lambda x: np.sum(layer(x, rng=rng())))(x)
    np.testing.assert_array_equal(y, slope)


def test_containers_hand_the_generator_on_and_only_to_those_that_take_it():
    model = nn.Sequential(nn.relu, nn.Residual(nn.Sequential(nn.Dropout(0.5))))
    x = np.ones(64)
    np.testing.assert_array_equal(2 * x, model(x))
    y = model(x, rng=rng())
    assert {1.0, 3.0} == {*np.unique(y)}
    assert model.takes_rng
    assert not nn.Residual(nn.relu).takes_rng
    assert not nn.Sequential(nn.Dropout(0.0)).takes_rng
    assert not nn.TransformerBlock(4, 1, rng=rng()).takes_rng
    block = nn.TransformerBlock(4, 1, rng=rng(), dropout=0.5)
    assert block.takes_rng
    z = normal(3, 4)
    assert np.any(block(z) != block(z, rng=rng()))
    np.testing.assert_array_equal(block(z, rng=rng()), block(z, rng=rng()))


# Recurrence


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_sequence_may_be_cut_and_gone_on_with(kind):
    layer, x = kind(2, 3, rng=rng()), normal(4, 6, 2)
    whole, last = layer(x)
    first, state = layer(x[:, :4])
    second, end = layer(x[:, 4:], state)
    np.testing.assert_allclose(
        whole, np.concatenate([first, second], axis=1), rtol=1e-13
    )
    for one, two in zip(ad.tree.leaves(last), ad.tree.leaves(end), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-13)
    np.testing.assert_allclose(whole[2], layer(x[2])[0], rtol=1e-13)


def test_the_forget_gate_starts_open_and_recurrent_weights_orthogonal():
    layer = nn.LSTM(2, 3, rng=rng())
    np.testing.assert_array_equal([0] * 3 + [1] * 3 + [0] * 6, layer.bias)
    for part in np.split(layer.recurrent, 4, axis=1):
        np.testing.assert_allclose(np.eye(3), part.T @ part, atol=1e-15)


# Attention


def test_a_causal_place_hangs_on_none_that_comes_later():
    layer = nn.TransformerBlock(4, 2, rng=rng(), causal=True)
    x = normal(5, 4)
    rows = ad.jacobian(layer)(x)
    later = np.triu(np.ones((5, 5), bool), 1)
    assert not np.any(rows.transpose(0, 2, 1, 3)[later])
    assert np.all(np.any(rows.transpose(0, 2, 1, 3)[~later], axis=(1, 2)))


def test_attention_gathers_values_by_its_weights():
    layer = nn.MultiHeadAttention(4, 2, rng=rng())
    x, source = rng().normal(size=(3, 5, 4)), rng().normal(size=(3, 6, 4))
    mask = np.tri(5, 6, dtype=bool)
    weights = layer.weights(x, source, mask=mask)
    assert (3, 2, 5, 6) == weights.shape
    np.testing.assert_allclose(1.0, weights.sum(axis=-1), rtol=1e-14)
    assert not weights[..., ~mask].any()
    values = layer.value(source).reshape(3, 6, 2, 2)
    gathered = np.einsum("bhnm,bmhd->bnhd", weights, values).reshape(3, 5, 4)
    expected = layer(x, source, mask=mask)
    np.testing.assert_allclose(expected, layer.output(gathered), rtol=1e-12)


def test_a_mask_says_who_looks_at_whom():
    layer = nn.MultiHeadAttention(4, 2, rng=rng())
    x = normal(2, 3, 4)
    mask = np.array([[True, False, False], [True, True, False], [False] * 3])
    np.testing.assert_allclose(
        layer(x, mask=mask)[:, 1], layer(x[:, :2])[:, 1], rtol=1e-12
    )
    np.testing.assert_allclose(
        layer(x, mask=mask)[:, 2], np.broadcast_to(layer.output.bias, (2, 4))
    )
    each = np.stack([mask, ~mask])
    np.testing.assert_allclose(layer(x, mask=mask)[0], layer(x, mask=each)[0])
    np.testing.assert_allclose(layer(x[1], mask=~mask), layer(x, mask=each)[1])
    slopes = ad.grad(lambda x: np.sum(layer(x, mask=mask)[:, 2] ** 2))(x)
    np.testing.assert_array_equal(np.zeros_like(x), slopes)


def test_positions_are_told_apart_by_waves():
    table = nn.positional_encoding(50, 8)
    assert (50, 8) == table.shape
    np.testing.assert_allclose(np.full(50, 4.0), np.sum(table**2, axis=1))
    np.testing.assert_allclose(np.sin(7 / 10.0), table[7, 1])
    assert np.float32 == nn.positional_encoding(3, 2, np.float32).dtype
    with pytest.raises(ValueError, match="features=3 should be even"):
        nn.positional_encoding(5, 3)


# Bad input


class Nested(nn.Module):
    def __init__(self, layer):
        self.parts = {"deep": [layer]}

    def __call__(self, *args, **options):
        return self.parts["deep"][0](*args, **options)


@pytest.mark.parametrize(
    ("layer", "shape", "sentence"),
    [
        (nn.Linear(3, 2, rng=rng()), (5, 4), r"Linear.*\(\.\.\., 3\).*\(5, 4\)"),
        (nn.Linear(3, 2, rng=rng()), (), r"Linear.*\(\.\.\., 3\).*shape \(\)"),
        (
            nn.Conv2D(3, 2, 2, rng=rng()),
            (5, 5, 4),
            r"Conv2D.*\(\.\.\., height, width, 3\).*\(5, 5, 4\).*\(2, 2, 3, 2\)",
        ),
        (
            nn.Conv1D(3, 2, 4, rng=rng(), dilation=2),
            (5, 3),
            r"Conv1D.*reaches over \(7,\) positions.*has only \(5,\)",
        ),
        (nn.MaxPool2D(2), (4, 3), r"MaxPool2D.*\(\.\.\., height, width, channels\)"),
        (nn.AvgPool1D(9), (4, 3), r"AvgPool1D.*reaches over \(9,\).*\(4,\)"),
        (nn.GRU(3, 2, rng=rng()), (5, 2), r"GRU.*\(\.\.\., time, 3\).*\(5, 2\)"),
        (nn.GRU(3, 2, rng=rng()), (5, 0, 3), r"GRU.*\(5, 0, 3\) has no steps"),
        (nn.LayerNorm(3), (5, 2), r"LayerNorm.*\(\.\.\., 3\).*\(5, 2\)"),
        (
            nn.MultiHeadAttention(4, 2, rng=rng()),
            (4,),
            r"MultiHeadAttention.*\(\.\.\., time, 4\).*\(4,\)",
        ),
    ],
)
def test_a_wrong_shape_names_layer_path_and_shapes(layer, shape, sentence):
    model = Nested(layer)
    with pytest.raises(ad.errors.ShapeError, match=sentence) as caught:
        model(np.zeros(shape))
    assert "`parts.deep.0`" in str(caught.value)
    with pytest.raises(ad.errors.ShapeError, match=sentence):
        layer(np.zeros(shape))


def test_a_list_is_no_array():
    with pytest.raises(ad.errors.InputError, match=r"Linear.*given a list.*np\.array"):
        nn.Linear(2, 1, rng=rng())([1.0, 2.0])


def test_a_wrong_state_or_mask_is_named():
    layer = nn.LSTM(3, 2, rng=rng())
    with pytest.raises(ad.errors.ShapeError, match=r"state has shape \(4, 2\).*\(2,\)"):
        layer(np.zeros((4, 5, 3)), (np.zeros((4, 2)), np.zeros(2)))
    heads = nn.MultiHeadAttention(4, 2, rng=rng())
    with pytest.raises(
        ad.errors.ShapeError, match=r"\(5, 5\) or \(2, 5, 5\).*\(4, 4\)"
    ):
        heads(np.zeros((2, 5, 4)), mask=np.ones((4, 4), bool))
    with pytest.raises(
        ad.errors.ShapeError, match=r"Residual.*\(3, 1\) of shape \(3, 2\)"
    ):
        nn.Residual(nn.Linear(2, 1, rng=rng()))(np.zeros((3, 2)))


@pytest.mark.parametrize("kind", [float, int])
def test_a_mask_that_is_not_of_bool_is_refused_and_not_turned_round(kind):
    heads = nn.MultiHeadAttention(4, 1, rng=rng())
    block = nn.TransformerBlock(4, 1, rng=rng())
    mask = np.array([[0, -9, 0]] * 3, kind)
    sentence = (
        rf"MultiHeadAttention.*array of bool, True where.*{mask.dtype}.*mask == 0"
    )
    for call in (heads, heads.weights, block):
        with pytest.raises(ad.errors.InputError, match=sentence):
            call(normal(3, 4), mask=mask)
    np.testing.assert_array_equal(
        heads(normal(3, 4), mask=(mask == 0).tolist()),
        heads(normal(3, 4), mask=mask == 0),
    )


def test_what_attention_looks_at_has_the_batch_of_x_and_some_places():
    heads = nn.MultiHeadAttention(4, 2, rng=rng())
    with pytest.raises(ad.errors.ShapeError, match=r"MultiHeadA.*no place.*\(0, 4\)"):
        heads(np.zeros((0, 4)))
    for shape in ((3, 5, 4), (2, 2, 5, 4)):
        with pytest.raises(ad.errors.ShapeError, match=r"\(2, 5, 4\), the source \("):
            heads(np.zeros((2, 5, 4)), np.zeros(shape))
    x, source = normal(2, 5, 4), normal(3, 4)
    each = np.broadcast_to(source, (2, 3, 4))
    np.testing.assert_allclose(heads(x, each), heads(x, source), rtol=1e-12)


AFTER_A_PAIR = {
    "Linear `layers.1`": lambda: nn.Linear(4, 1, rng=rng()),
    "LayerNorm `layers.1`": lambda: nn.LayerNorm(4),
    "GRU `layers.1`": lambda: nn.GRU(4, 4, rng=rng()),
    "Flatten `layers.1`": nn.Flatten,
    "MaxPool1D `layers.1`": lambda: nn.MaxPool1D(2),
    "LayerNorm `layers.1.attention_norm`": lambda: nn.TransformerBlock(4, 1, rng=rng()),
    "relu": lambda: nn.relu,
    "softmax": lambda: nn.softmax,
}


@pytest.mark.parametrize("name", AFTER_A_PAIR)
def test_what_follows_a_recurrent_layer_says_what_to_put_between(name):
    model = nn.Sequential(nn.LSTM(3, 4, rng=rng()), AFTER_A_PAIR[name]())
    sentence = rf"^{name} takes an array.*\(outputs, state\).*lambda pair: pair\[0\]"
    with pytest.raises(ad.errors.InputError, match=sentence):
        model(np.zeros((2, 5, 3)))


def test_functions_between_layers_may_take_the_pair_of_a_recurrent_one():
    last = nn.Sequential(
        nn.LSTM(3, 4, rng=rng()),
        nn.Sequential(lambda pair: pair[0][..., -1, :], nn.relu),
        nn.Linear(4, 1, rng=rng()),
    )
    assert (2, 1) == last(np.zeros((2, 5, 3))).shape
    with pytest.raises(ad.errors.InputError, match=r"Residual.*\(outputs, state\)"):
        nn.Residual(nn.GRU(3, 3, rng=rng()))(np.zeros((2, 5, 3)))


@pytest.mark.parametrize(
    ("state", "given"),
    [(np.zeros((2, 4)), "a ndarray"), (1.0, "a float"), ((1.0,) * 3, "a tuple of 3")],
)
def test_an_lstm_asks_for_the_pair_that_is_its_state(state, given):
    layer = nn.LSTM(3, 4, rng=rng())
    with pytest.raises(
        ad.errors.InputError, match=rf"LSTM.*the pair \(h, c\).*{given}"
    ):
        layer(np.zeros((2, 5, 3)), state)


def test_a_seed_is_no_generator_for_dropout():
    model = nn.Sequential(nn.Dropout(0.5))
    with pytest.raises(
        ad.errors.InputError, match=r"Dropout `layers\.0`: rng=0.*default_rng\(seed\)"
    ):
        model(np.zeros(3), rng=0)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    "statistics",
    [None, np.zeros(3), (np.zeros(3),), (np.zeros(4), np.ones(4)), {"mean": 0.0}],
)
def test_statistics_of_another_structure_are_refused(statistics, training):
    norm = nn.BatchNorm(3)
    with pytest.raises(
        ad.errors.TreeError, match=r"BatchNorm.*of shape \(3,\).*`statistics\(\)`"
    ):
        norm(np.ones((4, 3)), statistics, training=training)


@pytest.mark.parametrize("wrong", [[None], [], nn.BatchNorm(3).statistics(), {}, 1.0])
def test_statistics_of_a_sequence_are_one_entry_a_layer(wrong):
    model = nn.Sequential(nn.relu, nn.BatchNorm(3))
    with pytest.raises(ad.errors.TreeError, match="a list of 2, one entry a layer"):
        model(np.ones((4, 3)), wrong)


def test_a_plain_pair_will_do_for_statistics():
    norm, x = nn.BatchNorm(3), normal(4, 3)
    for training in (False, True):
        expected, new = norm(x, norm.statistics(), training=training)
        found, same = norm(x, (np.zeros(3), np.ones(3)), training=training)
        np.testing.assert_array_equal(expected, found)
        np.testing.assert_array_equal(new, same)


@pytest.mark.parametrize("make", [nn.Sequential, nn.Residual])
def test_a_class_is_no_layer(make):
    with pytest.raises(ad.errors.InputError, match=r"the class Flatten.*Flatten\("):
        make(nn.Flatten)
    with pytest.raises(ad.errors.InputError, match="but was given a list"):
        make([nn.relu])


def test_numbers_outside_an_embedding_are_named():
    layer = nn.Embedding(3, 2, rng=rng())
    with pytest.raises(ValueError, match="numbered from 0 to 2; asked for was 3"):
        layer(np.array([0, 3]))
    for numbers in (np.array([0, -1]), np.int64(-1), -1):
        with pytest.raises(ValueError, match="asked for was -1"):
            layer(numbers)
    with pytest.raises(ad.errors.InputError, match=r"takes integers.*float64"):
        layer(np.zeros(2))


def test_an_embedding_is_mapped_over_a_batch_of_numbers():
    layer = nn.Embedding(3, 2, rng=rng())
    numbers = np.array([[0, 2], [1, -1]])
    found = ad.vmap(layer)(numbers)
    np.testing.assert_array_equal(layer.weight[[0, 2]], found[0])
    np.testing.assert_array_equal(layer.weight[1], found[1, 0])
    assert np.all(np.isnan(found[1, 1]))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: nn.Conv2D(3, 4, 2, rng=rng(), groups=2), "groups=2 should divide"),
        (lambda: nn.Conv2D(3, 4, 0, rng=rng()), "size=0 should be an integer from 1"),
        (lambda: nn.Conv1D(3, 4, (2, 2), rng=rng()), r"size=\(2, 2\).*1 of them"),
        (lambda: nn.Conv1D(3, 4, 2, rng=rng(), padding="full"), "padding='full'"),
        (lambda: nn.MaxPool1D(2, padding=-1), "padding=-1.*from 0 on"),
        (lambda: nn.MaxPool1D(2, 0), "stride=0"),
        (lambda: nn.MultiHeadAttention(4, 3, rng=rng()), "heads=3 should divide"),
        (lambda: nn.MultiHeadAttention(4.0, 2, rng=rng()), "features=4.0 should be an"),
        (lambda: nn.Dropout(1.0), r"rate=1\.0"),
        (lambda: nn.Dropout(np.ones(2)), "Dropout: rate=array.* one number"),
        (lambda: nn.Dropout("0.5"), "Dropout: rate='0.5'"),
        (lambda: nn.Linear(-1, 2, rng=rng()), "Linear: inputs=-1 should be an integer"),
        (lambda: nn.Linear(3.0, 2, rng=rng()), "Linear: inputs=3.0 should"),
        (lambda: nn.Linear(0, 2, rng=rng()), "Linear: inputs=0 should"),
        (lambda: nn.Linear(3, "2", rng=rng()), "Linear: outputs='2' should"),
        (lambda: nn.Conv2D(1, 2.5, 3, rng=rng()), "Conv2D: outputs=2.5 should"),
        (lambda: nn.Conv2D(1, 2, 2.5, rng=rng()), "Conv2D: size=2.5 should"),
        (lambda: nn.Conv2D(1, 2, (2, 2.0), rng=rng()), r"Conv2D: size=\(2, 2.0\)"),
        (lambda: nn.Conv1D(1, 2, 2, groups=0, rng=rng()), "Conv1D: groups=0 should"),
        (lambda: nn.GRU(1, -2, rng=rng()), "GRU: hidden=-2 should"),
        (lambda: nn.Embedding(-2, 3, rng=rng()), "Embedding: count=-2 should"),
        (lambda: nn.LayerNorm(2.0), "LayerNorm: features=2.0 should"),
        (lambda: nn.LayerNorm(2, eps=-1.0), "LayerNorm: eps=-1.0 should"),
        (lambda: nn.BatchNorm(2, momentum=2.0), "BatchNorm: momentum=2.0 should"),
        *(
            (
                lambda make=make: make(2, 2, dtype=int, rng=rng()),
                f"{make.__name__}: dtype=.*int.* floating-point",
            )
            for make in (nn.Linear, nn.GRU, nn.Embedding)
        ),
        (lambda: nn.Conv1D(1, 2, 2, dtype=int, rng=rng()), "Conv1D: dtype="),
        (lambda: nn.BatchNorm(2, dtype="foo"), "BatchNorm: dtype='foo'"),
    ],
)
def test_settings_that_cannot_be_are_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
