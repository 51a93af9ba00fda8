"""Files written whole or not at all."""

import errno
import os
import tempfile
from pathlib import Path


def write_whole(content: bytes, path: Path) -> Path:
    """Write a file, in the place of one that is there, and return its path.

    Of a link, the file it leads to is replaced.  What is there and no file (a device,
    a pipe) is written to, and stays.

    Raises
    ------
    OSError
        With a sentence, if it cannot be written there.
    """
    try:
        place = Path(os.path.realpath(path))
        if place.exists() and not os.access(place, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if place.exists() and not place.is_file():
            with place.open("wb") as file:
                file.write(content)
        else:
            _replace(place, content)
    except OSError as cause:
        reason = (cause.strerror or str(cause)).lower()
        msg = (
            f"The report could not be written to {str(path)!r} ({reason}). Give the "
            "name of a file, in a folder that exists and that you may write to."
        )
        raise type(cause)(msg) from cause
    return path


def _replace(path: Path, content: bytes) -> None:
    """Write a new file, and give it its name when it is complete."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".adjoint-")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        part.chmod(_permissions(path))
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _permissions(path: Path) -> int:
    """Return those of the file that is replaced; else what a new file gets."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
