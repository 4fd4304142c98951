"""Whoever writes a name that is refused is told the rule of that name, and one that would do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import simulator.spec
from simulator.spec.problems import PATTERNS


def test_every_pattern_of_a_file_has_its_rule_and_an_example_that_obeys_it() -> None:
    folder = Path(simulator.spec.__file__).parent
    text = "\n".join(path.read_text() for path in folder.glob("*.py") if path.name != "problems.py")
    assert set(re.findall(r'(?:pattern=|_NAME = )r"([^"]+)"', text)) == set(PATTERNS)


@pytest.mark.parametrize(("pattern", "example"), [(one, PATTERNS[one][1]) for one in PATTERNS])
def test_the_example_would_do(pattern: str, example: str) -> None:
    assert re.fullmatch(pattern.strip("^$"), example.strip('"'))
