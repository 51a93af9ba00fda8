"""Settings in words, by dotted names: what must be equal for two things to be the same.

An optimizer ``Adam(0.1)`` called ``optimizer`` is ``{"optimizer": "adjoint.Adam",
"optimizer.learning_rate": "0.1", ...}``.  A model is its layers and their settings,
without its arrays: ``{"": "adjoint.Sequential", "layers.1": "adjoint.tanh", ...}``.
Functions and objects of other classes are their names alone, since what they hold may
change as they work.
"""

import dataclasses
import dis
import enum
import functools
import zlib
from collections.abc import Iterable, Iterator, Mapping
from types import CellType, FunctionType
from typing import Any, TypeAlias

import numpy as np

from adjoint.nn._form import Branch, is_array, is_container

Words: TypeAlias = dict[str, str]

_ABSENT = "not there"
_LONG = 80
"""Longer texts are cut, and told apart by a checksum."""
_NAMED = frozenset({"adjoint", "numpy", "scipy", "math"})
"""Packages that stand before a name; a user's module may be called ``__main__``."""
_PLAIN = (bool, int, float, complex, str, bytes, type(None))


def described(name: str, value: Any) -> Words:
    """Return a setting in words, all that it is made of."""
    return dict(_setting(name, value))


def form_of(tree: Any) -> Words:
    """Return in words what is static in the modules of a tree."""
    return dict(_form("", tree))


def differences(there: Words, here: Words) -> list[tuple[str, str, str]]:
    """Return name, and words there and here, of all that is not equal.

    What belongs to something that is not equal itself is left out: another optimizer
    has other settings.
    """
    found: dict[str, tuple[str, str, str]] = {}
    for name in dict.fromkeys([*here, *there]):
        then, now = there.get(name, _ABSENT), here.get(name, _ABSENT)
        if then != now and found.keys().isdisjoint(_above(name)):
            found[name] = name, then, now
    return list(found.values())


def _above(name: str) -> Iterator[str]:
    """Yield the names of what something belongs to: ``a.b`` and ``a``, of ``a.b.c``."""
    while name:
        name = name.rpartition(".")[0]
        yield name


def under(part: str, words: dict[str, Any]) -> dict[str, Any]:
    """Return what stands under a name, by the rest of its name."""
    if not part:
        return words
    return {
        name.removeprefix(part).removeprefix("."): value
        for name, value in words.items()
        if name == part or name.startswith(f"{part}.")
    }


def joined(name: str, label: Any) -> str:
    """Return a dotted name."""
    return ".".join(filter(None, [name, str(label)]))


def checksum_of(arrays: Iterable[Any]) -> str:
    """Return a checksum of the elements of arrays, whatever their layout."""
    total = 0
    for array in map(np.asarray, arrays):
        head = f"{array.dtype} {array.shape}"
        total = zlib.crc32(head.encode(), total)
        if not array.dtype.hasobject:
            flat = np.ascontiguousarray(array).reshape(-1)
            total = zlib.crc32(flat.view(np.uint8).data, total)
    return f"{total:08x}"


def name_of(named: Any) -> str:
    """Return the name of a class or function, else of an object's class.

    With its package, if that is known.
    """
    if isinstance(named, np.ufunc):  # those of SciPy, and of NumPy 2.0, say no more
        name = str(named.__name__)
        return f"numpy.{name}" if getattr(np, name, None) is named else name
    named = named if hasattr(named, "__qualname__") else type(named)
    name = named.__qualname__.rpartition("<locals>.")[2]
    package = str(getattr(named, "__module__", None) or "").partition(".")[0]
    return f"{package}.{name}" if package in _NAMED else str(name)


def _form(name: str, tree: Any) -> Iterator[tuple[str, str]]:
    """Yield the forms of the modules in a tree; all else in it are leaves."""
    if isinstance(tree, Branch):
        yield name, name_of(type(tree))
        for label, value in vars(tree).items():
            if label in tree._static:
                yield from _setting(joined(name, label), value)
            else:
                yield from _attribute(joined(name, label), value)
    else:
        for label, part in _parts(tree):
            yield from _form(joined(name, label), part)


def _attribute(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the form of what stands in a module, where arrays are its parameters."""
    if isinstance(value, Branch):
        yield from _form(name, value)
    elif isinstance(value, (list, tuple, dict)):
        for label, part in _parts(value):
            yield from _attribute(joined(name, label), part)
    elif not is_array(value):
        if is_container(value):
            yield name, name_of(type(value))
        else:
            yield from _setting(name, value)


def _setting(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield a setting, and what it is made of."""
    if isinstance(value, Branch):
        yield from _form(name, value)
        return
    yield name, _text(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts: Any = [(one.name, getattr(value, one.name)) for one in _fields(value)]
    elif isinstance(value, functools.partial):
        parts = [("function", value.func), *enumerate(value.args)]
        parts += value.keywords.items()
    elif isinstance(value, FunctionType):
        parts = _enclosed(value)
    elif isinstance(value, (list, tuple, dict)) and not _is_plain(value):
        parts = _parts(value)
    else:
        parts = ()
    for label, part in parts:
        yield from _setting(joined(name, label), part)


def _fields(value: Any) -> list[Any]:
    return [one for one in dataclasses.fields(value) if one.init]


def _enclosed(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield the numbers and texts that a function has from where it was made.

    Not what it sets itself, as a counter: that changes as it works.
    """
    code = function.__code__
    steps = dis.get_instructions(code)
    own = {step.argval for step in steps if step.opname == "STORE_DEREF"}
    arguments = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
    for label, value in (
        *zip(arguments[len(arguments) - len(defaults) :], defaults, strict=True),
        *(function.__kwdefaults__ or {}).items(),
        *((label, _content(cell)) for label, cell in cells if label not in own),
    ):
        if isinstance(value, _PLAIN):
            yield label, value


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not set yet
        return None


def _parts(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, (list, tuple)):
        yield from enumerate(value)


def _is_plain(value: Any) -> bool:
    """Tell whether a value shows all that it is when it is written out."""
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    return isinstance(value, _PLAIN)


def _text(value: Any) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}, checksum {checksum_of([value])}"
    if isinstance(value, enum.Enum):
        return f"{name_of(type(value))}.{value.name}"
    if isinstance(value, np.dtype):
        return str(value)
    if _is_plain(value):
        return _short(repr(value))
    if isinstance(value, (set, frozenset)) and all(map(_is_plain, value)):
        return _short(", ".join(sorted(map(repr, value))))
    return name_of(value)


def _short(text: str) -> str:
    if len(text) <= _LONG:
        return text
    return f"{text[: _LONG // 2]}..., checksum {zlib.crc32(text.encode()):08x}"
