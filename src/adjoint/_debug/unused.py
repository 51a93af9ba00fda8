"""The warning of arguments that do not influence a result."""

from collections.abc import Sequence
from typing import Any

from adjoint._core.errors import NoInfluenceWarning, warn_the_user


def warn_of_unused(inputs: Any, unused: Sequence[bool]) -> None:
    """Warn of each whole argument of a `Selection` that no cotangent has reached."""
    for position, leaves in inputs.parts():
        if leaves and all(unused[k] for k in leaves):
            warn_the_user(
                f"Argument {position} does not influence the result: its gradient is "
                "zero whatever its value is. ad.diagnose(f)(*args) tells why. If that "
                "is meant, leave it out of argnums.",
                NoInfluenceWarning,
            )
