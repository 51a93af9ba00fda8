"""Checks that what a layer asks for in training can reach it through the model."""

from collections.abc import Iterator
from typing import Any

import adjoint as ad
from adjoint.nn._held import held_by, is_derived
from adjoint.nn._module import Module


def check_passed_on(model: Any, statistics: Any) -> None:
    """Raise if a module holds a layer that asks for what the module does not take.

    Parameters
    ----------
    model : callable tree
    statistics : tree, optional
        Those that the caller gives; without, modules must make the first.

    Raises
    ------
    InputError
        With the place of the layer, and what to write.
    """
    for where, module in _modules(model):
        asks = _not_passed(module, "takes_rng")
        if asks:
            raise ad.errors.InputError(_draws_nothing(model, where, module, asks))
        asks = _not_passed(module, "keeps_statistics")
        if asks:
            raise ad.errors.InputError(_keeps_nothing(model, where, module, asks))
        if module.keeps_statistics and statistics is None:
            _check_first_statistics(model, where, module)


def check_generator_taken(model: Any) -> None:
    """Raise if a model draws, for a loss of the model that takes no generator.

    Raises
    ------
    InputError
        With the place of the layer that draws.
    """
    layer = _drawing_layer("", model)
    if layer is not None:
        msg = (
            f"fit: the model {_called(model)} draws random numbers in training "
            f"({layer}), but the function of this ModelLoss takes no generator, so "
            "nothing would be drawn. Give it a keyword `rng`, and pass that on: "
            "`def loss(model, x, y, *, rng)` calls `model(x, rng=rng)`. If it shall "
            "not draw, leave `rng` unused."
        )
        raise ad.errors.InputError(msg)


def check_pair(made: Any, model: Any) -> None:
    """Raise if a model that keeps statistics does not return two things.

    Raises
    ------
    InputError
        If it is so.
    """
    if not (isinstance(made, (tuple, list)) and len(made) == 2):
        msg = (
            f"fit: the model {_called(model)} keeps statistics, so its `__call__` "
            "returns a pair, the output and the new statistics; it returned a "
            f"{type(made).__name__}."
        )
        raise ad.errors.InputError(msg)


def _modules(holder: Any, where: str = "") -> Iterator[tuple[str, Module]]:
    """Yield all modules of a model, with their places."""
    if isinstance(holder, Module):
        yield where, holder
    for place, layer in held_by(holder):
        if isinstance(layer, Module):
            yield from _modules(layer, _joined(where, place))


def _not_passed(module: Module, name: str) -> tuple[str, Any] | None:
    """Return place and layer that asks for what a module does not take."""
    if not is_derived(module, name) or getattr(module, name) or not callable(module):
        return None
    asking = (held for held in held_by(module) if getattr(held[1], name, False))
    return next(asking, None)


def _drawing_layer(where: str, layer: Any) -> str | None:
    """Return the first layer that draws, in words."""
    if isinstance(layer, Module) and not (
        layer.takes_rng or is_derived(layer, "takes_rng")
    ):
        return None  # its class says that it does not
    for place, held in held_by(layer):
        found = _drawing_layer(_joined(where, place), held)
        if found is not None:
            return found
    return _named(where, layer) if getattr(layer, "takes_rng", False) else None


def _draws_nothing(
    model: Any, where: str, module: Module, asks: tuple[str, Any]
) -> str:
    place, layer = asks
    return (
        f"fit: {_holder(model, where, module)} holds {_named(place, layer)}, which "
        "draws random numbers in training, but its `__call__` has no parameter `rng` "
        "to pass on, so nothing would be drawn. Write "
        f"`def __call__(self, x, rng=None)`, and in it `{_code(place)}(..., rng=rng)`. "
        "If it shall not draw, set `takes_rng = False` in the class."
    )


def _keeps_nothing(
    model: Any, where: str, module: Module, asks: tuple[str, Any]
) -> str:
    place, layer = asks
    return (
        f"fit: {_holder(model, where, module)} holds {_named(place, layer)}, which "
        "keeps statistics, but its `__call__` does not take them. Write `def "
        "__call__(self, x, statistics, *, training=False)`, and in it `x, statistics = "
        f"{_code(place)}(x, statistics, training=training)`; return the output and the "
        "statistics, and in a method `statistics(self)` the first ones, "
        f"`{_code(place)}.statistics()`. If it is no part of the training, set "
        "`keeps_statistics = False` in the class."
    )


def _check_first_statistics(model: Any, where: str, module: Module) -> None:
    if not callable(getattr(module, "statistics", None)):
        msg = (
            f"fit: {_holder(model, where, module)} keeps statistics, but has no method "
            "`statistics(self)` that returns the first ones, such as "
            "`self.norm.statistics()`. Write it, or give fit statistics=..."
        )
        raise ad.errors.InputError(msg)


def _holder(model: Any, where: str, module: Module) -> str:
    if not where:
        return f"the model {_called(model)}"
    return f"the layer {_called(module)} `{where}` of the model {_called(model)}"


def _named(place: str, layer: Any) -> str:
    return f"the {_called(layer)} `{place}`" if place else f"the {_called(layer)}"


def _called(layer: Any) -> str:
    return type(layer).__name__


def _code(place: str) -> str:
    """Return a place as Python has it: ``layers.1`` is ``self.layers[1]``."""
    first, *others = place.split(".")
    return f"self.{first}" + "".join(
        f"[{one}]" if one.isdigit() else f"[{one!r}]" for one in others
    )


def _joined(where: str, place: str) -> str:
    return f"{where}.{place}" if where else place
