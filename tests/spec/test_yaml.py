"""Text that is no scenario file ends in one clear report, and in nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.errors import ScenarioError
from simulator.spec.load import check
from simulator.spec.yaml import read

Write = Callable[[str, str], Path]
pytestmark = pytest.mark.usefixtures("folder")


def complaint(path: Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        check(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "f.yaml: the file is empty"),
        (b"# nothing but a remark\n", "f.yaml: the file is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "f.yaml: a binary file; scenario files are UTF-8 text"),
        (b"regime: f\ntitle: caf\xe9\n", "f.yaml:2: byte 0xe9 is not UTF-8; scenario files are UTF-8 text"),
        (b"a: 1\n" * 300_000, "f.yaml: got 1500000 bytes; at most 1000000 bytes"),
        (
            b"- a\n- b\n",
            (
                "f.yaml:1: no key in the first line; a scenario file is a mapping of keys to values\n"
                "    for example: regime: my-regime"
            ),
        ),
        (
            b"regime: f\n\ttitle: x\n",
            (
                "f.yaml:2: not YAML: while scanning for the next token found character '\\t' that cannot "
                "start any token; indent with spaces, put a space behind every colon, "
                "put a text with a colon in quotes, close every quote and bracket"
            ),
        ),
        (b"regime: " + b"[" * 100_000, "f.yaml:1: more than 32 levels deep"),
        (b"{a: " * 50_000, "f.yaml:1: more than 32 levels deep"),
        (b"regime: f\n? [a, b]\n: 3\n", "f.yaml:2: a key that is not a word; keys are words"),
        (
            b"title: f\n",
            (
                "f.yaml:1: title: begins with the key title; a file begins with its kind and name; "
                "the kinds: case, experiment, scenario, regime, market, space, strategy\n"
                "    for example: regime: f"
            ),
        ),
    ],
)
def test_what_is_not_a_scenario_file(content: bytes, message: str) -> None:
    path = Path("f.yaml")
    path.write_bytes(content)
    assert complaint(path) == message


def test_a_folder_or_a_missing_file() -> None:
    Path("folder").mkdir()
    assert complaint(Path("folder")) == "folder: is a directory; name a file in it"
    assert complaint(Path("absent.yaml")) == "absent.yaml: no such file"


def test_aliases_are_refused_before_they_are_expanded(write: Write) -> None:
    laughs = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 30))
    lines = complaint(write("f.yaml", "regime: f\nl0: &l0 [lol]\n" + laughs)).splitlines()
    assert "f.yaml:2: l0: the anchor &l0; write the value out where it is used" in lines
    assert "f.yaml:3: l1[8]: the alias *l0; write the value out where it is used" in lines


def test_tags_and_repeated_keys_are_faults_beside_all_others(write: Write) -> None:
    lines = complaint(
        write("f.yaml", "regime: f\ntitle: !!python/object:os.system x\nregime: g\ncolour: red\n")
    )
    assert (
        "f.yaml:2: title: the tag tag:yaml.org,2002:python/object:os.system; values are written without tags"
        in lines
    )
    assert "f.yaml:3: regime: given twice; first given in line 1" in lines
    assert "f.yaml:4: colour: the key colour is unknown here" in lines


def test_one_document_a_file(write: Write) -> None:
    assert "f.yaml:3: a second document; one per file" in complaint(
        write("f.yaml", "market: f\n---\n---\nmarket: g\n")
    )


def test_values_keep_their_kind_and_every_entry_its_line(write: Write) -> None:
    text = "a: 1\nb: 0.5\nc: 2015-07-16\nd: [x, yes]\ne: {f: true, g: ~}\nh: '1'\n"
    document = read(write("f.yaml", text))
    assert {key: type(value).__name__ for key, value in document.data.items()} == {
        "a": "int", "b": "float", "c": "date", "d": "tuple", "e": "dict", "h": "str",
    }  # fmt: skip
    assert document.get("d") == ("x", "yes")
    assert document.get("e") == {"f": True, "g": None}
    assert document.marks["e", "g"].line == 5


@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "ignore")))
)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_end_in_a_report_or_in_data(content: bytes) -> None:
    path = Path("f.yaml")
    path.write_bytes(content)
    with suppress(ScenarioError):
        assert isinstance(read(path).data, dict)


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85"])
def test_line_ends_of_other_alphabets_end_no_line(folder: Path, end: str) -> None:
    """Whoever writes the file sees one line there: no key comes of it, and lines are counted without it."""
    path = folder / "f.yaml"
    path.write_text(f"regime: f # note{end}title: x\ntitle: [\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read(path)
    assert "not YAML" in str(caught.value)
    path.write_text(f"regime: f\nstory: 'one{end}two'\nextra: 1\n", encoding="utf-8")
    assert read(path).marks[("extra",)].line == 3


def test_an_anchored_key_is_refused_where_it_stands(folder: Path) -> None:
    path = folder / "f.yaml"
    path.write_text("regime: f\n&a: 1\n", encoding="utf-8")
    assert "f.yaml:2" in complaint(path)
    path.write_text("regime: f\n&a title: x\n", encoding="utf-8")
    assert "the anchor &a" in complaint(path)
