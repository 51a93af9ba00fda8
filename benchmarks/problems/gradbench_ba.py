"""GradBench's ba: bundle adjustment, the error of points seen by cameras.

An observation is 15 numbers: of the camera, rotation 0:3 (the axis times the angle),
centre 3:6, focal length 6, principal point 7:9 and radial distortion 9:11; then the
point 11:14 and the weight of the observation 14.  The same lines take one observation,
shape (15,), and many at once, shape (p, 15).
"""

import numpy as np

BLOCK = 4096
"""Rows at a time by hand, so that what is computed on the way stays in the caches."""


def inputs(observations=None):
    """Return parameters and where the points were photographed.

    Parameters
    ----------
    observations : int or None
        Rows of both; None for a single observation without that axis.

    Returns
    -------
    parameters : ndarray, shape (..., 15)
        Points lie 4 to 6 lengths in front of their cameras.
    data : tuple of ndarray
        The feature, shape (..., 2).
    """
    rng = np.random.default_rng(6)
    rows = 1 if observations is None else observations
    middle = np.zeros(15)
    reach = np.full(15, 0.3)
    middle[6] = middle[14] = 1.0
    middle[13] = 5.0
    reach[11:14] = 1.0
    parameters = middle + reach * rng.uniform(-1.0, 1.0, (rows, 15))
    feature = rng.uniform(-1.0, 1.0, (rows, 2))
    if observations is None:
        return parameters[0], (feature[0],)
    return parameters, (feature,)


def reprojection_error(observation, seen):
    """Return w (f p + principal - seen), p where the camera's lens puts the point.

    With X' = X - C turned by r, p = X'[:2] / X'[2] times 1 + k1 |p|^2 + k2 |p|^4.

    Parameters
    ----------
    observation : ndarray, shape (..., 15)
    seen : ndarray, shape (..., 2)
        Where the point was seen.

    Returns
    -------
    ndarray, shape (..., 2)
    """
    part = np.transpose(observation)  # a row a number, all observations along it
    rotation, centre, point = part[0:3], part[3:6], part[11:14]
    focal, principal, weight = part[6], part[7:9], part[14]
    turned = rotate(rotation, point - centre)
    image = turned[0:2] / turned[2]
    square = np.sum(image * image, axis=0)
    bend = 1.0 + square * (part[9] + part[10] * square)
    error = focal * bend * image + principal - np.transpose(seen)
    return np.transpose(weight * error)


def weight_error(weight):
    """Return 1 - w^2."""
    return 1.0 - weight * weight


def rotate(rotation, x):
    """Return x turned by |rotation| about that axis (Rodrigues), along axis 0.

    At the angle 0 it is x + r x x, to first order.  The branch that is not taken must
    not divide by 0, so it is given the angle 1.
    """
    squared = np.sum(rotation * rotation, axis=0)
    is_turned = squared > 0.0
    angle = np.sqrt(np.where(is_turned, squared, 1.0))
    axis = rotation / angle
    cos, sin = np.cos(angle), np.sin(angle)
    along = np.sum(axis * x, axis=0) * (1.0 - cos)
    turned = x * cos + cross(axis, x) * sin + axis * along
    return np.where(is_turned, turned, x + cross(rotation, x))


def cross(a, b):
    """Return a x b along the first axis."""
    return np.stack(
        [
            a[1] * b[2] - a[2] * b[1],
            a[2] * b[0] - a[0] * b[2],
            a[0] * b[1] - a[1] * b[0],
        ]
    )


def jacobians_by_hand(parameters, feature):
    """Return the Jacobians of `reprojection_error`, shape (observations, 2, 15)."""
    jacobians = np.empty((parameters.shape[0], 2, 15))
    for start in range(0, parameters.shape[0], BLOCK):
        rows = slice(start, start + BLOCK)
        jacobians[rows] = jacobian_by_hand(parameters[rows], feature[rows])
    return jacobians


def jacobian_by_hand(parameters, feature):
    """Return the Jacobian of `reprojection_error`, (2, 15), or those of some rows.

    With m a row of the derivative by the turned point, n = R^T m is the row by the
    point, and the row by the rotation vector r is -((q.r) r + (R q - q) x r) / |r|^2
    with q = n x (point - centre) (Gallego & Yezzi 2015); r must not be 0.
    """
    p = parameters.T  # one row a parameter, whole observations along it
    r, focal, k1, k2, weight = p[0:3], p[6], p[9], p[10], p[14]
    offset = p[11:14] - p[3:6]
    seen = rotate(r, offset)
    image = seen[0:2] / seen[2]
    s = np.sum(image * image, axis=0)
    bend = 1.0 + s * (k1 + k2 * s)
    steepness = 2.0 * (k1 + 2.0 * k2 * s)
    squared_angle = np.sum(r * r, axis=0)
    scale = weight * focal
    error = focal * bend * image + p[7:9] - feature.T
    jacobian = np.zeros((*parameters.shape[:-1], 2, 15))
    for k in range(2):
        by_image = scale * steepness * image[k] * image
        by_image[k] += scale * bend
        by_depth = -np.sum(by_image * image, axis=0)
        by_seen = np.stack([by_image[0], by_image[1], by_depth]) / seen[2]
        by_point = rotate(-r, by_seen)
        q = cross(by_point, offset)
        twist = cross(rotate(r, q) - q, r)
        row = jacobian[..., k, :].T
        row[0:3] = -(np.sum(q * r, axis=0) * r + twist) / squared_angle
        row[3:6] = -by_point
        row[6] = weight * bend * image[k]
        row[7 + k] = weight
        row[9] = scale * s * image[k]
        row[10] = scale * s * s * image[k]
        row[11:14] = by_point
        row[14] = error[k]
    return jacobian
