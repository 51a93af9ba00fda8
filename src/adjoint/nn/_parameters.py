"""Parameters of a model by name: ``"layers.0.weight"``."""

from typing import Any

import numpy as np

import adjoint as ad


def named_parameters(model: Any) -> dict[str, Any]:
    """Return the arrays of a model by their dotted names, in the order of the tree."""
    return dict(zip(ad.tree.names(model), ad.tree.leaves(model), strict=True))


def with_named_parameters(model: Any, parameters: dict[str, Any]) -> Any:
    """Return a model of the same form with other arrays.

    Raises
    ------
    ValueError
        If a name is missing, or one is not known.
    ShapeError
        If an array has another shape than the one it replaces.
    """
    present = named_parameters(model)
    missing = [name for name in present if name not in parameters]
    strange = [name for name in parameters if name not in present]
    if missing or strange:
        kind = type(model).__name__
        msg = f"with_parameters: the names are not those of this {kind}:"
        if missing:
            msg += f" missing {', '.join(missing)};"
        if strange:
            msg += f" not known {', '.join(strange)};"
        raise ValueError(f"{msg} `parameters()` has them all.")
    for name, old in present.items():
        new = parameters[name]
        if np.shape(new) != np.shape(old):
            msg = (
                f"with_parameters: `{name}` has shape {np.shape(old)}, what is given "
                f"for it has shape {np.shape(new)}."
            )
            raise ad.errors.ShapeError(msg)
    structure = ad.tree.structure(model)
    return ad.tree.unflatten(structure, [parameters[name] for name in present])


def check_unshared(model: Any) -> None:
    """Raise if one array stands in two places of a model.

    Raises
    ------
    ValueError
        If it does: the two are one only until the first step of training.
    """
    seen: dict[int, str] = {}
    for name, leaf in zip(ad.tree.names(model), ad.tree.leaves(model), strict=True):
        if type(leaf) is not np.ndarray:
            continue  # scalars are not shared but equal, traced values not kept
        if id(leaf) in seen:
            msg = (
                f"{type(model).__name__}: `{seen[id(leaf)]}` and `{name}` are one "
                "array. A model's arrays are separate parameters, and training would "
                "make two of it. Keep the layer (or array) once, and use it twice in "
                "`__call__`."
            )
            raise ValueError(msg)
        seen[id(leaf)] = name
