"""`JobContext`: the run context that a job hands to its work, one per attempt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from medview.core.errors import WeightsError
from medview.core.notice import Notice, Notices
from medview.core.watched import F, watched

if TYPE_CHECKING:
    from logging import Logger

    from medview.core.progress import CancelToken
    from medview.core.runctx import Memory, Precision
    from medview.jobs.throttle import ProgressMeter

WeightsResolver = Callable[[str], Path]


def no_weights(name: str) -> Path:
    """Raise `WeightsError`: the resolver of a job that was given none."""
    raise WeightsError(f"This run has no access to weights, so '{name}' cannot be used.")


class JobContext:
    """Implements `medview.core.runctx.RunContext`.

    Attributes
    ----------
    device, memory, precision, reproducible, log
        As `RunContext` says; constant for the life of the context.
    fallbacks : tuple of str
        Rungs of the memory ladder that failed before this attempt.
    """

    def __init__(
        self,
        *,
        device: str,
        memory: Memory,
        precision: Precision,
        reproducible: bool,
        log: Logger,
        token: CancelToken,
        meter: ProgressMeter,
        weights: WeightsResolver = no_weights,
        on_warning: Callable[[Notice], None] = lambda notice: None,
        fallbacks: tuple[str, ...] = (),
    ) -> None:
        self.device = device
        self.memory: Memory = memory
        self.precision: Precision = precision
        self.reproducible = reproducible
        self.log = log
        self.fallbacks = fallbacks
        self._token = token
        self._meter = meter
        self._weights = weights
        self._on_warning = on_warning
        self._warnings = Notices()

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """What `warn` recorded in this attempt, each once, in order; of many, how many more."""
        return self._warnings.all()

    @property
    def is_cancelled(self) -> bool:
        """Whether the reader asked to stop; `progress` raises then."""
        return self._token.is_cancelled

    def progress(self, fraction: float | None, text: str = "") -> None:
        """Report progress; may be called as often as convenient.

        Parameters
        ----------
        fraction : float or None
            0..1; a smaller one than before counts as no change, None as unknown.
        text : str
            The stage in words; empty keeps the last one.

        Raises
        ------
        Cancelled
            When the reader stopped the run.
        """
        self._token.check()
        self._meter.report(fraction, text)

    def watch(self, call: F, total: int) -> F:
        """Wrap a function so that each call is one of `total` steps and a point of cancellation.

        The steps share what is left of the bar at the moment of wrapping.

        Raises
        ------
        UsageError
            If `total` is not positive.
        """
        return watched(
            call,
            total,
            start=self._meter.fraction or 0.0,
            token=self._token,
            progress=self.progress,
        )

    def warn(self, code: str, text: str) -> None:
        """Record a doubt about the result; saying the same twice records it once."""
        told = self._warnings.add(Notice(code, text))
        if told is not None:
            self._on_warning(told)

    def weights(self, name: str) -> Path:
        """Path of a verified weights file; raises `WeightsError`."""
        return self._weights(name)
