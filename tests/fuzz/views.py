"""Random programs on a traced array: views of views, and writes through any of them."""

import numpy as np

from .program import Program
from .scope import Scope
from .statements import branch, indented, kept_number, result, view, write

SHAPES = ((4,), (6,), (2, 3), (3, 4), (3, 3), (4, 2))


def program(seed: int) -> Program:
    """The program of a seed: at most a dozen statements on x, a copy, or x itself."""
    scope = Scope(seed)
    shape = scope.pick(SHAPES)
    scope.bind("x", np.zeros(shape))
    begin(scope, shape)
    for _ in range(scope.rng.randint(2, 11)):
        scope.lines += statement(scope)
    body = indented([*scope.lines, result(scope)])
    text = "\n".join(["import numpy as np", "", "", "def f(x):", *body, ""])
    x = np.array([scope.rng.uniform(-1.2, 1.2) for _ in range(int(np.prod(shape)))])
    return Program(text, x.reshape(shape))


def begin(scope: Scope, shape) -> None:
    """Some programs write on what x becomes first."""
    if scope.chance(0.6):
        first = scope.pick(
            ("x.copy()", "1.0 * x", "np.sin(x)", "x + 0.0 * x[::-1]", "np.array(x)")
        )
        scope.lines.append(f"y = {first}")
        scope.bind("y", np.zeros(shape))


def statement(scope: Scope) -> list[str]:
    """A view, a write, a branch, a number kept, aliases in a list, or a new array."""
    kind = scope.rng.random()
    if kind < 0.3:
        return view(scope, scope.pick(scope.shadows))
    writable = scope.places(writable=True)
    if kind < 0.8:
        return write(scope, scope.pick(writable))
    if kind < 0.86:
        return branch(scope, scope.pick(writable))
    if kind < 0.91:
        return kept_number(scope, scope.pick(scope.shadows))
    if kind < 0.96:
        return listed(scope, writable)
    return renamed(scope)


def listed(scope: Scope, writable: list[str]) -> list[str]:
    """Arrays put into a list, and written to from there."""
    held = [scope.pick(writable) for _ in range(2)]
    name = scope.name("kept")
    place = scope.bind(f"{name}[1]", scope.shadows[held[1]])
    lines = [f"{name} = [{held[0]}, {held[1]}]", *write(scope, place)]
    del scope.shadows[place]
    return lines


def renamed(scope: Scope) -> list[str]:
    """A new array computed from those there are."""
    shadow = scope.shadows[scope.pick(scope.shadows)]
    name = scope.name("w")
    value = scope.expression(shadow.shape)
    scope.bind(name, np.zeros(shadow.shape))
    return [f"{name} = np.zeros_like(x, shape={shadow.shape}) + ({value})"]
