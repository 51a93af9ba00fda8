"""Modules: objects that hold parameters, and are trees of them.

A module is made once and not changed; training makes a new one of the same form.  So
every transform takes a model as an argument and may return one, as it does any tree.
"""

import inspect
from collections.abc import Iterable
from typing import Any

import adjoint as ad
from adjoint.nn._form import (
    LEAF,
    Branch,
    Forms,
    Nest,
    collect,
    forms_of,
    is_array,
    is_container,
    put_together,
)
from adjoint.nn._held import Derived, keeps_statistics, takes_rng
from adjoint.nn._parameters import (
    check_unshared,
    named_parameters,
    with_named_parameters,
)
from adjoint.nn._summary import as_text, summary


class _Closing(type):
    """The class of modules: what it makes is closed once ``__init__`` is done."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        try:
            made = super().__call__(*args, **kwargs)
        except TypeError:
            _check_arguments(cls, args, kwargs)
            raise
        check_unshared(made)
        _close(made, None)
        return made

    @property
    def __signature__(cls) -> inspect.Signature:
        """What a class is called with: what its ``__init__`` takes, but for self."""
        if cls.__init__ is object.__init__:  # type: ignore[misc]
            return inspect.Signature()
        taken = inspect.signature(cls.__init__)  # type: ignore[misc]
        first, *others = taken.parameters.values()
        kept = (first, *others) if first.kind is first.VAR_POSITIONAL else others
        return inspect.Signature(kept)


def _check_arguments(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raise if a class is called with other arguments than it takes, by its own name.

    Python would name the class that ``__init__`` is inherited from.

    Raises
    ------
    TypeError
    """
    try:
        inspect.signature(cls).bind(*args, **kwargs)
    except TypeError as error:
        msg = f"{cls.__name__}(): {error}"
        raise TypeError(msg) from None


class Module(Branch, metaclass=_Closing):
    """Base of layers and models: a tree of the arrays among its attributes.

    Derive from it, set attributes in ``__init__`` (or be a dataclass), compute in
    ``__call__``.  Arrays are leaves; modules, and lists, tuples and dictionaries with
    arrays or modules in them, are branches; everything else (numbers, texts, functions)
    is static: a setting, compared by equality.

    Parameters
    ----------
    static : sequence of str, optional
        A class keyword, ``class Net(ad.nn.Module, static=("table",))``: attributes that
        are settings though they are arrays.  They have no gradient and are not trained.

    Raises
    ------
    AttributeError
        When an attribute is set after ``__init__``.
    ValueError
        When one array or module stands in two places: a trained model would have two
        that differ.  Call one layer twice instead.
    TypeError
        When a class with ``__slots__`` is derived.

    Notes
    -----
    The gradient by a model is a model, its arrays the gradients.  Integer arrays count
    as arrays too, and transforms refuse them: declare them ``static``.

    `fit` and `Sequential` pass a generator by ``rng=`` in training if ``__call__`` has
    a parameter ``rng`` (or ``**options``, and a layer among the attributes draws); and
    statistics as the second argument, with ``training=``, if a layer keeps some and
    ``__call__`` has parameters ``statistics`` and ``training``.  The attributes
    ``takes_rng`` and ``keeps_statistics`` tell; a class that sets them to True or False
    is believed.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> class Line(ad.nn.Module):
    ...     def __init__(self, slope, offset):
    ...         self.slope = np.array(slope)
    ...         self.offset = np.array(offset)
    ...
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line(2.0, 1.0)
    >>> def loss(line, x, y):
    ...     return np.sum((line(x) - y) ** 2)
    >>> slopes = ad.grad(loss)(line, 3.0, 5.0)
    >>> slopes.slope, slopes.offset
    (array(12.), array(4.))
    >>> trained = ad.tree.map(lambda p, g: p - 0.05 * g, line, slopes)
    >>> round(float(trained(3.0)), 12)
    5.0
    """

    __slots__ = ("_closed", "_forms")

    _forms: Forms | None

    takes_rng = Derived(takes_rng)
    keeps_statistics = Derived(keeps_statistics)

    def __init_subclass__(cls, static: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if vars(cls).get("__slots__"):
            msg = (
                f"{cls.__name__} has __slots__: a module's arrays are found in its "
                "__dict__. Leave __slots__ (or slots=True) away."
            )
            raise TypeError(msg)
        cls._static = (*cls._static, *static)
        if "__eq__" not in vars(cls):
            # Modules are themselves alone; a dataclass would compare its arrays.
            cls.__eq__, cls.__hash__ = object.__eq__, object.__hash__  # type: ignore[method-assign]
        ad.tree.register(cls, _flatten, _Unflatten(cls), named=True)

    def __setattr__(self, name: str, value: Any) -> None:
        if getattr(self, "_closed", False):
            _refuse(self, "set", name)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        if getattr(self, "_closed", False):
            _refuse(self, "delete", name)
        object.__delattr__(self, name)

    def __getstate__(self) -> Any:
        return vars(self), self._forms

    def __setstate__(self, state: Any) -> None:
        attributes, forms = state
        vars(self).update(attributes)
        _close(self, forms)

    def parameters(self) -> dict[str, Any]:
        """Return the arrays by their dotted names, in the order of the tree.

        Examples
        --------
        >>> import numpy as np
        >>> import adjoint as ad
        >>> layer = ad.nn.Linear(3, 2, rng=np.random.default_rng(0))
        >>> {name: array.shape for name, array in layer.parameters().items()}
        {'weight': (3, 2), 'bias': (2,)}
        """
        return named_parameters(self)

    def with_parameters(self, parameters: dict[str, Any]) -> Any:
        """Return a module like this one with other arrays, given by their names.

        Parameters
        ----------
        parameters : dict of str to array
            All of them, as `parameters` returns them.

        Raises
        ------
        ValueError
            If a name is missing, or one is not known.
        ShapeError
            If an array has another shape than the one it replaces.

        Examples
        --------
        >>> import numpy as np
        >>> import adjoint as ad
        >>> layer = ad.nn.Linear(1, 1, rng=np.random.default_rng(0))
        >>> other = layer.with_parameters({"weight": np.eye(1), "bias": np.ones(1)})
        >>> other(np.array([2.0]))
        array([3.])
        """
        return with_named_parameters(self, parameters)

    def summary(self) -> str:
        """Return a table of the layers: their names, shapes and numbers of parameters.

        Examples
        --------
        >>> import numpy as np
        >>> import adjoint as ad
        >>> rng = np.random.default_rng(0)
        >>> nn = ad.nn
        >>> model = nn.Sequential(nn.Linear(4, 3, rng=rng), nn.relu,
        ...                       nn.Linear(3, 2, rng=rng))
        >>> print(model.summary())
        name      layer       parameters               number
        ------------------------------------------------------
                  Sequential                               23
        layers.0  Linear      weight (4, 3), bias (3,)     15
        layers.2  Linear      weight (3, 2), bias (2,)      8
        ------------------------------------------------------
        23 parameters, 184 bytes
        """
        return summary(self)

    def __repr__(self) -> str:
        return as_text(self)


def _refuse(module: Module, verb: str, name: str) -> None:
    kind = type(module).__name__
    msg = (
        f"cannot {verb} `{name}` of this {kind}: a module does not change once it is "
        "made, so that what it computes hangs on its arguments alone. Return new "
        "values (statistics, states) from `__call__`, or make another module with "
        "`with_parameters` or `adjoint.tree.map`."
    )
    raise AttributeError(msg)


def _close(module: Module, forms: Forms | None) -> None:
    """Close a module; ``forms``: where its children are, if that is settled."""
    object.__setattr__(module, "_forms", forms)
    object.__setattr__(module, "_closed", True)


def _flatten(module: Module) -> tuple[Any, ...]:
    """Return a module's children, its forms by attribute, and the children's names."""
    children: list[Any] = []
    attributes = vars(module)
    forms = getattr(module, "_forms", None)
    if forms is None:
        forms = forms_of(attributes, module._static, children)
        if forms.fixed and getattr(module, "_closed", False):
            _close(module, forms)
    else:
        for name, form in forms.by_name:
            if form is LEAF:
                children.append(attributes[name])
            elif type(form) is Nest:
                collect(form, attributes[name], children)
    return children, forms, forms.names


class _Unflatten:
    """What makes a module of a class from its parts, without ``__init__``."""

    def __init__(self, cls: type[Module]) -> None:
        self._cls = cls

    def __call__(self, forms: Forms, children: Iterable[Any]) -> Module:
        made: Module = object.__new__(self._cls)
        attributes = vars(made)
        children = [*children]
        rest = iter(children)
        for name, form in forms.by_name:
            attributes[name] = next(rest) if form is LEAF else put_together(form, rest)
        _close(made, forms if forms.fixed or not _found_again(children) else None)
        return made


def _found_again(children: list[Any]) -> bool:
    """Tell whether all children are what a module is searched for when it is flattened.

    In a tree of anything else (shapes, labels) only the forms tell where they are.
    """
    return all(is_array(one) or is_container(one) for one in children)
