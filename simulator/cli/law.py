"""Commands that read the law: ``regimes``, ``regimes show``, ``regimes diff``."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli.completion import completing
from simulator.cli.options import AsJson, Plain, RegimeName, app, examples
from simulator.cli.output import emit, show, table, tell

laws = typer.Typer(rich_markup_mode=None)


app.add_typer(
    laws,
    name="regimes",
    epilog=examples(
        "frandsim regimes", "frandsim regimes show upc", "frandsim regimes diff eu-hvzte-2015 uk-global"
    ),
)


@laws.callback(invoke_without_command=True)
def regimes(context: typer.Context, as_json: AsJson = False, plain: Plain = False) -> None:
    """List regimes, show one, or compare two in words."""
    if context.invoked_subcommand is not None:
        return
    from simulator.spec.load import builtin, load_regime

    known = [load_regime(name).model_dump(mode="json") for name in builtin("regimes")]
    keys = ("regime", "title", "status", "valid_from", "valid_to", "jurisdiction")
    rows = [{key: law[key] for key in keys} for law in known]
    if as_json:
        emit(rows)
    else:
        heads = ("Regime", "Title", "Status", "From", "To", "Jurisdiction")
        show(
            table("Built-in regimes", heads, ([row[key] or "" for key in keys] for row in rows)), plain=plain
        )
    tell(f"{len(rows)} regimes; nothing written")


@laws.command("show", epilog=examples("frandsim regimes show upc", "frandsim regimes show my-regime.yaml"))
def show_regime(regime: RegimeName, as_json: AsJson = False, plain: Plain = False) -> None:
    """Show a regime: what its file states, inherits and assumes, and what it leaves to the model."""
    from simulator.spec.load import load_regime
    from simulator.spec.sentences import court_rules, fault_rules, step_cells, step_rules, text_rules

    law = load_regime(regime)
    rules = [*text_rules(law), *court_rules(law), *fault_rules(law)]
    if as_json:
        steps = {name: [rule.to_json() for rule in step_rules(law, name)] for name in law.steps}
        emit(
            law.model_dump(mode="json")
            | {"told": {"steps": steps, "court": [rule.to_json() for rule in rules]}}
        )
    else:
        heads = ("Rule", "Law or text", "Assumption", "From", "Source")
        rows = [row for name in law.steps for row in step_cells(law, name)]
        show(table(f"{law.title} ({law.regime})", heads, rows), plain=plain)
        show(table("Text and court", heads, (rule.cells() for rule in rules if rule.stated)), plain=plain)
        left = ([rule.topic, rule.text, rule.source] for rule in rules if not rule.stated)
        defaults = ("Rule", "The model's default", "Source of the default")
        show(table("What no file states", defaults, left), plain=plain)
        for name, note in (("Status", law.status_note), ("Notes", law.notes)):
            if note:
                typer.echo(f"{name}: {note.strip()}")
    tell("rules that no file states are the model's and not this law's; nothing written")


@laws.command("diff", epilog=examples("frandsim regimes diff eu-hvzte-2015 uk-global"))
def diff(
    a: RegimeName,
    b: Annotated[str, typer.Argument(help="Another.", autocompletion=completing("regimes"))],
    as_json: AsJson = False,
) -> None:
    """Say in words on which rules two regimes differ, with both sources."""
    from dataclasses import asdict

    from simulator.spec.load import load_regime
    from simulator.spec.regime_diff import diff_regimes

    first, second = load_regime(a), load_regime(b)
    changes = diff_regimes(first, second)
    if as_json:
        emit([asdict(one) for one in changes])
    else:
        texts = [f"{law.regime}: {law.title}. {law.source}" for law in (first, second)]
        typer.echo("\n\n".join([*texts, *(one.brief(first.source, second.source) for one in changes)]))
    tell(f"{len(changes)} differences between {first.regime} and {second.regime}; nothing written")
