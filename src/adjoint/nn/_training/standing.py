"""Where a training stands, and its file: all that going on needs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import adjoint as ad
from adjoint.nn._described import Words, differences, form_of, joined, under
from adjoint.nn._stored import Stored, encoded, in_words, previous_of, read
from adjoint.nn._training.history import History
from adjoint.nn.checkpoints import TRAINING, is_training, write


@dataclass
class Standing:
    """A training after an epoch.

    Attributes
    ----------
    epoch : int
        How many are done.
    tree : dict
        ``model``, ``optimizer`` (its state), ``statistics``, ``callbacks`` (theirs).
    history : History
    entropy : list of int
        Seeds, with the numbers of epoch and batch, every draw.
    stopped : str, optional
        Why it is over before its time.
    """

    epoch: int
    tree: dict[str, Any]
    history: History
    entropy: list[int] | None
    stopped: str | None = None


class TrainingFile:
    """The checkpoint of a training, and the one before it.

    Parameters
    ----------
    path : path
    setting : dict of str to str
        What must be the same when the training goes on, see `setting_of`.

    Raises
    ------
    FileNotFoundError
        If its folder does not exist.
    ImportError
        Without safetensors.
    """

    def __init__(self, path: Any, setting: Words) -> None:
        self.path = Path(path)
        self.previous = previous_of(self.path)
        self._setting = setting
        if not self.path.parent.is_dir():
            msg = f"fit: checkpoint={self.path}: there is no folder {self.path.parent}."
            raise FileNotFoundError(msg)
        encoded((), None)  # the package is there, before hours of training

    def save(self, standing: Standing) -> None:
        """Write where a training stands; the file before stays beside it."""
        metadata = {
            "kind": TRAINING,
            "epoch": standing.epoch,
            "history": standing.history,
            "entropy": standing.entropy,
            "stopped": standing.stopped,
            "setting": self._setting,
        }
        write(self.path, encoded(standing.tree, metadata), keep=self.previous)

    def begin(self, standing: Standing, *, resume: bool) -> Standing:
        """Return where to begin: as given, or where the file says.

        Raises
        ------
        FileExistsError
            If there is a file, and the training shall not go on with it.
        CheckpointError
            If the file is damaged, no training's, or that of another training.
        """
        if not self.path.exists():
            return standing
        if not resume:
            msg = (
                f"fit: there is a checkpoint {self.path} already. resume=True goes on "
                "with it; to begin anew, delete it or give another name."
            )
            raise FileExistsError(msg)
        return self._standing(read(self.path), standing)

    def _standing(self, stored: Stored, like: Standing) -> Standing:
        metadata = stored.metadata
        if not is_training(metadata):
            msg = (
                f"{self.path} is a tree of adjoint.nn.save, not a checkpoint of fit; "
                "adjoint.nn.load reads it. It was left as it is."
            )
            raise ad.errors.CheckpointError(msg)
        there = {**metadata["setting"], **_model_in(stored.form)}
        here = {**self._setting, **_model_in(form_of(like.tree))}
        found = differences(there, here)
        if found:
            msg = (
                f"fit: {self.path} is of another training: {in_words(found, 'here')}. "
                "It was left as it is. Give what was given then to go on with it; or "
                f"begin a new training, from its model if you like (adjoint.nn.load("
                f"{str(self.path)!r}, like=model)), with another path as checkpoint."
            )
            raise ad.errors.CheckpointError(msg)
        return Standing(
            metadata["epoch"],
            stored.as_tree(like.tree, called="this training"),
            History(metadata["history"]),
            metadata["entropy"],
            metadata["stopped"],
        )


def _model_in(form: Words) -> Words:
    """Return the model's part; that of the states is like it."""
    return {joined("model", name): word for name, word in under("model", form).items()}
