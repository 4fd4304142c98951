"""Putting files down safely, and saying plainly where that cannot be done."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from simulator.errors import Problem, ScenarioError

STALE = 600.0
"""Seconds after which an unfinished file is taken for the rest of a killed process."""
FULL = {errno.ENOSPC, errno.EDQUOT}


class FullDiskError(OSError):
    """There is no room for a file; nothing of it is left behind."""


def put(path: Path, data: bytes, *, lasting: bool = True, new: bool = False) -> None:
    """Write a file so that it is whole and on the disk when its name appears, or not there at all.

    Without ``lasting`` it is whole, but a loss of power may take it.  With ``new`` it must not be there yet:
    raises ``FileExistsError``, even where two processes write at the same instant.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}-{token_hex(4)}")
    try:
        with unfinished.open("xb") as file:
            file.write(data)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        if new:
            _link(unfinished, path)
        else:
            unfinished.replace(path)
        if lasting:
            _sync_folder(path.parent)
    except OSError as error:
        if error.errno in FULL:
            raise FullDiskError(error.errno, "no space left on the disk", str(path.parent)) from error
        raise
    finally:
        unfinished.unlink(missing_ok=True)


def _link(whole: Path, path: Path) -> None:
    """Give a whole file a name that must be new.  Raises ``FileExistsError``."""
    try:
        path.hardlink_to(whole)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: as good as it can do
        if path.exists():
            raise FileExistsError(errno.EEXIST, "is there already", str(path)) from None
        whole.replace(path)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Say in one line that a folder cannot be written, or is none.  Raises ``ScenarioError``."""
    try:
        yield
    except (FileExistsError, NotADirectoryError):
        raise ScenarioError(_problem(folder, "is a file, or has one in its path", "name a folder")) from None
    except OSError as error:
        if error.errno not in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise
        raise ScenarioError(_problem(folder, "cannot be written", "name a folder you may write")) from None


def _problem(folder: Path, what: str, rule: str) -> Problem:
    return Problem(str(folder), None, "", what, rule)
