"""A folder of results that is all of one run, or all of the one before: never some of each."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from secrets import token_hex
from typing import Any

from simulator.errors import Problem, ScenarioError, printable

STALE = 86_400.0
"""Seconds after which an unfinished folder is taken for the rest of a killed process."""
MANIFEST = "manifest.json"
LONGEST, SHORT = 255, 200
"""Bytes of a name that file systems take; those of one that others are made of."""
LONGEST_VALUE = 80
"""Characters of a manifest's value that a line shows."""


@contextmanager
def replacing(folder: Path, *, own: Collection[str] = (), adding: bool = False) -> Iterator[Path]:
    """An empty folder beside ``folder`` that takes its place when the block ends well; else it is removed.

    Of what was there before, files that its manifest names and the folders ``own`` go (none when ``adding``
    to results of the same run); what else somebody keeps there stays.  Where the manifest does not read,
    nobody can tell the one from the other: all that was there is kept in a folder ``before-...``, with a line
    on standard error.  The exchange is two renames: at no moment are files of two runs in one folder.  Where
    a folder cannot be renamed (the current one, a mount), its files are exchanged one by one, the manifest
    first to go and last to come.
    """
    ready(folder)
    place = resolved(folder)
    with writable(folder):
        place.parent.mkdir(parents=True, exist_ok=True)
        with alone(place.parent):
            _sweep_out(place)
        beside = place.with_name(f".{_short(place)}.{os.getpid()}-{token_hex(4)}.new")
        beside.mkdir()
    try:
        yield beside
        with alone(place.parent):
            if adding:
                _name_too(beside, place)
            ready(folder)
            if before := _stays(place, beside):
                told = f"{folder}: its manifest does not read, so what was there is kept in {before}"
                print(told, file=sys.stderr, flush=True)
            if place.is_dir() and (place == Path.cwd() or place in Path.cwd().parents or place.is_mount()):
                _exchange(beside, place, own, adding)
            else:
                _rename(beside, place, own, adding)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def together(folder: Path) -> Iterator[Path]:
    """An empty folder whose files go into ``folder`` when the block ends well: no other file there goes.

    Raises ``ScenarioError`` where they cannot.
    """
    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder / f".{os.getpid()}-{token_hex(4)}.new"
        beside.mkdir()
    try:
        yield beside
        for path in sorted(beside.iterdir()):
            path.replace(folder / path.name)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def ready(folder: Path) -> None:
    """Say that results cannot go into a folder, before anything is played for them.

    Raises ``ScenarioError`` for a file, a store of parts, a name that no file system or library takes, and a
    place where nothing may be written: in the folder, or above it, where it is made.
    """
    for name in map(os.fsencode, folder.parts):
        try:
            name.decode()
        except UnicodeDecodeError:
            raise ScenarioError(_problem(folder, "is not UTF-8", "a name in UTF-8")) from None
        if len(name) > LONGEST:
            raise ScenarioError(_problem(folder, f"has {len(name)} bytes in a name", f"at most {LONGEST}"))
    place = resolved(folder)
    with writable(folder):
        if place.exists() and not place.is_dir():
            raise FileExistsError(errno.EEXIST, "is a file", str(folder))
        nearest = next(path for path in (place, *place.parents) if path.exists())
        if not nearest.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "is a file", str(nearest))
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "cannot be written", str(nearest))
    if {"plan", "shard"} <= there(folder).keys():
        raise ScenarioError(_problem(folder, "holds a batch (frandsim sweep)", "name another folder"))


def tell_replaced(folder: Path, origin: Mapping[str, Any], mark: str) -> None:
    """Say on standard error that results of another run, or of another kind, give way.

    ``mark``: a file that results of this kind have.
    """
    old = there(folder)
    named = old.get("files")
    files = {path.rsplit("/")[-1] for path in named} if isinstance(named, dict) else {mark}
    same = ("scenario_hash", "equal_procedure")
    if not old or (all(old.get(key) == origin.get(key) for key in same) and mark in files):
        return
    keys = ("seed", "replications", "regimes", "equal_procedure")
    told = [f"{key} {_plain(old[key])}" for key in keys if key in old]
    what = f"of another run ({'; '.join(told)})" if told else "of another run"
    print(f"{folder}: the results there, {what}, are replaced at the end", file=sys.stderr, flush=True)


def _plain(value: Any) -> str:
    """A value of a manifest in a line: names by comma, at most a line of them."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = printable(text)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


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
    return Problem(printable(str(folder)), None, "", what, rule)


def resolved(folder: Path) -> Path:
    """A folder's own path.  Raises ``OSError`` for links that lead to themselves."""
    try:
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            folder.stat()
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise OSError(errno.ELOOP, "is a link that leads to itself", str(folder)) from None
    return folder.resolve()


def there(folder: Path) -> dict[str, Any]:
    """The manifest of the results in a folder; empty where there are none that can be read."""
    try:
        path = folder / MANIFEST
        manifest = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def moved(paths: Iterable[Path], old: Path, new: Path) -> list[Path]:
    """Paths below one folder as they are below another; others as they are."""
    return [new / path.relative_to(old) if path.is_relative_to(old) else path for path in paths]


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let no other process in here at the same time; a file system without locks keeps nobody out."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def locked(path: Path) -> int | None:
    """A handle that keeps a file to this process until it is closed; none where another process has it.

    A file system without locks keeps nobody out.
    """
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        except OSError:
            return handle
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), path.stat()):
                return handle
        os.close(handle)  # who had it has just removed it


def _rename(beside: Path, place: Path, own: Collection[str], adding: bool) -> None:
    if not place.is_dir():
        beside.rename(place)
        return
    before = _stays(place, beside)
    for path in _kept(place, own, adding):
        target = beside / before / path.relative_to(place)
        if not os.path.lexists(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(path, target)
    beside.chmod(place.stat().st_mode & 0o7777)
    old = beside.with_suffix(".old")
    place.rename(old)
    beside.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(beside: Path, place: Path, own: Collection[str], adding: bool) -> None:
    kept = set(_kept(place, own, adding))
    if before := _stays(place, beside):
        for path in kept:
            target = place / before / path.relative_to(place)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
        kept = set((place / before).rglob("*"))
    (place / MANIFEST).unlink(missing_ok=True)
    for path in [path for path in place.rglob("*") if not path.is_dir() and path not in kept]:
        path.unlink()
    new = [path for path in beside.rglob("*") if path.is_file()]
    for path in sorted(new, key=lambda one: one == beside / MANIFEST):
        target = place / path.relative_to(beside)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)


def _kept(place: Path, own: Collection[str], adding: bool) -> list[Path]:
    """The files in a folder that no earlier run of ours put there; all, where the manifest does not read."""
    if _unreadable(place):
        return [path for path in place.rglob("*") if path.is_symlink() or path.is_file()]
    named = there(place).get("files")
    ours = {MANIFEST, *(named if isinstance(named, dict) and not adding else ())}
    found = (path for path in place.rglob("*") if path.is_symlink() or path.is_file())
    inside = ((path, path.relative_to(place)) for path in found)
    return [path for path, name in inside if name.as_posix() not in ours and name.parts[0] not in own]


def _name_too(beside: Path, place: Path) -> None:
    """Let the new manifest name what the old one does: it stays, and is ours."""
    stated, named = there(beside), there(place).get("files")
    if stated and isinstance(named, dict):
        files = named | stated.get("files", {})
        text = json.dumps(stated | {"files": files}, indent=2, ensure_ascii=False) + "\n"
        (beside / MANIFEST).write_text(text, encoding="utf-8", newline="\n")


def _unreadable(place: Path) -> bool:
    """Whether a folder has a manifest that does not read."""
    return (place / MANIFEST).exists() and not there(place)


def _stays(place: Path, beside: Path) -> str:
    """In which folder what stays is kept: none, or a new one where the manifest does not read."""
    if not _unreadable(place):
        return ""
    return f"before-{beside.name.rsplit('-', 1)[1].removesuffix('.new')}"


def _copy(path: Path, target: Path) -> None:
    if path.is_symlink():
        target.symlink_to(path.readlink())
        return
    try:
        target.hardlink_to(path)
    except OSError:
        shutil.copy2(path, target)


def _sweep_out(place: Path) -> None:
    """Remove what killed processes left beside; an old folder comes back where none took its place."""
    left = re.compile(rf"\.{re.escape(_short(place))}\.\d+-[0-9a-f]+\.(new|old)")
    beside = [path for path in place.parent.iterdir() if left.fullmatch(path.name)]
    for path in beside:
        if path.suffix == ".old" and not place.exists():
            with suppress(OSError):
                path.rename(place)
    for path in beside:
        with suppress(OSError):
            if time.time() - _touched(path) > STALE:
                shutil.rmtree(path, ignore_errors=True)


def _short(place: Path) -> str:
    """The name of a folder, or what stands for a long one in names that are made of it."""
    name = os.fsencode(place.name)
    return place.name if len(name) <= SHORT else blake2b(name, digest_size=16).hexdigest()


def _touched(folder: Path) -> float:
    """When something was last written in a folder."""
    return max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))
