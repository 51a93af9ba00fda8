"""``ad.explain_rule``: all that is known of a function's derivative, to be read."""

import inspect
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adjoint._clone.libraries import is_library
from adjoint._clone.records import STAND_INS
from adjoint._core.attributes import REFUSED
from adjoint._core.errors import InputError
from adjoint._core.handle import Handle
from adjoint._core.protocols import accepts
from adjoint._core.record import Calculus, Kink, Layout, Record
from adjoint._explain.names import (
    behind,
    function_of,
    is_method_of_arrays,
    name_of,
    written_as,
)
from adjoint._explain.sources import places_of, source_of
from adjoint._numpy.catalogue import Classification, Kind, classify
from adjoint._transforms.custom import custom_jvp, custom_vjp

_ALL_MODES = "reverse, forward, batch"
_OF_CONSTANTS = "batch; a constant in reverse and forward"


@dataclass(frozen=True, slots=True)
class RuleExplanation:
    """What is known of the derivative of one function.

    Printed, or shown by a notebook, it is a table; the attributes are for programs.

    Attributes
    ----------
    name : str
        The function's full name.
    kind : str
        ``"differentiable"``, ``"derivative zero by nature"``, ``"without derivative"``
        or ``"unknown"``.
    reason : str
        Why, or how the derivative comes about.
    formulas : tuple of (str, str)
        What each is the formula of, and the source text of the rule.
    source : str
        File and line of the rule, or of the composition.
    calculus, layout : str
        The two classes of the record (see ``docs/architecture.md``); empty for others.
    modes : str
        In which modes the function runs.
    kinks : tuple of str
        The points without a derivative, each with the convention taken.
    keywords : str
        Which keywords of the function are taken, and which refuse.
    reference : str
        A book or paper.
    """

    name: str
    kind: str
    reason: str
    formulas: tuple[tuple[str, str], ...] = ()
    source: str = ""
    calculus: str = ""
    layout: str = ""
    modes: str = ""
    kinks: tuple[str, ...] = ()
    keywords: str = ""
    reference: str = ""

    def rows(self) -> list[tuple[str, str]]:
        """Return the lines of the table: a label and a text each."""
        rows = [
            *self.formulas,
            ("rule", self.source),
            ("calculus", self.calculus),
            ("layout", self.layout),
            ("modes", self.modes),
            *(("kink", kink) for kink in self.kinks),
            ("keywords", self.keywords),
            ("reference", self.reference),
        ]
        return [(label, text) for label, text in rows if text]

    def __str__(self) -> str:
        lines = [self._title()]
        rows = self.rows()
        width = max((len(label) for label, _ in rows), default=0)
        for label, text in rows:
            first, *others = text.splitlines()
            lines.append(f"  {label:<{width}}  {first}")
            lines.extend(f"  {'':<{width}}  {other}".rstrip() for other in others)
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return the table for a notebook."""
        body = "".join(
            f"<tr><th>{_escaped(label)}</th><td><pre>{_escaped(text)}</pre></td></tr>"
            for label, text in self.rows()
        )
        return f"<p>{_escaped(self._title())}</p><table>{body}</table>"

    def _title(self) -> str:
        """Return what the function is, and why where the table does not say that."""
        why = "" if self.reason == self.calculus else f" {_sentence(self.reason)}"
        return f"{self.name}: {self.kind}.{why}"


def explain_rule(function: Callable[..., Any] | str) -> RuleExplanation:
    """Return what is known of the derivative of a function, as a table to be read.

    Parameters
    ----------
    function : callable or str
        A function or ufunc, a method of a ufunc (``np.add.reduce``) or of ``ndarray``,
        or a name: ``"numpy.sin"``, ``"np.add.reduce"``.

    Returns
    -------
    RuleExplanation
        Prints as a table: formula, file and line of the rule, its classes, modes,
        conventions, keywords and reference.

    Raises
    ------
    InputError
        If a name stands for nothing, or the argument is no function.

    See Also
    --------
    adjoint.extend.implements : Give a function of another package a derivative.

    Examples
    --------
    >>> import numpy as np
    >>> import adjoint as ad
    >>> explained = ad.explain_rule(np.sin)
    >>> explained.formulas
    (('slope by x', 'np.cos(x)'),)
    >>> explained.kind, ad.explain_rule("numpy.argmax").kind
    ('differentiable', 'derivative zero by nature')
    """
    given = function_of(function) if isinstance(function, str) else function
    if not callable(given):
        msg = f"ad.explain_rule({function!r}): that is no function."
        raise InputError(msg)
    target = behind(given)
    try:
        found = classify(target)
    except (LookupError, TypeError):
        return _beyond_the_catalogue(target)
    return explanation(name_of(target), target, found)


def explanation(name: str, function: Any, found: Classification) -> RuleExplanation:
    """Return what is told of a function that was classified."""
    if found.kind is Kind.WITHOUT:
        return RuleExplanation(name, found.kind.value, found.reason)
    told = RuleExplanation(
        name,
        found.kind.value,
        found.reason,
        modes=modes_of(found),
        keywords=keywords_of(function, found.implementation),
    )
    if found.record is not None:
        return _with_record(told, found.record)
    written = found.implementation or getattr(function, "_implementation", function)
    return replace(told, source=str(source_of(written)))


def _with_record(told: RuleExplanation, record: Record) -> RuleExplanation:
    formulas, source = formulas_of(record)
    batched = record.layout is not Layout.OPAQUE or record.batch is None
    return replace(
        told,
        formulas=formulas,
        source=source,
        calculus=record.calculus.value,
        layout=record.layout.value if batched else "",
        kinks=tuple(f"at {_point(kink)}: {kink.why}" for kink in record.kinks),
        reference=record.reference,
    )


def _point(kink: Kink) -> str:
    return ", ".join(f"{one:g}" for one in kink.at)


def formulas_of(record: Record) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return the rules of a record, each with what it is the formula of, and where."""
    rules = _labelled_rules(record)
    if record.pushforward is not None:
        rules.append(("pushforward", record.pushforward))
    found = [(label, rule, source_of(rule)) for label, rule in rules]
    return (
        tuple((label, source.text or name_of(rule)) for label, rule, source in found),
        places_of(source for _, _, source in found),
    )


def _labelled_rules(record: Record) -> list[tuple[str, Callable[..., Any]]]:
    if record.calculus is Calculus.CONSTANT:
        return []
    if record.shared is not None:
        return [("pullback", record.shared)]
    if callable(record.rules):
        return [("pullbacks, by position", record.rules)]
    what = "slope by" if record.calculus is Calculus.PARTIALS else "cotangent of"
    names = _arguments_of(record)
    return [
        (f"{what} {name}", rule)
        for name, rule in zip(names, record.rules, strict=True)
        if rule is not None
    ]


def _arguments_of(record: Record) -> list[str]:
    """Return what the rules of a record call its arguments."""
    if record.calculus is Calculus.STRUCTURAL:
        return ["x"]
    first = 1 if record.calculus is Calculus.PARTIALS else 2
    count = len(record.rules) if isinstance(record.rules, tuple) else 0
    names = [f"argument {k}" for k in range(count)]
    for rule in record.rules if isinstance(record.rules, tuple) else ():
        code = getattr(rule, "__code__", None)
        if code is not None and code.co_argcount >= first + count:
            given = code.co_varnames[first : first + count]
            names = [name.removeprefix("_") for name in given]
    return names


def modes_of(found: Classification) -> str:
    """Return in which modes a function runs."""
    if found.kind is Kind.CONSTANT:
        return _OF_CONSTANTS
    record = found.record
    if record is None or record.layout is not Layout.OPAQUE or record.batch is not None:
        return _ALL_MODES
    return f"{_ALL_MODES} in a loop"


def keywords_of(function: Any, implementation: Callable[..., Any] | None) -> str:
    """Return which keywords of a function are taken for traced values."""
    if isinstance(function, np.ufunc):
        of_matrices = ", axes, axis, keepdims" if function.signature else ""
        return f"out, where, dtype, casting, order, signature{of_matrices}"
    if implementation is None or getattr(function, "__name__", "") == "at":
        return ""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a function in C that does not say
        return ""
    code = getattr(implementation, "__code__", None)
    by_position = getattr(code, "co_argcount", 0)
    taken, refused = [], []
    for place, one in enumerate(parameters):
        if one.default is one.empty:
            continue
        known = one.kind is not one.KEYWORD_ONLY and place < by_position
        if known or one.name == "out" or accepts(implementation, one.name):
            taken.append(one.name)
        else:
            refused.append(one.name)
    texts = [", ".join(taken), refused and f"refused: {', '.join(refused)}"]
    return "; ".join(text for text in texts if text)


def _beyond_the_catalogue(function: Any) -> RuleExplanation:
    """Return what is told of functions that are not NumPy's."""
    name = name_of(function)
    if isinstance(function, (custom_jvp, custom_vjp)):
        kind = type(function).__name__
        labels = ("pushforward",) if kind == "custom_jvp" else ("forward", "pullback")
        sources = [source_of(rule) for rule in function.rules]
        return RuleExplanation(
            name,
            Kind.DIFFERENTIABLE.value,
            f"it brings its own rule (ad.{kind})",
            tuple(zip(labels, (source.text for source in sources), strict=False)),
            places_of(sources),
            modes=_ALL_MODES,
        )
    if is_method_of_arrays(function):
        return _of_a_method(name, function)
    if isinstance(function, Hashable) and function in STAND_INS:
        reason = "in functions that transforms follow, a stand-in of ours is called"
        return RuleExplanation(name, Kind.DIFFERENTIABLE.value, reason)
    written = written_as(function)
    if written is not None and not is_library(written):
        return RuleExplanation(
            name,
            Kind.DIFFERENTIABLE.value,
            "transforms follow it: what it calls is differentiated, line by line",
            source=str(source_of(written)),
            modes=_ALL_MODES,
        )
    return RuleExplanation(
        name,
        "unknown",
        "it has no derivative rule, and transforms do not follow it: let them with "
        "ad.follow, if it is written in Python, or give it a rule with "
        "ad.extend.implements",
    )


def _of_a_method(name: str, method: Callable[..., Any]) -> RuleExplanation:
    """Return what is told of a method of arrays that is no function of NumPy's too."""
    refused = REFUSED.get(method.__name__)
    if refused is not None:
        return RuleExplanation(name, Kind.WITHOUT.value, refused.rstrip("."))
    return RuleExplanation(
        name,
        Kind.DIFFERENTIABLE.value,
        "traced arrays have it",
        source=str(source_of(getattr(Handle, method.__name__, method))),
        modes=_ALL_MODES,
    )


def _escaped(text: str) -> str:
    """Return text for HTML; the library's ``html`` would cost `import adjoint` 2 ms."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
