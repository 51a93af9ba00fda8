"""What layers a module holds, and what it takes to pass on to them.

Apart from the layers that transforms follow as they follow the user's code: nothing is
computed here, but a class that has Python call functions by itself would cost each run
time.
"""

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

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
    """
    for label, part in _parts(holder):
        if isinstance(part, (list, tuple, dict)):
            for place, layer in held_by(part):
                yield f"{label}.{place}", layer
        elif callable(part):
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
    return "rng" in _parameters(module) or passes_rng(module)


def passes_rng(module: Any) -> bool:
    """Whether a layer of it draws random numbers in training, and can be passed any."""
    return not _parameters(module).isdisjoint({"rng", "**"}) and any(
        getattr(layer, "takes_rng", False) for _, layer in held_by(module)
    )


def keeps_statistics(module: Any) -> bool:
    """Whether a layer of it keeps statistics of what it sees, and is passed them."""
    parameters = _parameters(module)
    return (
        not parameters.isdisjoint({"statistics", "*"})
        and not parameters.isdisjoint({"training", "**"})
        and any(
            getattr(layer, "keeps_statistics", False) for _, layer in held_by(module)
        )
    )


_VARIABLE: dict[Any, str] = {
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.VAR_KEYWORD: "**",
}


def _parameters(module: Any) -> frozenset[str]:
    """Return the parameters of ``__call__`` by name, and ``*``, ``**`` for the rest."""
    cls: Any = type(module)
    return _parameters_of(cls)


@functools.cache
def _parameters_of(cls: type) -> frozenset[str]:
    defined = (vars(base).get("__call__") for base in cls.__mro__)
    call = next((one for one in defined if one is not None), None)
    if call is None:
        return frozenset()
    parameters = inspect.signature(call).parameters.values()
    return frozenset(_VARIABLE.get(one.kind, one.name) for one in parameters)
