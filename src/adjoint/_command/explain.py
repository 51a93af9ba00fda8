"""``adjoint explain``: the report of a formula, or of a function in a file."""

import ast
import contextlib
import importlib.machinery
import importlib.util
import inspect
import json
import os
import re
import sys
import tempfile
import traceback
import webbrowser
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

import adjoint as ad
from adjoint._command.expression import (
    FILE as EXPRESSION,
    check_name,
    function_of,
    names_in,
    parse,
    value_of,
)
from adjoint.errors import AdjointError, InputError

_IN_FILE = re.compile(r"(?P<file>.+\.py):(?P<name>[^\W\d]\w*)")
_IN_MODULE = re.compile(r"(?P<module>[^\W\d][\w./\\]*):(?P<name>[^\W\d]\w*)")
_MOST_NAMED = 8
_NOT_THE_USERS = (
    *(str(Path(str(one.__file__)).parent) for one in (ad, np)),
    "<",
    EXPRESSION,
)
"""How the names of files begin that a message does not send the user to."""


@dataclass(frozen=True)
class Request:
    """What the words of the command ask for."""

    target: str
    values: Sequence[str]
    file: Path | None
    mode: Literal["forward", "reverse"] | None
    page: Path | None
    show: bool


def explain(request: Request) -> None:
    """Print a report, and write and open its page where that is asked for.

    Raises
    ------
    AdjointError
        If the formula, a value, the file or the function is not to be had, or cannot
        be differentiated.
    OSError
        If a file cannot be read or written.
    """
    given = _given(request)
    if found := _IN_FILE.fullmatch(request.target):
        function = _load(Path(found["file"]), found["name"])
        args, kwargs = _bound(function, given, request.target)
        with _told(request.target):
            report = ad.explain(function, request.mode)(*args, **kwargs)
    else:
        _refuse_file(request.target)
        names = names_in(parse(request.target))
        _compare(names, names, given, "the formula")
        for name in names:
            check_name(name)
        function = function_of(request.target, names)
        values = [_number(name, given[name]) for name in names]
        with _told("The formula"), np.errstate(all="ignore"):  # findings tell of it
            report = ad.explain(function, request.mode, plain_numpy=False)(*values)
    page = request.page
    if page is None and request.show:
        handle, temporary = tempfile.mkstemp(prefix="adjoint-", suffix=".html")
        os.close(handle)
        page = Path(temporary)
    if page is not None:
        page = report.save(page).resolve()
    sys.stdout.write(f"{report}\n")
    if page is not None:
        sys.stdout.write(f"Page: {page}\n")
    if page is not None and request.show and not webbrowser.open(page.as_uri()):
        msg = f"No browser was found to open {page}."
        raise InputError(msg)


def _refuse_file(target: str) -> None:
    """Refuse a file without a function's name, and a module in a file's place."""
    target = target.removesuffix(":")
    path = Path(target)
    if path.suffix == ".py" and path.is_file():
        names = _functions_in(path)
        shown = ", ".join(names[:_MOST_NAMED]) + ", ..." * (len(names) > _MOST_NAMED)
        known = f" It has {shown}." if names else ""
        example = names[0] if names else "f"
        msg = f"{target} is a file: name a function of it, as {target}:{example}."
        raise InputError(f"{msg}{known}")
    if path.suffix == ".py" and not path.exists() and target.count(".") == 1:
        raise InputError(f"There is no file {target}.")
    if found := _IN_MODULE.fullmatch(target):
        msg = (
            f"{target} is no formula. A function of a file is named FILE.py:NAME, as "
            f"{found['module']}.py:{found['name']}."
        )
        raise InputError(msg)


def _functions_in(path: Path) -> list[str]:
    """Return the names of a file's functions, without running it."""
    try:
        body = ast.parse(path.read_bytes()).body
    except (SyntaxError, ValueError):
        return []
    found = [one.name for one in body if isinstance(one, ast.FunctionDef)]
    return [name for name in found if not name.startswith("_")]


def _given(request: Request) -> dict[str, Any]:
    """Return the values by name, of the file and then of the words."""
    given = {} if request.file is None else _read(request.file)
    for word in request.values:
        name, equals, text = word.partition("=")
        if not equals:
            msg = f"A value is given as name=value, as in x=2; given was {word!r}."
            raise InputError(msg)
        name = name.strip()
        check_name(name)
        if not text.strip():
            raise InputError(f"{name} has no value: write {name}=2.")
        if name in given:
            raise InputError(f"{name} is given twice.")
        with _told(f"The value of {name}"):
            given[name] = value_of(text)
    return given


def _read(path: Path) -> dict[str, Any]:
    """Return the arrays of an ``.npz`` file, or the numbers and lists of a JSON one."""
    if not path.is_file():
        raise InputError(f"There is no file {path}, which --args names.")
    if path.suffix == ".npz":
        try:
            found = np.load(path, allow_pickle=False)
            if not isinstance(found, np.ndarray):
                with found as file:
                    return {name: file[name] for name in file.files}
        except (ValueError, EOFError, zipfile.BadZipFile) as error:
            msg = f"{path} is no .npz file of plain arrays: {error}"
            raise InputError(msg) from error
        msg = f"{path} is no .npz file of arrays by name: it is one array, without one."
        raise InputError(msg)
    if path.suffix == ".json":
        try:
            found = json.loads(path.read_text("utf-8"))
            return {name: _plain(value) for name, value in found.items()}
        except (AttributeError, TypeError, ValueError, RecursionError) as error:
            msg = f"{path} is no JSON object of numbers and lists of numbers: {error}"
            raise InputError(msg) from error
    msg = f"--args takes a file .npz or .json; given was {path}."
    raise InputError(msg)


def _plain(value: Any) -> Any:
    array = np.asarray(value)
    if array.dtype.kind not in "if":
        raise TypeError(f"{value!r} is no number")
    return array.astype(float) if array.ndim else float(value)


def _number(name: str, value: Any) -> Any:
    """Return what a formula computes with: floating-point numbers of NumPy's.

    They go to infinity where those of Python raise, as 1/x at 0.
    """
    array = np.asarray(value)
    if array.dtype.kind not in "fciub":
        raise InputError(f"{name} is no array of numbers: it is {array.dtype}.")
    return (array if array.dtype.kind in "fc" else array.astype(float))[()]


def _load(path: Path, name: str) -> Callable[..., Any]:
    """Run a user's file, as ``python`` would, and return a function of it."""
    if not path.is_file():
        raise InputError(f"There is no file {path}.")
    sys.path.insert(0, str(path.resolve().parent))
    # A file called random.py takes nobody's place.
    known = path.stem if path.stem not in sys.modules else f"{path.stem} of the user"
    loader = importlib.machinery.SourceFileLoader(known, str(path))
    spec = importlib.machinery.ModuleSpec(known, loader, origin=str(path))
    spec.has_location = True
    module = importlib.util.module_from_spec(spec)
    sys.modules[known] = module
    with _told(str(path)):
        loader.exec_module(module)
    function = getattr(module, name, None)
    if not callable(function):
        kind = "no" if function is None else "something else than a function by the"
        raise InputError(f"{path} has {kind} name {name}.")
    return function  # type: ignore[no-any-return]


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn an exception of what the user gave into a sentence with its last place."""
    try:
        yield
    except (AdjointError, KeyboardInterrupt):
        raise
    except (Exception, SystemExit) as error:
        cause = f"{type(error).__name__}: {error}{_place_of(error)}"
        raise InputError(f"{what} could not be computed: {cause}") from error


def _place_of(error: BaseException) -> str:
    """Return the last line of the user's that an exception came through, if any."""
    if isinstance(error, SyntaxError):
        return ""  # its text says it
    places = [
        place
        for place in traceback.extract_tb(error.__traceback__)
        if not place.filename.startswith(_NOT_THE_USERS)
        and f"{os.sep}site-packages{os.sep}" not in place.filename
    ]
    return f" ({places[-1].filename}, line {places[-1].lineno})" if places else ""


def _bound(
    function: Callable[..., Any], given: Mapping[str, Any], target: str
) -> tuple[list[Any], dict[str, Any]]:
    """Return the values as arguments of a function, by the names of its parameters."""
    parameters = inspect.signature(function).parameters.values()
    fixed = [p for p in parameters if p.kind not in {p.VAR_POSITIONAL, p.VAR_KEYWORD}]
    names = [p.name for p in fixed]
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        names += [name for name in given if name not in names]
    needed = [p.name for p in fixed if p.default is p.empty]
    _compare(names, needed, given, target)
    args: list[Any] = []
    kwargs = dict(given)
    for parameter in fixed:
        if parameter.name not in given or parameter.kind is parameter.KEYWORD_ONLY:
            break
        args.append(kwargs.pop(parameter.name))
    if not args:
        msg = (
            f"{target} takes {', '.join(kwargs)} by keyword alone, and derivatives are "
            "by arguments that may stand by position: take the * out of its parameters."
        )
        raise InputError(msg)
    return args, kwargs


def _compare(
    names: Sequence[str], needed: Sequence[str], given: Mapping[str, Any], what: str
) -> None:
    """Refuse values of names that are not there, and names without a value."""
    if missing := [name for name in needed if name not in given]:
        one = missing[0]
        msg = (
            f"No value for {', '.join(missing)} of {what}. Give each as a number or a "
            f"list, {one}=2 or {one}=[1,2], or arrays of these names in a file: --args "
            "FILE.npz."
        )
        raise InputError(msg)
    if extra := [name for name in given if name not in names]:
        known = f"its inputs are {', '.join(names)}" if names else "it has no inputs"
        raise InputError(f"{what} has no input {', '.join(extra)}; {known}.")
    if not names:
        raise InputError(
            f"{what} has no inputs, so there is nothing to differentiate by."
        )
