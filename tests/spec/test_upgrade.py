"""Files of older schemas: told which words have changed, rewritten without another byte touched."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.errors import ScenarioError
from simulator.spec import schema, upgrade
from simulator.spec.load import builtin, check, load_regime
from simulator.spec.schema import CHANGES, NEWEST, Change
from simulator.spec.upgrade import upgraded
from simulator.spec.yaml import read
from tests.spec.conftest import REGIME
from tests.spec.test_mutations import mutations

OLD = REGIME.replace("consequence:", "court:")
Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file into the working directory and return its path."""
    monkeypatch.chdir(tmp_path)

    def put(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return put


def said(path: Path) -> list[str]:
    """What is said of a file that is refused."""
    with pytest.raises(ScenarioError) as refused:
        check(path)
    return str(refused.value).splitlines()


def as_before(text: str) -> str:
    """A built-in file in the words of the first schema."""
    text = re.sub(r"(?<=[{ ])consequence: ", "court: ", text.replace(f"schema: {NEWEST}\n", ""))
    return re.sub(r"(evolution:\n(?:  .*\n)*?  )replications", r"\1measured", text)


def test_an_old_word_is_told_with_the_new_one_and_the_command(write: Write) -> None:
    path = write("mini.yaml", OLD)
    (line,) = said(path)
    assert line == (
        "mini.yaml:22: steps.reply.if_missed.court: court is called consequence since schema 2; "
        "to rewrite the file: frandsim upgrade mini.yaml"
    )
    path = write("mini.yaml", OLD.replace("if_deficient: {", "if_deficient: {court: fault_only, "))
    assert said(path)[0].startswith("mini.yaml:14: ")
    assert "since schema 2, here and in another place; to" in said(path)[0]


@pytest.mark.parametrize(
    ("stated", "report"),
    [
        (
            "99",
            "got 99; this version of frandsim knows schemas up to 2: install a newer one to read the file",
        ),
        ("0", "got 0; a whole number, from 1 to 2"),
        ("true", "got true; a whole number, from 1 to 2"),
        ("two", "got 'two'; a whole number, from 1 to 2"),
        ("", "got nothing; a whole number, from 1 to 2"),
    ],
)
def test_a_schema_that_is_not_known(write: Write, stated: str, report: str) -> None:
    path = write("mini.yaml", OLD.replace("title:", f"schema: {stated}\ntitle:", 1))
    assert said(path)[0] == f"mini.yaml:2: schema: {report}"
    with pytest.raises(ScenarioError, match="schema: got"):
        upgraded(path)


@pytest.mark.parametrize("kind", ["regime", "market", "strategy", "space", "scenario", "case", "experiment"])
def test_every_kind_of_file_may_state_its_schema(write: Write, kind: str) -> None:
    name, path = next(iter(builtin({"strategy": "strategies"}.get(kind, f"{kind}s")).items()))
    text = re.sub(r"(?m)^schema: .*\n", "", path.read_text("utf-8"))
    head = f"{kind}: {name}\n"
    own = write(f"{name}.yaml", text.replace(head, f"{head}schema: {NEWEST}\n", 1))
    assert check(own) == kind
    (line,) = said(write(f"{name}.yaml", text.replace(head, f"{head}schema: 7\n", 1)))
    assert line == (
        f"{name}.yaml:2: schema: got 7; this version of frandsim knows schemas up to {NEWEST}: "
        "install a newer one to read the file"
    )


REWRITTEN = [path for kind in ("regimes", "experiments") for path in builtin(kind).values()]


@pytest.mark.parametrize("path", REWRITTEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_built_in_file_of_the_first_schema_becomes_what_it_is_now(write: Write, path: Path) -> None:
    now = path.read_text("utf-8")
    then = as_before(now)
    one = upgraded(write(path.name, then))
    assert one.new == now
    assert bool(one.changes) == (then != now)


def test_nothing_is_left_of_the_first_schema() -> None:
    kinds = ("regimes", "markets", "strategies", "spaces", "scenarios", "cases", "experiments")
    files = [path for kind in kinds
             for path in builtin(kind).values()]  # fmt: skip
    assert not [path for path in files if upgraded(path).changes]
    assert any("schema" in read(path).data for path in files)


@st.composite
def layouts(draw: st.DrawFn) -> tuple[str, str]:
    """A regime in some layout, in the words of the first schema and in today's."""
    comment = draw(st.sampled_from(["", "  # court: not this one", " # ä§ {court: x}"]))
    quote = draw(st.sampled_from(["", "'", '"']))
    gap = draw(st.sampled_from(["", "\n", "# if_missed: {court: opens_court}\n\n"]))
    flow = draw(st.booleans())
    order = draw(st.permutations(["fault: no_reply_to_notice", "<>: opens_court", "go: next"]))
    lines = draw(st.sampled_from(["\n", "\r\n"]))
    indent = draw(st.sampled_from(["      ", "        "]))
    breach = f" {{{', '.join(order)}}}" if flow else f"{comment}\n" + f"{comment}\n".join(
        f"{indent}{entry}" for entry in order
    )  # fmt: skip
    text = REGIME.replace(
        "    if_missed: {fault: no_reply_to_notice, consequence: opens_court, go: next}\n",
        f"{gap}    if_missed:{breach}{comment}\n",
    ).replace("<>", f"{quote}<>{quote}")
    assert text.count("<>") == 1
    text = draw(st.sampled_from(["", "# a regime\n", "---\n"])) + text
    text = text.replace("regime: mini\n", f"regime: mini{comment}\n<schema>")
    text = text.replace("\n", lines)
    now = text.replace("<>", "consequence").replace("<schema>", f"schema: {NEWEST}{lines}")
    return text.replace("<>", "court").replace("<schema>", ""), now


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(both=layouts())
def test_whatever_the_layout_only_the_words_change(write: Write, both: tuple[str, str]) -> None:
    old, now = both
    one = upgraded(write("mini.yaml", old))
    assert one.new == now
    by_hand = load_regime(write("mini.yaml", now))
    one.write()
    assert load_regime(one.path) == by_hand
    assert not upgraded(one.path).changes


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_done_to_an_old_file_it_is_rewritten_or_reported(
    write: Write, data: st.DataObject
) -> None:
    path = write("mini.yaml", data.draw(mutations(OLD)))
    try:
        one = upgraded(path)
    except ScenarioError:
        return
    one.write()
    assert upgraded(path).changes == ()
    assert {line for line in one.new.splitlines() if "court" not in line} >= {
        line for line in one.old.splitlines() if "court:" not in line and "schema" not in line
    }


@pytest.mark.parametrize(
    "start", ["{regime: mini, ", "{\n  regime: mini, ", "title: 'A small one'\nregime: mini\n"]
)
def test_where_the_schema_is_put(write: Write, start: str) -> None:
    breach = "steps: {reply: {if_missed: {court: opens_court}}}"
    text = start + breach + ("}" if start.startswith("{") else "")
    one = upgraded(write("mini.yaml", text))
    assert read(write("mini.yaml", one.new)).data == {
        **read(write("mini.yaml", text.replace("{court:", "{consequence:"))).data,
        "schema": NEWEST,
    }
    raised = upgraded(write("mini.yaml", f"schema: 1 # first\n{breach}\nregime: mini"))
    assert (
        raised.new == f"schema: {NEWEST} # first\n{breach.replace('{court:', '{consequence:')}\nregime: mini"
    )


def test_a_variant_of_an_experiment_is_a_regime_too(write: Write) -> None:
    variant = "{of: upc, steps: {offer: {if_missed: {court: fault_only}}}}"
    one = upgraded(write("e.yaml", f"experiment: e\nvary: []\nvariants:\n  v: {variant}\n"))
    told = ("court is now consequence (line 4)", "vary is now levers (line 2)", f"schema: {NEWEST}")
    assert one.changes == told
    assert "{consequence: fault_only}" in one.new
    assert f"schema: {NEWEST}\nlevers: []\n" in one.new


def test_both_words_at_once_are_left_to_the_user(write: Write) -> None:
    path = write("mini.yaml", OLD.replace("{fault: no_reply", "{consequence: fault_only, fault: no_reply"))
    with pytest.raises(ScenarioError, match="court is called consequence now, and both are given; keep one"):
        upgraded(path)


def test_values_and_items_of_lists_change_too_and_one_schema_after_another(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = (
        *CHANGES,
        Change(3, "regime", "steps.*.act", "notify", "tell"),
        Change(3, "regime", "steps.*.must_contain", "patent_list", "patents"),
        Change(4, "regime", "steps.*.if_*", "consequence", "effect"),
        Change(4, "regime", "steps.*.act", "tell", "say"),
    )
    monkeypatch.setattr(schema, "CHANGES", changes)
    monkeypatch.setattr(upgrade, "CHANGES", changes)
    monkeypatch.setattr(schema, "NEWEST", 4)
    monkeypatch.setattr(upgrade, "NEWEST", 4)
    one = upgraded(write("mini.yaml", OLD))
    wanted = OLD.replace("mini\n", "mini\nschema: 4\n", 1).replace("act: notify", "act: say")
    wanted = wanted.replace("[patent_list]", "[patents]").replace("notice, court:", "notice, effect:")
    assert one.new == wanted
    folded = OLD.replace("act: notify", "act: >-\n      notify")
    with pytest.raises(ScenarioError, match="notify cannot be exchanged here; write tell yourself"):
        upgraded(write("mini.yaml", folded))
