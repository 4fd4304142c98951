"""The laws a window may choose from: the built-in ones, and those written in it."""

from __future__ import annotations

import base64
import re
import shutil
import weakref
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from simulator.errors import Problem, ScenarioError
from simulator.spec.load import builtin, load_regime
from simulator.spec.regime import Regime
from simulator.vocabulary import ENJOINING

CAPS = {
    "court_rate": "at the court's rate",
    "holder_offer": "at the holder's FRAND offer",
    "none": "not at all",
}
"""What caps the price of a licence taken under an injunction: the word of the files, and it in words."""
CAPPED = """\
regime: {name}
schema: 2
extends: {law}
title: "{title}; licence under an injunction capped {words}"
source: "assumption: a what-if of the page"
status: proposed
court:
  injunction: {{cap: {cap}}}
"""


NAME = re.compile(r"^regime: *[\"']?([a-z0-9][a-z0-9_-]{0,63})[\"']? *(?:#.*)?$", re.MULTILINE)
"""The line that names a law."""


LONGEST = 100_000
"""Bytes a law of a link may have."""


class Laws:
    """The laws of one window; its own are files of a folder that goes with it."""

    def __init__(self) -> None:
        self._folder = mkdtemp(prefix="frandsim-app-")
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._own: dict[str, str] = {}
        self._capped: dict[str, str] = {}

    @property
    def names(self) -> list[str]:
        """All there are: own ones first."""
        return [*self._own, *(name for name in builtin("regimes") if name not in self._own)]

    @property
    def own(self) -> dict[str, str]:
        """The texts of those written here, by name, and of those that differ by the cap alone."""
        return self._own | self._capped

    def text(self, name: str) -> str:
        """The file of a law."""
        own = self.own.get(name)
        return builtin("regimes")[name].read_text("utf-8") if own is None else own

    def read(self, text: str) -> Regime:
        """The law a text states.  Raises ``ScenarioError``, as reading its file beside the others does."""
        name = named(text)
        if name in builtin("regimes"):
            rule = "a law of one's own has a name of its own"
            raise ScenarioError(
                Problem(f"{name}.yaml", 1, "regime", f"{name} is built-in", rule, f"regime: my-{name}")
            )
        with self._beside({name: text}), _as_if_here(self._folder):
            return load_regime(self._path(name))

    def keep(self, text: str) -> Regime:
        """Add a law, or replace the one of that name.  Raises ``ScenarioError``."""
        law = self.read(text)
        self._own[law.regime] = text
        self._path(law.regime).write_text(text, "utf-8")
        return law

    def packed(self, names: Sequence[str]) -> list[str]:
        """Those written here among these laws as words of a link, each after the law that it extends."""
        texts = reversed(needed(self._own, names).values())
        return [base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode() for text in texts]

    def unpack(self, words: Sequence[str]) -> None:
        """Add the laws of a link.  Raises ``ScenarioError``."""
        for word in words:
            try:
                packed = base64.b64decode(word, altchars=b"-_", validate=True)
                whole = zlib.decompressobj()
                text = whole.decompress(packed, LONGEST).decode()
            except (ValueError, zlib.error):
                whole = None
            if whole is None or not whole.eof:
                what, rule = f"got {word!r:.40}", "a law as the page's own links have it, in full"
                raise ScenarioError(Problem("link", None, "law", what, rule))
            self.keep(text)

    def given(self, name: str) -> str:
        """A law as ``load_scenario`` takes it: a built-in name, or the path of its file."""
        return str(self._path(name)) if name in self.own else name

    def capped(self, name: str, cap: str) -> str | None:
        """A law like this one but for the cap; none where that changes nothing."""
        law = self.load(name)
        if law.court.mode not in ENJOINING or law.court.injunction.cap.name.lower() == cap:
            return None
        changed = f"{name}-cap-{cap.replace('_', '-')}"
        title = law.title.replace("\\", "/").replace('"', "'")
        text = CAPPED.format(name=changed, law=name, title=title, words=CAPS[cap], cap=cap)
        if self._capped.get(changed) != text:
            self._capped[changed] = text
            self._path(changed).write_text(text, "utf-8")
        return changed

    def load(self, name: str) -> Regime:
        """A law by name.  Raises ``ScenarioError``."""
        with _as_if_here(self._folder):
            return load_regime(self.given(name))

    def _path(self, name: str) -> Path:
        return Path(self._folder, f"{name}.yaml")

    @contextmanager
    def _beside(self, texts: dict[str, str]) -> Iterator[None]:
        """Have these files in the folder while the block runs."""
        before = {name: self.own.get(name) for name in texts}
        try:
            for name, text in texts.items():
                self._path(name).write_text(text, "utf-8")
            yield
        finally:
            for name, old in before.items():
                if old is None:
                    self._path(name).unlink(missing_ok=True)
                else:
                    self._path(name).write_text(old, "utf-8")


def named(text: str) -> str:
    """The name a law's file would have: that of the law, ``my-law`` where it states none that will do.

    >>> named("regime: upc-strict"), named("title: no name"), named("regime: ../etc")
    ('upc-strict', 'my-law', 'my-law')
    """
    stated = NAME.search(text)
    return stated[1] if stated else "my-law"


def needed(own: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    r"""Of one's own laws those named, and those that they extend.

    >>> needed({"a": "regime: a", "b": "regime: b\nextends: a", "c": ""}, ["b", "upc"])
    {'b': 'regime: b\nextends: a', 'a': 'regime: a'}
    """
    wanted = [name for name in names if name in own]
    for name in wanted:
        lines = [line.split(":", 1)[1] for line in own[name].splitlines() if line.startswith("extends:")]
        for parent in (line.split("#")[0].strip().strip("\"'").removesuffix(".yaml") for line in lines):
            if parent in own and parent not in wanted:
                wanted.append(parent)
    return {name: own[name] for name in wanted}


@contextmanager
def _as_if_here(folder: str) -> Iterator[None]:
    """Tell problems of files in a folder as a terminal in that folder would."""
    try:
        yield
    except ScenarioError as error:
        raise ScenarioError(*(_without(folder, problem) for problem in error.problems)) from None


def _without(folder: str, problem: Problem) -> Problem:
    resolved = str(Path(folder).resolve())
    file = problem.file.removeprefix(f"{resolved}/").removeprefix(f"{folder}/")
    return replace(problem, file=file)
