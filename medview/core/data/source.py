"""`SourceInfo`: all that is known of an opened series without its pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from medview.core.data.intensity import Intensity
from medview.core.data.series import Series, SlideLevel
from medview.core.geometry.grid import Grid
from medview.core.notice import Notice

SourceKind = Literal["volume", "stack", "image", "slide"]


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What ``applicable`` sees, and what a result says it was made from.

    Attributes
    ----------
    kind : {"volume", "stack", "image", "slide"}
    modality : str or None
        DICOM modality, e.g. ``"CT"``; None where the format has none.
    intensity : Intensity
    grid : Grid or None
        Volumes only. In canonical axis order where a plugin receives it.
    shape : tuple of int or None
        Volume, stack: (k, j, i). Image: (rows, columns). Slide: None.
    spacing_mm : tuple of float or None
        Along the axes of `shape`.
    times : int
        Time points of the series; a model receives one of them.
    time : int
        Which one (0-based).
    study_uid, series_uid, frame_of_reference : str or None
    body_part, laterality : str or None
        As the header states them (0018,0015), (0020,0060).
    attributes : tuple of (name, value)
        Further technical header facts, never identifiers.
    marks : tuple of Notice
        Repairs and warnings of the reader.
    levels, mpp
        Slides: the pyramid, and microns per pixel (x, y) at level 0 or None.
    fingerprint : str or None
        SHA-256 over pixels and geometry; None before pixels were read.
    """

    kind: SourceKind
    modality: str | None = None
    intensity: Intensity = Intensity.ARBITRARY
    grid: Grid | None = None
    shape: tuple[int, ...] | None = None
    spacing_mm: tuple[float, ...] | None = None
    times: int = 1
    time: int = 0
    study_uid: str | None = None
    series_uid: str | None = None
    frame_of_reference: str | None = None
    body_part: str | None = None
    laterality: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    marks: tuple[Notice, ...] = ()
    levels: tuple[SlideLevel, ...] = ()
    mpp: tuple[float, float] | None = None
    fingerprint: str | None = None

    def attribute(self, name: str) -> str | None:
        """Value of a technical header fact, or None."""
        return dict(self.attributes).get(name)

    @property
    def is_shown_inverted(self) -> bool:
        """Whether the file asks for large values to be drawn dark (PS3.3 C.7.6.3.1.2)."""
        return self.attribute("presentation_lut_shape") == "INVERSE"

    def on_grid(self, grid: Grid) -> SourceInfo:
        """The same source described on another sampling."""
        return replace(self, grid=grid, shape=grid.shape, spacing_mm=grid.spacing_mm)


def describe_series(series: Series, study_uid: str | None, time: int = 0) -> SourceInfo:
    """The pixel-free description of a series that a scan found.

    Raises
    ------
    ValueError
        For a ``document``, which has no pixels to run anything on.
    """
    if series.kind == "document":
        raise ValueError("A document is not a source of pixels.")
    return SourceInfo(
        kind=series.kind,
        modality=series.modality,
        intensity=series.intensity,
        grid=series.grid,
        shape=series.shape,
        spacing_mm=series.spacing_mm,
        times=series.times,
        time=time,
        study_uid=study_uid,
        series_uid=series.uid,
        frame_of_reference=series.frame_of_reference,
        body_part=series.attribute("body_part"),
        laterality=series.attribute("laterality"),
        attributes=series.attributes,
        marks=series.repairs + series.warnings,
        levels=series.levels,
        mpp=series.mpp,
    )
