"""The memory of this process, in bytes: now, and at most."""

import ctypes
import gc
import resource
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")


def can_restart() -> bool:
    """Tell whether the peak can be measured anew: on Linux."""
    return CLEAR.exists()


def restart_peak() -> int:
    """Return the resident memory, the least this process can do with; forget the peak.

    What is free but kept for later would hide what is allocated next, so it is given
    back to the system first, where the C library can.  Elsewhere than on Linux the old
    peak stays, and is what comes back.
    """
    gc.collect()
    if not can_restart():
        return peak()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)
    CLEAR.write_text("5")
    return _status("VmRSS")


def peak() -> int:
    """Return the peak of the resident memory.

    Linux hands `ru_maxrss` of the process that called exec down to the new program,
    so a child of a large parent would report its parent's peak; VmHWM is its own.
    """
    if STATUS.exists():
        return _status("VmHWM")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _status(name: str) -> int:
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if name in line)
