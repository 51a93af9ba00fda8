"""Writes torch.json: what PyTorch computes, in Adjoint's layout of axes.

    python tests/nn/make_torch_numbers.py

Each case holds parameters and inputs, the output y, a cotangent w, and the gradients of
sum(w * y).  PyTorch is needed for this script only, not for the tests.
"""

import json
from pathlib import Path


def main():
    import torch
    from torch import nn
    from torch.nn import functional

    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    cases = {}

    def leaf(*shape):
        return torch.randn(*shape).requires_grad_()

    def plain(x):
        return x.detach().tolist()

    def add(name, call, inputs, parameters, out=lambda y: y):
        """Parameters by our name: the tensor, and how it is laid out with us.

        Inputs likewise, a list of pairs; `out` lays out the output.
        """
        tensors = [x for x, _ in inputs]
        y = out(call(*tensors))
        w = torch.randn(y.shape)
        torch.sum(w * y).backward()
        cases[name] = {
            "inputs": [plain(lay(x)) for x, lay in inputs],
            "parameters": {k: plain(lay(p)) for k, (p, lay) in parameters.items()},
            "output": plain(y),
            "cotangent": plain(w),
            "input_slopes": [plain(lay(x.grad)) for x, lay in inputs],
            "slopes": {k: plain(lay(p.grad)) for k, (p, lay) in parameters.items()},
        }

    def same(x):
        return x

    def turned(x):
        return x.T

    def last(x):  # channels last
        return x.movedim(1, -1)

    def kernel(x):  # (out, in, ...) to (..., in, out)
        return x.movedim((0, 1), (-1, -2))

    def shaken(module):  # biases and scales that are not 0 and 1
        for parameter in module.parameters():
            parameter.data.add_(0.3 * torch.randn(parameter.shape))
        return module

    linear = nn.Linear(3, 2)
    pair = {"weight": (linear.weight, turned), "bias": (linear.bias, same)}
    add("linear", linear, [(leaf(2, 4, 3), same)], pair)

    for name, options in {
        "conv2d": {},
        "conv2d_stride": {"stride": (2, 1), "padding": (1, 2)},
        "conv2d_dilation": {"dilation": (1, 2), "padding": "same"},
        "conv2d_groups": {"groups": 2, "stride": 2},
    }.items():
        conv = nn.Conv2d(4, 6, (3, 2), **options)
        pair = {"weight": (conv.weight, kernel), "bias": (conv.bias, same)}
        add(name, conv, [(leaf(2, 4, 6, 5), last)], pair, last)
    conv = nn.Conv1d(2, 4, 3, stride=2, dilation=2, padding=1, groups=2)
    pair = {"weight": (conv.weight, kernel), "bias": (conv.bias, same)}
    add("conv1d", conv, [(leaf(2, 2, 9), last)], pair, last)

    x = [(leaf(2, 3, 6, 7), last)]
    add("max_pool2d", nn.MaxPool2d(3, stride=2, padding=1), x, {}, last)
    average = nn.AvgPool2d((3, 2), stride=2, padding=1, count_include_pad=False)
    add("avg_pool2d", average, [(leaf(2, 3, 6, 7), last)], {}, last)
    add("max_pool1d", nn.MaxPool1d(2), [(leaf(2, 3, 7), last)], {}, last)
    add("avg_pool1d", nn.AvgPool1d(2), [(leaf(2, 3, 7), last)], {}, last)

    table = nn.Embedding(5, 3)
    numbers = torch.tensor([[1, 0, 4], [4, 4, 2]])
    add("embedding", lambda: table(numbers), [], {"weight": (table.weight, same)})

    norm = shaken(nn.LayerNorm(4))
    pair = {"weight": (norm.weight, same), "bias": (norm.bias, same)}
    add("layer_norm", norm, [(leaf(2, 3, 4), same)], pair)
    norm = shaken(nn.BatchNorm2d(3))
    pair = {"weight": (norm.weight, same), "bias": (norm.bias, same)}
    add("batch_norm", norm, [(leaf(2, 3, 4, 2), last)], pair, last)
    cases["batch_norm"]["running"] = [plain(norm.running_mean), plain(norm.running_var)]
    norm.eval()
    for parameter in norm.parameters():
        parameter.grad = None
    add("batch_norm_running", norm, [(leaf(2, 3, 4, 2), last)], pair, last)

    def recurrent(module, order):
        """Weights with the gates in our order; the two biases of a gate are one."""

        def gates(x):
            return torch.cat([torch.chunk(x, len(order))[k] for k in order])

        module = shaken(module)
        module.bias_hh_l0.data.zero_()
        return {
            "weight": (module.weight_ih_l0, lambda x: gates(x).T),
            "recurrent": (module.weight_hh_l0, lambda x: gates(x).T),
            "bias": (module.bias_ih_l0, gates),
        }

    rnn = nn.RNN(3, 4, batch_first=True)
    x, h = leaf(2, 5, 3), leaf(1, 2, 4)
    state = (h, lambda h: h[0])
    add("rnn", lambda x, h: rnn(x, h)[0], [(x, same), state], recurrent(rnn, [0]))
    gru = nn.GRU(3, 4, batch_first=True)
    parameters = recurrent(gru, [0, 1, 2])
    gru.bias_hh_l0.data[8:] = torch.randn(4)
    parameters["recurrent_bias"] = (gru.bias_hh_l0, lambda b: b[8:])
    x, h = leaf(2, 5, 3), leaf(1, 2, 4)
    state = (h, lambda h: h[0])
    add("gru", lambda x, h: gru(x, h)[0], [(x, same), state], parameters)
    lstm = nn.LSTM(3, 4, batch_first=True)
    states = [(leaf(1, 2, 4), lambda h: h[0]) for _ in range(2)]
    add(
        "lstm",
        lambda x, h, c: torch.cat(
            [(out := lstm(x, (h, c)))[0], out[1][1].movedim(0, 1)], 1
        ),
        [(leaf(2, 5, 3), same), *states],
        recurrent(lstm, [0, 1, 3, 2]),
    )

    def attention(module, name=""):
        def part(k):
            return lambda x: torch.chunk(x, 3)[k]

        found = {}
        for k, which in enumerate(("query", "key", "value")):
            found[f"{name}{which}.weight"] = (
                module.in_proj_weight,
                lambda x, k=k: part(k)(x).T,
            )
            found[f"{name}{which}.bias"] = (module.in_proj_bias, part(k))
        found[f"{name}output.weight"] = (module.out_proj.weight, turned)
        found[f"{name}output.bias"] = (module.out_proj.bias, same)
        return found

    heads = shaken(nn.MultiheadAttention(6, 2, batch_first=True))
    add(
        "attention",
        lambda x, s: heads(x, s, s, need_weights=False)[0],
        [(leaf(2, 3, 6), same), (leaf(2, 4, 6), same)],
        attention(heads),
    )
    block = shaken(
        nn.TransformerEncoderLayer(
            6, 2, 5, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
    )
    hidden = torch.triu(torch.ones(4, 4, dtype=bool), 1)
    add(
        "transformer",
        lambda x: block(x, src_mask=hidden),
        [(leaf(2, 4, 6), same)],
        {
            **attention(block.self_attn, "attention."),
            "attention_norm.weight": (block.norm1.weight, same),
            "attention_norm.bias": (block.norm1.bias, same),
            "network_norm.weight": (block.norm2.weight, same),
            "network_norm.bias": (block.norm2.bias, same),
            "network.layers.0.weight": (block.linear1.weight, turned),
            "network.layers.0.bias": (block.linear1.bias, same),
            "network.layers.2.weight": (block.linear2.weight, turned),
            "network.layers.2.bias": (block.linear2.bias, same),
        },
    )

    for name, f in {
        "relu": functional.relu,
        "leaky_relu": functional.leaky_relu,
        "elu": functional.elu,
        "selu": functional.selu,
        "gelu": functional.gelu,
        "gelu_tanh": lambda x: functional.gelu(x, approximate="tanh"),
        "silu": functional.silu,
        "sigmoid": functional.sigmoid,
        "tanh": functional.tanh,
        "softplus": lambda x: functional.softplus(x, threshold=700),
        "softmax": lambda x: functional.softmax(x, -1),
        "log_softmax": lambda x: functional.log_softmax(x, -1),
        "logsumexp": lambda x: torch.logsumexp(x, -1),
    }.items():
        add(name, f, [((3 * torch.randn(3, 4)).requires_grad_(), same)], {})

    labels = torch.tensor([1, 0, 3])
    ones = torch.tensor([[0.0, 1.0, 1.0, 0.3]] * 3)
    signs = 2 * torch.round(ones) - 1
    target = torch.softmax(torch.randn(3, 4), -1)
    for name, f in {
        "squared_error": lambda x: functional.mse_loss(x, target),
        "absolute_error": lambda x: functional.l1_loss(x, target),
        "huber": lambda x: functional.huber_loss(x, target, delta=0.7),
        "cross_entropy": lambda x: functional.cross_entropy(x, labels),
        "cross_entropy_smooth": lambda x: functional.cross_entropy(
            x, labels, label_smoothing=0.2
        ),
        "cross_entropy_probabilities": lambda x: functional.cross_entropy(
            x, target, label_smoothing=0.1
        ),
        "binary_cross_entropy": lambda x: functional.binary_cross_entropy_with_logits(
            x, ones
        ),
        "negative_log_likelihood": lambda x: functional.nll_loss(x, labels),
        "kl_divergence": lambda x: functional.kl_div(x, target, reduction="batchmean"),
        "hinge": lambda x: functional.margin_ranking_loss(x, 0 * x, signs, margin=1.0),
    }.items():
        add(name, f, [(leaf(3, 4), same)], {})
    targets = {
        "labels": plain(labels),
        "ones": plain(ones),
        "signs": plain(signs),
        "target": plain(target),
        "numbers": plain(numbers),
    }

    record = {
        "made_by": f"tests/nn/{Path(__file__).name}, seed 0",
        "torch": torch.__version__,
        "targets": targets,
        "cases": cases,
    }
    path = Path(__file__).with_name("torch.json")
    path.write_text(json.dumps(record, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
