"""Stencils in place, sweeps over grids, filters of images."""

import numpy as np

from .register import idiom

LINE = np.array([0.1, 0.6, -0.3, 0.9, 0.4, -0.7])
IMAGE = np.array([[0.1, 0.5, -0.3, 0.8], [0.7, -0.2, 0.4, 0.6], [-0.5, 0.3, 0.9, 0.2]])


@idiom(LINE)
def heat_in_place(start):
    """Explicit heat conduction on a copy, ends held fixed."""
    u = start.copy()
    for _ in range(6):
        u[1:-1] += 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**3)


@idiom(LINE)
def heat_in_the_argument_itself(u):
    """The function overwrites what it was given, with insulated ends."""
    for _ in range(4):
        u[1:-1] = u[1:-1] + 0.2 * np.diff(u, 2)
        u[0] = u[1]
        u[-1] = u[-2]
    u *= u
    return u.sum()


@idiom(0.6)
def wave_on_three_levels(speed):
    """Past, present and future of a string, rotated by name."""
    grid = np.linspace(0.0, 1.0, 7)
    past = np.exp(-20 * (grid - 0.4) ** 2)
    now = past.copy()
    future = np.zeros_like(now)
    for _ in range(5):
        future[1:-1] = 2 * now[1:-1] - past[1:-1]
        future[1:-1] += speed**2 * (now[2:] - 2 * now[1:-1] + now[:-2])
        past, now, future = now, future, past
    return np.sum(now**2) + now[3]


@idiom(IMAGE)
def gauss_seidel_sweeps(source):
    """Each cell uses neighbours already updated in the same sweep."""
    rows, columns = source.shape
    u = np.zeros((rows + 2, columns + 2))
    for _ in range(3):
        for i in range(1, rows + 1):
            for j in range(1, columns + 1):
                around = u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1]
                u[i, j] = 0.25 * (around + np.tanh(source[i - 1, j - 1]))
    return (u[1:-1, 1:-1] * source).sum()


@idiom(1.4)
def red_and_black(overrelaxation):
    """Two colours of a checkerboard as strided views, relaxed in turn."""
    u = np.outer(np.linspace(0, 1, 6), np.linspace(1, 2, 6))
    for _ in range(2):
        for i0, j0 in ((1, 1), (2, 2), (1, 2), (2, 1)):
            cells = u[i0:-1:2, j0:-1:2]
            up, down = u[i0 - 1 : -2 : 2, j0:-1:2], u[i0 + 1 :: 2, j0:-1:2]
            left, right = u[i0:-1:2, j0 - 1 : -2 : 2], u[i0:-1:2, j0 + 1 :: 2]
            near = up[: len(cells)] + down[: len(cells)]
            near = near + left[:, : cells.shape[1]] + right[:, : cells.shape[1]]
            cells[...] = (1 - overrelaxation) * cells + overrelaxation * near / 4.1
    return np.sum(u**2)


@idiom(IMAGE)
def blurred_image(image):
    """A 3 by 3 kernel moves over a padded copy."""
    kernel = np.array([[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]) / 16
    height, width = image.shape
    padded = np.zeros((height + 2, width + 2))
    padded[1:-1, 1:-1] = image
    blurred = np.zeros(image.shape)
    for di in range(3):
        for dj in range(3):
            blurred += kernel[di, dj] * padded[di : di + height, dj : dj + width]
    return np.sum(blurred**2)


@idiom(LINE)
def upwind_advection(concentration):
    """np.roll for the neighbour, a mask for the direction of the wind."""
    wind = np.array([0.5, 0.3, -0.2, -0.4, 0.1, 0.6])
    c = concentration
    for _ in range(3):
        from_left = c - np.roll(c, 1)
        from_right = np.roll(c, -1) - c
        flux = np.empty_like(c)
        flux[wind > 0] = from_left[wind > 0]
        flux[wind <= 0] = from_right[wind <= 0]
        c = c - 0.5 * wind * flux
    return np.sum(c * np.arange(6.0))


@idiom(IMAGE)
def pooled_image(image):
    """The largest of each 1 by 2 window, and the mean of what is left."""
    pooled = np.full((3, 2), -np.inf)
    for i in range(3):
        for j in range(2):
            for value in image[i, 2 * j : 2 * j + 2]:
                if value > pooled[i, j]:  # noqa: PLR1730 - as many write it
                    pooled[i, j] = value
    return np.mean(np.exp(pooled))


@idiom(IMAGE)
def summed_area_table(image):
    """Running sums in both directions, then any box in four look-ups."""
    table = np.zeros((4, 5))
    table[1:, 1:] = image
    for i in range(1, 4):
        table[i] += table[i - 1]
    for j in range(1, 5):
        table[:, j] += table[:, j - 1]
    box = table[3, 4] - table[1, 4] - table[3, 1] + table[1, 1]
    return box**2 + table[2, 2]
