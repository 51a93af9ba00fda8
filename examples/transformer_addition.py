"""A small Transformer learns to add, one character after another.

It is given "347+592=" and goes on with "939", as a language model does: each character
from those before it (Vaswani et al., "Attention is all you need", NeurIPS 2017).  The
answer is written with its units first, so that a carry is known when it is needed (Lee
et al., "Teaching arithmetic to small transformers", ICLR 2024).  Nothing tells it what
the characters mean.

Of the million problems "abc+def=" it sees less than a tenth, once each.  A thousand
others are held back; an answer is right if all of its four characters are.  The picture
shows when each digit of the answer is learned, and where the network looks while it
writes: at the two digits that it adds.
"""

import time

import numpy as np

import adjoint as ad
from _command import run
from _drawing import BLUE, GREEN, RED, new_figure, tidy
from adjoint import nn

CHARACTERS = "0123456789+="
PLUS, EQUALS = 10, 11
BATCH = 64
STEPS_AN_EPOCH = 50
SINGLE = np.float32
COLORS = (BLUE, GREEN, "#d98e04", RED)
PLACES = ("units", "tens", "hundreds", "thousands")


def digits_of(numbers, count):
    """Return the digits of numbers, units first, shape (n, count)."""
    return numbers[:, None] // 10 ** np.arange(count) % 10


def problems(codes, digits):
    """Return rows of characters such as "347+592=9390", as numbers.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Which problems: both summands, one behind the other.
    digits : int
        Of a summand.
    """
    first, second = np.divmod(codes, 10**digits)
    sign = np.ones((len(codes), 1), int)
    return np.concatenate(
        [
            digits_of(first, digits)[:, ::-1],
            PLUS * sign,
            digits_of(second, digits)[:, ::-1],
            EQUALS * sign,
            digits_of(first + second, digits + 1),
        ],
        axis=1,
    )


class LanguageModel(nn.Module, static=("places",)):
    """Logits of the next character after each of a text's."""

    def __init__(self, length, features, heads, blocks, rng):
        single = {"rng": rng, "dtype": SINGLE}
        self.table = nn.Embedding(len(CHARACTERS), features, **single)
        self.places = nn.positional_encoding(length, features, SINGLE)
        self.blocks = [
            nn.TransformerBlock(features, heads, causal=True, **single)
            for _ in range(blocks)
        ]
        self.norm = nn.LayerNorm(features, dtype=SINGLE)
        self.logits = nn.Linear(features, len(CHARACTERS), **single)

    def __call__(self, text):
        """Return logits, shape (..., time, characters), of text, shape (..., time)."""
        return self.logits(self.norm(self.inside(text)[-1]))

    def inside(self, text):
        """Return what stands at each place before each block, and after the last."""
        seen = [self.table(text) + self.places[: text.shape[-1]]]
        for block in self.blocks:
            seen.append(block(seen[-1]))
        return seen

    def write(self, text, count):
        """Return the text and ``count`` characters more, each the likeliest."""
        for _ in range(count):
            following = np.argmax(self(text)[..., -1:, :], axis=-1)
            text = np.concatenate([text, following], axis=-1)
        return text


def answer_loss(logits, answer):
    """Return the cross entropy of the answer's characters; the problem is no guess."""
    return nn.cross_entropy(logits[:, -answer.shape[1] :], answer)


def train(digits, steps, rate, *, seed=0):
    """Return the result of `fit`, and the problems held back.

    The history has the share of right characters, ``right_0`` for the units and so on,
    where all characters before it are given.
    """
    rng = np.random.default_rng(seed)
    codes = rng.permutation(100**digits)
    held, learned = np.split(codes, [len(codes) // 1000 if digits > 2 else 1000])
    model = LanguageModel(3 * digits + 2, features=64, heads=4, blocks=2, rng=rng)
    ask = 2 * digits + 2

    def batches(epoch):
        begin = (epoch - 1) * STEPS_AN_EPOCH * BATCH
        for first in range(begin, begin + STEPS_AN_EPOCH * BATCH, BATCH):
            rows = problems(
                learned[np.arange(first, first + BATCH) % learned.size], digits
            )
            yield rows[:, :-1], rows[:, ask:]

    def right(place):
        place -= digits + 1  # from the end
        return lambda logits, answer: nn.accuracy(logits[:, place], answer[:, place])

    rows = problems(held, digits)
    rate = ad.optim.WarmUp(ad.optim.CosineDecay(rate, steps=steps - 100), steps=100)
    result = nn.fit(
        model,
        batches,
        answer_loss,
        ad.optim.Adam(rate),
        epochs=steps // STEPS_AN_EPOCH,
        rng=rng,
        validation=(rows[:, :-1], rows[:, ask:]),
        metrics={f"right_{place}": right(place) for place in range(digits + 1)},
    )
    return result, rows


def draw(result, rows, digits):
    """Return a figure: the digits as they are learned, and where the network looks."""
    figure = new_figure(11, 4.8)
    left, right = figure.subplots(1, 2, width_ratios=(1.2, 1.0))
    draw_learning(left, result.history, digits)
    draw_attention(right, result.model, rows[0], digits)
    return figure


def draw_learning(axes, history, digits):
    """Draw the share of right characters by the number of steps."""
    for place in range(digits + 1):
        shares = 100 * np.array(history[f"validation_right_{place}"])
        steps = STEPS_AN_EPOCH * np.arange(1, 1 + len(shares))
        axes.plot(steps, shares, color=COLORS[place], linewidth=2, label=PLACES[place])
    axes.legend(frameon=False, labelcolor="linecolor", loc="center right")
    axes.set(xlabel="step", ylim=(0, 102), xlim=(0, None))
    axes.set_title("held-back characters right / %", fontsize=11, loc="left")
    tidy(axes)


def draw_attention(axes, model, row, digits):
    """Draw, for each character written, the places looked at: mean of all heads."""
    text = row[:-1]
    maps = [
        block.attention.weights(block.attention_norm(seen)).mean(axis=0)
        for block, seen in zip(model.blocks, model.inside(text), strict=False)
    ]
    looked = np.mean(maps, axis=0)[2 * digits + 1 :]
    axes.imshow(looked, cmap="Blues", vmin=0.0, aspect="equal")
    axes.set_xticks(range(len(text)), [CHARACTERS[c] for c in text], fontsize=12)
    written = zip(row[2 * digits + 2 :], PLACES, strict=False)
    labels = [f"{place}  {CHARACTERS[c]}" for c, place in written]
    axes.set_yticks(range(digits + 1), labels, fontsize=11)
    axes.set(xlabel="what it has before it", ylabel="what it writes next")
    axes.set_title("where it looks", fontsize=11, loc="left")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def main(folder, *, quick=False):
    """Train, print the share of right sums, save ``transformer_addition.png``.

    Returns
    -------
    float
        Share of the held-back problems whose answer, as written, is right throughout.
    """
    digits = 2 if quick else 3
    begin = time.perf_counter()
    # Two digits are learned in half the steps, at more than twice the rate.
    result, rows = train(digits, *((700, 5e-3) if quick else (1600, 2e-3)))
    seconds = time.perf_counter() - begin
    ask = 2 * digits + 2
    written = result.model.write(rows[:, :ask], digits + 1)
    is_right = np.all(written == rows, axis=1)
    print(result.model.summary())
    for row in written[:5]:
        text = "".join(CHARACTERS[c] for c in row)
        print(f"{text[:ask]}{text[ask:][::-1]}")
    share = float(np.mean(is_right))
    print(
        f"{100 * share:.1f} % of {len(rows)} held-back sums of {digits}-digit numbers "
        f"are right, {seconds:.0f} s"
    )
    draw(result, rows, digits).savefig(folder / "transformer_addition.png", dpi=110)
    return share


if __name__ == "__main__":
    run(main, __doc__)
