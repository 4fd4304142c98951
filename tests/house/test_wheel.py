"""What a user installs is complete."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_wheel_carries_scenarios_and_data(root: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for folder in ("simulator", "scenarios"):
        shutil.copytree(root / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / file, source)
    wheel = (
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        tmp_path,
        source,
    )
    subprocess.run(wheel, check=True, capture_output=True)
    packed = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    wanted = {path.relative_to(source) for path in (source / "simulator").rglob("*") if path.is_file()}
    shipped = {
        Path("simulator/_scenarios", path.relative_to(source / "scenarios"))
        for path in source.glob("scenarios/**/*.*")
    }
    assert {path.as_posix() for path in wanted | shipped} - packed == set()
