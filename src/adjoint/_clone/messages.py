"""What a conversion error says of where the traced value went.

The error itself knows what was asked (``float(x)``) and the user's line.  Its traceback
knows more: which function of somebody else's was called there, or which function of the
user's could not be followed, and why.
"""

import ast
import builtins
import linecache
import sys
from collections.abc import Iterator
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any

import numpy as np

from adjoint._clone.clones import is_clone_code
from adjoint._clone.hooks import why_not_cloned
from adjoint._clone.libraries import is_library_file
from adjoint._clone.records import STAND_INS
from adjoint._core.errors import AdjointError, ConversionError
from adjoint._core.registry import IMPLEMENTATIONS

Step = tuple[FrameType, int]
"""A frame of a traceback, and the instruction it had reached."""


def explain(error: ConversionError) -> None:
    """Add to an error's message where the value went, and what can be done there."""
    if error.explained:
        return
    error.explained = True
    sentence = _sentence(list(_steps(error)), is_late=_is_late(error))
    if sentence and error.args:
        better = f"{sentence} {_OTHERWISE}"
        text = error.args[0]
        if error.advice:  # what helps in general gives way to what helps here
            text = text.replace(error.advice, better)
        else:
            text = f"{text} {better}"
        error.args = (text, *error.args[1:])


_OTHERWISE = "Or use ad.stop_gradient(x), where no derivative is wanted."


def with_way_here(ours: AdjointError, error: Exception) -> AdjointError:
    """Return an error of ours with a traceback that shows how it came about.

    Code in C that calls ``float(x)`` may drop our error and raise one of its own; then
    only that one's traceback leads to the place.
    """
    steps = list(_steps(ours))
    return ours if steps else ours.with_traceback(error.__traceback__)


def _is_late(error: AdjointError) -> bool:
    """Tell whether an error came up later than where it was raised.

    ``brentq`` goes on calling its function while our error is pending.
    """
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback is None or traceback.tb_frame.f_code.co_name != "_refuse"


def _steps(error: AdjointError) -> Iterator[Step]:
    """Yield the frames of a traceback without our own, outermost first."""
    traceback: TracebackType | None = error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if not _is_ours(frame):
            yield frame, traceback.tb_lasti
        traceback = traceback.tb_next


def _is_ours(frame: FrameType) -> bool:
    """Tell whether a frame is one of this package, or of an entry written out.

    By its module: what dataclasses generate has no file.
    """
    module = str(frame.f_globals.get("__name__", ""))
    if frame.f_code.co_filename.startswith("<adjoint"):
        return True
    return module.partition(".")[0] == _PACKAGE and not module.startswith(_EXAMPLES)


_PACKAGE = __name__.partition(".")[0]
_EXAMPLES = f"{_PACKAGE}._demo"


def _sentence(steps: list[Step], *, is_late: bool) -> str:
    """Return what the frames tell; nothing if the cause is the user's own line."""
    users = [
        k
        for k, (frame, _) in enumerate(steps)
        if is_clone_code(frame.f_code) or not is_library_file(frame.f_code.co_filename)
    ]
    if not users:
        return ""
    callers = [k for k in users[:-1] if k + 1 not in users]
    if is_late and callers:
        return _of_library(steps[callers[-1] + 1][0])
    last = users[-1]
    frame, instruction = steps[last]
    if last + 1 < len(steps):
        return _of_library(steps[last + 1][0])
    if is_clone_code(frame.f_code):
        return _of_call(frame, instruction)
    return _of_user(frame, steps[last - 1][0] if last else None)


def _of_library(frame: FrameType) -> str:
    """Return the sentence about a Python function of another package."""
    name = _public_name(frame)
    if _is_known(_found(name)):
        return ""  # it is its argument, a list perhaps, that cannot be followed
    if _found(name) is np.lib.stride_tricks.as_strided:
        return (
            "The value was handed to np.lib.stride_tricks.as_strided, which reads the "
            "memory itself: there is no derivative of that. Take windows with "
            "np.lib.stride_tricks.sliding_window_view, other views by indexing."
        )
    package = name.partition(".")[0]
    return (
        f"The value was handed to {name}, which has no derivative rule and whose "
        "source transforms do not follow. Give it a rule with ad.extend.implements, or "
        f"have its source followed with ad.follow({package!r})."
    )


def _of_call(frame: FrameType, instruction: int) -> str:
    """Return the sentence about what a line of a clone calls, if that is in C."""
    callee = _callee(frame, instruction)
    if callee is None or isinstance(callee, np.ufunc) or _is_known(callee):
        return ""
    module = getattr(callee, "__module__", None) or ""
    name = getattr(callee, "__qualname__", "")
    if not name or module in {"", "builtins"}:
        return ""
    return (
        f"The value was handed to {module}.{name}, which has no derivative rule and is "
        "not written in Python. Give it a rule with ad.extend.implements."
    )


def _is_known(callee: Any) -> bool:
    try:
        return callee in STAND_INS or callee in IMPLEMENTATIONS
    except TypeError:
        return False


def _of_user(frame: FrameType, caller: FrameType | None) -> str:
    """Return the sentence about a function of the user's that runs as it is."""
    code = frame.f_code
    name = code.co_qualname
    reason = why_not_cloned(code)
    if reason is not None:
        reason += ", or" if ":" in reason else ":"
        return (
            f"A transform runs {name} as it is, since it {reason} write it with "
            "functions of ad.numpy alone."
        )
    if caller is not None and not is_clone_code(caller.f_code):
        library = _public_name(caller)
        return (
            f"{name} was called by {library}, whose source transforms do not follow, "
            f"nor what it calls back. Give {library} a rule with ad.extend.implements, "
            f"or have it followed with ad.follow({library.partition('.')[0]!r})."
        )
    return (
        f"{name} was called back by code in C, which transforms do not follow, so it "
        "ran as it is. Call it directly, or write it with NumPy functions alone."
    )


def _public_name(frame: FrameType) -> str:
    """Return the name under which a function is known: without private modules."""
    module = str(frame.f_globals.get("__name__", ""))
    name = frame.f_code.co_qualname
    parts = module.split(".")
    for count in range(1, len(parts)):
        shorter = ".".join(parts[:count])
        found: Any = sys.modules.get(shorter)
        for part in name.split("."):
            found = getattr(found, part, None)
        if _code_of(found) is frame.f_code:
            return f"{shorter}.{name}"
    return f"{module}.{name}"


def _found(name: str) -> Any:
    """Return what a dotted name means, where the first part is a module loaded."""
    package, *parts = name.split(".")
    found: Any = sys.modules.get(package)
    for part in parts:
        found = getattr(found, part, None)
    return found


def _code_of(function: Any) -> CodeType | None:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return getattr(function, "__code__", None)


def _callee(frame: FrameType, instruction: int) -> Any:
    """Return what a frame was calling, if its source says so by a plain name."""
    text = _segment(frame.f_code, instruction)
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(node, ast.Call):
        return None
    path: list[str] = []
    name: ast.expr = node.func
    while isinstance(name, ast.Attribute):
        path.append(name.attr)
        name = name.value
    if not isinstance(name, ast.Name):
        return None
    found = _meaning(frame, name.id)
    for part in reversed(path):
        if not isinstance(found, (ModuleType, type)):
            return None
        found = getattr(found, part, None)
    return found


def _meaning(frame: FrameType, name: str) -> Any:
    for names in (frame.f_locals, frame.f_globals, vars(builtins)):
        if name in names:
            return names[name]
    return None


def _segment(code: CodeType, instruction: int) -> str:
    """Return the source of the expression that an instruction belongs to."""
    positions = list(code.co_positions())[instruction // 2]
    first, last, start, end = positions
    if first is None or last is None or start is None or end is None:
        return ""
    lines = [
        linecache.getline(code.co_filename, number).encode()
        for number in range(first, last + 1)
    ]
    lines[-1] = lines[-1][:end]
    lines[0] = lines[0][start:]
    return b"".join(lines).decode(errors="replace")
