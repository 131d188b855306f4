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
from medview.worker.results import decode_findings
from medview.worker.sources import encode_source
from medview.worker.structure import CodecError
from medview.worker.supervise.failure import WorkerEnded, raised
from medview.worker.supervise.process import WorkerProcess
from medview.worker.supervise.questions import ASKED, answer, refusal

Source = Volume | Image2D | Slide

_LEAST_RESULT = 64 << 20
_RESULT_PER_VALUE = 32  # bytes: eight fields of float32 over the whole source
_MOST_OF_SLIDE = 2 << 30
_MAX_TEXT = 2000
_MAX_LOG = 200  # lines a run may add to the log


def converse(worker: WorkerProcess, source: Source, params: Any, ctx: RunContext) -> Findings:
    """Run the worker's model once; see `medview.worker.supervise.hooks.RemoteHooks.run`."""
    try:
        data = encode_source(source, worker.blocks)
        worker.send(_order(worker, data, params, ctx))
        return _listen(worker, source, ctx)
    except Cancelled:
        _end_politely(worker)
        raise
    except CodecError as error:
        # What sends nonsense once is not kept warm.
        worker.kill(WorkerEnded(error.message, code="invalid-findings"))
        raise ModelError(error.message, code="invalid-findings") from error
    except OSError as error:
        raise MemoryError("no room for the pixels in shared memory") from error
    finally:
        worker.blocks.clear()


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
    lines = 0

    def check() -> None:
        if getattr(ctx, "is_cancelled", False):
            raise Cancelled

    while True:
        message = worker.receive(math.inf, check)
        match message["say"]:
            case "progress":
                ctx.progress(_fraction(message.get("fraction")), _text(message.get("text")))
            case "warn":
                ctx.warn(_text(message.get("code"))[:64], scrubbed(_text(message.get("text"))))
            case "log":
                lines += 1
                if lines <= _MAX_LOG:
                    level = message.get("level")
                    number = level if isinstance(level, int) and 0 <= level <= 50 else 20
                    ctx.log.log(number, "%s", scrubbed(_text(message.get("text"))))
            case "weights" | "region":
                worker.send(answer(message, source, worker.blocks, ctx))
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


def _end_politely(worker: WorkerProcess) -> None:
    """Ask it to stop and wait; what still runs then is ended with its process."""
    deadline = time.monotonic() + worker.limits.polite_s
    with contextlib.suppress(WorkerEnded):
        worker.send({"say": "cancel"})
        while (message := worker.receive(deadline, _past(deadline)))["say"] not in _LAST:
            if message["say"] in ASKED:
                worker.send(refusal(message))
            if time.monotonic() > deadline:
                break
        else:
            return
    worker.kill(WorkerEnded("It did not stop when it was cancelled.", code="model-cancelled"))


_LAST = frozenset({"findings", "failed", "cancelled", "invalid"})


def _past(deadline: float) -> Any:
    def check() -> None:
        if time.monotonic() > deadline:
            raise WorkerEnded("It did not stop when it was cancelled.", code="model-cancelled")

    return check


def _fraction(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return min(1.0, max(0.0, float(value)))


def _text(value: object) -> str:
    return printable(value[:_MAX_TEXT]) if isinstance(value, str) else ""
