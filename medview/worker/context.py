"""`WorkerContext`: the run context inside a worker; everything it is told crosses the pipe."""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from medview.core.errors import UsageError, WeightsError
from medview.core.progress import CancelToken
from medview.core.runctx import Memory, Precision
from medview.core.watched import F, watched
from medview.worker.channel import Channel, Message

MOST_LINES = 200
"""Lines that a run may add to the log; more are dropped."""

_QUIET_S = 0.02
_QUESTIONS = itertools.count(1)
_MAX_TEXT = 2000


class WorkerContext:
    """Implements `medview.core.runctx.RunContext` for one run, and is silent once that is over.

    A thread that a model leaves behind may go on to use it; what it says concerns nobody then.

    Parameters
    ----------
    settings : dict
        ``device``, ``memory``, ``precision`` and ``reproducible`` of the attempt, and the
        number of its ``request``.
    channel : Channel
    token : CancelToken
        Cancelled by the thread that reads the channel.
    answers : queue
        What the application answers when it is asked.
    """

    def __init__(
        self, settings: Message, channel: Channel, token: CancelToken, answers: queue.Queue[Message]
    ) -> None:
        self.device = str(settings["device"])
        self.memory: Memory = settings["memory"]
        self.precision: Precision = settings["precision"]
        self.reproducible = bool(settings["reproducible"])
        # Not from getLogger: the registry would keep one logger per run for ever.
        self.log = logging.Logger("medview.model")  # noqa: LOG001
        self.log.addHandler(_Forward(self._tell))
        self._channel = channel
        self._request = int(settings["request"])
        self._over = False
        self._telling = threading.Lock()
        self._token = token
        self._answers = answers
        self._fraction = 0.0
        self._text = ""
        self._sent_at = 0.0
        self._asking = threading.Lock()

    @property
    def is_cancelled(self) -> bool:
        """Whether the reader asked to stop."""
        return self._token.is_cancelled

    def progress(self, fraction: float | None, text: str = "") -> None:
        """Report progress; raises `Cancelled` when the user stopped the run."""
        self._token.check()
        if fraction is not None:
            self._fraction = max(self._fraction, min(1.0, float(fraction)))
        now = time.monotonic()
        # The application shows twenty a second; a new stage is never left out.
        if (not text or text == self._text) and now - self._sent_at < _QUIET_S:
            return
        self._text, self._sent_at = text or self._text, now
        told = None if fraction is None else self._fraction
        self._tell({"say": "progress", "fraction": told, "text": text[:_MAX_TEXT]})

    def watch(self, call: F, total: int) -> F:
        """Make each of `total` calls a step of what is left of the bar."""
        return watched(
            call,
            total,
            start=self._fraction,
            token=self._token,
            progress=self.progress,
        )

    def warn(self, code: str, text: str) -> None:
        """Record a doubt about the result."""
        told = {"code": str(code)[:_MAX_TEXT], "text": str(text)[:_MAX_TEXT]}
        self._tell({"say": "warn", **told})

    def weights(self, name: str) -> Path:
        """Path of a file that the application has verified; raises `WeightsError`."""
        answer = self.ask({"say": "weights", "name": str(name)})
        if "path" in answer:
            return Path(answer["path"])
        raise WeightsError(str(answer.get("message")), code=str(answer.get("code")))

    def ask(self, question: Message) -> Message:
        """Ask the application and wait for its answer; raises `Cancelled`.

        Safe from several threads, one question at a time. The answer to a question of an
        earlier run, which was cancelled meanwhile, is passed over.
        """
        with self._asking:
            number = next(_QUESTIONS)
            self._tell({**question, "number": number})
            while True:
                self._token.check()
                if self._over:
                    raise UsageError("The run is over, so nothing can be asked any more.")
                try:
                    answer = self._answers.get(timeout=0.05)
                except queue.Empty:
                    continue
                if answer.get("number") == number:
                    return answer

    def end(self) -> None:
        """Tell nothing more; returns when what is being told is out."""
        with self._telling:
            self._over = True

    def _tell(self, message: Message) -> None:
        with self._telling:
            if not self._over:
                self._channel.send({**message, "request": self._request})


class _Forward(logging.Handler):
    """Sends what a model logs to the application's log of the job."""

    def __init__(self, tell: Callable[[Message], None]) -> None:
        super().__init__(logging.INFO)
        self._tell = tell
        self._lines = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Send one line."""
        self._lines += 1
        if self._lines <= MOST_LINES:
            text = record.getMessage()[:_MAX_TEXT]
            self._tell({"say": "log", "level": record.levelno, "text": text})
