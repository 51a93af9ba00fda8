"""Expressions multiplied out, unless they would not end."""

import math
from typing import Any

from adjoint._symbolic.loading import sympy

MOST_TERMS = 20_000
"""Terms of an expression multiplied out, at most: some seconds of SymPy's time."""


def expanded(expression: Any) -> Any:
    """Return an expression multiplied out; ``None`` if that may have too many terms.

    Sums, products and whole powers are multiplied in a ring of polynomials, each part
    that occurs several times only once.  What else there is (``sin(x)``, ``1/x``, a
    square root) are its variables.  With floats among them, numbers are floats.
    """
    sp = sympy()
    nodes = list(dict.fromkeys(_parts(expression)))
    variables = sorted(filter(_is_variable, nodes), key=sp.default_sort_key)
    if _terms(nodes, len(variables)) > MOST_TERMS:
        return None
    if not variables:
        return sp.expand(expression)
    names = [f"v{k}" for k in range(len(variables))]
    domain = sp.RR if expression.has(sp.Float) else sp.QQ
    ring = sp.polys.rings.ring(names, domain)
    values: dict[Any, Any] = dict(zip(variables, ring[1:], strict=True))
    for node in nodes:
        if node in values:
            continue
        if node.is_Number:
            values[node] = ring[0].ground_new(domain.from_sympy(node))
        elif node.is_Pow:
            values[node] = values[node.base] ** int(node.exp)
        else:
            parts = [values[part] for part in node.args]
            values[node] = sum(parts[1:], parts[0]) if node.is_Add else math.prod(parts)
    return _written(values[expression], variables)


def _written(polynomial: Any, variables: list[Any]) -> Any:
    """Return a polynomial as an expression, with whole numbers where floats are."""
    sp = sympy()
    terms = []
    for powers, coefficient in polynomial.terms():
        factor = polynomial.ring.domain.to_sympy(coefficient)
        factor = sp.Integer(factor) if factor == int(factor) else factor
        monomial = [one**power for one, power in zip(variables, powers, strict=True)]
        terms.append(sp.Mul(factor, *monomial))
    return sp.Add(*terms)


def _is_sum_of_products(node: Any) -> bool:
    whole = node.is_Pow and node.exp.is_Integer and node.exp > 0
    number = node.is_Number and node.is_finite
    return bool(node.is_Add or node.is_Mul or whole or number)


def _is_variable(node: Any) -> bool:
    return not _is_sum_of_products(node)


def _parts(expression: Any) -> list[Any]:
    """Return sums, products, powers and what they are made of, parts first."""
    found: list[Any] = []
    waiting = [(expression, False)]
    seen = set()
    while waiting:
        node, is_ready = waiting.pop()
        if is_ready:
            found.append(node)
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            if _is_sum_of_products(node) and not node.is_Number:
                inner = [node.base] if node.is_Pow else node.args
                waiting += [(part, False) for part in inner]
    return found


def _terms(nodes: list[Any], variables: int) -> int:
    """Return a bound of the number of terms of the last node multiplied out.

    A sum has those of its terms together, a product as many as its factors multiplied,
    a power p of t terms (t + p - 1 over p); and a polynomial of degree d in k variables
    has at most (d + k over k).
    """
    terms: dict[Any, int] = {}
    degrees: dict[Any, int] = {}
    for node in nodes:
        if node.is_Add:
            terms[node] = sum(terms[part] for part in node.args)
            degrees[node] = max(degrees[part] for part in node.args)
        elif node.is_Mul:
            terms[node] = math.prod(terms[part] for part in node.args)
            degrees[node] = sum(degrees[part] for part in node.args)
        elif node.is_Pow and _is_sum_of_products(node):
            power = int(node.exp)
            terms[node] = math.comb(terms[node.base] + power - 1, power)
            degrees[node] = power * degrees[node.base]
        else:
            terms[node], degrees[node] = 1, 0 if node.is_Number else 1
        most = math.comb(degrees[node] + variables, variables)
        terms[node] = min(terms[node], most)
    return terms[nodes[-1]]
