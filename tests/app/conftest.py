"""The page as a reader has it: the command's own server, and the system's Chromium."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

STARTED = 600
"""Seconds the server may take, machine code to be made included."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def children(pid: int) -> set[int]:
    """The processes a process has started, where the system tells."""
    with suppress(OSError):
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    return set()


@pytest.fixture(scope="session")
def served() -> Iterator[str]:
    """The address of a page served by ``frandsim app``; its end leaves nothing behind."""
    port = free_port()
    command = [sys.executable, "-m", "simulator", "app", "--port", str(port), "--no-browser"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        for _ in range(10 * STARTED):
            if listens(port) or server.poll() is not None:
                break
            time.sleep(0.1)
        assert server.poll() is None, server.communicate()[1]
        yield f"http://127.0.0.1:{port}/"
    finally:
        started = children(server.pid)
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=20)
    assert server.returncode == 0, said
    assert "Traceback" not in said, said
    assert not listens(port)
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The system's Chromium; none is downloaded."""
    sync = pytest.importorskip("playwright.sync_api", reason="no playwright")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no chromium")
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Any, served: str) -> Iterator[Callable[..., Any]]:
    """Opens windows on the page; at the end none has asked for anything outside, and no script has failed."""
    outside: list[str] = []
    failed: list[str] = []
    opened = []

    def local(url: str) -> bool:
        return url.startswith((served, served.replace("http", "ws"), "data:", "blob:"))

    def judge(route: Any) -> None:
        if local(route.request.url):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    def heard(said: Any) -> None:
        """Keep errors, but for a file of an earlier state of the page, asked for when it is gone."""
        gone = "404" in said.text and ("/media/" in said.location["url"] or "Download Button" in said.text)
        if said.type == "error" and not gone:
            failed.append(f"{said.text} {said.location}")

    def open_window(link: str = "", *, width: int = 1400) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 900}, accept_downloads=True)
        opened.append(context)
        context.route("**/*", judge)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("websocket", lambda socket: outside.extend([] if local(socket.url) else [socket.url]))
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.on("console", heard)
        page.goto(served + link)
        page.get_by_role("tab", name="Explore").wait_for()
        return page

    yield open_window
    for context in opened:
        for page in context.pages:
            assert page.locator("[data-testid=stException]").count() == 0
        context.close()
    assert outside == []
    assert failed == []
