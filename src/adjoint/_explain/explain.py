"""``ad.explain``: a function run once, and all that its derivatives are made of."""

import functools
from collections.abc import Callable
from typing import Any, Literal

from adjoint._core.arrays import describe
from adjoint._core.errors import InputError
from adjoint._explain.data import Asked, data_of
from adjoint._explain.evaluation import Evaluation
from adjoint._explain.report import Report
from adjoint._explain.target import target_of
from adjoint._transforms.arguments import Argnums, check_function
from adjoint._transforms.marking import transform_of


def explain(
    fun: Callable[..., Any],
    mode: Literal["forward", "reverse"] | None = None,
    seed: Any = None,
    *,
    argnums: Argnums | None = None,
    source: bool = True,
    timing: bool = True,
    plain_numpy: bool = True,
) -> Callable[..., Report]:
    r"""Return a function that shows how the derivatives of ``fun`` come about.

    ``fun`` is recorded as a graph, and both sweeps are done over it: tangents
    :math:`\dot v_i = \sum_j \partial v_i / \partial v_j \, \dot v_j` from the inputs
    down, adjoints :math:`\bar v_j = \sum_i \bar v_i \, \partial v_i / \partial v_j`
    from the outputs up, with every summand.  Its numbers are those of `jvp` and `grad`.

    Parameters
    ----------
    fun : callable
        A function, or one made by a transform: ``ad.grad(f)`` is shown as ``f`` with
        its reverse sweep, ``ad.jacfwd(f)`` with its forward sweeps; ``ad.hessian(f)``
        and ``ad.grad(ad.grad(f))`` as the graph of the inner gradient, which the outer
        transform differentiates once more.  ``ad.vmap(f)`` is what it computes.
    mode : {"forward", "reverse"}, optional
        Which sweep is shown first; by default that of the transform, reverse for
        others.  The report holds both.
    seed : value or tree of values, optional
        For that mode: one tangent for each input, or one cotangent for each output.
        By default one seed for each element, as rows or columns of the Jacobian; of
        more than 12 elements, one seed of ones for each array.
    argnums : int or sequence of int, optional
        Positions of the arguments to differentiate by; by default all that are real or
        complex.  Python's integers count as real where there are no others, as in
        ``ad.explain(f)(2, 5)``.  A transform brings its own.
    source : bool
        Whether the report may hold the text of the user's functions.
    timing : bool
        Whether each operation is carried out again to be timed.
    plain_numpy : bool
        As in `grad`.

    Returns
    -------
    callable
        Takes the arguments of ``fun``; returns a `Report`.

    Raises
    ------
    InputError
        If ``fun`` is no function, there is nothing to differentiate by, the seed does
        not fit, or ``mode`` is none of the two.
    OutputError
        If ``fun`` returns no number and no array, or something else than its transform
        differentiates (``ad.grad(f)`` of an array).
    GraphError
        If it is called inside another transform.

    See Also
    --------
    Graph.table : one sweep over a graph, as a table.
    adjoint.explain_rule : what is known of the derivative of one function.

    Notes
    -----
    ``fun`` is run once, its operations about ten times more for their times
    (``timing=False`` leaves that out): some 10 s for 100,000 operations on numbers, 7 s
    without times.  All intermediate values are in memory together,
    as on the tape of reverse mode.

    References
    ----------
    Griewank & Walther 2008, chapter 2; Baydin, Pearlmutter, Radul & Siskind 2018,
    tables 2 and 3.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> def f(x1, x2):
    ...     return np.log(x1) + x1 * x2 - np.sin(x2)
    >>> report = ad.explain(f)(2.0, 5.0)
    >>> report.gradients
    {'x1': np.float64(5.5), 'x2': np.float64(1.7163378145367738)}
    >>> [f"{one:.4g}" for one in report.data["reverse"][0]["adjoint"]]
    ['5.5', '1.716', '1', '1', '1', '-1', '1']
    """
    check_function(fun, "ad.explain")
    asked: Any = mode
    if asked is not None and not isinstance(asked, str):
        msg = (
            "ad.explain takes the function alone and returns one that takes its "
            f"arguments: write ad.explain(f)(x). Given was mode={describe(asked)}."
        )
        raise InputError(msg)
    if mode not in {None, "forward", "reverse"}:
        msg = f'explain takes mode="forward" or mode="reverse"; given was {mode!r}.'
        raise InputError(msg)
    made = transform_of(fun)
    if argnums is not None and made is not None and made.mode is not None:
        msg = (
            "explain was given argnums for a function that a transform made, which has "
            "its own. Give them to the transform: ad.grad(f, argnums=1)."
        )
        raise InputError(msg)

    @functools.wraps(fun, updated=())
    def explained(*args: Any, **kwargs: Any) -> Report:
        target = target_of(
            fun, args, kwargs, argnums=argnums, mode=mode, plain_numpy=plain_numpy
        )
        evaluation = Evaluation(target)
        forward, reverse = (
            seed if target.mode == one else None for one in ("forward", "reverse")
        )
        data, bars = data_of(evaluation, Asked(forward, reverse, source, timing))
        return Report(
            data, target.graph, evaluation.result(), evaluation.gradients(bars)
        )

    return explained
