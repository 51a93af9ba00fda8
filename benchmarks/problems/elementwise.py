"""Formulas applied entry by entry, closed by a sum.

References
----------
.. [1] Abramowitz, Stegun (1964): Handbook of Mathematical Functions, 26.2.17.
.. [2] Black, Scholes (1973): The Pricing of Options and Corporate Liabilities.
"""

import numpy as np

STRETCH = 0.2316419
B1, B2, B3, B4, B5 = (
    np.array([0.319381530, -0.356563782, 1.781477937, -1.821255978, 1.330274429])
    / np.sqrt(2.0 * np.pi)
).tolist()
"""Of the polynomial in [1]_, over sqrt(2 pi); Python floats, which keep float32."""


def tanh_of_product(x):
    """Return sum tanh(sin x cos x)."""
    return np.sum(np.tanh(np.sin(x) * np.cos(x)))


def tanh_of_product_by_hand(x):
    """Return value and gradient of `tanh_of_product`: (1 - y^2)(cos^2 - sin^2)."""
    sin, cos = np.sin(x), np.cos(x)
    y = np.tanh(sin * cos)
    return np.sum(y), (1.0 - y * y) * (cos * cos - sin * sin)


def tanh_chain(x, steps):
    """Return the sum of y after `steps` turns of y = tanh(y * x + x)."""
    y = x
    for _ in range(steps):
        y = np.tanh(y * x + x)
    return np.sum(y)


def tanh_chain_by_hand(x, steps):
    """Return value and gradient of `tanh_chain`."""
    ys = [x]
    for _ in range(steps):
        ys.append(np.tanh(ys[-1] * x + x))
    value = np.sum(ys[-1])
    x_bar = np.zeros_like(x)
    y_bar = np.ones_like(x)
    out = ys.pop()
    while ys:
        y = ys.pop()
        slope = out * out
        np.subtract(1.0, slope, out=slope)
        slope *= y_bar
        x_bar += slope * y
        x_bar += slope
        y_bar = slope * x
        out = y
    x_bar += y_bar
    return value, x_bar


def logistic_loss(weights, features, labels):
    """Return sum log(1 + exp(-m)) of margins m = labels * (features @ weights).

    Parameters
    ----------
    weights : array, shape (d,)
    features : array, shape (n, d)
    labels : array, shape (n,)
        1 or -1.

    Notes
    -----
    (abs(m) - m) / 2 is max(-m, 0): what exp(-m) would overflow with is taken out.
    """
    margins = labels * (features @ weights)
    size = np.abs(margins)
    return np.sum(np.log1p(np.exp(-size)) + 0.5 * (size - margins))


def logistic_loss_by_hand(weights, features, labels):
    """Return value and gradient of `logistic_loss`."""
    margins = labels * (features @ weights)
    size = np.abs(margins)
    small = np.exp(-size)
    value = np.sum(np.log1p(small) + 0.5 * (size - margins))
    margins_bar = np.where(margins > 0.0, -small, -1.0) / (1.0 + small)
    return value, (labels * margins_bar) @ features


def black_scholes(argument, strike):
    """Return the summed prices of European calls.

    Parameters
    ----------
    argument : list of array, each of shape (n,)
        Spot price, volatility, rate, time to maturity.
    strike : array, shape (n,)
    """
    spot, volatility, rate, maturity = argument
    deviation = volatility * np.sqrt(maturity)
    drift = (rate + 0.5 * volatility * volatility) * maturity
    d1 = (np.log(spot / strike) + drift) / deviation
    d2 = d1 - deviation
    discounted = strike * np.exp(-rate * maturity)
    return np.sum(spot * normal_cdf(d1) - discounted * normal_cdf(d2))


def normal_cdf(x):
    """Return the normal distribution function, to 7.5e-8 [1]_."""
    t = 1.0 / (1.0 + STRETCH * np.abs(x))
    tail = np.exp(-0.5 * x * x) * t * (B1 + t * (B2 + t * (B3 + t * (B4 + t * B5))))
    return np.where(x > 0.0, 1.0 - tail, tail)


def black_scholes_by_hand(argument, strike):
    """Return value and gradient of `black_scholes`.

    The two slopes of the distribution function do not cancel as they do on paper: the
    function differentiated is the approximation.
    """
    spot, volatility, rate, maturity = argument
    root = np.sqrt(maturity)
    deviation = volatility * root
    drift = rate + 0.5 * volatility * volatility
    d1 = (np.log(spot / strike) + drift * maturity) / deviation
    d2 = d1 - deviation
    discounted = strike * np.exp(-rate * maturity)
    probability1, slope1 = _normal_cdf_and_slope(d1)
    probability2, slope2 = _normal_cdf_and_slope(d2)
    value = np.sum(spot * probability1 - discounted * probability2)
    d1_bar = spot * slope1
    d2_bar = -discounted * slope2
    both_bar = d1_bar + d2_bar
    owed = discounted * probability2
    return value, [
        probability1 + both_bar / (deviation * spot),
        -(d1_bar * d2 + d2_bar * d1) / volatility,
        owed * maturity + both_bar * root / volatility,
        owed * rate
        + both_bar * drift / deviation
        - (d1_bar * d1 + d2_bar * (d2 + 2.0 * deviation)) / (2.0 * maturity),
    ]


def _normal_cdf_and_slope(x):
    """Return `normal_cdf` and its derivative, which is even in x."""
    size = np.abs(x)
    t = 1.0 / (1.0 + STRETCH * size)
    bell = np.exp(-0.5 * x * x)
    tail = bell * t * (B1 + t * (B2 + t * (B3 + t * (B4 + t * B5))))
    rise = B1 + t * (2 * B2 + t * (3 * B3 + t * (4 * B4 + t * (5 * B5))))
    slope = size * tail + STRETCH * bell * t * t * rise
    return np.where(x > 0.0, 1.0 - tail, tail), slope
