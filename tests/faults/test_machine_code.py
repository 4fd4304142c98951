"""A cache of machine code that is damaged or cannot be written never stops a run, nor changes it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.figures import interactive

MODULE = """\
from simulator.compiled import compiled

@compiled
def midpoint(bid: float, ask: float) -> float:
    return (bid + ask) / 2

print(midpoint(1.0, 4.0))
"""
LIBRARY = """\
import numpy as np
from simulator.evolution.learned.lemke_howson import lemke_howson

x, y = lemke_howson(np.eye(2), 1.0 - np.eye(2), 0)
print(*x, *y)
"""

LOOP = """\
import sys
import numpy as np
from numba import guvectorize, njit
from simulator.compiled import kept_apart

for _ in range(int(open("before").read())):  # numba numbers functions as they are made
    njit(lambda x: x + 1)(1)
with kept_apart():
    from loop import halve
print(*halve(np.array([2.0, 5.0])))
"""
HALVE = """\
from numba import guvectorize

@guvectorize(["f8[:], f8[:]"], "(n)->(n)", nopython=True, cache=True)
def halve(values, out):
    for n in range(len(values)):
        out[n] = values[n] / 2
"""


def run(folder: Path, module: str = MODULE) -> tuple[str, str]:
    """Run the module with its own cache: what it prints, and what it says on standard error."""
    (folder / "rule.py").write_text(module)
    done = subprocess.run(
        [sys.executable, "rule.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": str(Path.cwd())},
    )
    return done.stdout, done.stderr


def kept(folder: Path, kind: str) -> Path:
    return next((folder / "cache").rglob(f"*.{kind}"))


@pytest.mark.parametrize("kind", [pytest.param("nbi", marks=pytest.mark.slow), "nbc"])
@pytest.mark.parametrize(
    "damage", ["flip", *(pytest.param(one, marks=pytest.mark.slow) for one in ("cut", "empty", "text"))]
)
def test_a_damaged_file_is_set_aside_and_compiled_anew(tmp_path: Path, kind: str, damage: str) -> None:
    assert run(tmp_path) == ("2.5\n", "")
    path = kept(tmp_path, kind)
    whole = path.read_bytes()
    middle = bytearray(whole)
    middle[len(whole) * 2 // 3] ^= 0x10
    path.write_bytes({"flip": bytes(middle), "cut": whole[:-9], "empty": b"", "text": b"hello"}[damage])
    printed, told = run(tmp_path)
    assert printed == "2.5\n"
    assert told.splitlines() == [f"frandsim: {path} is damaged: it is set aside and compiled anew"]
    assert run(tmp_path) == ("2.5\n", "")


def test_machine_code_of_a_library_is_mistrusted_too(tmp_path: Path) -> None:
    whole, told = run(tmp_path, LIBRARY)
    assert (len(whole.split()), told) == (4, "")
    path = next((tmp_path / "cache").rglob("lemke_howson*.nbc"))
    path.write_bytes(path.read_bytes()[:-9])
    printed, told = run(tmp_path, LIBRARY)
    assert printed == whole
    assert told.splitlines() == [f"frandsim: {path} is damaged: it is set aside and compiled anew"]
    assert run(tmp_path, LIBRARY) == (whole, "")


@pytest.mark.slow
def test_any_flipped_byte_is_found(tmp_path: Path) -> None:
    run(tmp_path)
    for kind in ("nbi", "nbc"):
        size = kept(tmp_path, kind).stat().st_size
        for place in range(0, size, size // 8):
            data = bytearray(kept(tmp_path, kind).read_bytes())
            data[min(place, len(data) - 1)] ^= 0x01
            kept(tmp_path, kind).write_bytes(data)
            printed, told = run(tmp_path)
            assert (printed, len(told.splitlines())) == ("2.5\n", 1), (kind, place)


def test_a_file_that_cannot_be_written_is_compiled_in_memory(tmp_path: Path) -> None:
    """A folder stands where the file would: this holds for root, too."""
    run(tmp_path)
    for kind in ("nbi", "nbc"):
        path = kept(tmp_path, kind)
        path.unlink()
        (path / "inside").mkdir(parents=True)
    printed, told = run(tmp_path)
    assert printed == "2.5\n"
    assert "Traceback" not in told
    assert told.splitlines()[-1].startswith("frandsim: ")


def test_scripts_of_the_report_that_are_damaged_are_bundled_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled: list[str] = []

    def bundle(start: str) -> str:
        bundled.append(start)
        return start

    monkeypatch.setattr("vl_convert.javascript_bundle", bundle)
    monkeypatch.setattr(interactive, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(interactive, "script", interactive.script.__wrapped__)
    whole = interactive.script()
    assert interactive.script() == whole == interactive.NOTICE + interactive.START
    assert len(bundled) == 1
    (place,) = tmp_path.iterdir()
    kept_bytes = place.read_bytes()
    for damaged in (kept_bytes[:-1], kept_bytes.replace(b"Promise", b"Premise"), b"", b"\xff", b"hello"):
        place.write_bytes(damaged)
        assert interactive.script() == whole
        assert place.read_bytes() == kept_bytes
    assert len(bundled) == 6
    place.unlink()
    place.mkdir()  # cannot be written
    assert interactive.script() == whole


def test_a_loop_beside_the_function_of_another_process_ends_no_run(tmp_path: Path) -> None:
    """Two processes that compile a library's array function at once keep one's loop, the other's function."""
    said = []
    for name, before in (("one", 0), ("other", 3)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "before").write_text(str(before))
        (folder / "loop.py").write_text(HALVE)
        os.utime(folder / "loop.py", (1e9, 1e9))
        said.append(run(folder, LOOP))
    assert said == [("1.0 2.5\n", "")] * 2
    one, other = ({path.name: path for path in (tmp_path / name).rglob("*.nb?")} for name in ("one", "other"))
    for name, path in one.items():
        if not name.startswith("guf-"):
            path.write_bytes(other[name].read_bytes())
    assert run(tmp_path / "one", LOOP) == ("1.0 2.5\n", "")
