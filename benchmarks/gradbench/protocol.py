"""GradBench's protocol: each message, a JSON object a line, gets one answer."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from benchmarks.gradbench.modules import MODULES, Function

Message = Mapping[str, Any]
Answer = dict[str, Any]


class UnknownNameError(Exception):
    """The referee asked for something that is not there; the message says what is."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How often a function is run: so many times at least, and for so long in all."""

    runs: int = 1
    seconds: float = 0.0


def serve(messages: Iterable[str], answers: TextIO) -> None:
    """Answer messages until there are no more.

    Parameters
    ----------
    messages : iterable of str
        Lines; empty ones are passed over.
    answers : text file
        Gets a line for each message, at once.
    """
    for line in messages:
        if line.strip():
            answers.write(reply(line) + "\n")
            answers.flush()


def reply(line: str) -> str:
    """Return the line that answers a line, whatever stands in it.

    What is no message has no ``id``, and the answer's is null.
    """
    try:
        message = json.loads(line)
    except ValueError as error:
        return json.dumps({"id": None} | _fault(f"no JSON: {error}"))
    if not isinstance(message, dict):
        return json.dumps({"id": None} | _fault("a message is an object"))
    said = answer(message)
    try:
        return json.dumps(said, allow_nan=False)
    except ValueError:
        return json.dumps({"id": said["id"]} | _fault("the output is not finite"))


def answer(message: Message) -> Answer:
    """Return the answer to a message, with the message's ``id``."""
    match message.get("kind"):
        case "start":
            said = {"tool": "adjoint"}
        case "define":
            said = _outcome(lambda: _define(message))
        case "evaluate":
            said = _outcome(lambda: _evaluate(message))
        case "analysis":
            said = {}
        case kind:
            said = _fault(f"unknown kind of message: {kind}")
    return {"id": message.get("id")} | said


def _fault(text: str) -> Answer:
    return {"success": False, "error": text}


def _outcome(act: Callable[[], Answer]) -> Answer:
    """Return what an act gives, or what it raised: the referee goes on."""
    try:
        return {"success": True} | act()
    except UnknownNameError as error:
        return _fault(str(error))
    except Exception as error:
        return _fault(f"{type(error).__name__}: {error}")


def _define(message: Message) -> Answer:
    _look_up("module", message["module"], MODULES)
    return {}


def _evaluate(message: Message) -> Answer:
    """Return the output of a function, and the time of each of its runs."""
    module = _look_up("module", message["module"], MODULES)
    function: Function = _look_up("function", message["function"], module)
    given = message["input"]
    arguments = function.decode(given)
    effort = Effort()
    if isinstance(given, dict):
        effort = Effort(given.get("min_runs", 1), given.get("min_seconds", 0.0))
    result, nanoseconds = repeat(lambda: function.run(*arguments), effort)
    timings = [{"name": "evaluate", "nanoseconds": one} for one in nanoseconds]
    return {"output": function.encode(result), "timings": timings}


def repeat(run: Callable[[], Any], effort: Effort) -> tuple[Any, list[int]]:
    """Return the last result of a call, and the nanoseconds of each repetition."""
    nanoseconds: list[int] = []
    result = None
    while len(nanoseconds) < max(1, effort.runs) or sum(nanoseconds) < (
        effort.seconds * 1e9
    ):
        start = time.perf_counter_ns()
        result = run()
        nanoseconds.append(time.perf_counter_ns() - start)
    return result, nanoseconds


def _look_up(what: str, name: str, known: Mapping[str, Any]) -> Any:
    if name not in known:
        raise UnknownNameError(
            f"unknown {what}: {name!r}; there are {', '.join(known)}"
        )
    return known[name]
