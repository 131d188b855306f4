"""`PartOfRun`: a run context whose progress fills a part of the whole run's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from logging import Logger
    from pathlib import Path
    from typing import Any, TypeVar

    from medview.api import RunContext
    from medview.core.runctx import Memory, Precision

    F = TypeVar("F", bound=Callable[..., Any])


class PartOfRun:
    """Everything as in `ctx`, with progress 0..1 mapped to `low`..`high`."""

    def __init__(self, ctx: RunContext, low: float, high: float) -> None:
        self._ctx, self._low, self._high = ctx, low, high

    @property
    def device(self) -> str:
        """As in the whole run."""
        return self._ctx.device

    @property
    def memory(self) -> Memory:
        """As in the whole run."""
        return self._ctx.memory

    @property
    def precision(self) -> Precision:
        """As in the whole run."""
        return self._ctx.precision

    @property
    def reproducible(self) -> bool:
        """As in the whole run."""
        return self._ctx.reproducible

    @property
    def log(self) -> Logger:
        """As in the whole run."""
        return self._ctx.log

    def progress(self, fraction: float | None, text: str = "") -> None:
        """Report a share of this part; raises `Cancelled` once the run is cancelled."""
        whole = None if fraction is None else self._low + fraction * (self._high - self._low)
        self._ctx.progress(whole, text)

    def watch(self, call: F, total: int) -> F:
        """As in the whole run."""
        return self._ctx.watch(call, total)

    def warn(self, code: str, text: str) -> None:
        """As in the whole run."""
        self._ctx.warn(code, text)

    def weights(self, name: str) -> Path:
        """As in the whole run."""
        return self._ctx.weights(name)
