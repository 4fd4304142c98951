"""What a user installs is complete, and works away from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from simulator import study
from simulator.errors import ScenarioError
from simulator.study import answering

ELSEWHERE = """
from pathlib import Path
import simulator
from simulator import study
from simulator.spec.find import PLURAL, builtin

print(Path(simulator.__file__).parent)
print(*sorted(f"{kind}/{name}" for kind in PLURAL.values() for name in builtin(kind)))
for name in study.experiments():
    study.load_experiment(name, quick=True)
"""


@pytest.fixture(scope="module")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from a clean copy, unpacked as an installation does."""
    work = tmp_path_factory.mktemp("wheel")
    source = work / "source"
    for folder in ("simulator", "scenarios", "experiments"):
        shutil.copytree(root / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE", "frandsim.py"):
        shutil.copy(root / file, source)
    pip = (
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        work,
        source,
    )
    subprocess.run(pip, check=True, capture_output=True)
    with zipfile.ZipFile(next(work.glob("*.whl"))) as wheel:
        wheel.extractall(work / "site")
    return work


def test_the_wheel_carries_scenarios_experiments_and_data(installed: Path) -> None:
    source, site = installed / "source", installed / "site"
    wanted = {path.relative_to(source) for path in (source / "simulator").rglob("*") if path.is_file()}
    for folder, kinds in (("scenarios", ("yaml", "csv", "md")), ("experiments", ("yaml", "csv", "json"))):
        wanted |= {
            Path("simulator", f"_{folder}", path.relative_to(source / folder))
            for kind in kinds
            for path in source.glob(f"{folder}/**/*.{kind}")
        }
    wanted = {path for path in wanted if "build" not in path.parts}
    assert wanted - {path.relative_to(site) for path in site.rglob("*")} == set()


def run(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the unpacked wheel, in a folder that is no checkout."""
    environment = {**os.environ, "PYTHONPATH": str(installed / "site")}
    command = (sys.executable, *arguments)
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_every_built_in_file_is_found_elsewhere(root: Path, installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "-c", ELSEWHERE)
    assert done.returncode == 0, done.stderr
    where, names = done.stdout.splitlines()
    assert Path(where) == (installed / "site" / "simulator").resolve()
    experiments = {f"experiments/{path.parent.name}" for path in root.glob("experiments/*/experiment.yaml")}
    assert experiments <= set(names.split())
    assert {"regimes/us-ebay", "markets/cellular", "cases/oppo-v-nokia"} <= set(names.split())


@pytest.mark.parametrize("command", ["experiment", pytest.param("sweep", marks=pytest.mark.slow)])
def test_the_commands_know_the_experiments_elsewhere(installed: Path, tmp_path: Path, command: str) -> None:
    out = ("--out", str(tmp_path / "out"))
    done = run(installed, tmp_path, "-m", "simulator", command, "four_switche", *out)
    assert done.returncode == 2
    assert "four_switches" in done.stderr


def test_a_package_without_experiments_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "builtin", lambda _: {})
    with pytest.raises(ScenarioError, match="no experiments"):
        study.experiments()


def test_it_answers_to_the_name_it_is_installed_by(installed: Path, tmp_path: Path) -> None:
    program = (
        "import frandsim, simulator; print(frandsim is simulator, frandsim.load_scenario('wifi').scenario)"
    )
    done = run(installed, tmp_path, "-c", program)
    assert done.stdout.split() == ["True", "wifi"], done.stderr


@pytest.mark.slow
def test_an_experiment_plays_elsewhere(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "-m", "simulator", "experiment", "disclosure", "--quick")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "results" / "quick" / "disclosure" / "manifest.json").is_file()
