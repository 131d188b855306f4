"""One run in a worker: hand over, relay what it tells, cancel politely and then hard, take back."""

from __future__ import annotations

import contextlib
import math
import time
from typing import Any

from medview.core.data.image2d import Image2D
from medview.core.data.slide import Slide
from medview.core.data.volume import Volume
from medview.core.errors import ModelError
from medview.core.findings.base import Findings
from medview.core.printable import printable
from medview.core.progress import Cancelled
from medview.core.redaction import scrubbed
from medview.core.runctx import RunContext
from medview.host.params import as_json
from medview.worker.channel import Message
from medview.worker.context import MOST_LINES
from medview.worker.results import decode_findings
from medview.worker.sources import encode_source
from medview.worker.structure import CodecError
from medview.worker.supervise.failure import WorkerEnded, raised
from medview.worker.supervise.process import WorkerProcess
from medview.worker.supervise.questions import ASKED, NO_ROOM, answer, refusal

Source = Volume | Image2D | Slide

_LEAST_RESULT = 64 << 20
_RESULT_PER_VALUE = 32  # bytes: eight fields of float32 over the whole source
_MOST_OF_SLIDE = 2 << 30
_MAX_TEXT = 2000


def converse(worker: WorkerProcess, source: Source, params: Any, ctx: RunContext) -> Findings:
    """Run the worker's model once; see `medview.worker.supervise.hooks.RemoteHooks.run`."""
    try:
        data = _handed(source, worker)
        try:
            worker.send(_order(worker, data, params, ctx))
            return _listen(worker, source, ctx)
        except CodecError as error:
            # What sends nonsense once is not kept warm.
            worker.kill(WorkerEnded(error.message, code="invalid-findings"))
            raise ModelError(error.message, code="invalid-findings") from error
    except Cancelled:
        _end_politely(worker)
        raise
    finally:
        # Whatever was raised meanwhile: a run that goes on would answer the next question.
        if worker.is_busy:
            worker.kill(WorkerEnded("It was left in the middle of a run.", code="model-ended"))
        worker.blocks.clear()


def _handed(source: Source, worker: WorkerProcess) -> Message:
    try:
        return encode_source(source, worker.blocks)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise MemoryError("no room for the pixels in shared memory") from error
        raise ModelError(
            f"The pixels cannot be handed over to its process ({error.strerror}).",
            code="not-handed-over",
        ) from error


def _order(worker: WorkerProcess, data: Message, params: Any, ctx: RunContext) -> Message:
    return {
        "say": "run",
        "source": data,
        "params": as_json(params),
        "memory_bytes": worker.limits.memory_bytes if ctx.device == "cpu" else None,
        "context": {
            "device": ctx.device,
            "memory": ctx.memory,
            "precision": ctx.precision,
            "reproducible": ctx.reproducible,
        },
    }


def _listen(worker: WorkerProcess, source: Source, ctx: RunContext) -> Findings:
    most = _most_bytes(source)
    patience = _Patience(ctx, worker.limits.polite_s)
    check = patience.check
    lines = 0

    while True:
        message = worker.receive(math.inf, check)
        match message["say"]:
            case "progress":
                ctx.progress(_fraction(message.get("fraction")), _text(message.get("text")))
            case "warn":
                ctx.warn(_text(message.get("code"))[:64], scrubbed(_text(message.get("text"))))
            case "log":
                lines += 1
                if lines <= MOST_LINES:
                    level = message.get("level")
                    number = level if isinstance(level, int) and 0 <= level <= 50 else 20
                    ctx.log.log(number, "%s", scrubbed(_text(message.get("text"))))
            case "weights" | "region":
                worker.reply(answer(message, source, worker.blocks, ctx), patience.until)
            case "findings":
                return decode_findings(message.get("findings"), worker.blocks, most)
            case "invalid":
                raise ModelError(scrubbed(_text(message.get("text"))), code="invalid-findings")
            case "failed":
                raise raised(message)
            case "cancelled":
                # Nobody asked it to stop, so this is its own doing.
                check()
                raise ModelError("It stopped itself as if it had been cancelled.")
            case _:
                raise CodecError("It sent a message of no known kind.")


def _most_bytes(source: Source) -> int:
    if isinstance(source, Volume | Image2D):
        return max(_LEAST_RESULT, _RESULT_PER_VALUE * source.array.size)
    # Scores of tiles, and maps that are coarser than the slide.
    finest = max((each.width * each.height for each in source.levels), default=0)
    return max(_LEAST_RESULT, min(_MOST_OF_SLIDE, finest))


class _Patience:
    """Knows since when a run is unwanted."""

    def __init__(self, ctx: RunContext, polite_s: float) -> None:
        self._ctx = ctx
        self._polite_s = polite_s
        self._until = math.inf

    def until(self) -> float:
        """When it must have stopped, of `time.monotonic`; infinity while it is wanted."""
        if self._until == math.inf and getattr(self._ctx, "is_cancelled", False):
            self._until = time.monotonic() + self._polite_s
        return self._until

    def check(self) -> None:
        """Raise `Cancelled` once it is unwanted."""
        if self.until() < math.inf:
            raise Cancelled


def _end_politely(worker: WorkerProcess) -> None:
    """Ask it to stop and wait; what still runs then is ended with its process."""
    deadline = time.monotonic() + worker.limits.polite_s
    with contextlib.suppress(WorkerEnded):
        if worker.is_busy:
            worker.reply({"say": "cancel"}, lambda: deadline)
        while worker.is_busy:
            message = worker.receive(deadline)
            if message["say"] in ASKED:
                worker.reply(refusal(message), lambda: deadline)


def _fraction(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Before it is a float: whole numbers may be too large for one.
    fraction = min(1, max(0, value))
    return float(fraction) if math.isfinite(fraction) else None


def _text(value: object) -> str:
    return printable(value[:_MAX_TEXT]) if isinstance(value, str) else ""
