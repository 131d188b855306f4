"""`CollectingContext`: a run context for calling a model's hooks directly, without a host."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from medview.core.errors import WeightsError
from medview.core.notice import Notice
from medview.core.progress import CancelToken
from medview.core.runctx import Memory, Precision

F = TypeVar("F", bound=Callable[..., Any])


class CollectingContext:
    """Keeps what a model reports; a test sets what the model sees.

    Parameters
    ----------
    device, memory, precision, reproducible
        As in `medview.core.runctx.RunContext`.
    weights : mapping of str to Path
        Files that `weights` finds by name.
    cancel_after : int, optional
        Number of progress reports after which the run is cancelled.

    Attributes
    ----------
    progress_reports : list of (fraction or None, text)
    warnings : list of Notice
    token : CancelToken
        Cancel it to stop the run at its next report.
    """

    def __init__(
        self,
        *,
        device: str = "cpu",
        memory: Memory = "normal",
        precision: Precision = "float32",
        reproducible: bool = True,
        weights: Mapping[str, Path] | None = None,
        cancel_after: int | None = None,
    ) -> None:
        self.device = device
        self.memory: Memory = memory
        self.precision: Precision = precision
        self.reproducible = reproducible
        self.log = logging.getLogger("medview.testing")
        self.progress_reports: list[tuple[float | None, str]] = []
        self.warnings: list[Notice] = []
        self.token = CancelToken()
        self._weights = dict(weights or {})
        self._cancel_after = cancel_after

    def progress(self, fraction: float | None, text: str = "") -> None:
        """Note a report; raises `Cancelled` once the token is cancelled."""
        self.progress_reports.append((fraction, text))
        if self._cancel_after is not None and len(self.progress_reports) > self._cancel_after:
            self.token.cancel()
        self.token.check()

    def watch(self, call: F, total: int) -> F:
        """`call` itself: its steps are not counted."""
        return call

    def warn(self, code: str, text: str) -> None:
        """Note a doubt."""
        self.warnings.append(Notice(code, text))

    def weights(self, name: str) -> Path:
        """A file given at construction; raises `WeightsError` for any other name."""
        if name not in self._weights:
            raise WeightsError(f"The weights '{name}' were not given to this run.")
        return self._weights[name]
