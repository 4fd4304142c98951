"""A second process that does what it is asked for.

It is a Python of its own, fed through pipes: it neither runs the caller's script again, as multiprocessing
would, nor shares locks with the caller's threads, as a fork would; and it ends when the caller is gone.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, cast


class Helper:
    """The second process: ``serve()`` of a module, which hands a function to :func:`answer`."""

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

        Raises what the task raised there; ``OSError``, ``EOFError`` where the process is gone.
        """
        data = pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL)  # whole, or nothing is sent
        into, back = cast("IO[bytes]", self.process.stdin), cast("IO[bytes]", self.process.stdout)
        into.write(data)
        into.flush()
        given, error = pickle.load(back)  # noqa: S301 - from a process of our own
        if error is not None:
            raise error
        return given

    def let_go(self) -> None:
        """End the process, at once."""
        self.process.kill()
        with suppress(OSError), self.process:  # closes the pipes
            pass


def answer(task: Callable[[Any], Any]) -> None:
    """In the second process: do what the other side of the pipes asks for, until it is gone."""
    back, sys.stdout = sys.stdout.buffer, sys.stderr  # what a task prints is not an answer
    with suppress(EOFError, BrokenPipeError):
        while True:
            asked = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
            told: tuple[Any, Exception | None]
            try:
                told = task(asked), None
            except Exception as error:  # raised again where it was asked for
                told = None, error
            back.write(pickle.dumps(told, protocol=pickle.HIGHEST_PROTOCOL))
            back.flush()
