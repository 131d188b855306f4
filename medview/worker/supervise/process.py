"""`WorkerProcess`: one process with the thread that starts it, watches it and sweeps after it."""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, BinaryIO, cast

from medview.worker.blocks import Blocks
from medview.worker.channel import Channel, Frame, Message, ProtocolError, parsed
from medview.worker.structure import CodecError
from medview.worker.supervise.ending import Ending
from medview.worker.supervise.failure import WorkerEnded, how_it_ended
from medview.worker.supervise.group import Group, group_of
from medview.worker.supervise.inbox import Inbox
from medview.worker.supervise.launch import Launch
from medview.worker.supervise.limits import Limits
from medview.worker.supervise.memory import MemoryWatch
from medview.worker.supervise.output import Tail
from medview.worker.supervise.places import Places

LAST = frozenset(
    {"loaded", "broken", "verdict", "findings", "failed", "cancelled", "invalid", "end"}
)
"""What ends the answer to a request: nothing of that request comes after it."""

_TICK_S = 0.05
_IDLE_TICK_S = 0.2
_WAITING_BYTES = 1 << 20
_STRAY_BYTES = 1 << 20
_CLOSE_S = 1.0
_FIRST_TO_GO = "800"
"""On the kernel's scale to 1000 of what to end when memory runs out; the application is at 0."""


class WorkerProcess:
    """A running worker; its methods are for one thread at a time, `kill` and `close` for any.

    Parameters
    ----------
    launch : Launch
    limits : Limits

    Raises
    ------
    WorkerEnded
        If it cannot be started.
    """

    def __init__(self, launch: Launch, limits: Limits) -> None:
        self.limits = limits
        self._why: WorkerEnded | None = None
        self._inbox = Inbox(_WAITING_BYTES)
        self._number = 0
        self._is_open = True
        self._stray = 0
        self._sending: tuple[float, Callable[[], float]] | None = None
        self._output = Tail(limits.output_bytes)
        self._process: subprocess.Popen[bytes] | None = None
        self._group: Group
        self._lock = threading.Lock()
        self._reaped = False
        self._started, self._gone, self._over = (threading.Event() for _ in range(3))
        try:
            self.places = Places.make()
        except OSError as error:
            raise _not_started(error) from error
        try:
            self.blocks = Blocks(self.places.arrays, "h")
            # The kernel ends the process with the thread that started it (PR_SET_PDEATHSIG), so
            # this thread stays until it has ended.
            threading.Thread(
                target=self._live, args=(launch,), name="medview-worker", daemon=True
            ).start()
        except (OSError, RuntimeError) as error:
            self.places.remove()
            raise _not_started(error) from error
        self._started.wait()
        if self._process is None:
            self._over.wait()
            assert self._why is not None
            raise self._why

    @property
    def is_alive(self) -> bool:
        """Whether it can be spoken to."""
        return self._why is None and not self._reaped and not self._over.is_set()

    @property
    def is_busy(self) -> bool:
        """Whether the answer to a request, or to a part of it, is still to come."""
        return self._is_open

    def send(self, message: Message) -> None:
        """Send a request; from now on nothing is received but what belongs to it.

        Raises
        ------
        WorkerEnded
            If the process has ended, or does not take it.
        """
        self._number += 1
        self._stray = 0
        self._is_open = True
        self.reply(message)

    def reply(self, message: Message, until: Callable[[], float] = lambda: math.inf) -> None:
        """Send a message that belongs to the request.

        Parameters
        ----------
        message : dict
        until : callable
            Until when, of `time.monotonic`, there is patience; asked again and again.

        Raises
        ------
        WorkerEnded
            As `send`.
        """
        # A pipe that nobody reads would hold this thread for ever, so another one looks at it.
        self._sending = (time.monotonic() + self.limits.send_s, until)
        try:
            self._channel.send({**message, "request": self._number})
        except ProtocolError as error:
            raise WorkerEnded(str(error), code="model-protocol") from error
        except (OSError, ValueError):
            raise self._ended() from None
        finally:
            self._sending = None

    def receive(self, deadline: float, check: Callable[[], None] = lambda: None) -> Message:
        """The next message of the request.

        Parameters
        ----------
        deadline : float
            Of `time.monotonic`; the process is ended when it passes.
        check : callable
            Called with every message, and twenty times a second while none comes; may raise.

        Raises
        ------
        WorkerEnded
            If the process ended, was ended, or spoke nonsense.
        """
        while True:
            if self._why is not None:
                raise self._ended()
            if time.monotonic() > deadline:
                self.kill(WorkerEnded("It did not answer in time.", code="model-timeout"))
                raise self._ended()
            check()
            frame = self._inbox.get(_TICK_S)
            if frame is None:
                if self._inbox.is_over:
                    raise self._ended()
            elif frame[0] == self._number:
                message = self._parsed(frame)
                if message["say"] in LAST:
                    self._is_open = False
                return message

    def kill(self, why: WorkerEnded) -> None:
        """End it and everything it started, at once; `why` is what others then learn."""
        with self._lock:
            self._why = self._why or why
            if self._process is not None and not self._reaped:
                self._group.end()
        self._inbox.stop()

    def close(self) -> None:
        """End it in order: it leaves when its pipe closes, and is killed if it does not."""
        self._why = self._why or WorkerEnded("It was told to end.", code="model-ended")
        process = self._process
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                process.stdin.close()
        if not self._over.wait(_CLOSE_S):
            self.kill(WorkerEnded("It did not end.", code="model-ended"))
            self._over.wait(_CLOSE_S)

    def wait_over(self, seconds: float) -> bool:
        """Wait until process, threads and folders are gone."""
        return self._over.wait(seconds)

    # ---- the thread that lives as long as the process -----------------------------

    def _live(self, launch: Launch) -> None:
        # Whatever fails here, nobody may wait for ever, and no process or folder may stay.
        with contextlib.ExitStack() as last:
            last.callback(self._started.set)
            last.callback(self._over.set)
            last.callback(self._inbox.end)
            last.callback(self.places.remove)
            # Before its folders are swept, which may take long: whoever asks waits no longer.
            last.callback(self._gone.set)
            try:
                process = self._start(launch)
                helpers = (
                    self._helper("read", self._read, process.stdout),
                    self._helper("out", self._output.drain, process.stderr),
                )
                last.callback(_close_pipes, process, helpers)
                last.callback(self._reap, process)
                group = self._group = group_of(process, self.places.home, self.limits.memory_bytes)
                # Before it is reaped: until then its group cannot be another's.
                last.callback(group.bury)
                last.callback(group.end)
                self._attend(process, helpers)
            except Exception as error:  # noqa: BLE001
                self._why = self._why or _failed(error, began=self._started.is_set())

    def _attend(
        self, process: subprocess.Popen[bytes], helpers: tuple[threading.Thread, ...]
    ) -> None:
        self._channel = Channel(cast("BinaryIO", process.stdout), cast("BinaryIO", process.stdin))
        memory = MemoryWatch(
            process.pid,
            self.places.home,
            self.limits.memory_bytes,
            handed=self.blocks.foreign_bytes,
        )
        with contextlib.closing(Ending(process)) as ending:
            for helper in helpers:
                helper.start()
            self._process = process
            self._started.set()
            while not ending.wait(_TICK_S if self._is_open else _IDLE_TICK_S):
                self._look(memory)

    def _look(self, memory: MemoryWatch) -> None:
        sending = self._sending
        if sending is not None and time.monotonic() > min(sending[0], sending[1]()):
            self.kill(WorkerEnded("It does not listen.", code="model-protocol"))
        try:
            used = memory.excess(seldom=not self._is_open)
        except CodecError as error:
            self.kill(WorkerEnded(error.message, code="model-protocol"))
            return
        if used is not None:
            limit = self.limits.memory_bytes / 2**30
            ended = WorkerEnded(
                f"It used {used / 2**30:.1f} GiB of memory and was ended; the limit is "
                f"{limit:.1f} GiB.",
                code="model-memory",
            )
            ended.__cause__ = MemoryError("limit of resident memory")
            self.kill(ended)

    def _reap(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            process.kill()
            process.wait()
            self._reaped = True

    def _start(self, launch: Launch) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603  our own module, by our own interpreter
            launch.command(self.places.arrays),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.places.home,
            env=launch.environment(os.environ, self.places.home),
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        if sys.platform == "linux":
            # When memory runs out the kernel ends the worker, and not the application before it.
            with contextlib.suppress(OSError):
                Path(f"/proc/{process.pid}/oom_score_adj").write_text(_FIRST_TO_GO, "ascii")
        return process

    # ---- what it says ---------------------------------------------------------------

    def _helper(
        self, name: str, work: Callable[[IO[bytes]], None], pipe: IO[bytes] | None
    ) -> threading.Thread:
        return threading.Thread(
            target=work, args=(pipe,), name=f"medview-worker-{name}", daemon=True
        )

    def _read(self, pipe: IO[bytes]) -> None:
        try:
            while (frame := self._channel.receive_frame()) is not None:
                if not self._take(frame):
                    break
        except ProtocolError:
            self._kill_for_nonsense()
        except (OSError, ValueError):
            pass
        finally:
            self._inbox.end()
            with contextlib.suppress(OSError, ValueError):
                pipe.close()

    def _take(self, frame: Frame) -> bool:
        if self._is_open and frame[0] == self._number:
            return self._inbox.put(frame)
        # Threads of a run that is over may have a last word, but not go on for ever.
        self._stray += len(frame[1])
        if self._stray > _STRAY_BYTES:
            self.kill(WorkerEnded("It goes on talking unasked.", code="model-protocol"))
        return True

    def _parsed(self, frame: Frame) -> Message:
        try:
            return parsed(frame)
        except ProtocolError:
            self._kill_for_nonsense()
            raise self._ended() from None

    def _kill_for_nonsense(self) -> None:
        nonsense = "It wrote into the pipe that belongs to medview."
        self.kill(WorkerEnded(nonsense, code="model-protocol"))

    def _ended(self) -> WorkerEnded:
        if not self._gone.wait(3 * _CLOSE_S):
            self.kill(WorkerEnded("It closed its pipe and went on.", code="model-protocol"))
        if self._why is not None:
            return self._why
        process = self._process
        return how_it_ended(process.returncode if process is not None else None, self._output.text)


def _close_pipes(process: subprocess.Popen[bytes], helpers: tuple[threading.Thread, ...]) -> None:
    for helper, pipe in zip(helpers, (process.stdout, process.stderr), strict=True):
        if helper.ident is not None:
            helper.join(_CLOSE_S)
        elif pipe is not None:
            pipe.close()
    with contextlib.suppress(OSError, ValueError):
        if process.stdin is not None:
            process.stdin.close()


def _failed(error: Exception, *, began: bool) -> WorkerEnded:
    if not began:
        return _not_started(error)
    ended = WorkerEnded("It could not be watched any more and was ended.", code="model-ended")
    ended.__cause__ = error
    return ended


def _not_started(error: Exception) -> WorkerEnded:
    # The words of the system alone: the whole text would hold a path.
    words = error.strerror if isinstance(error, OSError) else str(error)
    told = WorkerEnded(
        f"Its process cannot be started ({words or type(error).__name__}).",
        code="model-not-started",
    )
    told.__cause__ = error
    return told
