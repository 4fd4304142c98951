"""A folder of results that is all of one run, or all of the one before: never some of each."""

from __future__ import annotations

import errno
import fcntl
import filecmp
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
FULL = {errno.ENOSPC, errno.EDQUOT}
UNWRITTEN = {*FULL, errno.EFBIG, errno.EIO}
"""Errors of a disk without room, and of any file that cannot be written to its end."""
LONGEST, SHORT = 255, 200
"""Bytes of a name that file systems take; those of one that others are made of."""
LONGEST_VALUE = 80
"""Characters of a manifest's value that a line shows."""


@contextmanager
def replacing(folder: Path, *, own: Collection[str] = (), adding: bool = False) -> Iterator[Path]:
    """An empty folder beside ``folder`` that takes its place when the block ends well; else it is removed.

    Of what was there before, files that its manifest names and the folders ``own`` go (none when ``adding``
    to results of the same run); what else somebody keeps there stays, as it is.  Where the manifest does not
    read, nobody can tell the one from the other: all that was there is kept in a folder ``before-...``, with
    a line on standard error.  The exchange is two renames: at no moment are files of two runs in one folder.
    Where a folder cannot be renamed (the current one, a mount, one with something that cannot come along),
    its files are exchanged one by one, the manifest first to go and last to come.
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
            here = place.is_dir() and (place in (Path.cwd(), *Path.cwd().parents) or place.is_mount())
            if here or not _rename(beside, place, own, adding):
                _exchange(beside, place, own, adding)
    except OSError as error:
        _place(error, folder)
        raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def together(folder: Path, *, read: Path | None = None) -> Iterator[Path]:
    """An empty folder whose files go into ``folder`` when the block ends well: no other file there goes.

    Raises ``ScenarioError`` where they cannot, as :func:`landing` does.
    """
    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder / f".{os.getpid()}-{token_hex(4)}.new"
        beside.mkdir()
    try:
        yield beside
        goals = {path: landing(folder / path.name, path, read=read) for path in sorted(beside.iterdir())}
        for path, goal in goals.items():
            shutil.move(path, goal)
    except OSError as error:
        _place(error, folder)
        raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def landing(path: Path, new: Path | None = None, *, read: Path | None = None) -> Path:
    """Where a file goes: to the end of a link.  Another that gives way to ``new`` is told of.

    Raises ``ScenarioError`` for what is there and is no regular file, or was ``read`` to make it.
    """
    if path.exists() and not path.is_file():
        raise ScenarioError(_problem(path, "is no regular file", "name a file"))
    end = resolved(path)
    if end.is_file():
        if read is not None and end.samefile(read):
            raise ScenarioError(_problem(path, "is what was read to make it", "name another place"))
        if new is not None and not filecmp.cmp(end, new, shallow=False):
            print(f"{path}: the file there is replaced", file=sys.stderr, flush=True)
    return end


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
    """Say in one line that a folder cannot be written, or is none.  Raises ``ScenarioError``.

    A full disk is told with the folder, where the error names no file of its own.
    """
    try:
        yield
    except (FileExistsError, NotADirectoryError):
        raise ScenarioError(_problem(folder, "is a file, or has one in its path", "name a folder")) from None
    except OSError as error:
        if error.errno not in {errno.EACCES, errno.EPERM, errno.EROFS}:
            _place(error, folder)
            raise
        raise ScenarioError(_problem(folder, "cannot be written", "name a folder you may write")) from None


def _place(error: OSError, folder: Path) -> None:
    """Say in an error of writing that names no file which folder it happened in."""
    if error.errno in UNWRITTEN:
        error.filename = error.filename or str(folder)


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


def _rename(beside: Path, place: Path, own: Collection[str], adding: bool) -> bool:
    """Put a folder in the place of another, with all that stays of that; not where some cannot come along."""
    if place.is_dir():
        if not _carried(place, beside, own, adding):
            return False
        old = beside.with_suffix(".old")
        place.rename(old)
        beside.rename(place)
        shutil.rmtree(old, ignore_errors=True)
    else:
        beside.rename(place)
    return True


def _exchange(beside: Path, place: Path, own: Collection[str], adding: bool) -> None:
    if before := _stays(place, beside):
        old = [path for path in place.iterdir() if not path.is_mount()]
        (place / before).mkdir()
        for path in old:
            path.rename(place / before / path.name)
    else:
        _, others = _tree(place)
        kept = set(_kept(place, others, own, adding))
        (place / MANIFEST).unlink(missing_ok=True)
        for path in others:
            if path not in kept:
                path.unlink(missing_ok=True)
    new = [path for path in beside.rglob("*") if path.is_file()]
    for path in sorted(new, key=lambda one: one == beside / MANIFEST):
        target = place / path.relative_to(beside)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)


def _carried(place: Path, beside: Path, own: Collection[str], adding: bool) -> bool:
    """Put what stays in a folder into the one that comes: files as links, folders as they are.

    Not, and nothing of it, where some cannot: a folder nobody may read or own, a mount, a pipe on a file
    system without links.
    """
    into = beside / _stays(place, beside)
    made: list[Path] = []
    try:
        folders, others = _tree(place, whole=True)
        if any(map(Path.is_mount, folders)):
            return False
        kept = _kept(place, others, own, adding)
        holding, held = ({parent for path in paths for parent in path.parents} for paths in (kept, others))
        staying = [
            path
            for path in folders
            if path in holding or (path not in held and path.relative_to(place).parts[0] not in own)
        ]
        for path in (place, *staying, *kept):
            target = into / path.relative_to(place)
            if not os.path.lexists(target):
                made.append(target)
                _copy(path, target)
        for path in reversed(staying):
            _alike(path, into / path.relative_to(place))
            shutil.copystat(path, into / path.relative_to(place))
        _alike(place, beside)
    except OSError:
        for target in reversed(made):
            with suppress(OSError):
                target.rmdir() if target.is_dir() and not target.is_symlink() else target.unlink()
        return False
    return True


def _tree(place: Path, *, whole: bool = False) -> tuple[list[Path], list[Path]]:
    """The folders in a folder, parents first, and all in it that is none: files, links, pipes.

    Raises ``OSError`` where a folder does not read and ``whole`` is asked for.
    """

    def fails(error: OSError) -> None:
        if whole:
            raise error

    folders: list[Path] = []
    others: list[Path] = []
    for root, below, files in os.walk(place, onerror=fails):
        for name in (*below, *files):
            path = Path(root, name)
            (others if path.is_symlink() or name in files else folders).append(path)
    return folders, others


def _kept(place: Path, others: Iterable[Path], own: Collection[str], adding: bool) -> list[Path]:
    """What no earlier run of ours put into a folder; all, where the manifest does not read."""
    if _unreadable(place):
        return list(others)
    named = there(place).get("files")
    ours = {MANIFEST, *(named if isinstance(named, dict) and not adding else ())}
    inside = ((path, path.relative_to(place)) for path in others)
    return [path for path, name in inside if name.as_posix() not in ours and name.parts[0] not in own]


def _alike(path: Path, target: Path) -> None:
    """Give a folder the mode and owner of another.  Raises ``OSError`` where that is not allowed."""
    want, has = path.stat(), target.stat()
    if (want.st_uid, want.st_gid) != (has.st_uid, has.st_gid):
        os.chown(target, want.st_uid, want.st_gid)
    target.chmod(want.st_mode & 0o7777)


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
    """A folder as an empty one, a link as such, anything else as one more name for it."""
    if path.is_symlink():
        target.symlink_to(path.readlink())
        return
    if path.is_dir():
        target.mkdir()
        return
    try:
        target.hardlink_to(path)
    except OSError:
        if not path.is_file():
            raise
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
