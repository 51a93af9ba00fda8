"""GradBench's ba: bundle adjustment, the error of points seen by cameras.

Everything works on the last axis, so that the same lines take one observation, shape
(15,), and all of them at once, shape (p, 15).
"""

import numpy as np


def reprojection_error(observation, seen):
    """Return w (f p + principal - seen), p where the camera's lens puts the point.

    With X' = X - C turned by r, p = X'[:2] / X'[2] times 1 + k1 |p|^2 + k2 |p|^4.

    Parameters
    ----------
    observation : ndarray, shape (..., 15)
        The camera: rotation r (an axis times its angle), centre C, focal length f,
        principal point (2), radial distortion k1, k2; the point X (3); the weight w.
    seen : ndarray, shape (..., 2)
        Where the point was seen.

    Returns
    -------
    ndarray, shape (..., 2)
    """
    part = [observation[..., i] for i in range(15)]
    rotation, centre, (focal, u, v, k1, k2) = part[0:3], part[3:6], part[6:11]
    point, weight = part[11:14], part[14]
    x, y, z = _rotated(rotation, [a - b for a, b in zip(point, centre, strict=True)])
    x, y = x / z, y / z
    square = x * x + y * y
    scale = focal * (1.0 + square * (k1 + k2 * square))
    return np.stack(
        [
            weight * (scale * x + u - seen[..., 0]),
            weight * (scale * y + v - seen[..., 1]),
        ],
        axis=-1,
    )


def weight_error(weight):
    """Return 1 - w^2."""
    return 1.0 - weight * weight


def _rotated(rotation, point):
    """Return a point turned by an angle-axis rotation: Rodrigues' formula.

    At the angle 0 it is X + r x X, to first order.  The branch that is not taken must
    not divide by 0, so it is given the angle 1.
    """
    squared = _dot(rotation, rotation)
    turned = squared > 0.0
    angle = np.sqrt(np.where(turned, squared, 1.0))
    axis = [r / angle for r in rotation]
    sin, cos = np.sin(angle), np.cos(angle)
    along = _dot(axis, point) * (1.0 - cos)
    around = _cross(axis, point)
    slightly = _cross(rotation, point)
    return [
        np.where(turned, x * cos + a * sin + v * along, x + s)
        for x, a, v, s in zip(point, around, axis, slightly, strict=True)
    ]


def _dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _cross(a, b):
    return [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
