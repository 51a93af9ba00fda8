"""Files written whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_whole(content: bytes, path: Path) -> Path:
    """Write a file, in the place of one that is there, and return its path.

    Raises
    ------
    OSError
        With a sentence, if it cannot be written there.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            part.chmod(_permissions(path))
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as cause:
        reason = (cause.strerror or str(cause)).lower()
        msg = (
            f"The report could not be written to {str(path)!r} ({reason}). Give the "
            "name of a file, in a folder that exists and that you may write to."
        )
        raise type(cause)(msg) from cause
    return path


def _permissions(path: Path) -> int:
    """Return those of the file that is replaced; else what a new file gets."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
