"""A training with a checkpoint, in a process that may be killed; writes its end."""

import hashlib
import json
import os
import pathlib
import signal
import sys

import numpy as np

import adjoint as ad
from adjoint import nn


def main(path, name="", write=0):
    """Train, to be killed instead of a call of some name in a write of some number."""
    if name == "fsync":  # of the file and of the folder, in each write
        os.fsync = killing(os.fsync, 2 * write - 1)
    elif name == "link":  # not in the first write
        os.link = killing(os.link, write - 1)
    elif name:  # of the file before, and of the new one; the latter alone in the first
        fatal = 2 * write - 2 + (name == "replace2")
        pathlib.Path.replace = killing(pathlib.Path.replace, fatal)
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    result = trained(path)
    digest = hashlib.sha256()
    trees = [result.model, result.statistics, result.optimizer_state]
    for leaf in ad.tree.leaves([*trees, dict(result.history)]):
        digest.update(np.asarray(leaf).tobytes())
    sys.stdout.write(f"{result.history.epochs} {digest.hexdigest()}\n")


def trained(path):
    """Train with all that a checkpoint has to hold."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 4))
    y = np.sin(x @ rng.standard_normal((4, 1)))
    first, last = nn.Linear(4, 24, rng=rng), nn.Linear(24, 1, rng=rng)
    model = nn.Sequential(first, nn.BatchNorm(24), nn.tanh, nn.Dropout(0.1), last)
    return nn.fit(
        model,
        (x, y),
        nn.squared_error,
        ad.optim.Adam(0.01, clip_norm=1.0),
        epochs=12,
        batch_size=32,
        validation=(x[:50], y[:50]),
        rng=7,
        callbacks=[nn.BestWeights(), nn.EarlyStopping(patience=50)],
        checkpoint=path,
        resume=True,
    )


def killing(function, fatal):
    """Return a function that kills the process instead of its call of a number."""
    calls = [0]

    def called(*args, **kwargs):
        calls[0] += 1
        if calls[0] == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)

    return called


if __name__ == "__main__":
    main(sys.argv[1], **json.loads(sys.argv[2]))
