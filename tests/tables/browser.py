"""Chromium, driven over its DevTools pipe: no driver, no port, no dependency."""

import base64
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--remote-debugging-pipe",
)
_WIRE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Chromium reads commands from 3 and answers on 4."""


class Page:
    """One tab: goes to a file, runs JavaScript, presses keys, takes pictures."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back, self._ids, self._rest = to, back, count(1), b""
        self.said: list[str] = []
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = str(self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")

    _session = ""

    def _ask(self, method: str, **params: object) -> dict[str, object]:
        number = next(self._ids)
        message: dict[str, object] = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])  # type: ignore[call-overload, no-any-return]

    def _next(self) -> dict[str, object]:
        while b"\0" not in self._rest:
            chunk = os.read(self._back, 1 << 16)
            if not chunk:
                raise RuntimeError("the browser went away")
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\0")
        answer: dict[str, object] = json.loads(line)
        method = str(answer.get("method", ""))
        if method in ("Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening"):
            self.said.append(json.dumps(answer["params"]))
        if method == "Network.requestWillBeSent":
            url: str = answer["params"]["request"]["url"]  # type: ignore[index]
            self.said += [url] * (not url.startswith("file:"))
        return answer

    def open(self, path: Path, width: int = 1440, height: int = 900, *, dark: bool = False) -> None:
        """Show a file in a window of that size, and wait until it is there."""
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._ask("Emulation.setEmulatedMedia", features=scheme)
        self._ask("Page.navigate", url=path.resolve().as_uri())
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def media(self, kind: str) -> None:
        """Show the page as it is on paper (`print`), or, with nothing, on a screen."""
        self._ask("Emulation.setEmulatedMedia", media=kind)

    def run(self, script: str) -> object:
        """Return what the expression is, promises waited for."""
        answer = self._ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")  # type: ignore[attr-defined]

    def frame(self) -> None:
        """Wait until what was asked for is drawn."""
        self.run("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")

    def press(self, key: str, text: str = "") -> None:
        """Press a key as a person does."""
        for kind in ("keyDown", "keyUp"):
            typed = {"text": text} if text and kind == "keyDown" else {}
            self._ask("Input.dispatchKeyEvent", type=kind, key=key, **typed)
        self.frame()

    def hover(self, x: float, y: float) -> None:
        """Rest the mouse there."""
        self._ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def click(self, x: float, y: float) -> None:
        """Click there."""
        for kind in ("mousePressed", "mouseReleased"):
            self._ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.frame()

    def picture(self, path: Path) -> None:
        """Save what the window shows as PNG."""
        path.write_bytes(base64.b64decode(str(self._ask("Page.captureScreenshot")["data"])))


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """Start Chromium with an empty profile, and end it."""
    assert CHROMIUM is not None
    pipes = (*os.pipe(), *os.pipe())
    theirs = [fcntl.fcntl(pipes[end], fcntl.F_DUPFD_CLOEXEC, 64) for end in (0, 3)]  # clear of 3 and 4
    process = subprocess.Popen(
        [sys.executable, "-c", _WIRE, *map(str, theirs), CHROMIUM, *_FLAGS, f"--user-data-dir={profile}"],
        pass_fds=theirs,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for end in (pipes[0], pipes[3], *theirs):
        os.close(end)
    try:
        yield Page(to=pipes[1], back=pipes[2])
    finally:
        process.kill()
        process.wait()
        os.close(pipes[1])
        os.close(pipes[2])
