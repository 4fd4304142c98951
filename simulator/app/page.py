"""What Streamlit runs at every click: the page with its tabs."""

from __future__ import annotations

from simulator.app.window import window

window()
