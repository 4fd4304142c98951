"""A batch on Dask: the same chunks, played by the workers of a scheduler."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from logging import ERROR
from typing import Any

from simulator.batch.interrupt import Interrupted
from simulator.errors import Problem, ScenarioError

PATIENCE = "20s"
"""How long to wait for a scheduler."""


@contextmanager
def dask(scheduler: str | None, workers: int) -> Iterator[tuple[Executor, int]]:
    """An executor on a Dask scheduler and how many chunks it plays at a time.

    Without a ``scheduler`` (its address, or the path of a scheduler file ending in .json), one is started
    here with ``workers`` processes.  A worker plays one chunk a thread; one that dies is replaced by the
    scheduler, and its chunks are played again.  Raises ``ScenarioError`` without Dask or without an answer.
    """
    try:
        import distributed
    except ImportError:
        rule = "install it: pip install 'frandsim[dask]'"
        raise ScenarioError(Problem("backend", None, "", "dask is not installed", rule)) from None
    untyped: Any = distributed
    own = None
    if scheduler is None:
        own = untyped.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=ERROR
        )
    try:
        file = scheduler is not None and scheduler.endswith(".json")
        where = {"scheduler_file": scheduler} if file else {"address": own or scheduler}
        client = untyped.Client(**where, timeout=PATIENCE)
    except (OSError, TimeoutError, ValueError) as error:
        rule = "give the address of a scheduler that runs, such as tcp://node1:8786"
        raise ScenarioError(Problem("scheduler", None, str(scheduler), "does not answer", rule)) from error
    ends_at_once = False
    try:
        yield client.get_executor(pure=False), max(sum(client.nthreads().values()), 1)
    except Interrupted:  # the command ends without delay, and workers end with it
        ends_at_once = True
        raise
    finally:
        if not ends_at_once:
            client.close()
            if own is not None:
                own.close()
