"""An end from outside: Ctrl-C or a termination signal, answered once and in order."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STATUS = 130
"""Exit status of a command that was interrupted."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


_came: list[int] = []


class Interrupted(BaseException):
    """The user or the system asked for an end; the text says what is done and how to go on."""


def is_interrupt(error: BaseException) -> bool:
    """Whether an error is an interrupt, or what a library made of one that came while it worked."""
    return isinstance(error, KeyboardInterrupt | Interrupted) or bool(_came)


def heed(*, anywhere: bool = False) -> None:
    """End where a signal came and what it raised was lost on the way, as in a finaliser or a callback.

    Raises ``Interrupted`` in the main thread, where signals are answered; ``anywhere``: also in a thread
    whose work the main one waits for.
    """
    if _came and (anywhere or threading.current_thread() is threading.main_thread()):
        raise Interrupted


@contextmanager
def listening() -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into ``Interrupted`` while the block runs; a second one ends at once.

    One that is lost in a finaliser leaves no traceback there: :func:`heed` ends the work.
    Elsewhere than in the main thread Python delivers no signals, and nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before, tell = {number: signal.signal(number, _first) for number in SIGNALS}, sys.unraisablehook
    sys.unraisablehook = lambda lost: None if isinstance(lost.exc_value, Interrupted) else tell(lost)
    try:
        yield
    except Exception as error:
        if is_interrupt(error):
            raise Interrupted from error
        raise
    finally:
        _came.clear()
        sys.unraisablehook = tell
        for number, handler in before.items():
            signal.signal(number, handler)


def _first(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    _came.append(number)
    for one in SIGNALS:
        signal.signal(one, _second)
    raise Interrupted


def _second(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    os._exit(STATUS)


def leave(status: int = STATUS) -> None:
    """End now, though kernels may still run in threads, which an orderly exit would wait for."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
