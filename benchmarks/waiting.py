"""How long this process waited for a core that another one had."""

from pathlib import Path

TASKS = Path("/proc/self/task")


def waited(*, all_threads: bool) -> float:
    """Return the seconds for which threads of this process were ready and did not run.

    Of the main thread, or the sum over all threads.  On one core, only the main thread
    counts: the others wait for it.  Always 0 where the system does not say (elsewhere
    than on Linux).
    """
    threads = TASKS.iterdir() if all_threads else [TASKS.parent]
    total = 0
    for thread in threads:
        try:
            total += int((thread / "schedstat").read_text().split()[1])
        except OSError:  # no such file, or a thread that has just ended
            continue
    return total * 1e-9
