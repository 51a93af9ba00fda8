"""What a random statement may mention, and random expressions of it.

Every place that holds an array, ``v1`` or ``spaces["a"]``, has a shadow: an array with
the shape, strides and flags that the place will have when the program runs. Views are
taken of the shadows too; so a statement always fits what it writes to. The contents of
the shadows mean nothing.
"""

import random

import numpy as np

UNARY = (
    "np.sin({})",
    "np.tanh({})",
    "np.cos(2.0 * ({}))",
    "np.exp(-(({}) ** 2))",
    "1.0 / (1.5 + ({}) ** 2)",
    "np.sqrt(1.1 + ({}) ** 2)",
    "-({})",
)
BINARY = (
    "({}) * ({})",
    "0.5 * (({}) + ({}))",
    "({}) - 0.3 * ({})",
    "({}) / (1.5 + ({}) ** 2)",
    "np.maximum({}, {})",
    "np.where(({0}) > 0.137, {0}, {1})",
)


class Scope:
    """Names with their shadows, and a stream of random choices."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - no secret
        self.shadows: dict[str, np.ndarray] = {}
        self.scalars: list[str] = []
        self.lines: list[str] = []
        self.count = 0

    def name(self, stem: str) -> str:
        """A name that nothing has yet."""
        self.count += 1
        return f"{stem}{self.count}"

    def chance(self, probability: float) -> bool:
        """True as often as told."""
        return self.rng.random() < probability

    def pick(self, choices):
        """One of a sequence."""
        return self.rng.choice(list(choices))

    def constant(self) -> str:
        """A number of two digits that is not zero."""
        return str(self.pick((-1, 1)) * self.rng.randint(11, 98) / 100)

    def bind(self, place: str, shadow: np.ndarray) -> str:
        """Let a place be known."""
        self.shadows[place] = shadow
        return place

    def places(self, *, writable: bool = False, dims=None) -> list[str]:
        """Places that hold arrays, of some kind."""
        return [
            place
            for place, shadow in self.shadows.items()
            if (shadow.flags.writeable or not writable)
            and (dims is None or shadow.ndim in dims)
        ]

    # Indices and views

    def slice(self, length: int) -> str:
        """A slice with at least one entry, forward or backward."""
        low = self.rng.randrange(length)
        high = self.rng.randint(low + 1, length)
        step = self.pick((1, 1, 2, -1, -2))
        if step > 0:
            text = f"{low or ''}:{high if high < length else ''}"
            return text if step == 1 else f"{text}:{step}"
        stop = "" if low == 0 else low - 1
        return f"{high - 1}:{stop}:{step}"

    def integer(self, length: int) -> str:
        """An index, from either end."""
        return str(self.rng.randrange(-length, length))

    def indices(self, length: int, count: int) -> str:
        """A list of indices in which some may come twice."""
        return str([self.rng.randrange(length) for _ in range(count)])

    def basic_index(self, shape) -> str:
        """A basic index of an array: slices, integers, ellipsis."""
        if self.chance(0.15):
            return "..."
        parts = [
            self.integer(n) if self.chance(0.3) else self.slice(n)
            for n in shape[: self.rng.randint(1, len(shape))]
        ]
        if len(parts) < len(shape) and self.chance(0.3):
            parts.append("...")
        return ", ".join(parts)

    def element(self, place: str) -> str:
        """One number of an array."""
        shape = self.shadows[place].shape
        return f"{place}[{', '.join(self.integer(n) for n in shape)}]"

    def seen(self, place: str, template: str) -> np.ndarray:
        """The shadow of a view of a place, for which the template says ``{v}``."""
        stand_in = {"np": np, "shadow": self.shadows[place]}
        return eval(template.format(v="shadow"), stand_in)  # noqa: S307 - ours

    def mask(self, shape) -> str:
        """A condition of that shape: on values, or written out."""
        alike = [p for p in self.shadows if self.shadows[p].shape == shape]
        if alike and self.chance(0.7):
            return f"{self.pick(alike)} {self.pick('<>')} {self.constant()}3"
        flat = [self.chance(0.5) for _ in range(int(np.prod(shape)))]
        return f"np.array({np.reshape(flat, shape).tolist()})"

    # Expressions

    def operand(self, shape) -> str:
        """Something that broadcasts to a shape."""
        fits = [p for p in self.shadows if fit(self.shadows[p].shape, shape)]
        if fits and self.chance(0.6):
            return self.pick(fits)
        if shape and self.chance(0.4):
            part = self.part(shape)
            if part:
                return part
        return self.number()

    def part(self, shape) -> str:
        """A slice of some array that broadcasts to a shape, if one is found."""
        for _ in range(4):
            place = self.pick(self.shadows)
            index = self.basic_index(self.shadows[place].shape)
            if fit(np.shape(self.seen(place, f"{{v}}[{index}]")), shape):
                return f"{place}[{index}]"
        return ""

    def number(self) -> str:
        """A number: constant, kept, taken from an array, or a mean of one."""
        kind = self.rng.random()
        if kind < 0.2:
            return self.constant()
        if kind < 0.4 and self.scalars:
            return self.pick(self.scalars)
        place = "x" if self.chance(0.4) else self.pick(self.shadows)
        if kind < 0.85:
            return self.element(place)
        return self.pick(("np.mean({})", "0.3 * {}.sum()", "np.max({})")).format(place)

    def expression(self, shape, depth: int = 2) -> str:
        """A random formula that broadcasts to a shape."""
        if depth == 0 or self.chance(0.2):
            return self.operand(shape)
        if self.chance(0.5):
            return self.pick(UNARY).format(self.expression(shape, depth - 1))
        left = self.expression(shape, depth - 1)
        return self.pick(BINARY).format(left, self.operand(shape))


def fit(shape, wanted) -> bool:
    """Whether a shape broadcasts to another without widening it."""
    try:
        return np.broadcast_shapes(shape, wanted) == tuple(wanted)
    except ValueError:
        return False
