"""What stands in a file of a tree: named arrays, and notes on them in JSON.

Arrays are in the safetensors format, one tensor a leaf by its dotted name.  All else is
JSON under one key of the header: which leaves were numbers, how a dtype that the format
lacks was put, what is static in the modules, in words, the caller's metadata; beside it
stands a digest of all.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import adjoint as ad
from adjoint.nn._described import Words, differences, form_of, under
from adjoint.nn._extra import load_package

FORMAT = "adjoint tree"
VERSION = 2

_FEW = 3
_PURPOSE = "Files of trees"
_KEY = "adjoint"
_PYTHON: dict[str, Callable[[str], Any]] = {
    "bool": "True".__eq__,
    "int": int,
    "float": float,
    "complex": complex,
}
_DTYPES = frozenset(
    {"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}
    | {"float16", "float32", "float64", "complex64", "complex128"}
)


class Stored(NamedTuple):
    """What was read from a file: leaves and settings by name, and metadata."""

    path: Path
    leaves: dict[str, Any]
    form: Words
    metadata: Any

    def as_tree(self, like: Any, part: str = "", called: str = "`like`") -> Any:
        """Return leaves as a tree like another.

        Parameters
        ----------
        like : tree
        part : str
            The dotted name of what is wanted; default is all.
        called : str
            What ``like`` is to the caller, in messages.

        Raises
        ------
        CheckpointError
            If settings of modules, names, shapes or dtypes are not those of ``like``.
        """
        self._check_form(under(part, self.form), form_of(like), called)
        wanted = dict(zip(names_of(like), ad.tree.leaves(like), strict=True))
        parts = under(part, self.leaves).items()
        present = {name or "leaf": leaf for name, leaf in parts}
        missing = [name for name in wanted if name not in present]
        strange = [name for name in present if name not in wanted]
        if missing or strange:
            told = [f"has no {_listed(missing)}"] if missing else []
            told += [f"has {_listed(strange)} besides"] if strange else []
            msg = (
                f"{self.path} holds another tree than {called}: it "
                f"{', and '.join(told)}. Names should be those when the file was "
                "written."
            )
            raise ad.errors.CheckpointError(msg)
        for name, leaf in wanted.items():
            self._check(name, present[name], leaf, called)
        structure = ad.tree.structure(like)
        return ad.tree.unflatten(structure, [present[name] for name in wanted])

    def _check_form(self, there: Words, here: Words, called: str) -> None:
        found = differences(there, here)
        if there and here and found:  # plain containers of arrays compute nothing
            msg = (
                f"{self.path} holds another model than {called}: "
                f"{in_words(found, 'in ' + called)}. With these parameters it would "
                f"compute something else. Make {called} as it was when the file was "
                "written; `other.with_parameters(loaded.parameters())` then puts the "
                "parameters into another model, if that is meant."
            )
            raise ad.errors.CheckpointError(msg)

    def _check(self, name: str, found: Any, leaf: Any, called: str) -> None:
        there, here = _described(found), _described(leaf)
        if there != here:
            msg = (
                f"{self.path}: `{name}` is {there} in the file, {here} in {called}; "
                "shapes and dtypes should be those when the file was written."
            )
            raise ad.errors.CheckpointError(msg)


def in_words(found: list[tuple[str, str, str]], here: str) -> str:
    """Return the first few of the differences between a file and what is here."""
    told = [
        f"`{name or 'the class'}` is {then} in the file, {now} {here}"
        for name, then, now in found[:_FEW]
    ]
    more = len(found) - _FEW
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")


def previous_of(path: Path) -> Path:
    """Return where the checkpoint before one is kept."""
    return path.with_name(f"{path.name}.previous")


def names_of(tree: Any) -> list[str]:
    """Return the dotted names of the leaves.

    Raises
    ------
    TreeError
        If two leaves have one name: ``{"a.b": x, "a": {"b": y}}``.
    """
    names = [name or "leaf" for name in ad.tree.names(tree)]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"save: two leaves of the tree are called `{twice}`; rename a key."
        raise ad.errors.TreeError(msg)
    return names


def encoded(tree: Any, metadata: Any) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    InputError
        If a leaf is no number, text or numeric array, or the metadata no JSON.
    TreeError
        If two leaves have one name.
    """
    safetensors = load_package("safetensors.numpy", _PURPOSE)
    arrays: dict[str, Any] = {}
    notes: dict[str, Any] = {}
    for name, leaf in zip(names_of(tree), ad.tree.leaves(tree), strict=True):
        if isinstance(leaf, (bool, int, float, complex, str)) and not isinstance(
            leaf, np.generic
        ):
            notes[name] = {"python": type(leaf).__name__, "value": str(leaf)}
            continue
        array = _plain(name, leaf)
        notes[name] = {
            "dtype": str(array.dtype),
            "scalar": not isinstance(leaf, np.ndarray),
        }
        arrays[name] = _put(array)
    head = {
        "format": FORMAT,
        "version": VERSION,
        "leaves": notes,
        "form": form_of(tree),
        "metadata": metadata,
    }
    try:
        text = json.dumps(head)
    except (TypeError, ValueError) as error:
        msg = f"save: the metadata is not JSON ({error}); give texts and numbers."
        raise ad.errors.InputError(msg) from error
    header = {_KEY: text, "sha256": _digest(text, arrays)}
    data: bytes = safetensors.save(arrays, metadata=header)
    return data


def read(path: Path) -> Stored:
    """Return what stands in a file.

    Raises
    ------
    FileNotFoundError
        If there is none.
    CheckpointError
        If it is of another kind, of another version, or damaged.
    """
    safetensors = load_package("safetensors", _PURPOSE)
    if not path.exists():
        msg = f"there is no checkpoint {path}."
        raise FileNotFoundError(msg)
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (safetensors.SafetensorError, OSError, ValueError, TypeError) as error:
        raise _damaged(path, "it is not in the safetensors format") from error
    if _KEY not in header:
        msg = (
            f"{path} is a safetensors file of another program, not of adjoint.nn.save; "
            "safetensors.numpy.load_file reads its arrays, and `with_parameters` takes "
            "them. It was left as it is."
        )
        raise ad.errors.CheckpointError(msg)
    text = header[_KEY]
    if header.get("sha256") != _digest(text, arrays):
        raise _damaged(path, "its digest is not that of its content")
    head = json.loads(text)
    if head["version"] > VERSION:
        msg = (
            f"{path} was written by a newer version of Adjoint (format "
            f"{head['version']}, this one reads {VERSION}); upgrade to read it."
        )
        raise ad.errors.CheckpointError(msg)
    if head["version"] < VERSION:
        msg = (
            f"{path} was written before the first release of Adjoint (format "
            f"{head['version']}, this one reads {VERSION}), without the settings of "
            "what it holds. safetensors.numpy.load_file reads its arrays, and "
            "`with_parameters` takes them. It was left as it is."
        )
        raise ad.errors.CheckpointError(msg)
    leaves = {
        name: _python(note) if "python" in note else _taken(arrays[name], note)
        for name, note in head["leaves"].items()
    }
    return Stored(path, leaves, head["form"], head["metadata"])


def _damaged(path: Path, how: str) -> ad.errors.CheckpointError:
    msg = f"{path} is no checkpoint, or a damaged one: {how}. It was left as it is."
    previous = previous_of(path)
    if _is_whole(previous):
        msg += (
            f" The checkpoint before it, {previous}, is whole: give it the name "
            f"{path.name} to go on from there."
        )
    return ad.errors.CheckpointError(msg)


def _is_whole(path: Path) -> bool:
    try:
        read(path)
    except (FileNotFoundError, ad.errors.CheckpointError):
        return False
    return True


def _plain(name: str, leaf: Any) -> Any:
    """Return a leaf as a native array in C order."""
    if isinstance(leaf, (np.ndarray, np.generic)):
        array = np.asarray(leaf, order="C")
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        if str(array.dtype) in _DTYPES:
            return array
    kind = getattr(leaf, "dtype", type(leaf).__name__)
    msg = (
        f"save: the leaf `{name}` is of {kind}, which has no place in the file; leaves "
        "are numbers, texts, and arrays of bool, integers, float16 to float64, and "
        "complex numbers of 64 or 128 bits."
    )
    raise ad.errors.InputError(msg)


def _put(array: Any) -> Any:
    """Return an array in a dtype of the format: complex128 as pairs of float64."""
    if array.dtype != np.complex128:
        return array
    return array.reshape(-1).view(np.float64).reshape(*array.shape, 2)


def _taken(array: Any, note: dict[str, Any]) -> Any:
    """Return an array as it was put."""
    array = np.array(array)
    if note["dtype"] == "complex128":
        array = array.reshape(-1).view(np.complex128).reshape(array.shape[:-1])
    return array[()] if note["scalar"] else array


def _python(note: dict[str, Any]) -> Any:
    read_as = _PYTHON.get(note["python"], str)
    return read_as(note["value"])


def _digest(text: str, arrays: dict[str, Any]) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _described(leaf: Any) -> str:
    if isinstance(leaf, str):
        return "a text"
    return f"{np.asarray(leaf).dtype} of shape {np.shape(leaf)}"


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    shown = ", ".join(f"`{name}`" for name in names[:4])
    return shown if len(names) <= 4 else f"{shown} and {len(names) - 4} more"
