"""`Trial`: one run of a model, and what was seen of it meanwhile."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from medview.core.errors import MedviewError
from medview.core.findings.base import Findings
from medview.core.progress import Cancelled
from medview.core.runctx import Memory
from medview.host.call import Source, run_model
from medview.host.handle import ModelHandle
from medview.testing.conformance.gpu import watched_gpu
from medview.testing.conformance.shortage import limited_memory
from medview.testing.conformance.threads import limited_threads
from medview.testing.context import CollectingContext
from medview.testing.sockets import watched_sockets


@dataclass(frozen=True, eq=False, slots=True)
class Trial:
    """What came of one run.

    Attributes
    ----------
    findings : Findings or None
    error : BaseException or None
        What it ended with in place of findings.
    reports : tuple of (fraction or None, seconds since the start)
    seconds : float
    random_touched : bool
        Whether the state of a global random generator was another afterwards.
    imported_torch : bool
        Whether it was the first in this process to import torch.
    sockets, gpu : tuple of str
        What it tried on the network, and asked about GPUs.
    """

    findings: Findings | None
    error: BaseException | None
    reports: tuple[tuple[float | None, float], ...]
    seconds: float
    random_touched: bool
    imported_torch: bool
    sockets: tuple[str, ...] = ()
    gpu: tuple[str, ...] = ()


class TimedContext(CollectingContext):
    """Notes when the model reported; the time between two reports is how deaf it is to cancel."""

    def __init__(self, weights: Callable[[str], Path], **options: Any) -> None:
        super().__init__(**options)
        self._resolve = weights
        self.started = time.perf_counter()
        self.times: list[tuple[float | None, float]] = []

    def progress(self, fraction: float | None, text: str = "") -> None:
        """Note a report and its time; raises `Cancelled` once the token is cancelled."""
        self.times.append((fraction, time.perf_counter() - self.started))
        super().progress(fraction, text)

    def weights(self, name: str) -> Path:
        """Weights that ship with the model, or are installed."""
        return self._resolve(name)


def try_once(
    handle: ModelHandle,
    source: Source,
    weights: Callable[[str], Path],
    *,
    threads: int,
    memory: Memory = "normal",
    room_bytes: int | None = None,
    cancel_after: int | None = None,
) -> Trial:
    """Run once with default parameters, reproducibly, on the CPU, without the network.

    Parameters
    ----------
    handle : ModelHandle
    source : Volume, Image2D or Slide
    weights : callable
        Finds files by name.
    threads : int
        How many torch may use at most; another number may round differently.
    memory : {"normal", "tight"}
        As the context says it.
    room_bytes : int, optional
        How much more memory the process may take than it has; see `limited_memory`.
    cancel_after : int, optional
        Number of progress reports after which the run is cancelled.
    """
    ctx = TimedContext(weights, memory=memory, cancel_after=cancel_after)
    package = package_of(handle)
    before, had_torch = _random_state(), "torch" in sys.modules
    findings: Findings | None = None
    error: BaseException | None = None
    with (
        watched_sockets(package) as sockets,
        watched_gpu(package) as gpu,
        limited_memory(room_bytes),
        limited_threads(threads),
    ):
        try:
            findings = run_model(handle, source, None, ctx)
        except (MedviewError, Cancelled) as raised:
            error = raised
    return Trial(
        findings,
        error,
        tuple(ctx.times),
        time.perf_counter() - ctx.started,
        before != _random_state(),
        not had_torch and "torch" in sys.modules,
        tuple(sockets),
        tuple(gpu),
    )


def package_of(handle: ModelHandle) -> str:
    """Top-level name of what a model is imported from."""
    return handle.target.partition(":")[0].strip().partition(".")[0]


def told(error: BaseException | None) -> str:
    """An error in a sentence."""
    return error.message if isinstance(error, MedviewError) else type(error).__name__


def _random_state() -> tuple[Any, ...]:
    # The global generator is what is watched, so the old interface is the right one.
    state: Any = np.random.get_state(legacy=False)  # noqa: NPY002
    numpy_state = (state["state"]["key"].tobytes(), state["state"]["pos"])
    torch = sys.modules.get("torch")
    torch_state = torch.get_rng_state().numpy().tobytes() if torch is not None else b""
    return random.getstate(), numpy_state, torch_state
