"""``frandsim upgrade``: what it says, what it writes, what it leaves alone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.spec.conftest import REGIME

Frandsim = Callable[..., Any]
OLD = REGIME.replace("consequence:", "court:").encode()
NOW = REGIME.replace("regime: mini\n", "regime: mini\nschema: 2\n").encode()
CHANGES = "mini.yaml: court is now consequence (line 22); schema: 2\n"


@pytest.fixture
def old(frandsim: Frandsim) -> Path:
    """A file of the first schema in the working directory."""
    path = Path("mini.yaml")
    path.write_bytes(OLD)
    path.chmod(0o640)
    return path


def test_an_old_file_is_rewritten_once(frandsim: Frandsim, old: Path) -> None:
    refused = frandsim("validate", "mini.yaml")
    assert refused.status == 2
    assert "frandsim upgrade mini.yaml" in refused.err
    answer = frandsim("upgrade", "mini.yaml", "mini.yaml")
    assert (answer.status, answer.out, answer.err) == (0, CHANGES, "wrote mini.yaml\n")
    assert old.read_bytes() == NOW
    assert old.stat().st_mode & 0o777 == 0o640
    before = old.stat()
    again = frandsim("upgrade", "mini.yaml")
    assert (again.status, again.out, again.err) == (0, "mini.yaml: nothing to change\n", "nothing written\n")
    assert (old.stat().st_mtime_ns, old.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert frandsim("validate", "mini.yaml").status == 0
    assert os.listdir() == ["mini.yaml"]  # noqa: PTH208 - nothing unfinished stays behind


def test_check_only_says(frandsim: Frandsim, old: Path) -> None:
    answer = frandsim("upgrade", "--check", "mini.yaml")
    assert (answer.status, answer.out, answer.err) == (1, CHANGES, "nothing written\n")
    assert old.read_bytes() == OLD
    old.write_bytes(NOW)
    assert frandsim("upgrade", "--check", "mini.yaml").status == 0


def test_byte_order_mark_and_line_ends_stay(frandsim: Frandsim, old: Path) -> None:
    old.write_bytes(b"\xef\xbb\xbf" + OLD.replace(b"\n", b"\r\n"))
    assert frandsim("upgrade", "mini.yaml").status == 0
    assert old.read_bytes() == b"\xef\xbb\xbf" + NOW.replace(b"\n", b"\r\n")


def test_it_reports_as_json_too(frandsim: Frandsim, old: Path) -> None:
    assert old.exists()
    assert json.loads(frandsim("upgrade", "mini.yaml", "--json").out) == [
        {"file": "mini.yaml", "changes": ["court is now consequence (line 22)", "schema: 2"]}
    ]


def test_one_bad_file_and_nothing_is_written(frandsim: Frandsim, old: Path) -> None:
    Path("bad.yaml").write_text("regime: [\n", encoding="utf-8")
    Path("other.yaml").write_text("a: 1\n", encoding="utf-8")
    Path("link.yaml").symlink_to("mini.yaml")
    Path("folder.yaml").mkdir()
    names = ("mini.yaml", "bad.yaml", "other.yaml", "link.yaml", "folder.yaml", "none.yaml")
    answer = frandsim("upgrade", *names)
    assert (answer.status, answer.out) == (2, "")
    bad, other, link, folder, none = answer.err.splitlines()
    assert bad.startswith("bad.yaml:2: not YAML: ")
    assert other.startswith("other.yaml:1: is no file of frandsim; a file begins with its kind and name; ")
    assert link == "link.yaml: is a symbolic link; name the file it leads to: mini.yaml"
    assert folder == "folder.yaml: is a directory; name a file in it"
    assert none == "none.yaml: no such file"
    assert old.read_bytes() == OLD


def test_a_write_that_fails_leaves_the_old_file(
    frandsim: Frandsim, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert frandsim("upgrade", "mini.yaml").status == 1
    assert old.read_bytes() == OLD
    assert os.listdir() == ["mini.yaml"]  # noqa: PTH208
