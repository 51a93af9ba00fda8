"""GradBench's ba: all observations at once, and the sparse Jacobian in rows.

Observation i is made by camera i mod n of point i mod m.  Its two errors depend on that
camera, that point and its own weight: 15 numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import adjoint as ad
from benchmarks.problems.gradbench_ba import reprojection_error, weight_error

SHOWN = 30
"""Elements of each array of the Jacobian that are sent, before the last."""
BLOCK = 2**13
"""Observations differentiated together: enough to be worth a start, and no more."""

_jacobians = ad.vmap(ad.jacobian(reprojection_error))


@dataclass(frozen=True, slots=True)
class Scene:
    """Cameras (n, 11), points (m, 3), weights (p,), and where they are seen (p, 2)."""

    cameras: np.ndarray
    points: np.ndarray
    weights: np.ndarray
    seen: np.ndarray

    def seen_by(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of the camera and of the point of each observation."""
        observation = np.arange(len(self.weights))
        return observation % len(self.cameras), observation % len(self.points)

    def observations(self) -> np.ndarray:
        """Return camera, point and weight of each observation, shape (p, 15)."""
        camera, point = self.seen_by()
        return np.concatenate(
            [self.cameras[camera], self.points[point], self.weights[:, None]], axis=1
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """A sparse matrix by compressed rows: row i has ``vals[rows[i]:rows[i + 1]]``."""

    rows: np.ndarray
    cols: np.ndarray
    vals: np.ndarray


def decode(given: Mapping[str, Any]) -> tuple[Scene]:
    """Return the scene: each given part repeated as often as there are such."""

    def repeated(part: Any, count: int) -> np.ndarray:
        return np.repeat(np.array(part, dtype=float)[None], count, axis=0)

    n, m, p = given["n"], given["m"], given["p"]
    scene = Scene(
        repeated(given["cam"], n),
        repeated(given["x"], m),
        repeated(given["w"], p),
        repeated(given["feat"], p),
    )
    return (scene,)


def errors(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """Return the errors of projection, shape (p, 2), and of weight, shape (p,)."""
    projection = reprojection_error(scene.observations(), scene.seen)
    return projection, weight_error(scene.weights)


def jacobian(scene: Scene) -> Rows:
    """Return the Jacobian, shape (2 p + p, 11 n + 3 m + p).

    Two rows for each observation, with 15 entries each; then the weights' errors, a row
    with a single entry each.
    """
    p = len(scene.weights)
    observations = scene.observations()
    vals = np.empty(31 * p)
    of_projection = vals[: 30 * p].reshape(p, 2, 15)
    for start in range(0, p, BLOCK):
        block = slice(start, start + BLOCK)
        of_projection[block] = _jacobians(observations[block], scene.seen[block])
    vals[30 * p :] = ad.elementwise_grad(weight_error)(scene.weights)
    long = np.arange(0, 30 * p, 15)
    return Rows(
        np.concatenate([long, np.arange(30 * p, 31 * p + 1)]), cols(scene), vals
    )


def cols(scene: Scene) -> np.ndarray:
    """Return the column of each entry of the Jacobian, shape (31 p,)."""
    n, m, p = len(scene.cameras), len(scene.points), len(scene.weights)
    camera, point = scene.seen_by()
    columns = np.empty(31 * p, dtype=int)
    of_projection = columns[: 30 * p].reshape(p, 2, 15)
    of_weight = 11 * n + 3 * m + np.arange(p)
    of_projection[:, :, :11] = (11 * camera[:, None] + np.arange(11))[:, None]
    of_projection[:, :, 11:14] = (11 * n + 3 * point[:, None] + np.arange(3))[:, None]
    of_projection[:, :, 14] = of_weight[:, None]
    columns[30 * p :] = of_weight
    return columns


def encode_errors(result: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    """Return the first error of each kind, and how often it is repeated."""
    projection, weight = result
    return {
        "reproj_error": {
            "elements": projection[0].tolist(),
            "repeated": len(projection),
        },
        "w_err": {"element": float(weight[0]), "repeated": len(weight)},
    }


def encode_jacobian(matrix: Rows) -> dict[str, Any]:
    """Return the first elements of each array, and the last."""
    return {
        name: [*part[:SHOWN].tolist(), part[-1].item()]
        for name, part in (
            ("rows", matrix.rows),
            ("cols", matrix.cols),
            ("vals", matrix.vals),
        )
    }
