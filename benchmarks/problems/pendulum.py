"""The double pendulum: two equal rods of unit length and mass, in a plane."""

import numpy as np

GRAVITY = 9.81


def inputs():
    """Return a state in motion: two angles from the vertical, two angular speeds."""
    return np.array([0.7, -0.4, 1.1, 0.3]), ()


def motion(state):
    """Return the rate of change of the state, shape (4,)."""
    first, second, first_speed, second_speed = state[0], state[1], state[2], state[3]
    between = first - second
    cos, sin = np.cos(between), np.sin(between)
    inertia = 3.0 - np.cos(2.0 * between)
    weight = 3.0 * np.sin(first) + np.sin(first - 2.0 * second)
    pull = second_speed**2 + first_speed**2 * cos
    push = 2.0 * first_speed**2 + second_speed**2 * cos
    return np.stack(
        [
            first_speed,
            second_speed,
            -(GRAVITY * weight + 2.0 * sin * pull) / inertia,
            2.0 * sin * (push + 2.0 * GRAVITY * np.cos(first)) / inertia,
        ]
    )


def jacobian_by_hand(state):
    """Return the Jacobian of `motion`, shape (4, 4), by the rule of quotients."""
    first, second, first_speed, second_speed = state
    between = first - second
    cos, sin = np.cos(between), np.sin(between)
    inertia = 3.0 - np.cos(2.0 * between)
    swing = 2.0 * np.sin(2.0 * between) / inertia  # of log inertia by first
    skew = np.cos(first - 2.0 * second)
    squares = first_speed**2, second_speed**2
    pull = squares[1] + squares[0] * cos
    push = 2.0 * squares[0] + squares[1] * cos + 2.0 * GRAVITY * np.cos(first)
    weight = 3.0 * np.sin(first) + np.sin(first - 2.0 * second)
    rates = -(GRAVITY * weight + 2.0 * sin * pull), 2.0 * sin * push
    turn = 2.0 * (cos * pull - sin * sin * squares[0])  # of 2 sin pull by first
    lift = 2.0 * (cos * push - sin * sin * squares[1])  # of 2 sin push by between
    upper = -GRAVITY * (3.0 * np.cos(first) + skew) - turn, 2.0 * GRAVITY * skew + turn
    lower = lift - 4.0 * GRAVITY * sin * np.sin(first), -lift
    mixed = 4.0 * sin / inertia
    return np.array(
        [
            [0.0, 0.0, 1.0, 0.0],
            [0.0, 0.0, 0.0, 1.0],
            [
                (upper[0] - swing * rates[0]) / inertia,
                (upper[1] + swing * rates[0]) / inertia,
                -mixed * first_speed * cos,
                -mixed * second_speed,
            ],
            [
                (lower[0] - swing * rates[1]) / inertia,
                (lower[1] + swing * rates[1]) / inertia,
                2.0 * mixed * first_speed,
                mixed * second_speed * cos,
            ],
        ]
    )
