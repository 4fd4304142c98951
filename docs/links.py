"""Hooks of the site: pages that lie outside docs/, and links out of docs/.

In the checkout a link leads to a file wherever it lies.  The site has the pages of ``OUTSIDE``; a link to
another file outside docs/ becomes its text with the path of the file, which the reader has in the checkout.
"""

from __future__ import annotations

import os.path
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
OUTSIDE = {
    ROOT / "results" / "README.md": "results.md",
    ROOT / "CHANGELOG.md": "changelog.md",
    ROOT / "CONTRIBUTING.md": "contributing.md",
}
"""Pages of the site that lie elsewhere, with their place in it."""
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)#\s:]+)(#[^)\s]*)?\)")
PICTURE = re.compile(r"^!\[[^\]]*\]\(\.\./[^)]*\)$\n?", re.MULTILINE)


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that lie elsewhere."""
    for path, place in OUTSIDE.items():
        files.append(File.generated(config, place, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The page with its links as the site has them."""
    source = Path(page.file.abs_src_path)

    def led(link: re.Match[str]) -> str:
        text, target, anchor = link[1], (source.parent / link[2]).resolve(), link[3] or ""
        if target in OUTSIDE or target.is_relative_to(DOCS):
            place = OUTSIDE.get(target) or str(target.relative_to(DOCS))
            start = Path(page.file.src_uri).parent
            return f"[{text}]({Path(os.path.relpath(place, start)).as_posix()}{anchor})"
        if target == ROOT / "README.md":
            return text
        path = target.relative_to(ROOT).as_posix()
        return text if path in text else f"{text} (`{path}`)"

    return LINK.sub(led, PICTURE.sub("", markdown))
