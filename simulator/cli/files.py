"""Commands on files: ``validate``, ``upgrade``, ``schema``, ``init``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli.options import AsJson, app, examples, path_of
from simulator.cli.output import emit, tell, tell_written
from simulator.cli.upgrade import upgrade
from simulator.errors import Problem, ScenarioError, nearest


@app.command(epilog=examples("frandsim validate my-scenario.yaml", "frandsim validate my-study/*.yaml"))
def validate(
    files: Annotated[
        list[Path], typer.Argument(help="Files of any kind.", metavar="FILE...", parser=path_of)
    ],
    as_json: AsJson = False,
) -> None:
    """Check files of any kind.

    Regimes, markets, strategies, strategy spaces, scenarios, cases and experiments: all that is wrong with
    them, and where.
    """
    from dataclasses import asdict

    from simulator.spec.load import check

    faults: list[Problem] = []
    checked: list[dict[str, Any]] = []
    for file in files:
        known = len(faults)
        kind = None
        try:
            kind = check(file)
            if kind == "experiment":
                from simulator.experiments import sweep

                sweep.load(file)  # knows the outcomes there are
            if kind == "case":
                from simulator.rates import case_checks
                from simulator.spec.case import load_case

                case_checks.check(load_case(file))  # knows the methods and their units
        except ScenarioError as error:
            faults += error.problems
        wrong = [asdict(fault) for fault in faults[known:]]
        checked.append({"file": str(file), "kind": kind, "faults": wrong})
        if kind is not None and not wrong and not as_json:
            typer.echo(f"{file}: a valid {kind}")
    if as_json:
        emit(checked)
    if faults:
        raise ScenarioError(*dict.fromkeys(faults))
    tell(f"{len(files)} checked, no faults; nothing written")


app.command(epilog=examples("frandsim upgrade my-regime.yaml", "frandsim upgrade --check my-study/*.yaml"))(
    upgrade
)


@app.command(epilog=examples("frandsim schema regime > regime.schema.json", "frandsim schema"))
def schema(
    kind: Annotated[
        str | None,
        typer.Argument(
            help="regime, market, strategy, space, scenario, case or experiment; all if left out."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As without: a schema is JSON.")] = False,  # noqa: ARG001
) -> None:
    """Print the JSON Schema of a kind of file.

    With it an editor completes and checks a file as you type.
    """
    from simulator.spec.load import MODELS

    if kind is not None and kind not in MODELS:
        what, rule = f"no kind of file is called {kind}", nearest(kind, MODELS)
        raise ScenarioError(Problem("schema", None, "", what, rule))
    schemas = {name: model.model_json_schema() for name, model in MODELS.items() if kind in (None, name)}
    emit(schemas if kind is None else schemas[kind])
    tell("nothing written")


@app.command(
    epilog=examples(
        "frandsim init my-study", "frandsim init --case my-case", "frandsim compare my-study/my-scenario.yaml"
    )
)
def init(
    folder: Annotated[Path, typer.Argument(help="Where to write it.", metavar="DIR", parser=path_of)],
    case: Annotated[bool, typer.Option("--case", help="A case (a judgment) instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a commented scenario, or a case, to start from.

    A scenario has a market, a regime and a strategy of its own. Nothing is overwritten.
    """
    from simulator.spec.starter import write_starter
    from simulator.writing.folders import ready

    ready(folder)
    written = write_starter(folder, case)
    if as_json:
        emit({"written": [str(path) for path in written]})
    tell_written(written)
