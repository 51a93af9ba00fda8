"""What layers a module holds, and what it takes to pass on to them.

Apart from the layers that transforms follow as they follow the user's code: nothing is
computed here, but a class that has Python call functions by itself would cost each run
time.
"""

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from adjoint.nn._form import Branch


class Derived:
    """An attribute that follows from what a module holds, unless module or class say.

    Parameters
    ----------
    of : callable
        ``of(module)`` returns it.
    """

    def __init__(self, of: Callable[[Any], bool]) -> None:
        self._of = of
        self.__doc__ = of.__doc__

    def __get__(self, module: Any, cls: type | None = None) -> Any:
        return self if module is None else self._of(module)


def is_derived(module: Any, name: str) -> bool:
    """Tell whether neither a module nor its class says what an attribute is."""
    return isinstance(inspect.getattr_static(module, name, None), Derived)


def held_by(holder: Any) -> Iterator[tuple[str, Any]]:
    """Yield what can be called among the parts of a module or container, by place.

    Those in lists, tuples and dictionaries too, but not what belongs to another layer.
    A class is a setting, not a layer.
    """
    for label, part in _parts(holder):
        if isinstance(part, (list, tuple, dict)):
            for place, layer in held_by(part):
                yield f"{label}.{place}", layer
        elif callable(part) and not isinstance(part, type):
            yield str(label), part


def _parts(holder: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(holder, Branch):
        yield from vars(holder).items()
    elif isinstance(holder, dict):
        yield from holder.items()
    elif isinstance(holder, (list, tuple)):
        yield from enumerate(holder)


def takes_rng(module: Any) -> bool:
    """Whether it is passed a generator in training, since its ``__call__`` asks."""
    return _taken_by(module.__class__).rng or passes_rng(module)


def passes_rng(module: Any) -> bool:
    """Whether a layer of it draws random numbers in training, and can be passed any."""
    return _taken_by(module.__class__).any_rng and _one_says(
        vars(module).values(), "takes_rng"
    )


def keeps_statistics(module: Any) -> bool:
    """Whether a layer of it keeps statistics of what it sees, and is passed them."""
    return _taken_by(module.__class__).statistics and _one_says(
        vars(module).values(), "keeps_statistics"
    )


def _one_says(parts: Iterable[Any], name: str) -> bool:
    """Tell whether an attribute is true of a layer among parts, as `held_by` goes.

    Without the names of places, since layers are asked in each call.
    """
    for part in parts:
        if isinstance(part, (list, tuple, dict)):
            within = part.values() if isinstance(part, dict) else part
            if _one_says(within, name):
                return True
        elif (
            callable(part) and getattr(part, name, False) and not isinstance(part, type)
        ):
            return True
    return False


class _Taken(NamedTuple):
    """What a class's ``__call__`` takes.

    Attributes
    ----------
    rng : bool
        A parameter of this name.
    any_rng : bool
        That, or any keywords.
    statistics : bool
        Statistics as an argument, and ``training=``.
    """

    rng: bool
    any_rng: bool
    statistics: bool


@functools.cache
def _taken_by(cls: type) -> _Taken:
    nothing = _Taken(rng=False, any_rng=False, statistics=False)
    if not any("__call__" in vars(base) for base in cls.__mro__):
        return nothing
    try:
        parameters = inspect.signature(cls.__call__).parameters
    except (TypeError, ValueError):  # of a function in C, say
        return nothing
    kinds = {one.kind for one in parameters.values()}
    keywords = inspect.Parameter.VAR_KEYWORD in kinds
    others = inspect.Parameter.VAR_POSITIONAL in kinds
    return _Taken(
        rng="rng" in parameters,
        any_rng="rng" in parameters or keywords,
        statistics=("statistics" in parameters or others)
        and ("training" in parameters or keywords),
    )
