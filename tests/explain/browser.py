"""A headless Chromium for tests: found by name, never downloaded, driven over a pipe.

The smallest client of the DevTools protocol that the tests need.  Playwright's wheel
would do the same, at 130 MB installed for everybody who runs the suite.
"""

import base64
import contextlib
import fcntl
import itertools
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)
"""What an installed Chromium may be called."""

_CONNECT = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Becomes the browser, which reads commands from file 3 and answers to file 4."""

_PATIENCE = 60.0
"""Seconds after which an answer is no longer waited for."""


def find_chromium() -> str | None:
    """Return where a Chromium is installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class BrowserError(Exception):
    """The browser did not do what it was asked."""


class Browser:
    """A running Chromium; a context manager, which ends it."""

    def __init__(self, program: str) -> None:
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        options = [
            "--headless=new",
            "--remote-debugging-pipe",
            f"--user-data-dir={self.folder.name}",
            "--no-first-run",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--force-device-scale-factor=1",
        ]
        if os.geteuid() == 0:  # Chromium's own sandbox does not run for root
            options.append("--no-sandbox")
        theirs_in, self._out = _pipe()
        self._in, theirs_out = _pipe()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", _CONNECT, str(theirs_in), str(theirs_out)),
                *(program, *options, "about:blank"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs_in, theirs_out),
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._numbers = itertools.count(1)
        self._pending = b""
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(BrowserError, OSError):
            self.ask("Browser.close")
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)
        self.folder.cleanup()

    def ask(self, method: str, session: str | None = None, **params: Any) -> Any:
        """Return the answer to one command."""
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        left = json.dumps(message).encode() + b"\0"
        while left:
            left = left[os.write(self._out, left) :]
        for answer in self._messages(method):
            if answer.get("id") == number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)
        raise BrowserError(f"{method}: the browser has ended.")

    def _messages(self, method: str) -> Iterator[dict[str, Any]]:
        end = time.monotonic() + _PATIENCE
        while True:
            first, sign, rest = self._pending.partition(b"\0")
            if sign:
                self._pending = rest
                yield json.loads(first)
                continue
            wait = end - time.monotonic()
            if wait <= 0 or not select.select([self._in], [], [], wait)[0]:
                raise BrowserError(f"{method}: no answer within {_PATIENCE:.0f} s.")
            more = os.read(self._in, 1 << 20)
            if not more:
                return
            self._pending += more

    def open(
        self, path: Path, width: int = 1400, height: int = 900, **media: str
    ) -> "Page":
        """Return a page that shows a file, once its script has drawn it."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        page = Page(self, target, session["sessionId"])
        for domain in ("Page", "Runtime", "Network", "Log"):
            page.ask(f"{domain}.enable")
        page.resize(width, height)
        features = [{"name": name, "value": value} for name, value in media.items()]
        page.ask("Emulation.setEmulatedMedia", features=features)
        page.ask("Page.navigate", url=path.resolve().as_uri())
        return page


class Page:
    """One tab."""

    def __init__(self, browser: Browser, target: str, session: str) -> None:
        self.browser = browser
        self.target = target
        self.session = session

    def ask(self, method: str, **params: Any) -> Any:
        """Return the answer to one command about this tab."""
        return self.browser.ask(method, self.session, **params)

    def wait_for_frame(self) -> "Page":
        """Return the frame within the page, which runs apart from it."""
        attach = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True}
        self.ask("Target.setAutoAttach", **attach)
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            for event in self._events():
                if event["method"] == "Target.attachedToTarget":
                    params = event["params"]
                    target = params["targetInfo"]["targetId"]
                    frame = Page(self.browser, target, params["sessionId"])
                    for domain in ("Runtime", "Log"):
                        frame.ask(f"{domain}.enable")
                    return frame
            time.sleep(0.02)
        raise BrowserError(f"No frame appeared within {_PATIENCE:.0f} s.")

    def resize(self, width: int, height: int) -> None:
        """Give the tab a size in pixels."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def run(self, script: str) -> Any:
        """Return what an expression of JavaScript gives, awaited."""
        result = self.ask(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in result:
            raise BrowserError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait_for(self, script: str) -> Any:
        """Return what an expression gives as soon as that is true."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if found := self.run(script):
                return found
            time.sleep(0.02)
        raise BrowserError(f"{script} did not become true within {_PATIENCE:.0f} s.")

    def wait_ready(self) -> float:
        """Return after how many milliseconds the page was drawn."""
        return float(self.wait_for("document.documentElement?.dataset.ready"))

    def texts(self, selector: str) -> list[str]:
        """Return the texts of the elements a selector finds."""
        found = json.dumps(selector)
        return self.run(
            f"[...document.querySelectorAll({found})].map((one) => one.textContent)"
        )

    def text(self, selector: str) -> str:
        """Return the text of the one element a selector finds."""
        (found,) = self.texts(selector)
        return found

    def click(self, selector: str) -> None:
        """Click on the first element a selector finds."""
        self.run(
            f"document.querySelector({json.dumps(selector)})"
            ".dispatchEvent(new MouseEvent('click', {bubbles: true}))"
        )

    def press(self, key: str) -> None:
        """Press a key."""
        text = {"text": key} if len(key) == 1 else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=key)

    def type(self, text: str) -> None:
        """Write a text into what has the focus."""
        self.ask("Input.insertText", text=text)

    def choose(self, selector: str, place: int) -> None:
        """Choose an option of a list by its place."""
        self.run(
            f"(() => {{const at = document.querySelector({json.dumps(selector)});"
            f"at.selectedIndex = {place};"
            "at.dispatchEvent(new Event('change', {bubbles: true}));})()"
        )

    def screenshot(self, path: Path) -> None:
        """Write what is seen as a PNG file."""
        data = self.ask("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))

    def complaints(self) -> list[str]:
        """Return what the console and the policy complained of."""
        found = []
        for event in self._events():
            params = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                found.append(str(params["exceptionDetails"]))
            elif event["method"] == "Log.entryAdded":
                found.append(params["entry"]["text"])
            elif event["method"] == "Runtime.consoleAPICalled":
                found.append(str(params["args"]))
        return found

    def requests(self) -> list[str]:
        """Return the addresses that were asked for, after the page itself."""
        urls = [
            event["params"]["request"]["url"]
            for event in self._events()
            if event["method"] == "Network.requestWillBeSent"
        ]
        return urls[1:]

    def _events(self) -> list[dict[str, Any]]:
        self.run("1")  # what was sent before the answer has come, too
        return [
            event
            for event in self.browser.events
            if event.get("sessionId") == self.session
        ]

    def close(self) -> None:
        """Close the tab."""
        self.browser.ask("Target.closeTarget", targetId=self.target)


def _pipe() -> tuple[int, int]:
    """Return a pipe with numbers above those that the browser takes for its own."""
    found = []
    for end in os.pipe():
        found.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10))
        os.close(end)
    return found[0], found[1]
