"""Texts that do no harm where they are shown: names and lines come from anywhere.

A function may be named by an escape sequence that a terminal obeys, a key of a
dictionary may hold half a character that no file takes, and XML knows no control codes.
"""

import re
import unicodedata
from typing import Any

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # codes of terminals; not tab and new line
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # what turns the order of letters
    "\ud800-\udfff\ufffe\uffff]"  # no characters at all
)
_IN_ASCII = str.maketrans(
    {
        "\u0304": "_bar",
        "\u0307": "_dot",
        "∂": "d",
        "×": "x",
        "µ": "u",
        "…": "~",
        "·": "*",
    }
)


def harmless(data: Any) -> Any:
    r"""Return data in whose texts control codes are written out: ``\x1b``."""
    if isinstance(data, str):
        return data if data.isprintable() else _CONTROL.sub(_written_out, data)
    if isinstance(data, dict):
        return {key: harmless(one) for key, one in data.items()}
    if isinstance(data, list):
        return [harmless(one) for one in data]
    return data


def _written_out(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


def encodable(text: str, encoding: str) -> str:
    """Return a text that an encoding has signs for; what it has not is written out."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join([_encodable(sign, encoding) for sign in text])
    except LookupError:  # of a stream that is no file, say
        pass
    return text


def _encodable(sign: str, encoding: str) -> str:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        plain = unicodedata.normalize("NFD", sign).translate(_IN_ASCII)
        return plain.encode(encoding, "backslashreplace").decode(encoding)
    return sign
