"""Take the picture of the page that the README shows, ``docs/images/app.png``, with the system's Chromium.

Start the page first: ``frandsim app --port 8700 --no-browser``; then ``python docs/picture.py 8700``.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).parent / "images" / "app.png"
PATIENCE = 300_000
"""Milliseconds to wait for the last replication."""


def take(port: int) -> None:
    """The first tab once all is played, 1280 pixels wide."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(f"http://127.0.0.1:{port}/")
        page.get_by_text("320 replications; ").wait_for(timeout=PATIENCE)
        page.wait_for_timeout(3000)  # figures are laid out
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    take(int(sys.argv[1]))
