"""Time stepping: trajectories filled step by step, states updated in place."""

import numpy as np

from .register import idiom


@idiom(np.array([1.0, 0.3]))
def euler_trajectory(start):
    """Euler's method fills a trajectory row by row."""
    path = np.zeros((21, 2))
    path[0] = start
    for k in range(20):
        angle, speed = path[k]
        path[k + 1] = path[k] + 0.1 * np.array([speed, -np.sin(angle)])
    return np.sum(path[-1] ** 2) + path[10, 0]


@idiom(1.7)
def runge_kutta_of_a_stiffness(stiffness):
    """Classical Runge-Kutta, the state updated in place, the parameter in a closure."""

    def slope(t, y):
        return np.array([y[1], -stiffness * y[0] - 0.1 * y[1] + np.cos(t)])

    t, dt = 0.0, 0.1
    y = np.array([1.0, 0.0])
    for _ in range(10):
        k1 = slope(t, y)
        k2 = slope(t + dt / 2, y + dt / 2 * k1)
        k3 = slope(t + dt / 2, y + dt / 2 * k2)
        k4 = slope(t + dt, y + dt * k3)
        y += dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        t += dt
    return y[0] ** 2 + 0.5 * y[1] ** 2


@idiom(np.array([0.8, -0.4, 1.1]))
def leapfrog_of_a_chain(start):
    """Kick, drift, kick: positions and velocities change in place."""
    positions = start.copy()
    velocities = np.zeros_like(positions)

    def forces(q):
        f = -q
        f[1:] -= q[1:] - q[:-1]
        f[:-1] -= q[:-1] - q[1:]
        return f

    for _ in range(12):
        velocities += 0.05 * forces(positions)
        positions += 0.1 * velocities
        velocities += 0.05 * forces(positions)
    return 0.5 * np.sum(velocities**2) + positions[0] * positions[-1]


@idiom(0.9)
def heun_with_step_control(rate):
    """Steps are accepted or refused by an error estimate until the end is reached."""
    t, y, h = 0.0, 1.0, 0.3
    while t < 1.0:
        h = min(h, 1.0 - t)
        first = -rate * y + np.sin(t)
        second = -rate * (y + h * first) + np.sin(t + h)
        error = abs(h * (second - first) / 2)
        if error <= 0.01:
            t, y = t + h, y + h * (first + second) / 2
        h *= 0.9 * (0.01 / (error + 1e-6)) ** 0.5
    return y


@idiom(np.array([[0.0, 0.1], [1.1, -0.2], [0.4, 0.9]]))
def three_bodies(positions):
    """Pair forces collected in a zeros_like buffer, action equal to reaction."""
    x = positions.copy()
    v = np.zeros_like(x)
    masses = np.array([1.0, 0.5, 0.8])
    for _ in range(4):
        a = np.zeros_like(x)
        for i in range(3):
            for j in range(i):
                d = x[j] - x[i]
                r3 = (np.sum(d * d) + 0.05) ** 1.5
                a[i] += masses[j] * d / r3
                a[j] -= masses[i] * d / r3
        v += 0.05 * a
        x += 0.05 * v
    return np.sum(masses * np.sum(v**2, axis=1)) + np.sum(x[0] * x[1])


@idiom(np.array([1.1, 0.4, 0.1, 0.4]))
def predators_and_prey(rates):
    """Columns of an np.empty array, one a moment."""
    birth, hunt, gain, death = rates
    history = np.empty((2, 30))
    history[:, 0] = 1.0, 0.7
    for n in range(29):
        prey, predators = history[:, n]
        history[0, n + 1] = prey + 0.05 * prey * (birth - hunt * predators)
        history[1, n + 1] = predators + 0.05 * predators * (gain * prey - death)
    return history[0].mean() * history[1].max()


@idiom(np.array([0.5, 1.2]))
def multistep_with_a_ring_buffer(x):
    """Adams-Bashforth keeps its last three slopes in a ring."""
    ring = np.zeros((3, 2))
    y = x
    for k in range(10):
        ring[k % 3] = np.stack([y[1], -np.tanh(y[0])])
        if k < 2:
            y = y + 0.1 * ring[k % 3]
        else:
            y = y + 0.1 / 12 * (
                23 * ring[k % 3] - 16 * ring[(k - 1) % 3] + 5 * ring[(k - 2) % 3]
            )
    return y @ y


@idiom(0.35)
def implicit_steps(diffusivity):
    """Crank-Nicolson: two matrices filled entry by entry, a solve a step."""
    n = 5
    A, B = np.eye(n), np.eye(n)
    for i in range(n):
        A[i, i] += diffusivity
        B[i, i] -= diffusivity
        if i > 0:
            A[i, i - 1] = A[i - 1, i] = -diffusivity / 2
            B[i, i - 1] = B[i - 1, i] = diffusivity / 2
    u = np.sin(np.pi * np.linspace(0.1, 0.9, n))
    for _ in range(4):
        u = np.linalg.solve(A, B @ u)
    return u.sum()


@idiom(np.array([0.2, 0.5, 0.1, 0.8, 0.3]))
def two_buffers_take_turns(x):
    """Old and new change names after every step; both are written again and again."""
    old = x.copy()
    new = np.empty_like(old)
    for _ in range(5):
        for i in range(len(old)):
            new[i] = 0.5 * old[i] + 0.25 * (old[i - 1] + old[(i + 1) % len(old)])
            new[i] += 0.1 * np.sin(old[i])
        old, new = new, old
    return np.dot(old, new)


@idiom(np.array([0.05, 0.4]))
def kalman_filter(noise):
    """Estimates and their variances, one of each a measurement."""
    process, sensor = noise
    data = np.array([0.3, 0.5, 0.45, 0.8, 0.9])
    estimate, variance = np.zeros(5), np.zeros(5)
    guess, spread = 0.0, 1.0
    likelihood = 0.0
    for t, seen in enumerate(data):
        spread += process
        gain = spread / (spread + sensor)
        likelihood -= 0.5 * np.log(spread + sensor)
        likelihood -= 0.5 * (seen - guess) ** 2 / (spread + sensor)
        guess += gain * (seen - guess)
        spread *= 1 - gain
        estimate[t], variance[t] = guess, spread
    return likelihood + np.sum(estimate * np.sqrt(variance))
