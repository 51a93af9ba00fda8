"""Every exception and warning of Adjoint, in one tree.

.. code-block:: text

    AdjointError
    ├── ConversionError      a traced value was asked to become a plain number or array
    ├── InputError           an argument cannot be differentiated (type, dtype)
    ├── OutputError          a result cannot be differentiated (shape, dtype)
    ├── ShapeError           a tangent, cotangent or batch axis has the wrong shape
    ├── TreeError            two nested containers should have one structure
    ├── MissingRuleError     a function, keyword or index has no derivative rule
    │   └── MissingAttributeError   an ndarray attribute that traced values lack
    ├── MutationError        an in-place write that derivatives could not follow
    ├── StaleError           an array kept for the backward pass was changed meanwhile
    ├── LeakError            a traced value outlived the transform that made it
    ├── GraphError           a graph cannot do what was asked of it
    │   └── GuardError       a function would go another way than its graph
    ├── BatchedControlError  Python asked for one truth value of a whole batch
    ├── NonFiniteError       a NaN or infinity was made of finite numbers (``ad.debug``)
    ├── CheckError           ``check_grads`` found derivatives that disagree
    └── CheckpointError      a file is not the checkpoint it should be

    AdjointWarning
    ├── BatchFallbackWarning ``vmap`` runs a function in a loop
    ├── NoInfluenceWarning   an argument does not influence the result
    ├── NonFiniteWarning     a derivative is nan since nan was given (``ad.debug``)
    ├── ConventionWarning    there is no unique derivative: a convention was taken
    └── UndefinedDerivativeWarning   a derivative where there is none: nan
"""

import linecache
import os
import sys
import warnings
from types import FrameType

__all__ = [
    "AdjointError",
    "AdjointWarning",
    "BatchFallbackWarning",
    "BatchedControlError",
    "CheckError",
    "CheckpointError",
    "ConventionWarning",
    "ConversionError",
    "GraphError",
    "GuardError",
    "InputError",
    "LeakError",
    "MissingAttributeError",
    "MissingRuleError",
    "MutationError",
    "NoInfluenceWarning",
    "NonFiniteError",
    "NonFiniteWarning",
    "OutputError",
    "ShapeError",
    "StaleError",
    "TreeError",
    "UndefinedDerivativeWarning",
]


class AdjointError(Exception):
    """Base of every error that Adjoint raises on purpose.

    Each carries a note, shown under the message, that says where to read more.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        name = type(self).__name__
        self.add_note(
            f"Cause, example and cure: docs/errors.md#{name.lower()}, or "
            f"help(adjoint.errors.{name})."
        )


class ConversionError(AdjointError, TypeError):
    """A traced value was asked to become a plain number or array.

    Cause: ``float(x)``, ``math.sin(x)``, ``np.array([x, 1.0])``, ``z[i] = x`` with a
    plain ``z``, ``round(x)``, pickling.  Example: ``ad.grad(lambda x: math.sin(x))``.
    Cure: the ``np.`` function of the same name, ``np.stack``, or
    ``ad.stop_gradient(x)`` where the value alone is wanted.
    """

    advice: str = ""
    """The part of the text that says what helps in general."""
    explained: bool = False
    """Whether the text says all: nothing is added of where the value went."""


class InputError(AdjointError, TypeError):
    """An argument to differentiate is not a real floating-point number or array.

    Cause: integer or boolean arrays, strings, ``None``; complex numbers where one
    derivative cannot say how both parts change.  Example:
    ``ad.grad(f)(np.arange(3))``.  Cure: ``x.astype(float)``, or leave the argument out
    of ``argnums``.
    """


class OutputError(AdjointError, TypeError):
    """A result cannot be differentiated in the way that was asked.

    Cause: ``grad`` of a function whose result is an array, a complex number or no
    number.  Example: ``ad.grad(np.sin)(np.ones(3))``.  Cure: return one real number,
    or use ``ad.jacobian`` or ``ad.elementwise_grad``.
    """


class ShapeError(AdjointError, ValueError):
    """A tangent, cotangent or mapped axis has another shape than its partner.

    Example: ``ad.jvp(np.sin, (np.ones(3),), (np.ones(2),))``.  Cure: give each
    tangent its primal's shape, each cotangent its output's shape.
    """


class TreeError(AdjointError, ValueError):
    """Two nested containers that belong together have different structures.

    Example: a pullback of a function that returns a pair, called with one array.
    Cure: build the second container like the first, as with ``ad.tree.map``.
    """


class MissingRuleError(AdjointError, TypeError):
    """A function was called on a traced value but has no derivative rule.

    Example: ``ad.grad(lambda x: scipy.special.mathieu_a(1.0, x))``.  Cure: write it
    with functions that have rules, or give it one with ``ad.extend.implements``.
    """


class MissingAttributeError(MissingRuleError, AttributeError):
    """An ndarray attribute was asked of a traced value that does not carry it.

    Example: ``x.ctypes`` or ``x.tobytes`` inside a differentiated function.  Cure: what
    the message says, or ``ad.stop_gradient(x)`` where the value is wanted.
    """


class MutationError(AdjointError, TypeError):
    """An in-place write that derivatives could not follow.

    Example: ``np.add(z, x, out=z)`` with a plain ``z``, or ``y[0] = 1.0`` while an
    inner transform runs that was given ``y``.  Cure: build a new array (``z = z + x``,
    ``np.where``, ``np.stack``), or write into a copy.
    """


class ReadOnlyViewError(ValueError):
    """What NumPy raises too: a write into a view that it does not let write into."""


class StaleError(AdjointError, RuntimeError):
    """An array kept for the backward pass was changed before it was used.

    Example: ``y = x * buffer`` followed by a write through an older view of
    ``buffer``.  Cure: ``x * buffer.copy()``.
    """


class LeakError(AdjointError, RuntimeError):
    """A traced value was used after its transform had ended.

    Example: a function that stores its argument in a global list, read later.
    Cure: return the value (or pass it out with ``has_aux=True``).
    """


class GraphError(AdjointError, ValueError):
    """A graph cannot do what was asked of it.

    Example: ``ad.Graph.of(y)(2.0)`` (which way Python would have gone for other values
    of variables is not known), a table of a graph whose result is an array without
    ``seed=``, variables of two threads in one operation.  Cure: ``ad.trace(f)(*args)``,
    a seed, variables made by the thread that uses them.
    """


class GuardError(GraphError):
    """A graph was called with inputs for which its function would go another way.

    Cause: an ``if``, a loop or an index that depends on values, as they were when the
    function was recorded.  Example: ``ad.trace(lambda x: x if x > 0 else -x)(1.0)``
    called with ``-1.0``.  Cure: record it again for those inputs.
    """


class BatchedControlError(AdjointError, TypeError):
    """Python asked for one truth value or integer of a batch of values.

    Example: ``ad.vmap(f, fallback="raise")`` of a function with ``if x > 0:``.
    Cure: ``np.where``, or the default ``fallback="loop"``.
    """

    def __init__(self, message: str, trace: object = None) -> None:
        super().__init__(message)
        self.trace = trace  # the batching transform whose values were asked


class NonFiniteError(AdjointError, ArithmeticError):
    """An operation made a NaN or an infinity of finite numbers, under `adjoint.debug`.

    Example: ``ad.grad(np.sqrt, debug=True)(0.0)``.  Cure: what the message says of the
    operation; most often a safe number in the place of the one named.

    Attributes
    ----------
    file : str
    line : int
    text : str
        The line in the user's code.
    operation : str
        What the user called there: ``"np.sqrt"``.
    phase : str
        ``"forward"`` for a value, ``"backward"`` for a derivative in reverse mode,
        ``"tangent"`` for one in forward mode.
    at : tuple of int
        The index in the array that is not finite; of a batch, the sample first.
    operands : tuple
        The numbers there; ``None`` for those that belong to no one place.
    """

    file: str = ""
    line: int = 0
    text: str = ""
    operation: str = ""
    phase: str = ""
    at: tuple[int, ...] = ()
    operands: tuple[object, ...] = ()


class CheckError(AdjointError, AssertionError):
    """``check_grads`` or a law found two derivatives that should agree and do not.

    Cause: a rule of your own that is wrong, a kink or a jump near the point, or a
    function whose numbers are too large or too small for difference quotients.
    Example: ``ad.check_grads(np.abs, (1e-9,))``.  Cure: the rule, another point, or
    other tolerances.
    """


class CheckpointError(AdjointError, ValueError):
    """A file is no checkpoint, is damaged, or holds another tree or training.

    Cause: a file of another program, one cut short, a model of other shapes, a training
    of other data or batches.  Example: ``ad.nn.load("notes.txt", like=model)``.  Cure:
    the right file, or a ``like`` as the tree was when it was saved.  The file is left
    as it is.
    """


class AdjointWarning(UserWarning):
    """Base of every warning that Adjoint issues."""


class BatchFallbackWarning(AdjointWarning):
    """``vmap`` met Python control flow on batched values and loops instead.

    The results are right; it takes as long as a loop.  Example:
    ``ad.vmap(lambda x: x if x > 0.0 else -x)(np.ones(3))``.  Cure: ``np.where`` in the
    place of ``if``.  ``fallback="raise"`` finds where, ``"loop"`` means the loop.
    """


class NoInfluenceWarning(AdjointWarning):
    """A whole argument does not influence the result: its gradient is always zero.

    Given within ``ad.debug(inputs=True)`` and by ``ad.diagnose``.  Cure: leave the
    argument out of ``argnums``, or look why it is not used.
    """


class NonFiniteWarning(AdjointWarning):
    """A derivative is nan since the function was given nan, under `adjoint.debug`.

    No operation has made it of finite numbers, so there is no `NonFiniteError`.
    Example: ``ad.grad(lambda x: x * x, debug=True)(np.nan)``.  Cure: look into the
    arguments and the data; a number in the place of what is missing.
    """


class UndefinedDerivativeWarning(AdjointWarning):
    """A derivative was asked for where no limit and no convention gives one: it is nan.

    Example: ``ad.grad(np.arctan2)(0.0, 0.0)``.  Cure: keep away from that point, with
    ``np.where`` on the arguments.
    """


class ConventionWarning(AdjointWarning):
    """A derivative follows a convention, where mathematics gives none or several.

    Cause: a matrix that is not symmetric given to ``eigh``, ``eigvalsh`` or
    ``cholesky``; equal eigenvalues or singular values whose vectors matter; a defective
    matrix given to ``eigvals`` or ``eig``, a multiple root; a matrix of lower rank
    given to ``pinv``, ``lstsq``, ``slogdet`` or ``qr``; a polynomial whose last
    coefficient is 0.  Example:
    ``ad.grad(lambda a: np.linalg.eigh(a)[1][0, 1])(np.eye(2))``.  Cure: change the
    matrix or the function, or silence this warning by its name; the page of conventions
    says what is taken.
    """


def warn_of_convention(message: str) -> None:
    """Issue a `ConventionWarning` at the user's line."""
    warn_the_user(message, ConventionWarning)


def warn_the_user(message: str, category: type[Warning] = RuntimeWarning) -> None:
    """Issue a warning at the user's line; one of NumPy's own, by default.

    One of ours says where to read more.
    """
    if issubclass(category, AdjointWarning):
        message += f" More: docs/errors.md#{category.__name__.lower()}"
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and is_library(frame.f_code.co_filename):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level + 1)


# By string, not by pathlib: frames carry their file names in just this spelling, and
# nothing else that ``import adjoint`` loads needs pathlib.
PACKAGE = __file__.rpartition(f"{os.sep}_core{os.sep}")[0] + os.sep
"""The folder of this package, with a separator at its end."""
_EXAMPLES = (PACKAGE + "_demo" + os.sep,)


_NOT_THE_USERS = (PACKAGE, "<frozen", "<__array_function__", "<adjoint")


def is_refused_write(error: Exception) -> bool:
    """Tell whether somebody wrote into an array, or a view of ours, that is read-only.

    An `AdjointError` that is a ValueError says more than that.
    """
    ours = isinstance(error, AdjointError)
    return isinstance(error, ValueError) and not ours and "read-only" in str(error)


def is_ours(filename: str) -> bool:
    """Tell whether a code's file is one of this package, or made by it."""
    ours = filename.startswith((PACKAGE, "<adjoint"))
    return ours and not filename.startswith(_EXAMPLES)


def is_library(filename: str) -> bool:
    """Tell whether a file belongs to this package or an installed one, not the user."""
    if filename.startswith(_EXAMPLES):
        return False
    return (
        filename.startswith(_NOT_THE_USERS)
        or f"{os.sep}numpy{os.sep}" in filename
        or f"{os.sep}site-packages{os.sep}" in filename
    )


_LONGEST = 80  # characters of a source line that a message quotes


def user_line() -> str:
    """Return where in the user's code we are, as ``" (file.py, line 3: z[0] = x)"``.

    The innermost frame outside this package and installed ones counts; the text is
    empty where there is none.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_library(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        return ""
    name = frame.f_code.co_filename.rpartition(os.sep)[2]
    source = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
    if len(source) > _LONGEST:
        source = source[:_LONGEST] + " ..."
    quoted = f": `{source}`" if source else ""
    return f" ({name}, line {frame.f_lineno}{quoted})"


def leak_message() -> str:
    """Return the sentence for a traced value that outlived its transform."""
    return (
        "A traced value was used after the transform that made it had ended"
        f"{user_line()}. The differentiated function probably stored it in a global, "
        "an attribute or a container: return it instead, pass it out with "
        "has_aux=True, or store ad.stop_gradient(x)."
    )
