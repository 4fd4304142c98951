"""The door to the compiler: same function on both sides, and machine code never outlives its source."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator import compiled as door


def discounted(rate: float, months: int) -> float:
    """Present value of one dollar a month."""
    total = 0.0
    for month in range(months):
        total += math.exp(-rate * month / 12)
    return total


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine on which nothing has been compiled."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("FRANDSIM_COMPILER", raising=False)
    for cached in (door.cache_folder, door.announce):
        cached.cache_clear()
    yield tmp_path
    for cached in (door.cache_folder, door.announce):
        cached.cache_clear()


def test_compiled_is_plain_to_the_bit(fresh: Path) -> None:
    fast = door.compiled(discounted)
    assert fast is not discounted
    assert fast(0.08, 120) == discounted(0.08, 120)
    assert list(fresh.glob("frandsim/*/*/*.nbc"))


def test_what_only_compiled_code_calls_gets_no_machine_code_of_its_own(fresh: Path) -> None:
    """It becomes a part of what calls it, to the same bit; called from Python, it is compiled by itself."""
    part = door.compiled(discounted)

    def twice(rate: float, months: int) -> float:
        return 2.0 * part(rate, months)

    assert door.compiled(twice)(0.08, 120) == 2.0 * discounted(0.08, 120)
    assert not part.overloads  # type: ignore[attr-defined]
    assert part(0.08, 120) == discounted(0.08, 120)
    assert len(part.overloads) == 1  # type: ignore[attr-defined]


def test_records_asked_for_come_line_by_line_and_stay_as_they_are(fresh: Path) -> None:
    fetch = door.fetching()
    records = np.zeros(9, dtype=np.dtype((np.record, np.dtype([("seen", "i1", 130), ("far", "i1", 270)]))))

    def ahead(records: Any) -> int:
        fetch(records[3], 130)
        return len(records)

    fast: Any = door.compiled(ahead)
    assert fast(records) == len(records)
    assert not records.view(np.int8).any()
    written = fast.inspect_llvm(fast.signatures[0])
    assert written.count("call void @llvm.prefetch") == 4  # three lines, or four where it begins within one


def test_switched_off_it_is_the_function_itself(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRANDSIM_COMPILER", "off")
    assert not door.is_on()
    assert door.compiled(discounted) is discounted
    door.fetching()(np.zeros(1), 8)
    assert list(fresh.iterdir()) == []


def test_leaves_the_user_s_own_numba_alone(fresh: Path) -> None:
    import numba

    before = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    door.compiled(discounted)
    assert before == numba.config.CACHE_DIR  # type: ignore[attr-defined]


def test_announces_once_and_only_before_the_first_compilation(
    fresh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    door.announce()
    door.announce()
    assert capsys.readouterr().err.count("Compiling") == 1
    door.compiled(discounted)(0.08, 12)
    door.announce.cache_clear()
    door.announce()
    assert capsys.readouterr().err == ""


def test_an_edited_kernel_gets_a_new_folder(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = fresh / "kernel.py"
    monkeypatch.setattr(door, "kernel_sources", lambda: [kernel])
    folders = set()
    for body in ("return 1", "return 2"):
        kernel.write_text(body, encoding="utf-8")
        door.cache_folder.cache_clear()
        folders.add(door.cache_folder())
    assert len(folders) == 2


def test_kernel_sources_hold_all_that_is_compiled(root: Path) -> None:
    compiled = {path for path in root.glob("simulator/**/*.py") if "@compiled" in path.read_text("utf-8")}
    assert compiled <= set(door.kernel_sources())


def test_old_folders_are_pruned(fresh: Path) -> None:
    for age in range(1, 6):
        old = fresh / "frandsim" / f"old{age}"
        old.mkdir(parents=True)
        os.utime(old, (1e9 - age, 1e9 - age))
    newest = door.cache_folder()
    assert {path.name for path in (fresh / "frandsim").iterdir()} == {newest.name, "old1", "old2"}


def test_without_a_home_to_write_to_it_still_compiles(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = fresh / "file"
    taken.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(taken))
    assert not door.cache_folder().is_relative_to(fresh / "frandsim")
    assert door.compiled(discounted)(0.08, 12) == discounted(0.08, 12)
