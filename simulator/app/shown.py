"""How the page shows what other rooms make: tables of the terminal as HTML, problems in their own words."""

from __future__ import annotations

import base64
from html import escape
from threading import Lock
from typing import Any

import streamlit as st

from simulator.errors import ScenarioError
from simulator.writing.terminal import html, tables

STYLE = """<style>
.fs-wide { overflow-x: auto; max-width: 100%; }
.fs-wide table { border-collapse: collapse; font-size: .85rem; margin-bottom: .3rem; }
.fs-wide caption { text-align: left; font-weight: 600; padding: .3rem 0; caption-side: top; }
.fs-wide th { text-align: left; vertical-align: bottom; border-bottom: 2px solid #8c8c8c; }
.fs-wide th, .fs-wide td { padding: .2rem .7rem .2rem 0; }
.fs-wide td[style*="right"], .fs-wide th { white-space: nowrap; }
.fs-names td:first-child { white-space: nowrap; }
.fs-wide img { min-width: 60rem; width: 100%; }
.fs-wide img.fs-small { min-width: 30rem; max-width: 48rem; }
.fs-wide td { min-width: 3rem; vertical-align: top; border-bottom: 1px solid #8c8c8c44; }
.fs-wide p { margin: .1rem 0; line-height: 1.3; }
.fs-text { font-family: monospace; font-size: .8rem; line-height: 1.45; overflow-x: auto; max-height: 70vh; }
.fs-text div { white-space: pre-wrap; padding-left: 3.2em; text-indent: -3.2em; }
.fs-text .nr { display: inline-block; width: 3em; text-indent: 0; color: #767676; user-select: none; }
.fs-text .wrong { background: #d6272822; }
.fs-text .said { color: #c02020; padding-left: 3.2em; text-indent: 0; font-weight: 600; }
h1 { font-size: 1.7rem !important; padding: 0 !important; }
.block-container, [data-testid="stMainBlockContainer"] { padding-top: 2.6rem; padding-bottom: 2rem; }
</style>"""
DRAWING = Lock()
"""Held while matplotlib draws: its style is that of the whole process."""


def show_table(renderable: Any, label: str) -> None:
    """Tables as the terminal prints them; wide ones scroll, also by keyboard."""
    show_html(as_html(renderable), label)


def as_html(renderable: Any) -> str:
    """Tables as HTML, one after the other."""
    return "".join(html(table) for table in tables(renderable))


def show_html(told: str, label: str, *, names: bool = False) -> None:
    """Tables that are HTML already; first columns of ``names`` are not broken."""
    kind = "fs-wide fs-names" if names else "fs-wide"
    st.html(f'<div class="{kind}" tabindex="0" role="region" aria-label="{escape(label)}">{told}</div>')


def show_picture(svg: bytes, label: str, *, small: bool = False) -> None:
    """A drawing as wide as it needs to be read, or half of that; on a narrow screen it scrolls."""
    data = base64.b64encode(svg).decode()
    kind = ' class="fs-small"' if small else ""
    show_html(f'<img{kind} alt="{escape(label)}" src="data:image/svg+xml;base64,{data}">', label)


def show_problems(error: ScenarioError) -> None:
    """What is wrong, as the terminal tells it."""
    st.error("\n\n".join(plain(line.strip()) for line in str(error).splitlines()))


def show_text(text: str, error: ScenarioError | None, file: str) -> None:
    """A file with its lines numbered, and beside a wrong line what is wrong with it."""
    said: dict[int, list[str]] = {}
    elsewhere = []
    for problem in error.problems if error else ():
        if problem.file == file and problem.line is not None:
            said.setdefault(problem.line, []).append(str(problem))
        else:
            elsewhere.append(str(problem))
    lines = [f'<div class="said" role="alert">{escape(text)}</div>' for text in elsewhere]
    for number, line in enumerate(text.splitlines(), 1):
        wrong = ' class="wrong"' if number in said else ""
        lines.append(f'<div{wrong}><span class="nr">{number}</span>{escape(line)}</div>')
        lines += [f'<div class="said" role="alert">{escape(told)}</div>' for told in said.get(number, ())]
    st.html(f'<div class="fs-text" tabindex="0" role="region" aria-label="{file}">{"".join(lines)}</div>')


def plain(text: str) -> str:
    r"""A sentence as Markdown that means nothing but its words.

    >>> plain("5_6 [a, b]")
    '5\\_6 \\[a, b\\]'
    """
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>$~#|:" else sign for sign in text)
