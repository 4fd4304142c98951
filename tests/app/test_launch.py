"""The server of the page is this machine's alone, and says what it lacks."""

from __future__ import annotations

import logging
import socket
import sys

import pytest

from simulator.app.launch import HERE, is_news, options, serve
from simulator.errors import ScenarioError


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("streamlit", "streamlit.web"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ScenarioError, match=r"app: streamlit is not installed; install it: pip install"):
        serve(8501, browser=False)


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.socket() as other:
        other.bind((HERE, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ScenarioError, match=rf"app: port: {port} is taken; .*\n.*--port {port + 1}"):
            serve(port, browser=False)


def test_it_listens_here_alone_and_tells_nobody() -> None:
    asked = options(8501, browser=False)
    assert asked["server_address"] == asked["browser_serverAddress"] == "127.0.0.1"
    assert asked["browser_gatherUsageStats"] is False


@pytest.mark.parametrize(("name", "told"), [("WebSocketDisconnected", False), ("RuntimeError", True)])
def test_a_window_closed_too_soon_is_no_news(name: str, told: bool) -> None:
    """The server logs a traceback where a window goes as it connects; any other fault is told."""
    websockets = pytest.importorskip("starlette.websockets")
    kind = getattr(websockets, name, RuntimeError)
    error = kind("not connected")
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "fault", None, (kind, error, None))
    assert is_news(record) == told
    assert is_news(logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "fault", None, None))
