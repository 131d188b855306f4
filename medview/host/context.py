"""`RecordingContext`: a run context that notes for the provenance what a model used and doubted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from logging import Logger
from pathlib import Path
from typing import Any, TypeVar

from medview.core.findings.provenance import WeightsIdentity
from medview.core.notice import Notice, Notices
from medview.core.runctx import Memory, Precision, RunContext
from medview.host.card import WeightsFile
from medview.host.hashing import sha256_of

F = TypeVar("F", bound=Callable[..., Any])


class RecordingContext:
    """Stands between a model and the job's context for one attempt.

    Attributes
    ----------
    used : tuple of WeightsIdentity
        Weights that the model asked for, each once, in order.
    warnings : tuple of Notice
        What the model warned of, each once, in order; how many more, where there are many.
    """

    def __init__(self, inner: RunContext, declared: Iterable[WeightsFile]) -> None:
        self._inner = inner
        self._hashes = {weights.name: weights.sha256 for weights in declared}
        self._used: dict[str, None] = {}
        self._warnings = Notices()

    @property
    def device(self) -> str:
        """As the job chose it."""
        return self._inner.device

    @property
    def memory(self) -> Memory:
        """``"normal"`` or ``"tight"``."""
        return self._inner.memory

    @property
    def precision(self) -> Precision:
        """Arithmetic to use for networks."""
        return self._inner.precision

    @property
    def reproducible(self) -> bool:
        """Whether equal input must give equal output."""
        return self._inner.reproducible

    @property
    def log(self) -> Logger:
        """The job's own log."""
        return self._inner.log

    @property
    def is_cancelled(self) -> bool:
        """Whether the user asked to stop, where the job can tell without raising."""
        return bool(getattr(self._inner, "is_cancelled", False))

    @property
    def used(self) -> tuple[WeightsIdentity, ...]:
        """Weights that were handed out."""
        return tuple(WeightsIdentity(name, self._hashes.get(name, "")) for name in self._used)

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """Doubts of the model."""
        return self._warnings.all()

    def progress(self, fraction: float | None, text: str = "") -> None:
        """Report progress; raises `Cancelled` when the user stopped the run."""
        self._inner.progress(fraction, text)

    def watch(self, call: F, total: int) -> F:
        """Make each of `total` calls a step of progress."""
        return self._inner.watch(call, total)

    def warn(self, code: str, text: str) -> None:
        """Record a doubt about the result."""
        self._warnings.add(Notice(code, text))
        self._inner.warn(code, text)

    def weights(self, name: str) -> Path:
        """Path of a verified weights file; raises `WeightsError`."""
        path = self._inner.weights(name)
        if name not in self._hashes:  # public weights, which no card declares
            self._hashes[name] = sha256_of(path)
        self._used[name] = None
        return path
