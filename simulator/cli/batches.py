"""Commands on stores of many replications: ``sweep``, ``resume``, ``status``, ``merge``, ``export``."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from simulator.batch.tally import Report
from simulator.cli.options import CPUS, AsJson, Plain, Seed, Workers, app, examples, path_of
from simulator.cli.output import emit, show, tell


class Backend(StrEnum):
    """Where chunks are played."""

    local = "local"
    dask = "dask"


class OnError(StrEnum):
    """What a failing cell does to the others."""

    carry_on = "continue"
    stop = "stop"


StoreFolder = Annotated[
    Path, typer.Argument(help="A folder that a sweep wrote.", metavar="DIR", parser=path_of)
]


On = Annotated[Backend, typer.Option("--backend", help="Threads of this machine, or a Dask scheduler.")]


Scheduler = Annotated[
    str | None,
    typer.Option(help="Address or file of a running Dask scheduler.", show_default="one is started here"),
]


Failing = Annotated[OnError, typer.Option(help="What a failing cell does to the others.")]


@app.command(
    epilog=examples(
        "frandsim sweep four_switches --out runs/four",
        "frandsim sweep cellular --out runs/cellular --replications +100",
        "frandsim sweep four_switches --out runs/part-2 --shard 2/8",
    )
)
def sweep(
    plan: Annotated[
        str, typer.Argument(help="An experiment or scenario, built-in or a path.", metavar="EXPERIMENT")
    ],
    out: Annotated[
        Path,
        typer.Option(help="Folder of the store: made, or gone on with.", parser=path_of, metavar="PATH"),
    ],
    replications: Annotated[
        str | None, typer.Option(help="Replications, or +N more than the store has.", metavar="N|+N")
    ] = None,
    seed: Seed = None,
    workers: Workers = CPUS,
    backend: On = Backend.local,
    scheduler: Scheduler = None,
    shard: Annotated[str, typer.Option(help="Play the i-th of n parts.", metavar="I/N")] = "1/1",
    on_error: Failing = OnError.carry_on,
    as_json: AsJson = False,
) -> None:
    """Play every cell of an experiment, or a scenario, into a folder that can grow.

    One Parquet row a negotiation: pandas.read_parquet("DIR/parts", page_checksum_verification=True) reads it
    all. What is there already is not played again, so the same command goes on after an interrupt, and adds
    replications, regimes or points to a finished store. Rows do not depend on workers, backend or shards.
    """
    from simulator import study

    count = study.replications(replications, out)
    loaded = study.load_plan(plan, replications=count, seed=seed)
    dask = backend is Backend.dask
    ended(
        study.batch(
            loaded,
            out,
            workers=workers,
            dask=dask,
            scheduler=scheduler,
            shard=parse_shard(shard),
            on_error=on_error.value,
            progress=True,
        ),
        as_json,
    )


@app.command(
    epilog=examples("frandsim resume runs/four", "frandsim resume runs/four --cell 3 --on-error stop")
)
def resume(
    folder: StoreFolder,
    cell: Annotated[int | None, typer.Option(min=0, help="This cell only.")] = None,
    workers: Workers = CPUS,
    backend: On = Backend.local,
    scheduler: Scheduler = None,
    on_error: Failing = OnError.carry_on,
    as_json: AsJson = False,
) -> None:
    """Play what a store still misses; its manifest says what that is.

    Refused, with what differs, where the code or a library has changed since.
    """
    from simulator import study

    dask = backend is Backend.dask
    report = study.resume(
        folder,
        workers=workers,
        dask=dask,
        scheduler=scheduler,
        only=cell,
        on_error=on_error.value,
        progress=True,
    )
    ended(report, as_json)


@app.command(
    epilog=examples(
        "frandsim status runs/four", "frandsim status runs/four --verify", "frandsim status runs/four --json"
    )
)
def status(
    folder: StoreFolder,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every part and check it against its digest.")
    ] = False,
    as_json: AsJson = False,
    plain: Plain = False,
) -> None:
    """Say how far a store is, what failed, and how to go on; nothing is changed.

    With --verify, status 1 where a part is damaged.
    """
    from simulator.batch.status import status as look
    from simulator.batch.store import Store

    state = look(Store(folder), verify=verify)
    emit(state.to_json()) if as_json else show(state.table(), plain=plain)
    tell("nothing written")
    if verify and state.torn:
        sys.exit(1)


@app.command(epilog=examples("frandsim merge runs/part-* --out runs/whole"))
def merge(
    folders: Annotated[
        list[Path], typer.Argument(help="Folders that sweeps wrote.", metavar="DIR...", parser=path_of)
    ],
    out: Annotated[
        Path, typer.Option(help="Folder of the store they become.", parser=path_of, metavar="PATH")
    ],
    as_json: AsJson = False,
) -> None:
    """Join stores of one plan, shards or grown ones, into one.

    The result is that of one run, byte for byte. Refused, with what differs, where the plans do not go
    together; exit 1 where something is still missing.
    """
    from simulator.batch.merge import merge as join

    report = join(folders, out)
    ended(report, as_json)
    if not report.complete:
        sys.exit(1)


@app.command(
    "export",
    epilog=examples(
        "frandsim export runs/four", "frandsim export runs/four --format stata --out four-switches.dta"
    ),
)
def export_store(
    folder: StoreFolder,
    form: Annotated[str, typer.Option("--format", help="csv, stata or excel.")] = "csv",
    out: Annotated[
        Path | None,
        typer.Option(
            help="The file.",
            show_default="DIR/outcomes.csv, .dta or .xlsx",
            parser=path_of,
            metavar="PATH",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the rows of a store as one file for other programs.

    Rows are ordered by cell, replication, regime and negotiation. CSV has no limit; Excel holds 1,048,575
    rows, and Stata what fits into memory.
    """
    from simulator.batch.export import Form, export

    known = [str(one) for one in Form]
    if form not in known:
        raise ScenarioError(Problem("format", None, "", f"got {form}", f"one of {', '.join(known)}", "csv"))
    exported = export(folder, Form(form), out)
    if as_json:
        emit({"written": str(exported.path), "rows": exported.rows, "missing": exported.missing})
    tell(exported.summary())


def parse_shard(text: str) -> tuple[int, int]:
    """Which of how many parts: ``2/8``."""
    from simulator.writing.numbers import counted

    turn, of = (counted(part) for part in text.partition("/")[::2])
    if turn is None or of is None or not 1 <= turn <= of:
        raise ScenarioError(Problem("shard", None, "", f"got {text}", "the i-th of n parts", "2/8"))
    return turn, of


def ended(report: Report, as_json: bool) -> None:
    """Say what a batch did; status 1 where cells failed."""
    if as_json:
        emit(report.to_json())
    tell(report.summary())
    if report.failures:
        sys.exit(1)
