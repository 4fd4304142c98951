"""A store: a folder with one Parquet file a chunk, and a manifest that says what they are parts of.

``DIR/manifest.json`` states the plan and what plays it; ``DIR/parts`` reads as one table with
``pandas.read_parquet`` (with checksums on); ``DIR/digests`` has the digest of each part; ``DIR/failures``
has a note for each cell that failed; ``DIR/torn`` keeps files that were found damaged. A file appears under
its name only when it is whole and on the disk, so a kill at any moment loses at most the chunks in play, and
two processes in one folder write the same bytes.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import time
from contextlib import ExitStack, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from simulator.batch.coverage import Parts, check, chunks_of, foreign
from simulator.batch.files import STALE, claimed, put, regular
from simulator.batch.growth import configuration, obstacles, planned, stated, told
from simulator.batch.layout import Chunk, Layout, PlannedCell
from simulator.batch.manifest import read_manifest, shown
from simulator.batch.part import (
    SCHEMA,
    Note,
    TornPartError,
    digest_file,
    digest_line,
    encode,
    read_bytes,
    read_note,
    read_rows,
)
from simulator.batch.provenance import origin, origin_differences
from simulator.errors import Problem, ScenarioError
from simulator.outcomes.rows import Labels, Rows
from simulator.writing.folders import MANIFEST, alone, resolved, writable

Shard = tuple[int, int]
PIECES = ("parts", "digests", "failures", "torn")
"""The folders that a store is made of."""
ASIDE = "aside"
"""Where a store that is emptied at its end keeps what runs of other plans left."""


class Store:
    """A folder of parts.  With ``replace``, one of another plan is kept aside rather than refused.

    Such a one is used in a ``with``: it is emptied when the block ends well, and another run's to open then.
    What other code left in it is of no use, and goes.
    """

    def __init__(self, folder: Path, *, replace: bool = False) -> None:
        self.folder = folder
        self.replace = replace
        self.parts = folder / "parts"
        self.torn: list[str] = []
        self.there = Parts()
        self.origin = origin()
        self._claim: ExitStack | None = None

    @property
    def resume(self) -> str:
        """What goes on with it: a command, or the one that keeps the store."""
        if self.replace:
            return "the same command again"
        return shlex.join(["frandsim", "resume", str(self.folder)])

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest.  Raises ``ScenarioError`` where there is none of this form, or it is damaged."""
        return read_manifest(self.folder)

    @cached_property
    def layout(self) -> Layout:
        """What the manifest plans.  Raises ``ScenarioError`` where it does not agree with itself."""
        path = self.folder / "manifest.json"
        try:
            layout = Layout(planned(self.manifest["plan"], str(path)))
        except (KeyError, ValueError, TypeError, IndexError, ArithmeticError) as error:
            what = f"is damaged: it names {error}" if isinstance(error, KeyError) else "is damaged"
            raise ScenarioError(Problem(str(path), None, "plan", what, "restore the manifest")) from error
        for name, value in _stated(layout).items():
            if self.manifest[name] != value:
                what = f"is damaged: it says {shown(self.manifest[name])}, and its plan {shown(value)}"
                raise ScenarioError(Problem(str(path), None, name, what, "restore the manifest"))
        return layout

    @property
    def shard(self) -> Shard:
        """Which shard of the plan this store holds: (i, n)."""
        turn, of = self.manifest["shard"]
        return turn, of

    def open(self, layout: Layout, shard: Shard = (1, 1)) -> None:
        """Make the folder the store of a plan, or go on in it: what is there is looked at and kept.

        Raises ``ScenarioError`` where the folder cannot be used, or holds what the plan does not continue, or
        where another run is at work in one that is emptied at its end.
        """
        with writable(self.folder):
            if self.replace and self._claim is None:
                with ExitStack() as claim:
                    claim.enter_context(claimed(self.folder))
                    self._claim = claim.pop_all()
            self.folder.mkdir(parents=True, exist_ok=True)
            with alone(self.folder):
                self._read_anew()
                if (self.folder / MANIFEST).exists():
                    self._admit(layout, shard)
                if self.replace:
                    self._return(layout)
                self.parts.mkdir(parents=True, exist_ok=True)
                self.scan(whole=True)
                self._recognize(layout)
                self._state(layout, shard)
                self._renumber(layout)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self.discard()
        finally:
            claim, self._claim = self._claim, None
            if claim is not None:
                claim.close()

    def _read_anew(self) -> None:
        """Forget what was read of the manifest: another process may have written it since."""
        self.__dict__.pop("manifest", None)
        self.__dict__.pop("layout", None)

    def _recognize(self, layout: Layout) -> None:
        """Raise ``ScenarioError`` where a part is none of the plan: before the manifest is written."""
        for path, note in sorted(self.there.all(), key=lambda part: (part[1].cell, part[0])):
            number = layout.number(note.cell, note.values)
            if number is None:
                foreign(path)
            check(path, note, layout.cell(number))

    def _admit(self, layout: Layout, shard: Shard) -> None:
        if not self.replace:
            differing = self.differences or obstacles(self.layout, layout)
            if not differing and self.shard != shard:
                differing = [f"shard: {_shard(self.shard)} there, {_shard(shard)} here"]
            if differing:
                rule = "to start anew, name another folder"
                raise ScenarioError(Problem(str(self.folder), None, "", told(differing), rule))
            return
        try:
            fits = self.shard == shard and not (self.differences or obstacles(self.layout, layout))
        except ScenarioError:
            fits = False
        if not fits:
            self._leave()

    def _leave(self) -> None:
        """Keep aside what an interrupted run of another plan left; what other code left is of no use."""
        try:
            aside = None if self.differences else self.aside(self.layout)
        except ScenarioError:
            aside = None
        if aside is None:
            self.discard()
            return
        count = len(list(self.parts.glob("part-*.parquet")))
        _bring_over(self.folder, aside, (*PIECES, MANIFEST))
        self._read_anew()
        told = f"an interrupted run of another plan left {count} chunks: kept in {aside}, to go on with"
        print(f"{self.folder}: {told}", file=sys.stderr, flush=True)

    def _return(self, layout: Layout) -> None:
        """Take back what a run of this plan left aside, and throw away what other code left there."""
        for folder in (self.folder / ASIDE).glob("*"):
            with suppress(ScenarioError):
                if (folder / MANIFEST).exists() and Store(folder).differences:
                    shutil.rmtree(folder)
        aside = self.aside(layout)
        if aside.is_dir():
            _bring_over(aside, self.folder, (MANIFEST, *PIECES))
            self._read_anew()
        for folder in (aside, aside.parent):
            with suppress(OSError):
                folder.rmdir()

    @property
    def differences(self) -> list[str]:
        """How the code and libraries that its parts are of differ from today's, in words."""
        return origin_differences(self.manifest["origin"], self.origin)

    def aside(self, layout: Layout) -> Path:
        """Where the parts of a plan are kept while another plays in this folder."""
        return self.folder / ASIDE / configuration(layout)

    def keeps(self, path: Path) -> bool:
        """Whether a path is where the store keeps what it is made of."""
        inside = [resolved(self.folder) / name for name in (*PIECES, MANIFEST)]
        return any(resolved(path).is_relative_to(own) for own in inside)

    def left(self, layout: Layout) -> int:
        """Bytes that an interrupted run of a plan left here to go on with."""
        for place in (self.folder, self.aside(layout)):
            with suppress(ScenarioError, FileNotFoundError):  # another run may be at work there
                if configuration(Store(place).layout) == configuration(layout):
                    return sum(path.stat().st_size for path in (place / "parts").iterdir())
        return 0

    def discard(self) -> None:
        """Remove everything a store is made of."""
        for name in PIECES:
            shutil.rmtree(self.folder / name, ignore_errors=True)
        (self.folder / "manifest.json").unlink(missing_ok=True)
        self._read_anew()
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _state(self, layout: Layout, shard: Shard) -> None:
        chunks, _ = layout.total(shard)
        manifest = {
            "form": SCHEMA,
            **_stated(layout),
            "chunks": chunks,
            "rows": layout.rows,
            "shard": list(shard),
            "origin": self.origin,
            "plan": stated(layout.plan),
        }
        text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
        path = self.folder / "manifest.json"
        if not path.exists():
            put(path, text.encode(), new=True)
        elif path.read_text(encoding="utf-8") != text:
            put(path, text.encode())
        self.__dict__ |= {"manifest": manifest, "layout": layout}

    def scan(self, *, set_aside: bool = True, whole: bool = False) -> None:
        """Read what every part says it is; a torn one is set aside, to be played again.

        With ``whole``, every byte of every part is checked against its digest.
        """
        self.there, self.torn = Parts(), []
        for path in sorted(self.parts.glob("part-*.parquet")):
            try:
                note = read_note(path)
                if whole:
                    read_bytes(path)
                self.there.add(path, note)
            except TornPartError:
                self.torn.append(path.name)
                if set_aside:
                    self.set_aside(path)
        if set_aside:
            unfinished = (self.parts.glob(".part-*"), (self.folder / "digests").glob(".part-*"))
            for path in (path for some in unfinished for path in some):
                with suppress(FileNotFoundError):  # another process has just finished it
                    if time.time() - path.stat().st_mtime > STALE:  # one that was killed left it
                        path.unlink()

    def set_aside(self, path: Path) -> None:
        """Move a part that is not whole out of the way."""
        (self.folder / "torn").mkdir(exist_ok=True)
        with suppress(FileNotFoundError):  # another process was quicker
            path.replace(self.folder / "torn" / path.name)
        digest_file(path).unlink(missing_ok=True)

    def _renumber(self, layout: Layout) -> None:
        """Give parts of cells that have another number in a grown design their new one."""
        for path, note in self.there.all():
            number = layout.number(note.cell, note.values)
            if number is None:
                foreign(path)
            if number == note.cell:
                continue
            cell = layout.cell(number)
            check(path, note, cell)
            own = Labels(tuple(note.regimes), cell.labels.strategies)
            chunk = Chunk(cell.number, note.first, note.stop, tuple(note.regimes))
            renamed = Note.of(cell, chunk, note.rows, note.code)
            self.write(renamed, encode(read_rows(path, own), own, renamed))
            self.there.drop(path, note)
            path.unlink()
            digest_file(path).unlink(missing_ok=True)

    def missing(self, cell: PlannedCell, span: range) -> list[Chunk]:
        """The chunks to play so that a span of a cell is there under all regimes."""
        return chunks_of(cell, span, ~self.there.present(cell, span))

    def rows(self, cell: PlannedCell, span: range) -> Rows:
        """The rows there are of a span, in canonical order, coded as in the cell's scenario.

        Raises ``TornPartError`` where a part does not read back; it is set aside.
        """
        try:
            return self.there.rows(cell, span)
        except TornPartError as torn:
            self.set_aside(self.parts / str(torn))
            raise

    def write(self, note: Note, data: bytes) -> None:
        """Put a part in its place: whole and on the disk, or not at all."""
        path = self.parts / note.name
        with writable(self.folder):
            # the digest comes first, so that no part is ever without one; a lost one costs playing it again
            digest_file(path).parent.mkdir(exist_ok=True)
            put(digest_file(path), digest_line(path, data), lasting=False)
            put(path, data)
        self.there.add(path, note)

    def failures(self) -> list[dict[str, Any]]:
        """What failed, by cell."""
        found = [_failure(path) for path in (self.folder / "failures").glob("cell-*.json")]
        return sorted(found, key=lambda failure: int(failure["cell"]))

    def fail(self, failure: dict[str, Any]) -> None:
        """Note why a cell failed."""
        with writable(self.folder):
            path = self._failure(int(failure["cell"]))
            path.parent.mkdir(exist_ok=True)
            put(path, (json.dumps(failure, indent=1, ensure_ascii=False) + "\n").encode())

    def forgive(self, cell: int) -> None:
        """Forget that a cell failed: it is tried again."""
        self._failure(cell).unlink(missing_ok=True)

    def _failure(self, cell: int) -> Path:
        return self.folder / "failures" / f"cell-{cell}.json"


def _stated(layout: Layout) -> dict[str, Any]:
    """What a manifest says of its plan in so many words."""
    return {
        "experiment": layout.plan.experiment,
        "configuration": configuration(layout),
        "seed": layout.plan.scenario.seed,
        "replications": layout.replications,
        "regimes": list(layout.regimes),
        "axes": list(layout.axes),
        "cells": len(layout.cells),
    }


def _bring_over(old: Path, new: Path, names: tuple[str, ...]) -> None:
    """Move pieces of a store, in this order, whatever of them is there: what a kill leaves moves later."""
    for name in names:
        files = (old / name).iterdir() if name != MANIFEST else [old / name] * (old / name).exists()
        with suppress(FileNotFoundError):
            for path in list(files):
                target = new / path.relative_to(old)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
            if name != MANIFEST:
                (old / name).rmdir()


def _failure(path: Path) -> dict[str, Any]:
    """A note of what failed; of a damaged one, the cell that its name tells."""
    try:
        found: dict[str, Any] = json.loads(regular(path).read_text("utf-8"))
        if isinstance(found["cell"], int) and {"message", "replay"} <= found.keys():
            return found
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    number = path.stem.removeprefix("cell-")
    cell = int(number) if number.isdecimal() else -1
    return {"cell": cell, "message": f"its note {path.name} is damaged", "replay": "frandsim resume"}


def _shard(shard: Shard) -> str:
    return f"{shard[0]}/{shard[1]}"
