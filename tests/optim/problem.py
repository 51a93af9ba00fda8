"""A small regression that every optimizer of the tests starts on alike."""

import numpy as np

X = np.sin(np.arange(21.0)).reshape(7, 3)
Y = np.cos(np.arange(14.0) ** 2).reshape(7, 2) / 2
START = {
    "w": np.cos(np.arange(6.0)).reshape(3, 2),
    "b": np.array([0.3, -0.2]),
}


def loss(params):
    error = np.tanh(X @ params["w"] + params["b"]) - Y
    return np.mean(error**2) + 0.05 * np.sum(params["w"] ** 2)
