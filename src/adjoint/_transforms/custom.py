"""Functions with derivative rules of the user's own."""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._clone.runs import followed
from adjoint._control.custom_call import CustomCall, Values, apply_custom
from adjoint._core.arrays import Value, describe, is_array_like, shape_of
from adjoint._core.buffers import plain
from adjoint._core.errors import (
    InputError,
    MissingRuleError,
    MutationError,
    ShapeError,
    TreeError,
    is_refused_write,
)
from adjoint._core.handle import Handle
from adjoint._core.tree import (
    Structure,
    describe_structure,
    flatten,
    map_leaves,
    same_structure,
    unflatten,
)
from adjoint._core.views import read_only, snapshot
from adjoint._transforms.matching import own
from adjoint._transforms.running import function_name


class _Arguments:
    """One call's arguments, cut into fixed ones, arrays, and what is neither.

    Attributes
    ----------
    fixed : list
        The arguments named by ``nondiff_argnums``.
    arrays : list of values
        The numbers and arrays in the others.
    """

    def __init__(self, args: Sequence[Any], fixed: Sequence[int]) -> None:
        fixed = [k % len(args) for k in fixed]
        self._places = fixed
        self.fixed = [args[k] for k in fixed]
        rest = tuple(arg for k, arg in enumerate(args) if k not in fixed)
        self._leaves, self._structure = flatten(rest)
        self._numbers = [
            k for k, leaf in enumerate(self._leaves) if is_array_like(leaf)
        ]
        self.arrays = [self._leaves[k] for k in self._numbers]
        self.count = len(rest)

    def rest(self, arrays: Values, other: Callable[[Any], Any] = lambda x: x) -> Any:
        """Return the tuple of differentiable arguments with other arrays in place."""
        leaves = [other(leaf) for leaf in self._leaves]
        for k, value in zip(self._numbers, arrays, strict=True):
            leaves[k] = value
        return unflatten(self._structure, leaves)

    def all(self, arrays: Values) -> list[Any]:
        """Return all positional arguments with other arrays in place."""
        args = list(self.rest(arrays))
        for place, value in sorted(zip(self._places, self.fixed, strict=True)):
            args.insert(place, value)
        return args

    def cotangents(self, given: Any, name: str) -> Values:
        """Return what a backward rule gave, one entry per array, checked.

        Raises
        ------
        TreeError
            If it is no tuple with one tree per argument.
        ShapeError
            If a cotangent does not have its argument's shape.
        """
        if not isinstance(given, (tuple, list)) or len(given) != self.count:
            msg = (
                f"The backward rule of {name} must return a tuple with one cotangent "
                f"for each of its {self.count} arguments; it returned a "
                f"{type(given).__name__}."
            )
            raise TreeError(msg)
        bars: list[Any] = []
        for tree, bar in zip(self.rest(self.arrays), given, strict=True):
            leaves, structure = flatten(tree)
            parts, other = flatten(bar) if bar is not None else ([], None)
            if bar is not None and not same_structure(structure, other):
                msg = (
                    f"The backward rule of {name} returned "
                    f"{describe_structure(other)} for an argument that is "
                    f"{describe_structure(structure)}. Return one cotangent for each "
                    "of its arrays, in the same containers."
                )
                raise TreeError(msg)
            bars.extend([None] * len(leaves) if bar is None else parts)
        return [
            _checked(bars[k], leaf, name)
            for k, leaf in zip(self._numbers, self.arrays, strict=True)
        ]


def _checked(bar: Value, leaf: Value, name: str) -> Value:
    if isinstance(bar, (int, float)) and not isinstance(bar, np.generic):
        bar = np.float64(bar)
    if bar is not None and not is_array_like(bar):
        msg = f"The backward rule of {name} returned {describe(bar)}. Return numbers."
        raise TreeError(msg)
    if bar is None or shape_of(bar) == shape_of(leaf):
        return bar
    msg = (
        f"The backward rule of {name} returned a cotangent of shape {shape_of(bar)} "
        f"for an argument of shape {shape_of(leaf)}. Sum it over the broadcast axes."
    )
    raise ShapeError(msg)


def _run_apart(rule: Callable[..., Any], *args: Any) -> Any:
    """Return what a rule returns, copied as far as anybody holds on to it.

    A buffer that each call fills anew would change under those who go on using it.
    """
    given = followed(rule)(*args)
    leaves, structure = flatten(given)
    del given  # it holds the leaves too
    return unflatten(structure, [_let_go(leaves, k) for k in range(len(leaves))])


def _let_go(leaves: list[Any], k: int) -> Any:
    leaf = plain(leaves[k])
    if isinstance(leaf, Handle):
        return leaf if leaf.link is None else snapshot(leaf)
    return own(leaf, leaf.dtype) if type(leaf) is np.ndarray else leaf


class _CustomRule:
    """What both kinds share: a function, its fixed arguments, and how it is called."""

    _wanted = ""

    def __init__(
        self, fun: Callable[..., Any], nondiff_argnums: Sequence[int] = ()
    ) -> None:
        functools.update_wrapper(self, fun, updated=())
        self._fun = fun
        self._fixed = tuple(nondiff_argnums)
        self._signature = _signature(fun)
        self._rules: tuple[Callable[..., Any], ...] = ()

    @property
    def rules(self) -> tuple[Callable[..., Any], ...]:
        """The rule, or its two halves; nothing as long as none was given."""
        return self._rules

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self._rules:
            name = function_name(self._fun)
            msg = f"{name} has no derivative rule yet: give it one with {self._wanted}."
            raise MissingRuleError(msg)
        args = self._positional(args, kwargs)
        arguments = _Arguments(args, self._fixed)
        outputs = _Outputs()
        outs = apply_custom(self._call(arguments, outputs), arguments.arrays)
        return unflatten(outputs.structure, outs)

    def _positional(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, ...]:
        """Return all arguments by position, defaults included: what the rules take.

        Raises
        ------
        InputError
            If the function takes keyword-only arguments: rules have no place for them.
        """
        by_keyword = tuple(kwargs)
        if self._signature is not None:
            bound = self._signature.bind(*args, **kwargs)
            by_keyword = tuple(bound.kwargs)
            bound.apply_defaults()
            args = bound.args
        if by_keyword:
            msg = (
                f"{function_name(self._fun)} was given {', '.join(by_keyword)} by "
                "keyword only, which a derivative rule has no place for. Make it "
                "positional, and name it in nondiff_argnums if it is no array."
            )
            raise InputError(msg)
        return args

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def _call(self, arguments: _Arguments, outputs: "_Outputs") -> CustomCall:
        return CustomCall(
            function_name(self._fun),
            lambda arrays: outputs.flatten(followed(self._fun)(*arguments.all(arrays))),
        )


def _signature(fun: Callable[..., Any]) -> inspect.Signature | None:
    """Return a Python function's signature; ``None`` for NumPy's and those in C.

    Their defaults (``out=None``, ``decimals=0``) are no arguments of a rule.
    """
    return (
        inspect.signature(fun)
        if inspect.isroutine(fun) and hasattr(fun, "__code__")
        else None
    )


class _Outputs:
    """The tree of a function's results, known once it has run."""

    structure: Structure = None

    def flatten(self, out: Any) -> Values:
        """Return the leaves of a result, and remember its tree."""
        leaves, self.structure = flatten(out)
        return [plain(leaf) for leaf in leaves]


class custom_jvp(_CustomRule):  # noqa: N801 - used as a decorator, named as in JAX
    """A function with a pushforward of the user's own.

    Decorate the function, then give its rule with ``defjvp``.  The rule serves forward
    mode as it is, reverse mode by transposition, and batching.

    Parameters
    ----------
    fun : callable
        The function.
    nondiff_argnums : sequence of int
        Positions of arguments that are not differentiated; the rule gets them first.

    Raises
    ------
    MissingRuleError
        When called before a rule was given.

    Notes
    -----
    The rule's second result must be linear in the tangents.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> @ad.custom_jvp
    ... def safe_norm(x):
    ...     return np.sqrt(np.sum(x * x))
    >>> @safe_norm.defjvp
    ... def _(primals, tangents):
    ...     (x,), (x_dot,) = primals, tangents
    ...     out = safe_norm(x)
    ...     return out, np.sum(x * x_dot) / np.where(out == 0, 1.0, out)
    >>> ad.grad(safe_norm)(np.zeros(2))
    array([0., 0.])
    """

    _wanted = "f.defjvp(rule)"

    def defjvp(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Give the rule: ``rule(primals, tangents) -> (out, out_tangent)``.

        Parameters
        ----------
        rule : callable
            Takes the tuple of arguments and the tuple of their tangents (after any
            ``nondiff_argnums``); returns the function's result and its tangent.

        Returns
        -------
        callable
            The rule itself, so that ``defjvp`` can be used as a decorator.
        """
        self._rules = (rule,)
        return rule

    def _call(self, arguments: _Arguments, outputs: _Outputs) -> CustomCall:
        (rule,) = self._rules
        name = function_name(self._fun)

        def push(arrays: Values, dots: Values) -> tuple[Values, Values]:
            pair = _run_apart(
                rule,
                *arguments.fixed,
                arguments.rest(arrays),
                arguments.rest(dots, lambda _leaf: None),
            )
            out, out_dot = _pair(pair, f"The rule of {name} must return (out, tangent)")
            outs = outputs.flatten(out)
            out_dots, structure = flatten(out_dot)
            if not same_structure(structure, outputs.structure):
                msg = (
                    f"The rule of {name} returned a tangent in other containers than "
                    f"its result: {describe_structure(structure)}, not "
                    f"{describe_structure(outputs.structure)}. Return one tangent for "
                    "each array of the result, in the same containers."
                )
                raise TreeError(msg)
            return outs, [
                _checked_tangent(dot, leaf, name)
                for dot, leaf in zip(out_dots, outs, strict=True)
            ]

        evaluate = super()._call(arguments, outputs).evaluate
        return CustomCall(name, evaluate, push=push)


def _pair(given: Any, what: str) -> tuple[Any, Any]:
    """Return the two things a rule must return.

    Raises
    ------
    TreeError
        If it returned anything but a tuple of two.
    """
    if not isinstance(given, tuple) or len(given) != 2:
        msg = f"{what}; it returned {describe(given)}."
        raise TreeError(msg)
    return given


def _checked_tangent(dot: Value, out: Value, name: str) -> Value:
    if shape_of(dot) == shape_of(out):
        return dot
    msg = (
        f"The rule of {name} returned a tangent of shape {shape_of(dot)} for a result "
        f"of shape {shape_of(out)}. Return one of the shape of the result."
    )
    raise ShapeError(msg)


class custom_vjp(_CustomRule):  # noqa: N801 - used as a decorator, named as in JAX
    """A function with a pullback of the user's own.

    Decorate the function, then give its rule with ``defvjp``.  The rule serves reverse
    mode as it is, forward mode by transposition, and batching.

    Parameters
    ----------
    fun : callable
        The function.
    nondiff_argnums : sequence of int
        Positions of arguments that are not differentiated; ``bwd`` gets them first.

    Raises
    ------
    MissingRuleError
        When called before a rule was given.

    Notes
    -----
    ``bwd`` must be linear in the cotangent.  A second derivative differentiates ``fwd``
    and ``bwd`` themselves.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> @ad.custom_vjp
    ... def log1pexp(x):
    ...     return np.log1p(np.exp(x))
    >>> log1pexp.defvjp(
    ...     lambda x: (log1pexp(x), x),
    ...     lambda x, out_bar: (out_bar / (1.0 + np.exp(-x)),),
    ... )
    >>> ad.grad(log1pexp)(0.0), ad.jvp(log1pexp, (0.0,), (1.0,))[1]
    (np.float64(0.5), np.float64(0.5))
    """

    _wanted = "f.defvjp(fwd, bwd)"

    def defvjp(self, fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """Give the rule in two halves.

        Parameters
        ----------
        fwd : callable
            Takes the arguments of the function, returns ``(out, residuals)``.
        bwd : callable
            ``bwd(residuals, out_bar)`` (after any ``nondiff_argnums``) returns a tuple
            with one cotangent per argument, ``None`` for zero.
        """
        self._rules = (fwd, bwd)

    def _call(self, arguments: _Arguments, outputs: _Outputs) -> CustomCall:
        fwd, bwd = self._rules
        name = function_name(self._fun)

        def forward(arrays: Values) -> tuple[Values, Any]:
            pair = followed(fwd)(*arguments.all(arrays))
            what = f"The forward rule of {name} must return (out, residuals)"
            out, residuals = _pair(pair, what)
            return outputs.flatten(out), map_leaves(plain, residuals)

        def pull(residuals: Any, bars: Values) -> Values:
            # Others go on using them: the tape, or who gave the cotangent.
            kept = map_leaves(read_only, residuals)
            out_bar = unflatten(outputs.structure, list(map(read_only, bars)))
            try:
                given = _run_apart(bwd, *arguments.fixed, kept, out_bar)
            except ValueError as error:
                if not is_refused_write(error):
                    raise
                msg = (
                    f"The backward rule of {name} writes into a residual or cotangent "
                    "that it was given. Write into a copy (out_bar.copy())."
                )
                raise MutationError(msg) from error
            return arguments.cotangents(given, name)

        evaluate = super()._call(arguments, outputs).evaluate
        return CustomCall(name, evaluate, forward=forward, pull=pull)
