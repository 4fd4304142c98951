"""The fenced blocks of the pages, as a reader would carry them out."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

FENCE = re.compile(r'^( *)```(\w*)(?: title="([^"]+)")?\n(.*?)^\1```$', re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A block: its language, the file it is saved as (or empty), its text."""

    language: str
    title: str
    text: str

    def commands(self) -> Iterator[list[str]]:
        """The words of each line of a shell block, without comments, pipes and where it goes."""
        for line in self.text.splitlines():
            words = shlex.split(line, comments=True)
            if words:
                yield list(takewhile(lambda word: word not in {">", "|"}, words))


def blocks(page: Path) -> list[Block]:
    """Every block of a page, in order."""
    return [Block(match[2], match[3] or "", match[4]) for match in FENCE.finditer(page.read_text("utf-8"))]


def of(page: Path, language: str) -> list[str]:
    """The texts of a page's blocks in a language; there is one at least."""
    texts = [block.text for block in blocks(page) if block.language == language]
    assert texts
    return texts
