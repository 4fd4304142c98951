"""Putting files down safely, and saying plainly where that cannot be done."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from simulator.errors import Problem, ScenarioError
from simulator.writing.folders import FULL, locked, resolved

STALE = 600.0
"""Seconds after which an unfinished file is taken for the rest of a killed process."""


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


def regular(path: Path) -> Path:
    """A file that has an end: a pipe would be waited for.  Raises ``OSError`` for another, or for none."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "is no regular file", str(path))
    return path


def keep(path: Path, data: bytes) -> None:
    """Write a file with its digest beside it, for :func:`kept`: the old one is whole until the new one is."""
    seal, line = _seal(path), _line(path, data)
    was = seal.read_bytes().splitlines(keepends=True) if seal.is_file() else []
    put(seal, b"".join(dict.fromkeys([*was, line])))  # first, beside that of what is there
    put(path, data)
    if was:
        put(seal, line)


def kept(path: Path) -> bytes | None:
    """What :func:`keep` wrote; none where there is nothing.

    A file of which a byte changed, or whose digest is not there, is set aside, with a line on standard error.
    """
    for _ in range(2):  # another process may just be writing it
        try:
            data = regular(path).read_bytes()
            if _line(path, data) in regular(_seal(path)).read_bytes().splitlines(keepends=True):
                return data
        except PermissionError:
            raise
        except OSError:
            if not os.path.lexists(path):
                return None
    print(f"frandsim: {path} is damaged: it is set aside and made anew", file=sys.stderr, flush=True)
    with suppress(FileNotFoundError):  # another process was quicker
        path.replace(path.with_name(f"{path.name}.damaged"))
    return None


def _seal(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _line(path: Path, data: bytes) -> bytes:
    """The digest of a file, as a line that ``sha256sum --check`` reads beside it."""
    return f"{hashlib.sha256(data).hexdigest()}  {path.name}\n".encode()


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Keep a folder that is emptied at the end to this run: each would empty it when it is done.

    Raises ``ScenarioError`` where another run is at work in it.
    """
    place = resolved(folder)
    outside = place.parent.parent  # not in a folder that is exchanged
    lock = outside / f".{place.parent.name}.{place.name}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    handle = locked(lock)
    if handle is None:
        rule = "wait for it, or name another folder"
        raise ScenarioError(Problem(str(folder), None, "", "another run is at work here", rule))
    try:
        yield
    finally:
        with suppress(OSError):
            lock.unlink()
        os.close(handle)


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
