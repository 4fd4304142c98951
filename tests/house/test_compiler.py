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


def test_parts_are_their_wholes_own(fresh: Path) -> None:
    """Each calls its own copy of a part: that of another whole is made for that one alone."""
    part = door.compiled(discounted)

    @door.compiled
    def directly(months: int) -> float:
        return part(0.08, months)

    def both(months: int) -> float:
        return 2.0 * directly(months) + part(0.05, months)

    whole: Any = door.compiled(both)
    assert whole(60) == 2.0 * discounted(0.08, 60) + discounted(0.05, 60)
    (made,) = whole.overloads.values()
    functions = made.library._final_module.functions
    seen = {one.name for one in functions if not one.is_declaration and one.linkage.name != "internal"}
    assert seen
    assert all("both" in name for name in seen)


def test_a_part_that_its_first_caller_turns_out_not_to_need_is_there_for_the_next(fresh: Path) -> None:
    part = door.compiled(discounted)
    laws = np.zeros(1, dtype=[("term", "i8")])
    door.left_out(laws.dtype, {"never": 0})

    def first(law: Any, months: int) -> float:
        return part(0.08, months) if law.never == 1 else 0.0

    def second(months: int) -> float:
        return part(0.05, months)

    first, second = door.compiled(first), door.compiled(second)

    def both(laws: Any, months: int) -> float:
        return first(laws[0], months) + second(months)

    assert door.compiled(both)(laws, 60) == discounted(0.05, 60)


def test_a_field_left_out_of_a_record_is_a_constant(fresh: Path) -> None:
    whole = np.array([(7, 1.5, 8)], dtype=[("term", "i8"), ("cap", "f8"), ("grace", "i2")])
    uncapped, bare = whole[["term", "grace"]].copy(), whole[["term"]].copy()
    door.left_out(uncapped.dtype, {"cap": 2.5})
    door.left_out(bare.dtype, {"cap": 2.5, "grace": 3})

    def told(laws: Any) -> float:
        law = laws[0]
        return float(100.0 * law.term + 10.0 * law.cap + law.grace / 2)

    told = door.compiled(told)
    assert told(whole) == 719.0
    assert told(uncapped) == 729.0
    assert told(bare) == 726.5
    with pytest.raises(Exception, match="cap"):  # of records that nobody said it of
        told(np.zeros(1, dtype=[("term", "i8"), ("month", "i8")]))


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


def test_announces_what_is_compiled_once_when_it_is(fresh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    door.announce()
    door.announce()
    assert capsys.readouterr().err == ""
    door.compiled(discounted)(0.08, 12)
    door.compiled(discounted)(1, 12)
    assert capsys.readouterr().err.count("Compiling") == 1
    door.announce.cache_clear()
    door.announce()
    door.compiled(discounted)(0.08, 12)
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
