"""The server of the page: on this machine alone, telling nobody, ended with the command."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from simulator.errors import Problem, ScenarioError

HERE = "127.0.0.1"
"""The one address the page is served at: this machine's own."""


def serve(port: int, *, browser: bool) -> None:
    """Serve the page until the command is ended, and open it in a ``browser`` if asked.

    Raises ``ScenarioError`` where Streamlit is not installed or the port is taken.
    """
    try:
        from streamlit.web import bootstrap
    except ImportError:
        rule = "install it: pip install 'frandsim[app]'"
        raise ScenarioError(Problem("app", None, "", "streamlit is not installed", rule)) from None
    _refuse_taken(port)
    warm_up()
    print(f"The page is at http://{HERE}:{port} (Ctrl-C ends it)", file=sys.stderr, flush=True)
    logging.getLogger("uvicorn.error").addFilter(is_news)
    page = Path(__file__).with_name("page.py")
    bootstrap.load_config_options(options(port, browser=browser))
    bootstrap.run(str(page), False, [], options(port, browser=browser))


def options(port: int, *, browser: bool) -> dict[str, object]:
    """What is asked of Streamlit: the own machine only, no statistics of use, no watching of files."""
    return {
        "global_developmentMode": False,
        "server_address": HERE,
        "server_port": port,
        "server_headless": not browser,
        "server_fileWatcherType": "none",
        "browser_serverAddress": HERE,
        "browser_gatherUsageStats": False,
        "client_toolbarMode": "minimal",
        "client_showSidebarNavigation": False,
        "logger_level": "error",
        "runner_magicEnabled": False,
    }


def is_news(record: logging.LogRecord) -> bool:
    """Whether a reader needs to hear of it: not of a window that was closed while it was being connected."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or not kind.__name__.startswith("WebSocketDisconnect")


def warm_up() -> None:
    """Play a little, so that the first slider answers at once: machine code is made or read here."""
    from simulator.interface import compare
    from simulator.spec.load import load_scenario
    from simulator.trace.follow import trace

    small = load_scenario("duopoly", regimes=["upc", "uk-global"], replications=2)
    compare(small).table()
    trace(small, "upc")


def _refuse_taken(port: int) -> None:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HERE, port))
        except OSError:
            rule = "another program listens there: choose another"
            raise ScenarioError(
                Problem("app", None, "port", f"{port} is taken", rule, f"frandsim app --port {port + 1}")
            ) from None
