"""What a running model sees of the host: device, memory mode, progress, weights, log."""

from __future__ import annotations

from collections.abc import Callable
from logging import Logger
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

Memory = Literal["normal", "tight"]
Precision = Literal["float32", "float16", "bfloat16"]

_F = TypeVar("_F", bound=Callable[..., Any])


class RunContext(Protocol):
    """Handed to a plugin's ``run``; the only door from a model to its host.

    Attributes
    ----------
    device : str
        ``"cpu"``, ``"cuda:N"`` or ``"mps"``: a string, so this contract needs no torch.
    memory : {"normal", "tight"}
        ``"tight"`` on the retry after running out of memory: use smaller
        batches and keep intermediate results off the device.
    precision : {"float32", "float16", "bfloat16"}
        Arithmetic to use for networks; below float32 only if the card lists it.
    reproducible : bool
        Two runs with equal input must give equal output, even if slower.
    log : logging.Logger
        This job's own log. Do not write identifiers of patients into it.
    """

    @property
    def device(self) -> str:
        """Where to compute."""

    @property
    def memory(self) -> Memory:
        """How thrifty to be."""

    @property
    def precision(self) -> Precision:
        """Arithmetic of networks."""

    @property
    def reproducible(self) -> bool:
        """Whether results must repeat exactly."""

    @property
    def log(self) -> Logger:
        """Log of this job alone."""

    def progress(self, fraction: float | None, text: str = "") -> None:
        """Report progress; raises `medview.core.progress.Cancelled` when the user stopped the run.

        Parameters
        ----------
        fraction : float or None
            0..1, never moving backwards; None while it cannot be known.
        text : str
            The stage in words, shown to the reader.
        """

    def watch(self, call: _F, total: int) -> _F:
        """Wrap a predictor so that each of `total` expected calls is one step of progress."""

    def warn(self, code: str, text: str) -> None:
        """Record a doubt about the result; shown in the panel and kept in the provenance.

        The same one counts once, and beyond fifty they are only counted.
        """

    def weights(self, name: str) -> Path:
        """Path of a verified weights file that the card declares; raises `WeightsError`."""
