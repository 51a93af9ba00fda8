"""Trees in files: safetensors with notes in JSON, written whole or not at all."""

import os
import shutil
from pathlib import Path
from typing import Any

from adjoint.nn._stored import encoded, read

__all__ = ["load", "save"]

TRAINING = "adjoint.nn.fit"
"""The kind of a checkpoint of a training; its model is the part ``model``."""


def save(path: str | os.PathLike[str], tree: Any) -> None:
    """Write a tree to a file: a model, an optimizer's state, both in a dictionary.

    Parameters
    ----------
    path : path
        ``"model.safetensors"``.  A file that is there is replaced.
    tree : tree
        Of numbers, texts and arrays.  What is static in a module is written in words,
        for `load` to compare; it cannot be made again from them.

    Raises
    ------
    InputError
        If a leaf is something else.
    TreeError
        If two leaves have one dotted name.
    ImportError
        Without safetensors: ``pip install 'adjoint[nn]'``.

    Notes
    -----
    Atomic: the bytes go to ``<path>.partial``, to the disk, and take the name at once.
    Whenever the process or the machine stops, the name stands for the whole old file or
    the whole new one.  Any reader of safetensors finds the arrays by their dotted names
    (complex128 as pairs of float64).

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> import adjoint as ad
    >>> layer = ad.nn.Linear(2, 1, rng=np.random.default_rng(0))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "layer.safetensors")
    ...     ad.nn.save(path, layer)
    ...     other = ad.nn.Linear(2, 1, rng=np.random.default_rng(1))
    ...     again = ad.nn.load(path, like=other)
    >>> bool(np.all(again.weight == layer.weight))
    True
    """
    write(Path(path), encoded(tree, None))


def load(path: str | os.PathLike[str], like: Any) -> Any:
    """Return a tree from a file that `save` wrote, or the model of a training's.

    Parameters
    ----------
    path : path
        Of a tree, or the checkpoint of `fit`: its model is returned.
    like : tree
        One of the same structure, settings, shapes and dtypes: a model just made, the
        state of ``optimizer.init(model)``.

    Returns
    -------
    tree
        With the leaves of the file, equal to those saved in every bit.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    CheckpointError
        If it is of another kind, damaged, of another version, or another tree: of other
        names, shapes or dtypes, or of modules with other settings (`tanh`, not `relu`).
    ImportError
        Without safetensors: ``pip install 'adjoint[nn]'``.

    Notes
    -----
    Nothing in a file is executed: arrays, numbers and texts are all that it holds.
    Settings are compared in words, functions by their names: what a function of yours
    does may change unseen.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> import adjoint as ad
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "run.safetensors")
    ...     ad.nn.save(path, {"step": 3, "w": np.ones(2)})
    ...     ad.nn.load(path, like={"step": 0, "w": np.zeros(2)})
    {'step': 3, 'w': array([1., 1.])}
    """
    stored = read(Path(path))
    return stored.as_tree(like, "model" if is_training(stored.metadata) else "")


def is_training(metadata: Any) -> bool:
    """Tell whether a file is the checkpoint of a training."""
    return isinstance(metadata, dict) and metadata.get("kind") == TRAINING


def write(path: Path, data: bytes, *, keep: Path | None = None) -> None:
    """Put bytes under a name, whole or not at all; the file before, under ``keep``.

    At no moment is there no file of the name, once there has been one.
    """
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if keep is not None and path.exists():
        second = keep.with_name(f"{keep.name}.partial")
        second.unlink(missing_ok=True)
        try:
            os.link(path, second)
        except OSError:  # a file system without hard links
            shutil.copy2(path, second)
        second.replace(keep)
    partial.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk too, where folders can be synchronised."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
