"""`Subject`: the model under test, the sample it is run on, and what its checks share."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from medview.core.data.image2d import Image2D
from medview.core.data.slide import Slide
from medview.core.data.volume import Volume
from medview.core.errors import MedviewError, UnfitError, WeightsError
from medview.core.findings.base import Findings
from medview.core.geometry.grid import Grid
from medview.core.runctx import Memory
from medview.host.call import Source
from medview.host.card import ModelCard
from medview.host.fit import verdict
from medview.host.handle import ModelHandle
from medview.host.weights import weights_resolver
from medview.testing.conformance.apart import Apart, run_apart
from medview.testing.conformance.fresh import Fresh, look_afresh
from medview.testing.conformance.gpu import asks_for_gpu
from medview.testing.conformance.guard import Guard
from medview.testing.conformance.moved import moved
from medview.testing.conformance.offered import Offered, offered_by
from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.samples import Sample, base_grid, chest, coarsest_mm, disc
from medview.testing.conformance.slides import generated_slide
from medview.testing.conformance.threads import free_cores
from medview.testing.conformance.traces import Traces, difference, traces
from medview.testing.conformance.trial import Trial, package_of, told, try_once
from medview.testing.sockets import watched_sockets

_NO_FOLDER = Path("weights-of-nobody")
_OPEN = Guard()


class Subject:
    """A model and what it is tried on.

    Parameters
    ----------
    handle : ModelHandle
        To be loaded into this process.
    sample : callable, Image2D or Slide, optional
        Content that the model is made for: a function of the grid for models
        of volumes, a picture, or a slide. By default a generated chest, disc
        or piece of tissue that says of itself what the card asks for.
    grid : Grid, optional
        On which a volume is sampled first, and from which flipped, resampled
        and oblique ones are made; by default a coarse one that the card accepts.
    weights_folder : Path, optional
        Where weights are installed that the package does not bring.
    guard : Guard, optional
        What this process is kept from.
    """

    def __init__(
        self,
        handle: ModelHandle,
        sample: Sample | Image2D | Slide | None = None,
        *,
        grid: Grid | None = None,
        weights_folder: Path | None = None,
        guard: Guard = _OPEN,
    ) -> None:
        self.handle = handle
        self.guard = guard
        self._sample = sample
        self._grid = grid
        self._weights_folder = weights_folder or _NO_FOLDER
        self._threads = free_cores()
        self._equal: tuple[list[Traces], list[Traces]] = ([], [])
        self.has_run = False

    # ---- the package -------------------------------------------------------------

    @cached_property
    def fresh(self) -> Fresh:
        """What an interpreter of its own sees while it imports and asks the model."""
        return look_afresh(self.handle.target, self.guard.network)

    @cached_property
    def offered(self) -> Offered:
        """What the module offers; it is imported only where a fresh interpreter could, unharmed."""
        if self.fresh.stage == "import":
            return Offered(self.fresh.error)
        if self.fresh.sockets:
            # There it could reach nothing; here it might.
            return Offered("it reaches for the network meanwhile, or while it is asked.")
        with watched_sockets(package_of(self.handle)):
            return offered_by(self.handle.target, self.handle.id)

    def require_loaded(self) -> None:
        """Load the model; raises `NotChecked` where another check says why it cannot be."""
        offered = self.offered
        if offered.error:
            raise NotChecked(f"It cannot be imported: {offered.error}")
        if offered.hooks:
            raise NotChecked("Its hooks must be right first.")
        if offered.card:
            raise NotChecked("Its card must be right first.")
        with watched_sockets(package_of(self.handle)):
            self.handle.ensure_ready()
        if self.handle.card is None:
            raise NotChecked(f"It cannot be loaded. {self.handle.reason}")

    @property
    def card(self) -> ModelCard:
        """What the model says of itself."""
        self.require_loaded()
        return self.handle.loaded().card

    @property
    def kind(self) -> str:
        """``"volume"``, ``"image"`` or ``"slide"``."""
        return self.card.input.kind

    # ---- the sample --------------------------------------------------------------

    @cached_property
    def grid(self) -> Grid:
        """Where a volume is sampled first."""
        return self._grid or base_grid(self.card.input)

    @property
    def coarsest_mm(self) -> float:
        """The widest spacing that the card accepts without doubt, or that the sample has."""
        return max(coarsest_mm(self.card.input), *self.grid.spacing_mm)

    def source(self, grid: Grid | None = None) -> Source:
        """What the model is run on; a volume on any grid."""
        if self.kind == "volume":
            return self._base if grid is None else self._sampled(grid)
        return self._picture

    @cached_property
    def _base(self) -> Volume:
        return self._sampled(self.grid)

    def _sampled(self, grid: Grid) -> Volume:
        if self._sample is None or isinstance(self._sample, Image2D | Slide):
            return chest(grid, self.card.input)
        return self._sample(grid)

    @cached_property
    def _picture(self) -> Image2D | Slide:
        spec = self.card.input
        if spec.kind == "slide":
            return self._sample if isinstance(self._sample, Slide) else generated_slide(spec)
        return self._sample if isinstance(self._sample, Image2D) else disc(spec)

    @cached_property
    def moved(self) -> Source:
        """Other content than that of the sample, on the same grid."""
        return moved(self.source())

    @cached_property
    def _unfit(self) -> str:
        answer = verdict(self.handle, self.source().info)
        return " ".join(answer.reasons) if answer.fit == "unfit" else ""

    def require_sample(self) -> None:
        """Raises `NotChecked` where the model does not take the sample."""
        if self._unfit:
            raise NotChecked(
                f"It does not take the sample, so it was not run. {self._unfit} "
                "Give one that it takes."
            )

    # ---- runs --------------------------------------------------------------------

    def trial(
        self,
        source: Source | None = None,
        *,
        memory: Memory = "normal",
        room_bytes: int | None = None,
        cancel_after: int | None = None,
    ) -> Trial:
        """Run once with default parameters, reproducibly, on the CPU; see `try_once`.

        Raises
        ------
        NotChecked
            If the sample does not fit, or the run that came before tried to send something.
        """
        self.require_sample()
        if self.apart.sockets and not self.card.network:
            raise NotChecked(
                "It reached for the network, or for another program, in a process of its own, so "
                "it is run no further."
            )
        source = self.source() if source is None else source
        resolve = weights_resolver(self.handle, self._weights_folder)
        made = try_once(
            self.handle,
            source,
            resolve,
            threads=self._threads,
            memory=memory,
            room_bytes=room_bytes,
            cancel_after=cancel_after,
        )
        self.has_run = True
        if made.findings is not None and memory == "normal":
            for known, seen in zip((self.source(), self.moved), self._equal, strict=True):
                if source is known:
                    seen.append(traces(made.findings))
        return made

    @cached_property
    def apart(self) -> Apart:
        """A run on other content in a process that has run nothing, and may reach nothing.

        It comes before every run in this process.
        """
        self.require_sample()
        return self.run_apart()

    def run_apart(self) -> Apart:
        """Another one."""
        return run_apart(
            self.handle,
            self.moved,
            self._weights_folder,
            threads=self._threads,
            network=self.guard.network,
        )

    @property
    def disagreement(self) -> str:
        """In what two of all runs on equal input differed; empty where none did."""
        pairs = ((runs[0], other) for runs in self._equal for other in runs[1:])
        return next(filter(None, (difference(one, other) for one, other in pairs)), "")

    @property
    def repeated(self) -> int:
        """Runs on the sample."""
        return len(self._equal[0])

    @cached_property
    def first(self) -> Trial:
        """The first run on the plain sample."""
        return self.trial()

    @cached_property
    def warm(self) -> Trial:
        """A run on the plain sample that did not have to import torch.

        The import takes seconds that no model can be stopped in, and seeds a generator.
        """
        if not self.first.imported_torch:
            return self.first
        return self._after(self.other, self.source())

    @cached_property
    def second(self) -> Trial:
        """A run on the plain sample after the first one, and after one on other content."""
        return self._after(self.other, self.source()) if self.warm is self.first else self.warm

    @cached_property
    def other(self) -> Trial:
        """The first run on other content in this process, after one on the plain sample."""
        return self._after(self.first, self.moved)

    def _after(self, _earlier: Trial, source: Source) -> Trial:
        # Naming the earlier run makes it, unless it was made.
        return self.trial(source)

    def findings(self, source: Source | None = None) -> Findings:
        """Findings of the first run, or of one on `source`.

        Raises
        ------
        NotChecked
            If the run failed: one check alone tells that.
        """
        trial = self.first if source is None else self.trial(source)
        if trial.findings is None:
            raise NotChecked(self.why_no_findings(trial))
        return trial.findings

    def stands_in_the_way(self, trial: Trial) -> str:
        """Why a run failed, where a check other than that of findings tells it; else empty."""
        if isinstance(trial.error, WeightsError):
            return f"Its weights are not here. {told(trial.error)}"
        if isinstance(trial.error, MedviewError) and trial.error.code == "source-changed":
            return "It changed its input, so there are no findings to look at."
        if trial.sockets:
            return "It reached for the network, was refused, and failed."
        if asks_for_gpu(trial.error):
            return "It asked for a GPU, and failed without one."
        if isinstance(trial.error, UnfitError):
            return f"It does not take the sample. {told(trial.error)}"
        return ""

    def why_no_findings(self, trial: Trial) -> str:
        """Why there are no findings of a run to look at."""
        return self.stands_in_the_way(trial) or f"The run failed: {told(trial.error)}"
