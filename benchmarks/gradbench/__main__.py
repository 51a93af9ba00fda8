"""Let GradBench's referee run Adjoint: ``python -m benchmarks.gradbench``.

Reads messages from standard input, a JSON object a line, and answers each on standard
output; everything else that is printed goes to standard error.  It ends with its input.

Run it from the root of the project, with Adjoint installed or ``src`` on
``PYTHONPATH``.  NumPy's matrix products use all cores unless ``OPENBLAS_NUM_THREADS=1``
(or ``OMP_NUM_THREADS=1``) is set; nothing else here uses more than one.

Modules: hello, gmm, ba, lstm, kmeans, llsq, lse, ode.  By hand::

    $ python -m benchmarks.gradbench
    {"id": 0, "kind": "start", "eval": "hello"}
    {"id": 0, "tool": "adjoint"}
    {"id": 1, "kind": "define", "module": "hello"}
    {"id": 1, "success": true}
    {"id": 2, "kind": "evaluate", "module": "hello", "function": "double", "input": 3}
    {"id": 2, "success": true, "output": 6.0, "timings": [...]}

An input that is an object may say how often to repeat: at least ``min_runs`` times, and
for ``min_seconds`` in all.  Each run is a timing of its own, in nanoseconds; reading
the input and writing the output are outside the clock.
"""

import os
import sys

from benchmarks.gradbench.protocol import serve


def main() -> None:
    """Answer until the input ends."""
    with os.fdopen(os.dup(1), "w", buffering=1) as answers:
        os.dup2(2, 1)  # what a library prints is no answer
        serve(sys.stdin, answers)


if __name__ == "__main__":
    main()
