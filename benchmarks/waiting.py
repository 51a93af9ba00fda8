"""How long a process waited for a core that another one had, or ran on one."""

import os
from pathlib import Path

TASKS = Path("/proc/self/task")


def ran(process: int) -> float:
    """Return the seconds for which a process ran, all its threads together.

    Infinity where the system does not say: then it counts as having run all the time.
    """
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("inf")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def waited() -> float:
    """Return the seconds for which threads of this process were ready and did not run.

    The sum over all threads; 0 where the system does not say (elsewhere than on Linux).
    """
    if not TASKS.exists():
        return 0.0
    total = 0
    for thread in TASKS.iterdir():
        try:
            total += int((thread / "schedstat").read_text().split()[1])
        except OSError:  # no such file, or a thread that has just ended
            continue
    return total * 1e-9
