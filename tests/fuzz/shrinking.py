"""A smaller program that is as wrong: statements dropped while it stays so."""

import ast
import copy
import dataclasses
from collections.abc import Callable, Iterator

from .program import Program

ATTEMPTS = 400


def shrink(program: Program, is_wrong: Callable[[Program], bool]) -> Program:
    """The smallest program found by dropping statements and terms, one at a time.

    A buffer of ``np.empty`` whose filling was dropped would hold anything; so it is
    made one of zeros first, and where that mends the program, it is left as it is.
    """
    defined = dataclasses.replace(
        program, text=program.text.replace("np.empty", "np.zeros")
    )
    if not is_wrong(defined):
        return program
    program, attempts = defined, 0
    found = True
    while found:
        found = False
        for text in smaller(program.text):
            attempts += 1
            if attempts > ATTEMPTS:
                return program
            candidate = dataclasses.replace(program, text=text)
            if is_wrong(candidate):
                program, found = candidate, True
                break
    return program


def smaller(text: str) -> Iterator[str]:
    """Texts without one statement, or one term of a sum or product."""
    tree = ast.parse(text)
    for number, node in enumerate(ast.walk(tree)):
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                for position in reversed(range(len(block))):
                    yield without(tree, number, field, position)
    for number, node in enumerate(ast.walk(tree)):
        if isinstance(node, ast.BinOp):
            yield with_operand(tree, number, "left")
            yield with_operand(tree, number, "right")


def without(tree: ast.Module, number: int, field: str, position: int) -> str:
    """The program without one statement; a block that would be empty passes."""
    changed = copy.deepcopy(tree)
    block = getattr(list(ast.walk(changed))[number], field)
    del block[position]
    if not block and field == "body":
        block.append(ast.Pass())
    return ast.unparse(changed) + "\n"


def with_operand(tree: ast.Module, number: int, side: str) -> str:
    """The program with an operation replaced by one of its operands."""
    changed = copy.deepcopy(tree)
    operation = list(ast.walk(changed))[number]
    operand = getattr(operation, side)
    operation.__class__ = type(operand)
    operation.__dict__ = operand.__dict__
    return ast.unparse(changed) + "\n"
