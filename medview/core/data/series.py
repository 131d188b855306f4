"""Patient > Study > Series records: identifiers and geometry, never pixels.

Names and ids of patients live here and nowhere else, so that logs and
provenance can leave them out by construction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from medview.core.data.intensity import Intensity, Window
from medview.core.geometry.grid import Grid
from medview.core.notice import Notice

SeriesKind = Literal["volume", "stack", "image", "slide", "document"]


@dataclass(frozen=True, slots=True)
class Patient:
    """Identification of a person (PS3.3 C.7.1.1) as the file states it; None where it is silent."""

    id: str | None = None
    name: str | None = None
    birth_date: str | None = None
    sex: str | None = None


@dataclass(frozen=True, slots=True)
class SlideLevel:
    """One level of a slide pyramid, in pixels; downsample is relative to level 0."""

    width: int
    height: int
    downsample: float


@dataclass(frozen=True, slots=True)
class Series:
    """One thing that can be opened, as a scan describes it.

    Attributes
    ----------
    uid : str
        Unique in a scan. The SeriesInstanceUID, with ``#1``, ``#2`` ... where a
        DICOM series had to come apart; ``dicom:<sha256>`` or ``file:<sha256>``
        where the source has no UID.
    kind : {"volume", "stack", "image", "slide", "document"}
        A ``stack`` is read slice by slice only; a ``document`` is listed and never drawn.
    shape : tuple of int or None
        Volume, stack: (k, j, i) of one time point. Image: (rows, columns). Slide, document: None.
    grid : Grid or None
        Where a volume's voxels lie, after repairs. None for all other kinds.
    spacing_mm : tuple of float or None
        Along the axes of `shape`; None where the source does not say.
    times : int
        Time points (frames of an image that moves).
    files, frames : int
        Counts in the source, before repairs.
    repairs, warnings : tuple of Notice
        What was corrected, and what is doubtful.
    window : Window or None
        The display window that the file asks for.
    attributes : tuple of (name, value)
        Technical header facts for models and corner text, e.g. ``("kernel", "B70f")``,
        ``("body_part", "CHEST")``, ``("laterality", "L")``; never identifiers.
    """

    uid: str
    kind: SeriesKind
    modality: str | None = None
    number: int | None = None
    description: str = ""
    shape: tuple[int, ...] | None = None
    grid: Grid | None = None
    spacing_mm: tuple[float, ...] | None = None
    intensity: Intensity = Intensity.ARBITRARY
    times: int = 1
    files: int = 1
    frames: int = 1
    transfer_syntax: str | None = None
    frame_of_reference: str | None = None
    repairs: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = ()
    window: Window | None = None
    levels: tuple[SlideLevel, ...] = ()
    mpp: tuple[float, float] | None = None
    attributes: tuple[tuple[str, str], ...] = ()

    def attribute(self, name: str) -> str | None:
        """Value of a technical header fact, or None."""
        return dict(self.attributes).get(name)

    @property
    def is_lossy(self) -> bool:
        """Whether a warning says that pixels were compressed with loss."""
        return any(w.code == "lossy-compression" for w in self.warnings)

    @property
    def is_shown_inverted(self) -> bool:
        """Whether the file asks for large values to be drawn dark (PS3.3 C.7.6.3.1.2)."""
        return self.attribute("presentation_lut_shape") == "INVERSE"


@dataclass(frozen=True, slots=True)
class Study:
    """One examination of one patient (PS3.3 C.7.2.1)."""

    uid: str | None
    date: str | None = None
    description: str = ""
    patient: Patient = field(default_factory=Patient)
    series: tuple[Series, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is part of no series, and why."""

    path: str
    code: str
    message: str
