"""The pages on large batches and on Python do what they print."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator.cli.options import app
from simulator.spec.load import load_experiment
from tests.docs.blocks import of


def blocks(root: Path, page: str, language: str) -> list[str]:
    return of(root / "docs" / "how-to" / page, language)


@pytest.fixture(scope="module")
def played(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every command of the page on batches was given."""
    folder = tmp_path_factory.mktemp("batches")
    (block,) = blocks(root, "large-batches.md", "yaml")
    (folder / "my-experiment.yaml").write_text(block, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for line in "".join(blocks(root, "large-batches.md", "bash")).splitlines():
            program, *words = shlex.split(line)
            if program == "frandsim":
                result = CliRunner().invoke(app, words, catch_exceptions=False)
                assert result.exit_code == 0, f"{line}\n{result.output}"
            else:
                subprocess.run([program, *words], check=True)
    return folder


def test_the_commands_of_the_page_on_batches_run(played: Path) -> None:
    assert len(load_experiment(played / "my-experiment.yaml").cells()) == 12
    grown = pd.read_parquet(played / "runs/demo/parts")
    assert len(grown) == 12 * 30 * 2
    assert len(pd.read_csv(played / "runs/demo/outcomes.csv")) == len(grown)
    assert len(pd.read_parquet(played / "runs/whole/parts")) == 12 * 20 * 2


def test_the_job_scripts_are_shell(root: Path) -> None:
    for script in blocks(root, "large-batches.md", "sbatch"):
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_an_array_job_plays_its_shard(
    root: Path, played: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    for name in ("srun", "frandsim"):
        (tmp_path / name).write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" > {told}\n', encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    given = {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "64", "SLURM_CPUS_PER_TASK": "4"}
    environment = given | {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    script = blocks(root, "large-batches.md", "sbatch")[0]
    subprocess.run(["bash", "-c", script], check=True, env=environment)
    words = shlex.split(told.read_text("utf-8"))
    assert words[:4] == ["frandsim", "sweep", "my-experiment.yaml", "--out"]
    assert words[4:] == ["runs/part-3", "--shard", "3/64", "--workers", "4"]
    monkeypatch.chdir(played)
    result = CliRunner().invoke(app, words[1:], catch_exceptions=False)
    assert result.exit_code == 0, result.output


def test_the_code_of_the_page_on_python_runs(
    root: Path, played: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(played)
    names: dict[str, Any] = {}
    for block in blocks(root, "in-python.md", "python"):
        exec(block, names)
    results = names["results"].table
    assert names["threads"].table.equals(results)
    assert names["again"].table.equals(results)
    assert len(results) == 3 * 2 * 20
    assert len(names["more"].table) == 3 * 2 * 30
    assert not names["results"].failed
    assert names["problem"].results.shape == (8 * (2 + 2),)
    assert len(names["experiments"]) == 12 * 2
    assert names["rows"]["counted"].all()
