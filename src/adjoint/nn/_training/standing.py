"""Where a training stands, and its file: all that going on needs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import adjoint as ad
from adjoint.nn._stored import Stored, encoded, read
from adjoint.nn._training.history import History
from adjoint.nn.checkpoints import write

KIND = "adjoint.nn.fit"


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
    setting : dict
        What must be the same when the training goes on.

    Raises
    ------
    FileNotFoundError
        If its folder does not exist.
    ImportError
        Without safetensors.
    """

    def __init__(self, path: Any, setting: dict[str, Any]) -> None:
        self.path = Path(path)
        self.previous = self.path.with_name(f"{self.path.name}.previous")
        self._setting = setting
        if not self.path.parent.is_dir():
            msg = f"fit: checkpoint={self.path}: there is no folder {self.path.parent}."
            raise FileNotFoundError(msg)
        encoded((), None)  # the package is there, before hours of training

    def save(self, standing: Standing) -> None:
        """Write where a training stands; the file before stays beside it."""
        metadata = {
            "kind": KIND,
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
        try:
            return self._standing(read(self.path), standing)
        except ad.errors.CheckpointError as error:
            if self.previous.exists():
                error.add_note(
                    f"The checkpoint before it is kept in {self.previous}; give it the "
                    "name of this one to go on from there."
                )
            raise

    def _standing(self, stored: Stored, like: Standing) -> Standing:
        metadata = stored.metadata
        if not isinstance(metadata, dict) or metadata.get("kind") != KIND:
            msg = (
                f"{self.path} is a tree of adjoint.nn.save, not a checkpoint of fit; "
                "adjoint.nn.load reads it. It was left as it is."
            )
            raise ad.errors.CheckpointError(msg)
        for name, here in self._setting.items():
            there = metadata["setting"].get(name)
            if there != here:
                msg = (
                    f"{self.path} is of a training with {name}={there}, this one has "
                    f"{name}={here}: it would go on as another. Begin a new one, from "
                    "the model in the file if you like, under another name."
                )
                raise ad.errors.CheckpointError(msg)
        return Standing(
            metadata["epoch"],
            stored.as_tree(like.tree),
            History(metadata["history"]),
            metadata["entropy"],
            metadata["stopped"],
        )
