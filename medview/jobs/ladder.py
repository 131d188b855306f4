"""The memory ladder: what is tried, in order, when a model runs out of memory."""

from __future__ import annotations

import gc
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from medview.core.errors import ModelError
from medview.jobs.host_memory import host_memory
from medview.jobs.torch_memory import device_memory, free_caches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from medview.core.runctx import Memory, Precision

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to run: on what, how thriftily, with what arithmetic."""

    device: str
    memory: Memory
    precision: Precision

    def __str__(self) -> str:
        return f"{self.device} {self.memory} {self.precision}"

    @property
    def words(self) -> str:
        """What was tried, as a reader would say it: ``"on the CPU, saving memory"``."""
        place = "on the CPU" if self.device == "cpu" else f"on the GPU ({self.device})"
        thrift = ", saving memory" if self.memory == "tight" else ""
        precision = "" if self.precision == "float32" else ", in half precision"
        return f"{place}{thrift}{precision}"


@dataclass(frozen=True, slots=True)
class Shortage:
    """Bytes that an attempt asked for, and that were free and there in all; None where unknown."""

    needed: int | None
    free: int | None
    total: int | None

    def __str__(self) -> str:
        parts = (("needed", self.needed), ("free", self.free), ("in all", self.total))
        return ", ".join(f"{n / 2**30:.2f} GiB {word}" for word, n in parts if n is not None)


class OutOfMemory(ModelError):
    """Every rung ran out of memory; `shortage` holds the numbers of the last one."""

    code = "out-of-memory"

    def __init__(self, tried: Sequence[Rung], shortage: Shortage) -> None:
        numbers = f" ({shortage})" if str(shortage) else ""
        super().__init__(
            f"There is not enough memory for this run{numbers}. Tried "
            f"{'; '.join(r.words for r in tried)}. "
            "Close other programs or series, or use a computer with more memory."
        )
        self.shortage = shortage

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.message, self.shortage))


def _rebuild(message: str, shortage: Shortage) -> OutOfMemory:
    error = OutOfMemory((), shortage)
    error.message = message
    error.args = (message,)
    return error


def rungs(device: str, precisions: Sequence[Precision]) -> tuple[Rung, ...]:
    """List what to try, best first.

    Parameters
    ----------
    device : str
        The device that was chosen.
    precisions : sequence of str
        What the card lists. Those below float32 are tried on a GPU only: on a
        CPU, half precision saves little and is slow or missing.
    """
    steps: list[Rung] = [Rung(device, "normal", "float32"), Rung(device, "tight", "float32")]
    if device != "cpu":
        steps += [Rung(device, "tight", p) for p in precisions if p != "float32"]
        steps += [Rung("cpu", "normal", "float32"), Rung("cpu", "tight", "float32")]
    return tuple(steps)


def climb(
    steps: Sequence[Rung],
    attempt: Callable[[Rung], T],
    on_fallback: Callable[[Rung, Rung, Shortage], None],
) -> T:
    """Try one rung after the other until one does not run out of memory.

    Parameters
    ----------
    steps : sequence of Rung
        At least one.
    attempt : callable
        Does the work on a rung.
    on_fallback : callable
        Told the rung that failed, the next one, and the numbers; may raise `Cancelled`.

    Raises
    ------
    OutOfMemory
        When the last rung failed too. Every other exception passes unchanged.
    """
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        try:
            return attempt(step)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            shortage = _shortage(error, step.device)
        # Outside the except block: the exception holds frames, and those hold the tensors.
        gc.collect()
        free_caches(step.device)
        if following is None:
            break
        on_fallback(step, following, shortage)
    raise OutOfMemory(steps, shortage)


_NAMES = frozenset({"OutOfMemoryError"})
_TEXTS = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "CUDNN_STATUS_ALLOC_FAILED",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
)


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether an exception, or the one that explicitly caused it, says that memory ran out.

    torch's class is known by its name, so that torch need not be loaded; its
    CPU allocator and cuDNN raise a bare RuntimeError that only the text tells.
    """
    seen = 0
    while error is not None and seen < 16:
        if isinstance(error, MemoryError) or type(error).__name__ in _NAMES:
            return True
        if type(error) is RuntimeError and any(t in str(error) for t in _TEXTS):
            return True
        error, seen = error.__cause__, seen + 1
    return False


_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def _shortage(error: BaseException, device: str) -> Shortage:
    text = ""
    cause: BaseException | None = error
    while cause is not None:
        text += f" {cause}"
        cause = cause.__cause__
    asked = re.search(r"allocate ([\d.]+) ?(bytes|KiB|MiB|GiB|TiB)", text)
    needed = int(float(asked[1]) * _UNITS[asked[2]]) if asked else None
    free, total = host_memory() if device == "cpu" else device_memory(device)
    return Shortage(needed, free, total)
