"""Random programs of views and writes, for comparison with plain NumPy.

A program is a list of steps on a pool of arrays and numbers, of which the first is the
argument. Each step is drawn for the shapes that plain NumPy gives, so that most steps
are legal; it then runs on anything that behaves like an array.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Pool = list[Any]
Step = Callable[[Pool], None]


def draw(seed: int, length: int = 12) -> tuple[Callable[[Any], Any], np.ndarray]:
    """A program and an argument for it."""
    rng = np.random.default_rng(seed)
    shape = [(5,), (2, 3), (4,), (2, 2, 2), (3, 2)][rng.integers(5)]
    x = rng.uniform(-1.0, 1.0, shape)
    if rng.random() < 0.3:
        x = np.asfortranarray(x)
    pool: Pool = [x.copy(order="K") * 1.0]
    steps: list[Step] = []
    while len(steps) < length:
        step = _step(rng, pool)
        if step is None:
            continue
        step(pool)
        steps.append(step)
    weights = [rng.uniform(-1.0, 1.0, np.shape(one)) for one in pool]

    def program(x: Any) -> Any:
        pool = [x]
        for step in steps:
            step(pool)
        total = 0.0
        for one, weight in zip(pool, weights, strict=True):
            total = total + np.sum(np.sin(one) * weight)
        return total

    return program, x


def _step(rng: np.random.Generator, pool: Pool) -> Step | None:
    arrays = [k for k, one in enumerate(pool) if isinstance(one, np.ndarray)]
    k = int(rng.choice(arrays))
    kinds: list[Callable[..., Step | None]] = [
        _view, _view, _copy, _number, _combination,
        _store, _store, _store, _in_place, _in_place, _function, _drop,
    ]  # fmt: skip
    return kinds[rng.integers(len(kinds))](rng, pool, k)


def _view(rng: np.random.Generator, pool: Pool, k: int) -> Step | None:
    a = pool[k]
    if len(pool) > 6 or not a.size:
        return None
    index = _basic_index(rng, a.shape)
    shape = [(a.size,), (1, a.size), (a.size, 1), a.shape[::-1]][rng.integers(4)]
    axes = tuple(int(one) for one in rng.permutation(a.ndim))
    makers: list[Callable[[Any], Any]] = [
        lambda a: a[index],
        lambda a: a.reshape(shape),
        lambda a: a.T,
        lambda a: a.ravel(),
        lambda a: np.transpose(a, axes),
        lambda a: a[..., None],
        np.flip,
        lambda a: a[:],
        lambda a: np.ravel(a, order="F"),
    ]
    make = makers[rng.integers(len(makers))]
    return lambda pool: pool.append(make(pool[k]))


def _copy(rng: np.random.Generator, pool: Pool, k: int) -> Step | None:
    a = pool[k]
    if len(pool) > 6 or not a.ndim or not len(a):
        return None
    places = rng.integers(-len(a), len(a), rng.integers(1, 4))
    mask = rng.random(a.shape) < 0.6
    makers: list[Callable[[Any], Any]] = [
        lambda a: a[places],
        lambda a: a[mask],
        lambda a: a.copy(),
        np.copy,
        lambda a: a.flatten(),
        lambda a: +a,
        lambda a: np.cos(a) * 0.7,
    ]
    make = makers[rng.integers(len(makers))]
    return lambda pool: pool.append(make(pool[k]))


def _number(rng: np.random.Generator, pool: Pool, k: int) -> Step | None:
    a = pool[k]
    if len(pool) > 6 or not a.size:
        return None
    place = tuple(int(rng.integers(-n, n)) for n in a.shape)
    return lambda pool: pool.append(pool[k][place])


def _combination(rng: np.random.Generator, pool: Pool, k: int) -> Step | None:
    j = int(rng.integers(len(pool)))
    if len(pool) > 6 or not _fits(np.shape(pool[j]), pool[k].shape):
        return None
    return lambda pool: pool.append(np.sin(pool[k] * pool[j]) + pool[j] * 0.5)


def _store(rng: np.random.Generator, pool: Pool, k: int) -> Step | None:
    a = pool[k]
    index = _any_index(rng, a.shape)
    if index is None:
        return None
    target = np.zeros(a.shape)[index].shape
    item = _item(rng, pool, target)

    def step(pool: Pool) -> None:
        pool[k][index] = item(pool)

    return step


def _in_place(rng: np.random.Generator, pool: Pool, k: int) -> Step | None:
    a = pool[k]
    which = rng.integers(4)
    item = _item(rng, pool, a.shape)

    def step(pool: Pool) -> None:
        if which == 0:
            pool[k] += item(pool)
        elif which == 1:
            pool[k] *= item(pool)
        elif which == 2:
            pool[k] -= item(pool) * 0.5
        else:
            pool[k] /= item(pool) * item(pool) + 2.0

    return step


def _function(rng: np.random.Generator, pool: Pool, k: int) -> Step | None:
    a = pool[k]
    if not a.ndim or not a.size:
        return None
    places = rng.integers(-len(a), len(a), rng.integers(1, 4))
    flat = rng.integers(0, a.size, rng.integers(1, 4))
    mask = rng.random(a.shape) < 0.6
    item, row = _item(rng, pool, a.shape), _item(rng, pool, a.shape[1:])
    number = _item(rng, pool, ())
    calls: list[Callable[[Any, Pool], Any]] = [
        lambda a, pool: np.add.at(a, places, row(pool)),
        lambda a, pool: np.multiply.at(a, places, row(pool)),
        lambda a, pool: np.copyto(a, item(pool) * 1.0, where=mask),
        lambda a, pool: np.put(a, flat, number(pool)),
        lambda a, pool: np.sin(item(pool) * 1.0, out=a) if item(pool) is a else None,
        lambda a, pool: np.multiply(a, item(pool), out=a),
        lambda a, pool: np.multiply(a, item(pool), out=a, where=mask),
        lambda a, pool: a.fill(number(pool)),
        lambda a, pool: np.putmask(a, mask, number(pool)),
        lambda a, pool: a.flat.__setitem__(int(flat[0]), number(pool)),
        lambda a, pool: np.cumsum(a, axis=0, out=a),
    ]
    call = calls[rng.integers(len(calls))]

    def step(pool: Pool) -> None:
        call(pool[k], pool)

    return step


def _drop(rng: np.random.Generator, pool: Pool, k: int) -> Step | None:
    if len(pool) < 3 or not any(
        isinstance(o, np.ndarray) for j, o in enumerate(pool) if j != k
    ):
        return None

    def step(pool: Pool) -> None:
        pool[k] = next(one for j, one in enumerate(pool) if j != k)

    return step


def _item(
    rng: np.random.Generator, pool: Pool, target: tuple[int, ...]
) -> Callable[[Pool], Any]:
    """What is stored: something of the pool that broadcasts, or a constant."""
    fitting = [j for j, one in enumerate(pool) if _fits(np.shape(one), target)]
    if not fitting or rng.random() < 0.15:
        constant = rng.uniform(-1.0, 1.0, target if rng.random() < 0.5 else ())
        return lambda _pool: constant
    j = fitting[rng.integers(len(fitting))]
    if rng.random() < 0.4:
        return lambda pool: pool[j]
    return lambda pool: pool[j] * 0.8 + 0.1


def _fits(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, target) == target
    except ValueError:
        return False


def _basic_index(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    parts: list[Any] = []
    for n in shape:
        kind = rng.integers(5)
        if kind == 0 and len(shape) > 1 and n:
            parts.append(int(rng.integers(-n, n)))
        elif kind == 1:
            parts.append(slice(None, None, -1))
        elif kind == 2:
            parts.append(slice(int(rng.integers(0, 2)), None))
        elif kind == 3:
            parts.append(slice(None, None, 2))
        else:
            parts.append(slice(None))
    if rng.random() < 0.2:
        parts.insert(int(rng.integers(len(parts) + 1)), None)
    if rng.random() < 0.2:
        parts.append(Ellipsis)
    return tuple(parts)


def _any_index(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    kind = rng.integers(6)
    if kind < 3 or not shape or not all(shape):
        return _basic_index(rng, shape) if shape else [(), Ellipsis][rng.choice([0, 1])]
    if kind == 3:
        return rng.random(shape) < 0.6
    places = rng.integers(-shape[0], shape[0], rng.integers(1, 4))
    if kind == 4 or len(shape) < 2:
        return places
    return (places, rng.integers(-shape[1], shape[1], places.size))
