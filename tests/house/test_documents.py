"""The documents tell the truth about the code, and no file tells where it was written."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from simulator.engine import law, market, state
from simulator.engine.records import MAX_STEPS
from simulator.vocabulary import Act, Disclosure, Fault, Standing

ODD = (
    "Purpose and patterns",
    "Entities, state variables, and scales",
    "Process overview and scheduling",
    "Design concepts",
    "Initialization",
    "Input data",
    "Submodels",
)  # the seven elements of Grimm et al. (2020), "The ODD protocol: a second update", JASSS 23(2) 7
PLACE = re.compile(
    r"(?<![\w.~-])/(?:work|root|home|Users)/\w|\b(?:pypi|pythonhosted|anaconda)\.(?:org|com)\b"
)


def tracked(root: Path) -> list[Path]:
    """Every file that is or may be committed."""
    if not (root / ".git").exists():
        pytest.skip("not a git checkout")
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return [path for name in names.split("\0") if name and (path := root / name).is_file()]


def text(path: Path) -> str:
    return path.read_text("utf-8", errors="ignore")


def test_no_file_names_a_place(root: Path) -> None:
    found = [f"{path}: {match[0]}" for path in tracked(root) for match in PLACE.finditer(text(path))]
    assert found == []


def test_generated_pages_are_fresh(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code = runpy.run_path(str(root / "docs" / "build.py"))["main"](check=True)
    assert exit_code == 0, capsys.readouterr().err


def test_readme_starts_with_the_two_commands(root: Path) -> None:
    readme, makefile = text(root / "README.md"), text(root / "Makefile")
    for target in ("compare", "test"):
        assert f"make {target}" in readme
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_links_between_documents_lead_somewhere(root: Path) -> None:
    pages = [
        root / "README.md",
        root / "CONTRIBUTING.md",
        *root.glob("docs/**/*.md"),
        *root.glob("experiments/*/*.md"),
    ]
    links = [
        (page, link) for page in pages for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text(page))
    ]
    assert [f"{page}: {link}" for page, link in links if not (page.parent / link).exists()] == []


def test_one_version(root: Path) -> None:
    project: dict[str, Any] = tomllib.loads(text(root / "pyproject.toml"))["project"]
    citation = YAML(typ="safe").load(text(root / "CITATION.cff"))
    assert project["version"] == version("frandsim") == citation["version"]
    assert f"## {project['version']}" in text(root / "CHANGELOG.md")


@pytest.mark.parametrize("heading", ODD)
def test_odd_heading_names_modules_that_exist(root: Path, heading: str) -> None:
    page = root / "docs" / "odd.md"
    if not page.exists():
        pytest.skip("docs/odd.md is not written")
    section = re.search(rf"^## (?:\d\.? )?{heading}$(.*?)(?=^## |\Z)", text(page), re.MULTILINE | re.DOTALL)
    assert section, f"docs/odd.md has no section '{heading}'"
    modules = re.findall(r"simulator/[\w/]+(?:\.py|\.yaml|/)", section[1])
    assert modules, f"the section '{heading}' names no module"
    assert [module for module in modules if not (root / module).exists()] == []


def test_results_keep_the_pictures_that_pages_show(root: Path) -> None:
    """Every link to a picture is kept by, and no other picture is, in the repository."""
    files = tracked(root)
    shown = {
        (page.parent / link).resolve()
        for page in files
        if page.suffix == ".md"
        for link in re.findall(r"\]\(([^)#\s]+\.(?:png|svg))\)", text(page))
    }
    kept = {path.resolve() for path in files if path.suffix in {".png", ".svg", ".pdf"}}
    assert kept == shown


def test_results_hold_no_file_of_an_earlier_run(root: Path) -> None:
    """What is kept of an experiment is what its last run wrote, so no page shows what no longer comes out."""
    kept = [path for path in tracked(root) if path.is_relative_to(root / "results")]
    written = {
        path.parent: {path.name, *json.loads(text(path))["files"]}
        for path in kept
        if path.name == "manifest.json"
    }
    assert len(written) > 30
    assert not [path for path in kept if path.name not in written.get(path.parent, {path.name})]
    learned = root / "results" / "learned_duopoly"
    files = {path.stem for path in kept if path.parent == learned / "strategies"}
    assert files == set(pd.read_csv(learned / "learned_strategies.csv")["strategy"])


def test_every_field_of_the_state_says_what_it_is(root: Path) -> None:
    page = text(root / "docs" / "state.md")
    kinds = [kind for kind in (vars(law) | vars(market) | vars(state)).values() if isinstance(kind, np.dtype)]
    assert len(re.findall(r"^\| `", page, re.MULTILINE)) == sum(len(kind.names or ()) for kind in kinds) > 0


def test_every_mask_of_a_record_has_room_for_its_members() -> None:
    """A mask of 31 codes overflows an ``i4`` in silence: its comment says of what it is a mask."""
    words = {"Fault": Fault, "Disclosure": Disclosure, "Act": Act, "Standing": Standing}
    seen = 0
    for module in (law, state):
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        for name, kind, comment in re.findall(r"^    (\w+): (I\d)  # (.*)$", source, re.M):
            if not (found := re.search(r"mask of (?:the holder's )?(\w+?)s?\b", comment)):
                continue
            members = max(words[found[1]]) + 1 if found[1] in words else MAX_STEPS
            assert members <= 8 * int(kind[1]) - 1, (name, comment)
            seen += 1
    assert seen > 15


def test_no_field_of_a_record_is_a_word_of_numpy() -> None:
    """With the compiler off ``step.any`` would be a method of the array's record, not the field."""
    kinds = [kind for module in (law, state) for kind in vars(module).values() if isinstance(kind, np.dtype)]
    assert len(kinds) > 10
    assert [name for kind in kinds for name in kind.names or () if hasattr(np.record, name)] == []
