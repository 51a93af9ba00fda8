"""The section of the textbook gradient."""

from pathlib import Path

from adjoint._demo.section import Lines, Outcome, Section
from adjoint._demo.textbook import gradients


def lines(_folder: Path) -> Lines:
    """Give the textbook gradient by every method."""
    x1, x2 = gradients.POINT
    along_x1, along_x2 = gradients.dual_numbers(x1, x2)
    yield f"f(x1, x2) = ln x1 + x1 x2 - sin x2 at ({x1:g}, {x2:g}), with dual numbers:"
    yield f"    f({x1} + 1.0ε, {x2}) = {along_x1!s}"
    yield f"    f({x1}, {x2} + 1.0ε) = {along_x2!s}"
    yield ""
    yield f"{'':20}{'f':>17}{'df/dx1':>17}{'df/dx2':>17}{'error':>9}"
    by_hand = gradients.derivative_by_hand(x1, x2)
    for differentiate in (
        gradients.derivative_by_forward_mode,
        gradients.derivative_by_reverse_mode,
        gradients.derivative_by_differences,
        gradients.derivative_by_hand,
    ):
        yield _derivative_line(differentiate(x1, x2), by_hand)
    gradient = gradients.derivative_by_reverse_mode(x1, x2).gradient
    return Outcome(f"gradient {gradient[0]:.15g}, {gradient[1]:.15g} by both modes")


def _derivative_line(found: gradients.Derivative, exact: gradients.Derivative) -> str:
    """Return one method's value and gradient, to 15 digits, and its error."""
    numbers = (found.value, *found.gradient)
    columns = "".join(f"{number:17.15g}" for number in numbers)
    return f"{found.method:20}{columns}{gradients.gradient_error(found, exact):9.0e}"


SECTION = Section("textbook", "A textbook gradient", lines)
