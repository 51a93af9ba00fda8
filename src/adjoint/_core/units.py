"""Bytes and seconds as people read them."""


def bytes_text(count: float) -> str:
    """Return a number of bytes: ``"12.5 MB"``."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if abs(size) < 1000.0 or unit == "GB":
            break
        size /= 1000.0
    return f"{size:.3g} {unit}"


def time_text(seconds: float) -> str:
    """Return a time: ``"12.5 ms"``."""
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1.0 or unit == "µs":
            break
    return f"{seconds * factor:.3g} {unit}"
