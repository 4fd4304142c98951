"""The command that serves the interactive page: ``app``."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli.options import app, examples


@app.command("app", epilog=examples("frandsim app", "frandsim app --port 8600 --no-browser"))
def page(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 8501,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open it in a browser.")] = True,
) -> None:
    """Open the interactive page: explore a comparison, follow a negotiation, sit at the table, write a law.

    It is served to this machine only, and ends with the command (Ctrl-C). Needs the extra frandsim[app].
    """
    from simulator.app.launch import serve

    serve(port, browser=browser)
