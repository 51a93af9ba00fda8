"""``adjoint explain``: the report of a formula, or of a function in a file."""

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
    check_name,
    function_of,
    names_in,
    parse,
    value_of,
)
from adjoint.errors import AdjointError, InputError

_IN_FILE = re.compile(r"(?P<file>.+\.py):(?P<name>[^\W\d]\w*)")


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
        if request.target.removesuffix(":").endswith(".py"):
            msg = (
                "A function in a file is given as FILE.py:NAME, as in model.py:loss; "
                f"given was {request.target}."
            )
            raise InputError(msg)
        names = names_in(parse(request.target))
        _compare(names, names, given, "the formula")
        for name in names:
            check_name(name)
        function = function_of(request.target, names)
        values = [_number(name, given[name]) for name in names]
        with _told("The formula", placed=False):
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
        if name in given:
            raise InputError(f"{name} is given twice.")
        with _told(f"The value of {name}", placed=False):
            given[name] = value_of(text)
    return given


def _read(path: Path) -> dict[str, Any]:
    """Return the arrays of an ``.npz`` file, or the numbers and lists of a JSON one."""
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
    """Return what a formula computes with: floating-point numbers."""
    if isinstance(value, np.ndarray) and value.dtype.kind not in "fc":
        if value.dtype.kind not in "iub":
            raise InputError(f"{name} is no array of numbers: it is {value.dtype}.")
        return value.astype(float)
    return value


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
def _told(what: str, *, placed: bool = True) -> Iterator[None]:
    """Turn an exception of what the user gave into a sentence.

    It names the last place, if ``placed``: a formula has none but ours.
    """
    try:
        yield
    except (AdjointError, KeyboardInterrupt):
        raise
    except (Exception, SystemExit) as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        cause = f"{type(error).__name__}: {error}"
        where = f" ({place.filename}, line {place.lineno})"
        if not placed or isinstance(error, SyntaxError):  # which names its own
            where = ""
        raise InputError(f"{what} could not be computed: {cause}{where}") from error


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
    return args, kwargs


def _compare(
    names: Sequence[str], needed: Sequence[str], given: Mapping[str, Any], what: str
) -> None:
    """Refuse values of names that are not there, and names without a value."""
    if missing := [name for name in needed if name not in given]:
        example = " ".join(f"{name}=1" for name in missing)
        msg = f"No value for {', '.join(missing)} of {what}: add {example}"
        raise InputError(f"{msg}, or --args FILE.")
    if extra := [name for name in given if name not in names]:
        known = f"its inputs are {', '.join(names)}" if names else "it has no inputs"
        raise InputError(f"{what} has no input {', '.join(extra)}; {known}.")
    if not names:
        raise InputError(
            f"{what} has no inputs, so there is nothing to differentiate by."
        )
