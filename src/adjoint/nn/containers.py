"""Layers made of layers.

Transforms follow this file as they follow the user's code, since what it calls may be
layers of the user's own.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

import adjoint as ad
from adjoint.nn._checks import (
    check_layer,
    check_no_pair,
    check_statistics,
    no_array,
)
from adjoint.nn._composite import Composite
from adjoint.nn._module import Module

__all__ = ["Flatten", "Residual", "Sequential"]


class Sequential(Composite):
    """Layers one after another: each takes what the one before it returns.

    Parameters
    ----------
    *layers : callable
        Modules, or functions such as `adjoint.nn.relu`.

    Raises
    ------
    InputError
        If one cannot be called, or is a class.

    Notes
    -----
    A layer that needs random numbers in training (`Dropout`, and what contains one) is
    given the generator that `Sequential` is called with.  One that keeps statistics
    (`BatchNorm`) has them from, and returns them to, the caller: see `statistics`.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> rng = np.random.default_rng(0)
    >>> nn = ad.nn
    >>> first, last = nn.Linear(2, 8, rng=rng), nn.Linear(8, 1, rng=rng)
    >>> model = nn.Sequential(first, nn.relu, last)
    >>> model(np.ones((5, 2))).shape
    (5, 1)
    >>> slopes = ad.grad(lambda model, x: np.sum(model(x)))(model, np.ones((5, 2)))
    >>> slopes.layers[2].bias
    array([5.])
    """

    def __init__(self, *layers: Any) -> None:
        for layer in layers:
            check_layer("Sequential", layer)
        self.layers = layers

    def statistics(self) -> Any:
        """Return the first statistics: one entry a layer, ``None`` for most.

        Examples
        --------
        >>> import numpy as np
        >>> import adjoint as ad
        >>> model = ad.nn.Sequential(ad.nn.BatchNorm(2), ad.nn.relu)
        >>> statistics = model.statistics()
        >>> x = np.array([[1.0, 0.0], [3.0, 4.0]])
        >>> y, statistics = model(x, statistics, training=True)
        >>> statistics[0].mean
        array([0.2, 0.2])
        """
        return [
            layer.statistics() if getattr(layer, "keeps_statistics", False) else None
            for layer in self.layers
        ]

    def __call__(
        self,
        x: Any,
        statistics: Any = None,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> Any:
        """Return what the last layer gives.

        Parameters
        ----------
        x : array
        statistics : optional
            Those of the layers that keep some; then the result is a pair, the output
            and the new statistics.
        training : bool
            Whether layers that keep statistics use those of ``x``.
        rng : numpy.random.Generator, optional
            Drawn from by layers that do so in training; without it they do not.

        Raises
        ------
        ValueError
            If a layer keeps statistics, and none are given.
        TreeError
            If those given are not one entry a layer.
        InputError
            If what a recurrent layer returns, a pair, meets what takes an array.
        """
        if statistics is None and self.keeps_statistics:
            msg = (
                "Sequential: a layer keeps statistics, which are passed and returned: "
                "`y, statistics = model(x, statistics, training=True)`, starting with "
                "`model.statistics()`."
            )
            raise ValueError(msg)
        if statistics is None and rng is None:  # nothing to hand on: the usual case
            for number, layer in enumerate(self.layers):
                if number and type(x) is tuple:
                    check_no_pair(layer, x)
                x = layer(x)
            return x
        if statistics is not None:
            check_statistics(self, statistics, len(self.layers))
        new: list[Any] = []
        for number, layer in enumerate(self.layers):
            options: dict[str, Any] = {}
            if number and type(x) is tuple:
                check_no_pair(layer, x)
            if rng is not None and getattr(layer, "takes_rng", False):
                options["rng"] = rng
            # Without statistics no layer keeps some, or this would have raised above.
            if statistics is not None and getattr(layer, "keeps_statistics", False):
                options["training"] = training
                x, kept = layer(x, statistics[number], **options)
                new.append(kept)
            else:
                x = layer(x, **options)
                new.append(None)
        return x if statistics is None else (x, new)


class Residual(Composite):
    """The layer x + f(x).

    Parameters
    ----------
    layer : callable
        f; what it returns has the shape of what it is given.

    Raises
    ------
    InputError
        If it cannot be called, or is a class; when it returns a pair.
    ShapeError
        When what it returns has another shape.

    References
    ----------
    He, Zhang, Ren & Sun, "Deep residual learning for image recognition", CVPR 2016.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.Residual(ad.nn.relu)(np.array([-1.0, 2.0]))
    array([-1.,  4.])
    """

    def __init__(self, layer: Callable[..., Any]) -> None:
        check_layer("Residual", layer)
        self.layer: Any = layer

    def statistics(self) -> Any:
        """Return the first statistics of the layer."""
        return self.layer.statistics() if self.keeps_statistics else None

    def __call__(self, x: Any, *args: Any, **options: Any) -> Any:
        """Return x + f(x); all further arguments are the layer's."""
        out = self.layer(x, *args, **options)
        y, kept = out if self.keeps_statistics else (out, None)
        if type(y) is tuple:
            raise no_array("Residual: its sum", y)
        if y.shape != x.shape:
            msg = (
                f"Residual: its layer, {type(self.layer).__name__}, makes shape "
                f"{y.shape} of shape {x.shape}; the two cannot be added."
            )
            raise ad.errors.ShapeError(msg)
        return (x + y, kept) if self.keeps_statistics else x + y


class Flatten(Module):
    """The layer that makes one axis of all but the first: (n, ...) to (n, m).

    Parameters
    ----------
    axes : int
        How many axes at the front stay as they are.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.nn.Flatten()(np.zeros((2, 3, 4))).shape
    (2, 12)
    """

    def __init__(self, axes: int = 1) -> None:
        self.axes = axes

    def __call__(self, x: Any) -> Any:
        """Return x with its last axes made one."""
        return np.reshape(x, (*x.shape[: self.axes], -1))
