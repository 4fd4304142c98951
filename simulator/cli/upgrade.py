"""``frandsim upgrade``: files of an older version rewritten in the words of this one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.options import path_of


def upgrade(
    files: Annotated[
        list[Path], typer.Argument(help="Files of any kind.", metavar="FILE...", parser=path_of)
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 where a file would change.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """Rewrite files of an older version in the words of this one.

    Words that have changed are exchanged where they stand; comments and layout stay. A file that has none
    of them is left as it is, byte for byte. Nothing is written where one of the files cannot be read.
    """
    import json

    from simulator.spec.upgrade import upgrades

    read = upgrades(files)
    changed = [upgraded for upgraded in read if upgraded.changes]
    if not check:
        for upgraded in changed:
            upgraded.write()
    if as_json:
        typer.echo(
            json.dumps(
                [{"file": str(upgraded.path), "changes": upgraded.changes} for upgraded in read], indent=2
            )
        )
    else:
        for upgraded in read:
            typer.echo(f"{upgraded.path}: {'; '.join(upgraded.changes) or 'nothing to change'}")
    written = "\n".join(f"wrote {upgraded.path}" for upgraded in changed)
    typer.echo(written if written and not check else "nothing written", err=True)
    if check and changed:
        raise typer.Exit(1)
