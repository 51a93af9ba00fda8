"""``ad.profile``: where the time and the memory of a derivative go."""

import functools
from collections.abc import Callable
from time import perf_counter
from typing import Any

from adjoint._core.arrays import describe
from adjoint._core.errors import InputError
from adjoint._modes.sites import Site
from adjoint._modes.watched import watching
from adjoint._profile.advice import advice_on
from adjoint._profile.report import Profile, ProfileLine
from adjoint._profile.watching import Measured, Meter
from adjoint._transforms.arguments import check_function


def profile(fun: Callable[..., Any], *misplaced: Any) -> Callable[..., Profile]:
    """Return a function that runs ``fun``, and tells where time and memory went.

    All transforms that start while it runs are measured, by the line of your code:
    time forward and backward, bytes kept for the backward pass, and the bytes that tape
    and sweep hold, step by step.

    Parameters
    ----------
    fun : callable
        What a transform returned, ``ad.grad(f)``, or any function that uses transforms.
    *misplaced
        Nothing: arguments of ``fun`` go to what `profile` returns.

    Returns
    -------
    callable
        Takes the arguments of ``fun``; returns a `Profile`, which prints as a table,
        draws its timeline (``.plot()``), and saves itself (``.save(path)``).

    Raises
    ------
    InputError
        If ``fun`` is no function, or arguments are given with it; when called, if no
        transform ran: a plain function has no backward pass.

    Notes
    -----
    Bytes are those of arrays, each counted once however many entries of the tape hold
    it, at the line that first keeps it; a view keeps all of the array whose memory it
    shows.  Numbers and the entries themselves (some 0.2 kB each) are not counted, nor
    what the function holds besides.  A gradient keeps its tape until the sweep is over.

    Times are those of operations; what Python does between them is in no line.  Each
    operation takes some twenty microseconds more while it is measured, which is left
    out.  Nothing is slower when no profile runs.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> def f(x):
    ...     y = np.sin(x)
    ...     return np.sum(y * y)
    >>> found = ad.profile(ad.grad(f))(np.ones(1000))
    >>> found.kept
    16000
    >>> sorted(line.count for line in found.lines if line.count)
    [1, 2]
    """
    check_function(fun, "ad.profile")
    if misplaced:
        msg = (
            f"ad.profile takes a function alone; given was {describe(misplaced[0])} "
            "too. Write ad.profile(f)(x), not ad.profile(f, x)."
        )
        raise InputError(msg)

    @functools.wraps(fun, updated=())
    def profiled(*args: Any, **kwargs: Any) -> Profile:
        meter = Meter()
        with watching(meter):
            began = perf_counter()
            value = fun(*args, **kwargs)
            seconds = perf_counter() - began
        if not meter.held:
            name = getattr(fun, "__name__", "the function")
            msg = (
                f"ad.profile({name}) met no operation of a transform. Profile a "
                f"derivative: ad.profile(ad.grad({name}))(x), whose function computes "
                "with x. One that is debugged (ad.debug, debug=True) or profiled "
                "within is not measured."
            )
            raise InputError(msg)
        lines = [_line(site, one) for site, one in meter.lines.items()]
        lines.sort(key=lambda one: -(one.forward + one.backward))
        kept = sum(one.kept for one in lines)
        site = meter.peak.site
        return Profile(
            value,
            seconds,
            tuple(lines),
            tuple(meter.held),
            tuple(meter.backward),
            meter.peak.held,
            site.name if site else "-",
            kept,
            tuple(advice_on(lines, meter.holdings.double, kept, meter.peak.held)),
        )

    return profiled


def _line(site: Site | None, one: Measured) -> ProfileLine:
    file, line, function, text = (
        (site.file, site.line, site.function, site.text) if site else ("", 0, "", "")
    )
    forward, backward = one.forward * 1e-9, one.backward * 1e-9
    return ProfileLine(
        file,
        line,
        function,
        text,
        one.count,
        one.runs,
        forward,
        backward,
        one.kept,
        one.checkpointed,
    )
