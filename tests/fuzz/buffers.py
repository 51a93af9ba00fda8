"""Random programs that fill plain arrays: buffers made inside, kept anywhere, aliased.

The arrays live in names, lists, dictionaries, attributes, closures and globals of the
module; helpers write into what they are handed. Whatever the module keeps is written
over at the start of ``f``, so that calls do not depend on each other.
"""

import numpy as np

from .program import INTEGERS, Program
from .scope import Scope
from .statements import branch, indented, kept_number, result, view, write

PREAMBLE = """\
import functools
import math

import numpy as np

A = np.array([[0.4, -0.7, 0.2], [0.9, 0.3, -0.5], [-0.1, 0.8, 0.6]])
K = np.linspace(-0.5, 0.7, 4)
WORK = np.zeros(3)
SHARED = np.ones((2, 3))
REGISTRY = {"shared": SHARED, "rows": [SHARED[0], SHARED[1]]}


def scale_into(a, b, k=0.5):
    a *= k
    a += b
    return a


def smooth(a):
    for i in range(1, len(a)):
        a[i] = 0.6 * a[i] + 0.3 * a[i - 1]


def first_set(a, value):
    a[0] = value
    return a[::-1]


def build(n, value):
    z = np.zeros(n)
    z[0] = value
    for i in range(1, n):
        z[i] = np.sin(z[i - 1]) + 0.1 * i
    return z


def running(values):
    total = np.zeros(1)
    for v in values:
        total += v
        yield total[0]


class Box:
    size = 3

    def __init__(self, value=0.0):
        self.u = np.full(self.size, value)
        self.parts = {"low": self.u[:2], "own": np.zeros(2)}

    @property
    def twice(self):
        return 2.0 * self.u

    def put(self, i, value):
        self.u[i] = value
        return self

    def add(self, value):
        self.u += value
        self.parts["own"] *= 0.5
        self.parts["own"][:] += np.mean(self.u)
        return self.u


LASTING = Box()
"""


def program(seed: int) -> Program:
    """The program of a seed: up to a dozen statements, most on buffers made inside."""
    scope = Scope(seed)
    size = scope.pick((3, 4, 5))
    scope.bind("x", frozen((size,)))
    scope.bind("A", frozen((3, 3)))
    scope.bind("K", frozen((4,)))
    begin(scope)
    for _ in range(scope.rng.randint(3, 12)):
        scope.lines += statement(scope)
    if scope.chance(0.02):
        scope.lines += ["integers = np.zeros(3, dtype=int)", INTEGERS]
    body = indented(["global WORK, SHARED", *scope.lines, result(scope)])
    text = "\n".join([PREAMBLE, "", "def f(x):", *body, ""])
    x = np.array([scope.rng.uniform(-1.2, 1.2) for _ in range(size)])
    return Program(text, x)


def frozen(shape) -> np.ndarray:
    """The shadow of an array that the program shall not write to."""
    shadow = np.zeros(shape)
    shadow.flags.writeable = False
    return shadow


def begin(scope: Scope) -> None:
    """One or two buffers, and now and then what the module keeps."""
    for _ in range(scope.rng.randint(1, 2)):
        scope.lines += created(scope)
    if scope.chance(0.25):
        scope.lines.append(f"WORK[:] = {scope.expression((3,))}")
        scope.bind("WORK", np.zeros(3))
    if scope.chance(0.15):
        scope.lines.append(f"SHARED[...] = {scope.expression((2, 3))}")
        shadow = scope.shadows[scope.bind("SHARED", np.zeros((2, 3)))]
        scope.bind('REGISTRY["rows"][1]', shadow[1])
    if scope.chance(0.2):
        source = scope.pick(("LASTING", "Box(0.3)"))
        scope.lines += [
            f"box = {source}",
            f"box.u[:] = {scope.expression((3,))}",
            'box.parts["own"].fill(0.2)',
        ]
        shadow = scope.shadows[scope.bind("box.u", np.zeros(3))]
        scope.bind('box.parts["low"]', shadow[:2])
        scope.bind('box.parts["own"]', np.zeros(2))


def statement(scope: Scope) -> list[str]:
    """Any statement."""
    buffers = scope.places(writable=True)
    kind = scope.rng.random()
    if kind < 0.4:
        return write(scope, scope.pick(buffers))
    if kind < 0.52:
        return view(scope, scope.pick(buffers if scope.chance(0.8) else scope.shadows))
    if kind < 0.64:
        return created(scope)
    if kind < 0.7:
        return branch(scope, scope.pick(buffers))
    if kind < 0.74:
        return kept_number(scope, scope.pick(scope.shadows))
    return scope.pick(ELSEWHERE)(scope, scope.pick(buffers))


# Buffers


def created(scope: Scope) -> list[str]:
    """A new buffer, made in any of NumPy's ways."""
    name = scope.name("z")
    shape = scope.pick(((3,), (4,), (2, 3), (3, 3), (2, 2)))
    given = scope.pick(scope.shadows)
    of_given = scope.shadows[given].shape
    simple = {
        f"np.zeros({shape})": shape,
        f"np.ones({shape})": shape,
        f"np.zeros({shape}, dtype=np.float32)": shape,
        f"np.full({shape}, {scope.constant()})": shape,
        f"np.full({shape}, {scope.number()})": shape,
        f"np.zeros_like({given})": of_given,
        f"np.ones_like({given}, shape={shape})": shape,
        f"np.full_like({given}, {scope.number()})": of_given,
        f"np.array({given})": of_given,
        f"{given}.copy()": of_given,
        f"np.asarray({given}) * 1.0": of_given,
        f"np.array([{scope.number()}, {scope.constant()}, {scope.number()}])": (3,),
        f"np.array([[{scope.number()}, 1.0], [0.0, {scope.number()}]])": (2, 2),
        "np.array([float(v) ** 2 for v in x[:3]])": (3,),
        "np.arange(4) * 0.25": (4,),
        f"np.linspace(0.1, {scope.number()}, 3)": (3,),
        f"np.concatenate([x[:2], [{scope.constant()}], np.zeros(1)])": (4,),
        f"A @ {scope.pick(('x[:3]', 'A[0]', 'A'))}": (3,),
        "A.dot(x[:3])": (3,),
        "np.eye(3) + 0.0 * A": (3, 3),
        f"build(4, {scope.number()})": (4,),
        "np.fromiter(running(x[:3]), dtype=float, count=3)": (3,),
    }
    text = scope.pick(simple)
    if text == "A @ A":
        simple[text] = (3, 3)
    if scope.chance(0.12):
        filled = [
            f"{name} = np.empty({shape})",
            f"{name}[:] = {scope.expression(shape)}",
        ]
        scope.bind(name, np.zeros(shape))
        return filled
    scope.bind(name, np.zeros(simple[text]))
    return [f"{name} = {text}"]


# What can be done with a buffer elsewhere than in its name


def helper(scope: Scope, place: str) -> list[str]:
    """A function of the module writes into it."""
    shape = scope.shadows[place].shape
    row = scope.expression(shape[1:], 1)
    return [
        scope.pick(
            (
                f"scale_into({place}, {scope.expression(shape)})",
                f"scale_into({place}, b={scope.operand(shape)}, k={scope.number()})",
                f"smooth({place})",
                f"first_set({place}, {row})[0] *= 0.7",
                f"functools.partial(scale_into, k=0.3)({place}, {scope.number()})",
                f"list(map(smooth, [{place}, {place}]))",
                f"(lambda a, v: a.__setitem__(0, v))({place}, {row})",
            )
        )
    ]


def closure(scope: Scope, place: str) -> list[str]:
    """An inner function has it as a default, and binds a number of the outer one."""
    name, total = scope.name("fill"), scope.name("t")
    shape = scope.shadows[place].shape
    index = scope.integer(shape[0])
    scope.scalars.append(total)
    return [
        f"{total} = 0.0",
        f"def {name}(v, a={place}):",
        f"    nonlocal {total}",
        "    a[0] = v",
        f"    {total} += math.sin(np.sum(a[{index}]))",
        f"for v in (x[0], {scope.constant()}):",
        f"    {name}(v)",
    ]


def free_closure(scope: Scope, place: str) -> list[str]:
    """An inner function writes into an array of the outer one."""
    name = scope.name("w")
    step = scope.name("step")
    shadow = scope.shadows[place]
    scope.bind(name, shadow)
    return [
        f"{name} = {place}",
        f"def {step}(v):",
        f"    {name}[-1] = np.tanh(v) * {name}[0]",
        f"    return {name}",
        f"{step}({scope.number()})[0] += {scope.number()}",
    ]


def container(scope: Scope, place: str) -> list[str]:
    """It is put into a list or a dictionary beside a new one, and reached there."""
    name = scope.name("held")
    shadow = scope.shadows[place]
    first, second = ('"a"', '"b"') if scope.chance(0.5) else ("0", "1")
    text = f"[{place}, np.zeros(3)]"
    if first != "0":
        text = f'{{"a": {place}, "b": np.zeros(3)}}'
    inner = scope.bind(f"{name}[{first}]", shadow)
    fresh = scope.bind(f"{name}[{second}]", np.zeros(3))
    lines = [f"{name} = {text}", *write(scope, fresh), *write(scope, inner)]
    del scope.shadows[inner]
    return lines


def attribute(scope: Scope, _place: str) -> list[str]:
    """A new object's array is written by its methods, and under another name."""
    name, alias = scope.name("box"), scope.name("u")
    one, two, three = (scope.number() for _ in range(3))
    shadow = scope.shadows[scope.bind(f"{name}.u", np.zeros(3))]
    scope.bind(alias, shadow)
    scope.bind(f'{name}.parts["own"]', np.zeros(2))
    return [
        f"{name} = Box({one})",
        f"{name}.put({scope.integer(3)}, {two}).add({three})",
        f"{alias} = {name}.u",
        *write(scope, alias),
        f"{alias}[1] += {name}.twice[0]",
    ]


def filled_in_a_loop(scope: Scope, place: str) -> list[str]:
    """The loop over indices that computes each entry from the ones before."""
    shape = scope.shadows[place].shape
    value = scope.pick(
        (
            f"0.5 * {place}[i - 1] + x[i % len(x)]",
            f"np.sin({place}[i - 1]) * {scope.number()}",
            f"np.cos(x[i % 3]) + 0.2 * i * {place}[0]",
        )
    )
    head = f"for i in range({shape[0]}):"
    if scope.chance(0.3):
        return [
            "i = 0",
            f"while i < len({place}):",
            f"    {place}[i] = {value}",
            "    i += 1",
        ]
    if scope.chance(0.3):
        value += f" if {scope.number()} > 0.1237 else {scope.number()}"
    return [head, f"    {place}[i] = {value}"]


def number_made_of_it(scope: Scope, place: str) -> list[str]:
    """A number by way of lists, math and float."""
    name = scope.name("s")
    one, two = scope.element(place), scope.number()
    scope.scalars.append(name)
    text = scope.pick(
        (
            f"math.cos({one})",
            f"float({one}) * 0.5",
            f"np.sum([{one}, {two}])",
            f"np.linalg.norm([{one}, 1.0, {two}])",
            f"sum(v * v for v in {place}.ravel()[:2])",
            f"max({one}, {two})",
            f"np.dot(K, [x[0], {one}, 0.3, {two}])",
            f"functools.reduce(lambda a, v: 0.5 * a + v, {place}.ravel(), {two})",
        )
    )
    return [f"{name} = {text}"]


def several_targets(scope: Scope, place: str) -> list[str]:
    """Stores into tuples, chains, and with a walrus."""
    one, two = scope.element(place), scope.element(place)
    name = scope.name("s")
    lines = [
        scope.pick(
            (
                f"{one}, {name} = {scope.number()}, {two}",
                f"{name} = {one} = {scope.number()}",
                f"{one} = ({name} := {scope.number()}) * 0.5",
                f"({one}, *_), {name} = ({scope.number()}, 1.0), {two}",
            )
        )
    ]
    scope.scalars.append(name)
    return lines


ELSEWHERE = (
    helper,
    helper,
    closure,
    free_closure,
    container,
    attribute,
    filled_in_a_loop,
    filled_in_a_loop,
    number_made_of_it,
    several_targets,
)
