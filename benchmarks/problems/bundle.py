"""Bundle adjustment: how far a camera sees a point from where it was photographed.

The parameters of one observation are 15 numbers: of the camera, rotation 0:3 (the axis
times the angle, not zero), centre 3:6, focal length 6, principal point 7:9 and radial
distortion 9:11; then the point 11:14 and the weight of the observation 14.
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


def cross(a, b):
    """Return a x b along the first axis."""
    return np.stack(
        [
            a[1] * b[2] - a[2] * b[1],
            a[2] * b[0] - a[0] * b[2],
            a[0] * b[1] - a[1] * b[0],
        ]
    )


def rotate(rotation, x):
    """Return x turned by |rotation| about that axis (Rodrigues), along axis 0."""
    angle = np.sqrt(np.sum(rotation * rotation, axis=0))
    axis = rotation / angle
    cos, sin = np.cos(angle), np.sin(angle)
    along = np.sum(axis * x, axis=0) * (1.0 - cos)
    return x * cos + cross(axis, x) * sin + axis * along


def residual(parameters, feature):
    """Return the weighted reprojection error of one observation, shape (2,)."""
    rotation, centre, point = parameters[0:3], parameters[3:6], parameters[11:14]
    focal, principal, weight = parameters[6], parameters[7:9], parameters[14]
    seen = rotate(rotation, point - centre)
    image = seen[0:2] / seen[2]
    radius = np.sum(image * image)
    bend = 1.0 + parameters[9] * radius + parameters[10] * radius * radius
    return weight * (focal * bend * image + principal - feature)


def jacobians_by_hand(parameters, feature):
    """Return the Jacobians of `residual` at each row, shape (observations, 2, 15)."""
    jacobians = np.empty((parameters.shape[0], 2, 15))
    for start in range(0, parameters.shape[0], BLOCK):
        rows = slice(start, start + BLOCK)
        jacobians[rows] = jacobian_by_hand(parameters[rows], feature[rows])
    return jacobians


def jacobian_by_hand(parameters, feature):
    """Return the Jacobian of `residual`, shape (2, 15), or those of some rows.

    With m a row of the derivative by the turned point, n = R^T m is the row by the
    point, and the row by the rotation vector r is -((q.r) r + (R q - q) x r) / |r|^2
    with q = n x (point - centre) (Gallego & Yezzi 2015).
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
