"""The one publisher: a folder of tables, texts and figures, and the manifest that vouches for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.figures.style import Figure, save
from simulator.writing.formats import as_csv, as_json, write
from simulator.writing.manifest import facts, file_hashes


class Publisher:
    """A folder of results, made if need be: every file written is noted, the manifest comes last.

    ``origin`` is the manifest; ``facts`` what figures carry of it; ``written``: files that are there.
    """

    def __init__(
        self,
        folder: Path,
        origin: Mapping[str, Any],
        *,
        written: Sequence[Path] = (),
        formats: Sequence[str] = ("svg", "png"),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.origin, self.formats = folder, origin, formats
        self.files = list(written)
        self.facts = facts(origin)

    def text(self, name: str, text: str) -> None:
        """Write a text under its name."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        self.files.append(write(path, text))

    def table(self, name: str, table: pd.DataFrame) -> None:
        """Write a table as CSV."""
        self.text(f"{name}.csv", as_csv(table))

    def figure(self, name: str, figure: Figure, title: str) -> None:
        """Write a figure in every form, with its title and where it comes from."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        described = "; ".join(f"{key} {fact}" for key, fact in self.facts.items())
        self.files += save(figure, path, {"Title": title, "Description": described}, self.formats)

    def close(self) -> list[Path]:
        """Write the manifest with the digest of every file; returns all that was written."""
        self.text("manifest.json", as_json({**self.origin, "files": file_hashes(self.files, self.folder)}))
        return self.files
