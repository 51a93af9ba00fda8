"""GradBench's hello: the square of a number."""


def square(x):
    """Return x^2.

    Parameters
    ----------
    x : float

    Returns
    -------
    float
    """
    return x * x
