"""The web page of a report: one file that needs no network.

Two walls stand between hostile names and the reader, each enough by itself: everything
is escaped, and a content security policy lets only our own script and style run.
"""

import base64
import gzip
import hashlib
import html
import importlib.resources
import json
from collections.abc import Mapping
from typing import Any

_PACKED_ABOVE = 1_000_000
"""Characters of JSON: longer data is compressed."""

_TEMPLATE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div id="root"></div>
<noscript>This page is drawn by its own script, which is switched off.</noscript>
<script id="data" type="application/json"{encoding}>{data}</script>
<script>{script}</script>
</body>
</html>
"""


def as_json(data: Mapping[str, Any]) -> str:
    """Return data as JSON that may stand in a page: ASCII, without ``< > &``."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def as_page(data: Mapping[str, Any]) -> str:
    """Return the page of a report."""
    script, style = _asset("page.js"), _asset("page.css")
    text, encoding = as_json(data), ""
    if len(text) > _PACKED_ABOVE:
        packed = gzip.compress(text.encode(), mtime=0)
        text, encoding = base64.b64encode(packed).decode(), ' data-encoding="gzip"'
    return _TEMPLATE.format(
        policy=_policy(script, style),
        title=html.escape(f"{data['title']} explained"),
        style=style,
        encoding=encoding,
        data=text,
        script=script,
    )


def as_frame(page: str, height: int = 640) -> str:
    """Return a page as a frame for notebooks, where it can reach nothing around it."""
    return (
        f'<iframe sandbox="allow-scripts" srcdoc="{html.escape(page)}" '
        f'style="width: 100%; height: {height}px; border: 0"></iframe>'
    )


def _asset(name: str) -> str:
    """Return one of the two built files, checked for what would end its element."""
    folder = importlib.resources.files("adjoint._explain") / "assets"
    text = folder.joinpath(name).read_text("utf-8")
    for end in ("</script", "</style", "<!--"):
        if end in text.lower():
            msg = f"The built file {name} holds {end!r}, which would end its element."
            raise ValueError(msg)
    return text


def _policy(script: str, style: str) -> str:
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
