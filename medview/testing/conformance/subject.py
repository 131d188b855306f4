"""`Subject`: the model under test, the phantom it is run on, and runs that checks share."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from medview.core.data.image2d import Image2D
from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.errors import MedviewError
from medview.core.findings.base import Findings
from medview.core.geometry.grid import Grid
from medview.core.progress import Cancelled
from medview.host.call import run_model
from medview.host.handle import ModelHandle
from medview.host.weights import weights_resolver
from medview.testing.conformance.result import NotChecked
from medview.testing.context import CollectingContext
from medview.testing.phantoms import thorax, thorax_grid

Sample = Callable[[Grid], Volume]
"""The same content on any grid."""

BASE_GRID = thorax_grid((8.0, 5.0, 5.0))
"""40 x 77 x 77 voxels: small, so that the whole kit takes seconds."""

_NO_FOLDER = Path("weights-of-nobody")


@dataclass(frozen=True, eq=False, slots=True)
class Trial:
    """One run: what came of it, and what was seen meanwhile.

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
    """

    findings: Findings | None
    error: BaseException | None
    reports: tuple[tuple[float | None, float], ...]
    seconds: float
    random_touched: bool
    imported_torch: bool


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
        """Weights that ship with the model."""
        return self._resolve(name)


class Subject:
    """A model and what it is tried on.

    Parameters
    ----------
    handle : ModelHandle
    sample : callable or Image2D, optional
        Content that the model is made for: a function of the grid for models
        of volumes, a picture for models of images. By default a generated
        thorax, or a picture of coloured discs.
    """

    def __init__(self, handle: ModelHandle, sample: Sample | Image2D | None = None) -> None:
        self.handle = handle
        self._sample = sample

    @property
    def kind(self) -> str:
        """``"volume"``, ``"image"`` or ``"slide"``."""
        return self.handle.loaded().card.input.kind

    def source(self, grid: Grid = BASE_GRID) -> Volume | Image2D:
        """What the model is run on.

        Raises
        ------
        NotChecked
            For models of slides.
        """
        if self.kind == "slide":
            raise NotChecked("There is no phantom of a slide.")
        if self.kind == "image":
            return self._sample if isinstance(self._sample, Image2D) else _discs()
        return self._base if grid is BASE_GRID else self._sampled(grid)

    @cached_property
    def _base(self) -> Volume:
        return self._sampled(BASE_GRID)

    def _sampled(self, grid: Grid) -> Volume:
        if self._sample is None or isinstance(self._sample, Image2D):
            return _thorax(grid)
        return self._sample(grid)

    def trial(
        self,
        source: Volume | Image2D | None = None,
        *,
        cancel_after: int | None = None,
    ) -> Trial:
        """Run once with default parameters, reproducibly, on the CPU."""
        source = self.source() if source is None else source
        resolve = weights_resolver(self.handle, _NO_FOLDER)
        ctx = TimedContext(resolve, cancel_after=cancel_after)
        before, had_torch = _random_state(), "torch" in sys.modules
        findings: Findings | None = None
        error: BaseException | None = None
        try:
            findings = run_model(self.handle, source, None, ctx)
        except (MedviewError, Cancelled) as raised:
            error = raised
        seconds = time.perf_counter() - ctx.started
        touched = before != _random_state()
        imported = not had_torch and "torch" in sys.modules
        return Trial(findings, error, tuple(ctx.times), seconds, touched, imported)

    @cached_property
    def first(self) -> Trial:
        """The first run on the plain phantom."""
        return self.trial()

    @cached_property
    def warm(self) -> Trial:
        """A run on the plain phantom that did not have to import torch.

        The import takes seconds that no model can be stopped in, and seeds a generator.
        """
        return self.trial() if self.first.imported_torch else self.first

    def findings(self, source: Volume | Image2D | None = None) -> Findings:
        """Findings of the first run, or of one on `source`.

        Raises
        ------
        NotChecked
            If the run failed: that is told by the checks of findings and source.
        """
        trial = self.first if source is None else self.trial(source)
        if trial.findings is None:
            raise NotChecked(f"The run failed: {told(trial.error)}")
        return trial.findings


def told(error: BaseException | None) -> str:
    """An error in a sentence."""
    return error.message if isinstance(error, MedviewError) else type(error).__name__


def _thorax(grid: Grid) -> Volume:
    return thorax(grid, supersample=(2, 2, 2), noise_hu=5.0).volume


def _discs() -> Image2D:
    y, x = np.mgrid[0:256, 0:256].astype(np.float32) - 128
    picture = np.zeros((256, 256, 3), np.uint8)
    picture[np.hypot(x, y) < 120] = (180, 90, 40)
    picture[np.hypot(x - 60, y) < 20] = (250, 210, 140)
    info = SourceInfo("image", intensity=Intensity.RGB, shape=(256, 256))
    return Image2D(picture, None, info)


def _random_state() -> tuple[Any, ...]:
    # The global generator is what is watched, so the old interface is the right one.
    state: Any = np.random.get_state(legacy=False)  # noqa: NPY002
    numpy_state = (state["state"]["key"].tobytes(), state["state"]["pos"])
    torch = sys.modules.get("torch")
    torch_state = torch.get_rng_state().numpy().tobytes() if torch is not None else b""
    return random.getstate(), numpy_state, torch_state
