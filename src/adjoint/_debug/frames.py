"""Tracebacks without the frames of this package."""

from types import TracebackType

from adjoint._core.errors import is_library, is_ours


def without_ours(traceback: TracebackType | None) -> TracebackType | None:
    """Return a traceback that ends in the user's code, without frames of this package.

    Nothing is left of one that never comes there; the frames of the callers are added
    when the error goes on to them.
    """
    steps = []
    step = traceback
    while step is not None:
        steps.append(step)
        step = step.tb_next
    while steps and is_library(steps[-1].tb_frame.f_code.co_filename):
        steps.pop()
    shown: TracebackType | None = None
    for one in reversed(steps):
        if not is_ours(one.tb_frame.f_code.co_filename):
            shown = TracebackType(shown, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return shown
