"""A second process that does what it is asked for.

It is a Python of its own, fed through pipes: it neither runs the caller's script again, as multiprocessing
would, nor shares locks with the caller's threads, as a fork would; and it ends when the caller is gone.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any, cast

from simulator.batch.interrupt import Interrupted
from simulator.errors import ScenarioError


class Gone(Exception):  # noqa: N818 - what has happened
    """The second process has ended without an answer."""


class Helper:
    """The second process: ``serve()`` of a module, which hands a function to :func:`attend`."""

    def __init__(self, module: str, *, told: bool = True) -> None:
        """``told``: its standard error goes where ours does."""
        path = os.pathsep.join(filter(None, sys.path))
        self.process = subprocess.Popen(  # noqa: S603 - our own code
            [sys.executable, "-P", "-c", f"from {module} import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if told else subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": path},
            start_new_session=True,  # an interrupt ends it by its pipe
        )

    def ask(self, task: Any) -> Any:
        """Hand over a task, wait for the answer.

        Raises what the task raised there; :class:`Gone` where the process has ended.
        """
        data = pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL)  # whole, or nothing is sent
        into, back = cast("IO[bytes]", self.process.stdin), cast("IO[bytes]", self.process.stdout)
        try:
            into.write(data)
            into.flush()
            given, error = pickle.load(back)  # noqa: S301 - from a process of our own
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as end:  # pipes closed, or torn
            raise Gone from end
        if error is not None:
            raise error
        return given

    def let_go(self, patience: float = 0.0) -> None:
        """End the process; with ``patience`` (seconds) it may first take away what it has half written."""
        if patience:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        self.process.kill()
        with suppress(OSError), self.process:  # closes the pipes
            pass


def attend(task: Callable[[Any], Any]) -> None:
    """In the second process: do what the other side of the pipes asks for, until it is gone."""
    back, sys.stdout = sys.stdout.buffer, sys.stderr  # what a task prints is not an answer
    signal.signal(signal.SIGTERM, _end)
    asked: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_listen, args=(asked,), daemon=True).start()
    with suppress(BrokenPipeError, Interrupted):
        while True:
            told: tuple[Any, Exception | None]
            try:
                told = task(asked.get()), None
            except Exception as error:  # raised again where it was asked for
                told = None, _portable(error)
            back.write(pickle.dumps(told, protocol=pickle.HIGHEST_PROTOCOL))
            back.flush()


def _end(*_: object) -> None:
    """Leave by the usual way out, so that what is half written is taken away."""
    raise SystemExit(1)


def _listen(asked: SimpleQueue[Any]) -> None:
    """Take in tasks; when the other side of the pipe is gone, end what is done for nobody.

    By a reader of its own: ``sys.stdin`` is closed as the process ends, which fails while it is waited on.
    """
    tasks = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    with suppress(EOFError, OSError, pickle.UnpicklingError):
        while True:
            asked.put(pickle.load(tasks))  # noqa: S301 - from the process that started this one
    os.kill(os.getpid(), signal.SIGTERM)


def _portable(error: Exception) -> Exception:
    """The error, or what it says where it does not survive the way."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # whatever an error's own class makes of it
        return RuntimeError("".join(traceback.format_exception(error)))
    if not isinstance(error, ScenarioError | OSError):
        error.add_note("".join(traceback.format_exception(error)))
    return error
