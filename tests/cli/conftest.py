"""The command line as a user meets it: exit status, standard output, standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from simulator.cli import main


class Answer(NamedTuple):
    """What a command answers."""

    status: int
    out: str
    err: str


@pytest.fixture
def frandsim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Run a command in an empty working directory, on a wide terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["frandsim", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        status = end.value.code
        assert status is None or isinstance(status, int)
        return Answer(status or 0, *capsys.readouterr())

    return run
