"""Random statements: views of an array, and every way of writing into one.

Each function takes the scope and a place, and returns lines of code; or nothing, where
the place has a shape that the statement does not suit.
"""

import numpy as np

from .scope import Scope

VIEWS = {
    1: (
        "{v}[::-1]",
        "{v}[::2]",
        "{v}[1:]",
        "{v}[:-1]",
        "{v}[...]",
        "{v}[:, None]",
        "{v}[None]",
        "{v}.reshape(2, -1)",
        "{v}.ravel()",
        "{v}.view()",
        "np.flip({v})",
        "np.atleast_2d({v})",
        "np.expand_dims({v}, 1)",
        "np.broadcast_to({v}, (2, len({v})))",
        "np.split({v}, [1])[1]",
        "{v}",
    ),
    2: (
        "{v}.T",
        "{v}[0]",
        "{v}[:, -1]",
        "{v}[::-1, 1:]",
        "{v}[1:, ::2]",
        "{v}[:, None]",
        "{v}.reshape(-1)",
        "{v}.ravel()",
        "{v}.T.ravel()",
        "{v}.T.reshape(-1)",
        "{v}.swapaxes(0, 1)",
        "np.swapaxes({v}, 0, -1)",
        "np.transpose({v})",
        "np.rot90({v})",
        "np.flip({v}, 1)",
        "np.moveaxis({v}, 0, -1)",
        "np.diagonal({v})",
        "{v}.squeeze()",
        "{v}.T[::-1].T",
        "np.array_split({v}, 2)[0]",
    ),
    3: (
        "{v}[0]",
        "{v}[..., 0]",
        "{v}[:, 0]",
        "{v}.swapaxes(0, 2)",
        "{v}.reshape(-1)",
        "np.squeeze({v})",
        "{v}.transpose(1, 2, 0)",
    ),
}


def view(scope: Scope, place: str) -> list[str]:
    """A name for a view of the place, or for the place itself."""
    shadow = scope.shadows[place]
    template = scope.pick(VIEWS[shadow.ndim])
    if scope.chance(0.3):
        template = f"{{v}}[{scope.basic_index(shadow.shape)}]"
    try:
        seen = scope.seen(place, template)
    except ValueError:
        return []
    if not 1 <= seen.ndim <= 3 or seen.size < 2:
        return []
    name = scope.name("v")
    scope.bind(name, seen)
    return [f"{name} = {template.format(v=place)}"]


def kept_number(scope: Scope, place: str) -> list[str]:
    """A name for one element: NumPy copies it, so later writes leave it alone."""
    name = scope.name("s")
    line = f"{name} = {scope.element(place)}"
    scope.scalars.append(name)
    return [line]


def item(scope: Scope, place: str) -> list[str]:
    """v[i] = value."""
    index = scope.basic_index(scope.shadows[place].shape)
    shape = np.shape(scope.seen(place, f"{{v}}[{index}]"))
    return [f"{place}[{index}] = {scope.expression(shape)}"]


def item_in_place(scope: Scope, place: str) -> list[str]:
    """v[i] += value, and its kin."""
    index = scope.basic_index(scope.shadows[place].shape)
    shape = np.shape(scope.seen(place, f"{{v}}[{index}]"))
    return [f"{place}[{index}] {_update(scope, shape)}"]


def whole_in_place(scope: Scope, place: str) -> list[str]:
    """v += value, and its kin."""
    return [f"{place} {_update(scope, scope.shadows[place].shape)}"]


def _update(scope: Scope, shape) -> str:
    operator = scope.pick(("+=", "-=", "*=", "/="))
    value = scope.expression(shape)
    if operator == "*=":
        value = f"np.sin({value}) + 0.4"
    if operator == "/=":
        value = f"1.5 + ({value}) ** 2"
    return f"{operator} {value}"


def masked(scope: Scope, place: str) -> list[str]:
    """Writes where a condition holds."""
    shape = scope.shadows[place].shape
    mask = scope.mask(shape)
    name = scope.name("m")
    return [
        f"{name} = {mask}",
        scope.pick(
            (
                f"{place}[{name}] = {scope.number()}",
                f"{place}[{name}] *= {scope.constant()}",
                f"{place}[{name}] = np.sin({place})[{name}]",
                f"{place}[{name}] += 0.5 * {place}[{name}]",
                f"np.copyto({place}, {scope.expression(shape)}, where={name})",
                f"np.putmask({place}, {name}, {scope.expression(shape)})",
                f"np.place({place}, {name}, [{scope.number()}, {scope.number()}])",
                f"np.add({place}, {scope.number()}, out={place}, where={name})",
            )
        ),
    ]


def gathered(scope: Scope, place: str) -> list[str]:
    """Writes through a list of indices, some of which may come twice."""
    shape = scope.shadows[place].shape
    count = scope.rng.randint(1, 3)
    indices = scope.indices(shape[0], count)
    value = scope.expression((count, *shape[1:]))
    size = int(scope.shadows[place].size)
    flat = scope.indices(size, count)
    numbers = ", ".join(scope.number() for _ in range(count))
    return [
        scope.pick(
            (
                f"{place}[{indices}] = {value}",
                f"{place}[np.array({indices})] += {value}",
                f"np.add.at({place}, {indices}, {value})",
                f"np.subtract.at({place}, np.array({indices}), {value})",
                f"np.multiply.at({place}, {indices}, 0.5)",
                f"np.put({place}, {flat}, [{numbers}])",
                f"{place}.put({flat}, {scope.number()})",
                f"{place}.flat[{flat}] = [{numbers}]",
                f"{place}.flat[{size // 2}] = {scope.number()}",
            )
        )
    ]


def by_method(scope: Scope, place: str) -> list[str]:
    """Writes by methods and functions of the whole array."""
    choices = [
        f"{place}.fill({scope.number()})",
        f"{place}.sort()",
        f"{place}.sort(axis=0)",
        f"{place}[...] = np.sort({place}, axis=0)[::-1]",
    ]
    if scope.shadows[place].ndim == 2:
        choices.append(f"np.fill_diagonal({place}, {scope.number()})")
    return [scope.pick(choices)]


def out_argument(scope: Scope, place: str) -> list[str]:
    """Results of ufuncs written where they are told."""
    shape = scope.shadows[place].shape
    a, b = scope.expression(shape, 1), scope.operand(shape)
    return [
        scope.pick(
            (
                f"np.add({a}, {b}, out={place})",
                f"np.multiply({a}, {b}, {place})",
                f"np.sin({a}, out={place})",
                f"np.negative({place}, out={place})",
                f"np.tanh({place}, {place})",
                f"np.subtract({place}, {place}[::-1], out={place})",
                f"np.clip({a}, -0.83, 0.91, out={place})",
            )
        )
    ]


def swapped(scope: Scope, place: str) -> list[str]:
    """Two entries or rows change places, also in the way that NumPy gets wrong."""
    i, j = (scope.integer(scope.shadows[place].shape[0]) for _ in range(2))
    return [
        scope.pick(
            (
                f"{place}[{i}], {place}[{j}] = {place}[{j}], {place}[{i}]",
                f"{place}[[{i}, {j}]] = {place}[[{j}, {i}]]",
                f"{place}[:] = {place}[::-1]",
                f"{place}[1:] = {place}[:-1]",
                f"{place}[:-1] += {place}[1:]",
                f"{place}[{i}] = {place}[{j}] = {scope.number()}",
            )
        )
    ]


def looped(scope: Scope, place: str) -> list[str]:
    """A recurrence along the array, or a walk over its rows."""
    head = f"for i in range(1, len({place})):"
    change = f"{place}[i] = 0.5 * {place}[i] + {scope.constant()} * {place}[i - 1]"
    if scope.chance(0.3):
        change = f"{place}[i] *= np.sin({place}[i - 1]) + {scope.number()}"
    if scope.shadows[place].ndim > 1 and scope.chance(0.4):
        head = f"for row in {place}:"
        change = scope.pick(
            (f"row *= np.cos({scope.number()})", f"row[0] = {scope.number()}")
        )
    return [head, f"    {change}"]


WRITES = (
    item,
    item,
    item,
    item_in_place,
    item_in_place,
    whole_in_place,
    masked,
    gathered,
    by_method,
    out_argument,
    swapped,
    looped,
)


def write(scope: Scope, place: str) -> list[str]:
    """A write of any kind."""
    return scope.pick(WRITES)(scope, place)


def branch(scope: Scope, place: str) -> list[str]:
    """One write or another, as a value decides."""
    test = f"if {scope.number()} > {scope.constant()}7:"
    body, other = write(scope, place), write(scope, place)
    return [test, *indented(body), "else:", *indented(other)]


def indented(lines: list[str]) -> list[str]:
    """Lines of a block, or pass."""
    return [f"    {line}" for line in lines or ["pass"]]


def result(scope: Scope) -> str:
    """A formula in which every array and number that is in sight counts."""
    terms = [
        f"np.sum(np.cos({place} + {0.1 + 0.13 * k:.2f}))"
        for k, place in enumerate(scope.shadows)
    ]
    terms += [f"np.sin({scalar} + 0.4)" for scalar in scope.scalars]
    return "return " + " + ".join(terms)
