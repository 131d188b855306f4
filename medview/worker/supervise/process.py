"""`WorkerProcess`: one process with the thread that starts it, waits for it and sweeps after it."""

from __future__ import annotations

import collections
import contextlib
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from typing import IO, BinaryIO, cast

from medview.worker.blocks import Blocks
from medview.worker.channel import Channel, Message, ProtocolError
from medview.worker.supervise.failure import WorkerEnded, how_it_ended
from medview.worker.supervise.group import Group, group_of
from medview.worker.supervise.launch import Launch
from medview.worker.supervise.limits import Limits
from medview.worker.supervise.memory import MemoryWatch
from medview.worker.supervise.places import Places

_TICK_S = 0.05
_WAITING = 256  # messages; a worker that sends more is slowed down by its own pipe
_CLOSE_S = 1.0


class WorkerProcess:
    """A running worker; its methods are for one thread at a time, `kill` for any.

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
        self.places = Places.make()
        self.blocks = Blocks(self.places.arrays, "h")
        self._why: WorkerEnded | None = None
        self._inbox: queue.Queue[Message | None] = queue.Queue(_WAITING)
        self._output: collections.deque[bytes] = collections.deque()
        self._kept = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._group: Group
        self._memory: MemoryWatch | None = None
        self._lock = threading.Lock()
        self._reaped = False
        started, self._over = threading.Event(), threading.Event()
        # The kernel ends the process with the thread that started it (PR_SET_PDEATHSIG), so
        # this thread stays until it has ended.
        threading.Thread(
            target=self._live, args=(launch, started), name="medview-worker", daemon=True
        ).start()
        started.wait()
        if self._process is None:
            self._over.wait()
            raise WorkerEnded("Its process cannot be started.", code="model-not-started")

    @property
    def is_alive(self) -> bool:
        """Whether it can be spoken to."""
        return self._why is None and not self._reaped and not self._over.is_set()

    def send(self, message: Message) -> None:
        """Send one message; raises `WorkerEnded`, also where the process does not take it."""
        # A pipe that nobody reads would hold this thread for ever, and whoever closes it.
        deaf = WorkerEnded("It does not listen.", code="model-protocol")
        patience = threading.Timer(self.limits.send_s, self.kill, [deaf])
        patience.daemon = True
        patience.start()
        try:
            self._channel.send(message)
        except ProtocolError as error:
            raise WorkerEnded(str(error), code="model-protocol") from error
        except (OSError, ValueError):
            raise self._ended() from None
        finally:
            patience.cancel()

    def receive(self, deadline: float, check: Callable[[], None] = lambda: None) -> Message:
        """The next message.

        Parameters
        ----------
        deadline : float
            Of `time.monotonic`; the process is ended when it passes.
        check : callable
            Called some twenty times a second while nothing comes; may raise.

        Raises
        ------
        WorkerEnded
            If the process ended, was ended, or spoke nonsense.
        """
        while True:
            self._watch_memory()
            try:
                message = self._inbox.get(timeout=_TICK_S)
            except queue.Empty:
                if time.monotonic() > deadline:
                    self.kill(WorkerEnded("It did not answer in time.", code="model-timeout"))
                    raise self._ended() from None
                check()
                continue
            if message is None:
                # For whoever asks next.
                self._inbox.put(None)
                raise self._ended()
            return message

    def kill(self, why: WorkerEnded) -> None:
        """End it and everything it started, at once; `why` is what others then learn."""
        with self._lock:
            self._why = self._why or why
            if self._process is not None and not self._reaped:
                self._group.end()

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

    @property
    def output(self) -> str:
        """The last that it printed."""
        return b"".join(self._output).decode("utf-8", "replace")

    # ---- the thread that lives as long as the process -----------------------------

    def _live(self, launch: Launch, started: threading.Event) -> None:
        try:
            process = self._start(launch)
            home, limit = self.places.home, self.limits.memory_bytes
            self._group = group_of(process, home, limit)
        except OSError:
            self.places.remove()
            self._over.set()
            started.set()
            return
        self._memory = MemoryWatch(process.pid, home, limit)
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._channel = Channel(cast("BinaryIO", process.stdout), cast("BinaryIO", process.stdin))
        helpers = [
            threading.Thread(target=self._read, name="medview-worker-read", daemon=True),
            threading.Thread(
                target=self._drain, args=(process.stderr,), name="medview-worker-out", daemon=True
            ),
        ]
        for helper in helpers:
            helper.start()
        started.set()
        if hasattr(os, "waitid"):
            # Seen, but not yet buried: until then its group cannot be another's.
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        else:
            process.wait()
        self._group.end()
        self._group.bury()
        with self._lock:
            process.wait()
            self._reaped = True
        for helper in helpers:
            helper.join(_CLOSE_S)
        with contextlib.suppress(OSError, ValueError):
            process.stdin.close()
        self.places.remove()
        self._over.set()

    def _start(self, launch: Launch) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  our own module, by our own interpreter
            launch.command(self.places.arrays),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.places.home,
            env=launch.environment(os.environ, self.places.home),
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    def _read(self) -> None:
        try:
            while (message := self._channel.receive()) is not None:
                if not self._put(message):
                    break
        except ProtocolError:
            nonsense = "It wrote into the pipe that belongs to medview."
            self.kill(WorkerEnded(nonsense, code="model-protocol"))
        except (OSError, ValueError):
            pass
        finally:
            self._put(None)
            with contextlib.suppress(OSError, ValueError):
                assert self._process is not None
                assert self._process.stdout is not None
                self._process.stdout.close()

    def _put(self, message: Message | None) -> bool:
        while True:
            try:
                self._inbox.put(message, timeout=1.0)
            except queue.Full:
                # Nobody listens any more, and the process is gone: what is left is of no use.
                if self._reaped or self._why is not None:
                    with contextlib.suppress(queue.Empty):
                        self._inbox.get_nowait()
                continue
            return True

    def _drain(self, pipe: IO[bytes]) -> None:
        most = self.limits.output_bytes
        with pipe:
            while block := os.read(pipe.fileno(), 1 << 16):
                self._output.append(block[-most:])
                self._kept += len(self._output[-1])
                while self._kept - len(self._output[0]) >= most:
                    self._kept -= len(self._output.popleft())

    # ---- ends ---------------------------------------------------------------------

    def _ended(self) -> WorkerEnded:
        if not self._over.wait(2 * _CLOSE_S):
            self.kill(WorkerEnded("It closed its pipe and went on.", code="model-protocol"))
        if self._why is not None:
            return self._why
        process = self._process
        return how_it_ended(process.returncode if process is not None else None, self.output)

    def _watch_memory(self) -> None:
        used = None if self._memory is None or self._reaped else self._memory.excess()
        if used is not None:
            limit = self.limits.memory_bytes / 2**30
            error = WorkerEnded(
                f"It used {used / 2**30:.1f} GiB of memory and was ended; the limit is "
                f"{limit:.1f} GiB.",
                code="model-memory",
            )
            error.__cause__ = MemoryError("limit of resident memory")
            self.kill(error)
