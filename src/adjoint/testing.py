"""Checks of derivatives: against difference quotients, and mode against mode."""

import contextlib
import functools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adjoint._core.errors import CheckError, ConventionWarning, InputError
from adjoint._core.tree import Tree, flatten, unflatten
from adjoint._numeric.extrapolation import extrapolate
from adjoint._numeric.schemes import central
from adjoint._numeric.values import Form
from adjoint._primitives.linalg._matrices import noting_symmetric
from adjoint._transforms.products import jvp, vjp

__all__ = ["check_grads", "difference_quotient"]

Vectors = list[Any]


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 2,
    modes: Sequence[str] = ("fwd", "rev"),
    atol: float | None = None,
    rtol: float | None = None,
) -> None:
    """Check the derivatives of a function against difference quotients.

    Forward mode: J v against (f(x + h v) - f(x - h v)) / 2h, for a random direction v.
    Reverse mode: <Jᵀ w, v> against <w, J v>, for a random w.  Order k checks the
    derivatives of order k - 1 in the same way, in all nestings of the modes.

    Parameters
    ----------
    f : callable
        Returns real arrays or numbers, in any tree.
    args : sequence
        The point at which to check: the arguments of ``f``.
    order : int
        The highest order of derivatives to check.
    modes : sequence of {"fwd", "rev"}
    atol, rtol : float, optional
        Allowed difference; by default 1e-6 each in float64 and 2e-2 in float32, the
        accuracy of the quotients.

    Raises
    ------
    CheckError
        If two derivatives differ; the message names mode and order and shows both.
    InputError
        If ``modes`` or ``order`` make no sense.

    Notes
    -----
    Where a quotient disagrees it is taken again with steps smaller by 1e2 and 1e4, as
    far as rounding allows: the first may have crossed a kink (``np.maximum``,
    ``np.abs``).  At a kink itself quotients give the mean of both slopes.

    ``cholesky``, ``eigh``, ``eigvalsh`` and ``pinv(hermitian=True)`` read one triangle
    of a matrix and are differentiated as functions of (a + aᴴ)/2.  With them,
    difference quotients agree in symmetric directions only.  So if f calls one of them,
    and the check fails in a direction of all elements, it is made again with symmetric
    (Hermitian) directions for the arguments that are symmetric to the last bit; forward
    and reverse mode must agree in the others too.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> ad.check_grads(lambda x: np.sum(np.exp(np.sin(x))), (np.array([0.3, 2.0]),))
    >>> ad.check_grads(np.linalg.cholesky, (np.array([[2.0, 1.0], [1.0, 3.0]]),))
    """
    if not isinstance(args, (tuple, list)):
        msg = (
            f"check_grads takes the arguments of the function as a tuple; given was a "
            f"{type(args).__name__}. Write (x,)."
        )
        raise InputError(msg)
    unknown = set(modes) - {"fwd", "rev"}
    if unknown or not modes or order < 1:
        msg = (
            "check_grads takes modes 'fwd' and 'rev' and an order of at least 1; "
            f"given were {tuple(modes)} and {order}."
        )
        raise InputError(msg)
    leaves = flatten(tuple(args))[0]
    tolerance = _tolerance(leaves, atol, rtol)
    check = functools.partial(_check, f, tuple(args), order, tuple(modes), tolerance)
    has_symmetric = any(map(_is_symmetric, leaves))
    with noting_symmetric() as functions, warnings.catch_warnings():
        if has_symmetric:  # directions of all elements lead away from that
            warnings.filterwarnings("ignore", _NOT_SYMMETRIC, ConventionWarning)
        try:
            return check()
        except CheckError as error:
            if not functions:
                raise
            if not has_symmetric:
                error.add_note(_hint(functions))
                raise
    return check(symmetric=True)


_NOT_SYMMETRIC = ".* was given a matrix that is not symmetric"


def _hint(functions: set[str]) -> str:
    return (
        f"{' and '.join(sorted(functions))}: of a matrix one triangle is read, and the "
        "derivative is that of the function of (a + a.T) / 2. Difference quotients "
        "agree at an argument that is symmetric to the last bit: pass one."
    )


def _is_symmetric(leaf: Any) -> bool:
    """Tell whether an argument is a symmetric (Hermitian) matrix, or a stack."""
    if type(leaf) is not np.ndarray or leaf.ndim < 2 or leaf.dtype.kind not in "fc":
        return False
    other = np.conjugate(np.swapaxes(leaf, -1, -2))
    return leaf.shape[-1] > 1 and np.array_equal(leaf, other)


def _tolerance(
    leaves: Vectors, atol: float | None, rtol: float | None
) -> tuple[float, float]:
    single = any(getattr(leaf, "dtype", None) == np.float32 for leaf in leaves)
    default = 2e-2 if single else 1e-6
    return (default if atol is None else atol, default if rtol is None else rtol)


def _check(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    order: int,
    modes: tuple[str, ...],
    tolerance: tuple[float, float],
    path: str = "",
    *,
    symmetric: bool = False,
) -> None:
    rng = np.random.default_rng(0)
    v = random_like(rng, args)
    v, whole = (_made_symmetric(args, v), v) if symmetric else (v, None)
    out, pushed = jvp(f, args, v)
    w = random_like(rng, out)
    pulled = vjp(f, *args)[1](w) if "rev" in modes else None

    def compare(expected: Tree) -> None:
        if "fwd" in modes:
            _compare(pushed, expected, tolerance, f"forward mode {path}")
        if "rev" in modes:
            given, quotient = inner(pulled, v), inner(w, expected)
            _compare(given, quotient, tolerance, f"reverse mode {path}")

    _compare_away_from_kinks(compare, f, args, v)
    if whole is not None and "rev" in modes:
        pushed_too = inner(w, jvp(f, args, whole)[1])
        what = f"reverse mode, in directions that are not symmetric, {path}"
        _compare(inner(pulled, whole), pushed_too, tolerance, what)
    if order > 1:
        again = functools.partial(
            _check,
            args=args,
            order=order - 1,
            modes=modes,
            tolerance=tolerance,
            symmetric=symmetric,
        )
        if "fwd" in modes:
            derivative = _pushed(f, v)
            again(derivative, path=f"of forward {path}")
        if "rev" in modes:
            derivative = _pulled(f, w)
            again(derivative, path=f"of reverse {path}")


def _compare_away_from_kinks(
    compare: Callable[[Tree], None], f: Callable[..., Any], args: Any, v: Any
) -> None:
    """Compare with a quotient; if it disagrees, with those of smaller steps too.

    A step across a kink of ``np.maximum`` shows the slope of neither side.  With
    smaller steps a derivative that is right agrees, one that is wrong never does.

    Raises
    ------
    CheckError
        The first one, if no quotient agrees.
    """
    try:
        return compare(difference_quotient(f, args, v))
    except CheckError as error:
        first = error
    for h in _smaller_steps(args, v):
        with contextlib.suppress(CheckError):
            return compare(difference_quotient(f, args, v, h))
    raise first


def _smaller_steps(args: Any, v: Any) -> list[float]:
    """Return the steps that rounding leaves something of: the move, and digits of f."""
    pairs = list(zip(flatten(args)[0], flatten(v)[0], strict=True))
    first = _default_step(flatten(args)[0])
    steps = [first / 1e2] if first > STEP else [first / 1e2, first / 1e4]
    return [h for h in steps if all(_is_seen(x, d, h) for x, d in pairs)]


def _is_seen(x: Any, d: Any, h: float) -> bool:
    """Tell whether the numbers of a leaf move by many times what separates floats."""
    x, d = np.asarray(x), np.asarray(d)
    if not x.size:
        return True
    largest = np.max(np.abs(x)).astype(_float_type(x))
    typical = np.sqrt(np.mean(np.abs(d) ** 2))
    return bool(h * typical > MANY * np.spacing(np.abs(largest)))


MANY = 64.0
STEP, STEP_OF_SINGLES = 2e-3, 2e-2


def _default_step(leaves: Vectors) -> float:
    single = any(getattr(leaf, "dtype", None) == np.float32 for leaf in leaves)
    return STEP_OF_SINGLES if single else STEP


def _made_symmetric(args: Tree, v: Tree) -> Tree:
    """Return a direction that is symmetric where the arguments are."""
    leaves, structure = flatten(args)
    parts = [
        (d + np.conjugate(np.swapaxes(d, -1, -2))) / 2 if _is_symmetric(leaf) else d
        for leaf, d in zip(leaves, flatten(v)[0], strict=True)
    ]
    return unflatten(structure, parts)


def _pushed(f: Callable[..., Any], v: Tree) -> Callable[..., Any]:
    return lambda *args: jvp(f, args, v)[1]


def _pulled(f: Callable[..., Any], w: Tree) -> Callable[..., Any]:
    return lambda *args: vjp(f, *args)[1](w)


def difference_quotient(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    v: tuple[Any, ...],
    h: float | None = None,
) -> Tree:
    """Return the central difference quotient of ``f`` in one direction, extrapolated.

    (4 D(h/2) - D(h)) / 3 with D(h) = (f(x + h v) - f(x - h v)) / 2h: error O(h⁴).

    Parameters
    ----------
    f : callable
    args, v : tuple
        The point and the direction, of one tree.
    h : float, optional
        The larger step; by default 2e-3, with float32 2e-2.

    Returns
    -------
    tree
        Like the result of ``f``.

    References
    ----------
    Richardson 1911; Press et al., *Numerical Recipes*, section 5.7.

    Examples
    --------
    >>> import numpy as np
    >>> from adjoint.testing import difference_quotient
    >>> round(float(difference_quotient(np.sin, (0.0,), (1.0,))), 8)
    1.0
    """
    leaves, structure = flatten(args)
    directions, _ = flatten(v)
    h = _default_step(leaves) if h is None else h
    form = Form(f(*args))

    def line(t: Any) -> tuple[float, Any]:
        moved = [_moved(x, t, d) for x, d in zip(leaves, directions, strict=True)]
        return t, form.vector(f(*unflatten(structure, moved)))

    return form.tree(extrapolate(central(line, h), central(line, h / 2), 4.0))


def _moved(x: Any, t: float, d: Any) -> Any:
    dtype = getattr(x, "dtype", None)
    moved = x + t * d
    return moved if dtype is None else moved.astype(dtype)


def random_like(rng: "np.random.Generator", tree: Tree) -> Tree:
    """Return a tree of normally distributed numbers, in another's shapes and dtypes."""
    leaves, structure = flatten(tree)
    return unflatten(structure, [_normal(rng, leaf) for leaf in leaves])


def _normal(rng: "np.random.Generator", leaf: Any) -> Any:
    shape, dtype = np.shape(leaf), _float_type(leaf)
    numbers = np.asarray(rng.standard_normal(shape))
    if dtype.kind == "c":
        numbers = numbers + 1j * rng.standard_normal(shape)
    return numbers.astype(dtype)[()]


def _float_type(leaf: Any) -> Any:
    dtype = np.dtype(complex if type(leaf) is complex else float)
    dtype = getattr(leaf, "dtype", dtype)
    return dtype if dtype.kind in "fc" else np.dtype(float)


def inner(one: Tree, other: Tree) -> float:
    """Return the pairing of two trees: the real part of the sum of all products."""
    pairs = zip(flatten(one)[0], flatten(other)[0], strict=True)
    return float(sum(np.sum(np.real(np.asarray(a) * np.asarray(b))) for a, b in pairs))


def _compare(
    given: Tree, expected: Tree, tolerance: tuple[float, float], what: str
) -> None:
    atol, rtol = tolerance
    pairs = zip(flatten(given)[0], flatten(expected)[0], strict=True)
    for one, other in pairs:
        scale = float(np.max(np.abs(other), initial=0.0))
        if not np.allclose(one, other, rtol=rtol, atol=atol + rtol * scale):
            msg = (
                f"check_grads: {what.strip()} gives\n{one}\nbut difference quotients "
                f"give\n{other}\n(largest difference "
                f"{float(np.max(np.abs(np.asarray(one) - other))):.3g}, atol={atol:g}, "
                f"rtol={rtol:g})."
            )
            raise CheckError(msg)
