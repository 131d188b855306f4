"""Draw a series with its findings into a picture: needs neither a window nor a display."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medview.app.controllers.output import new_file
from medview.app.controllers.overlays import read_overlay_layer
from medview.core.data.intensity import Window
from medview.core.data.series import Series
from medview.core.data.volume import Volume
from medview.core.errors import InputError, UnfitError, UsageError
from medview.core.findings.base import Finding, Findings
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import LabelMap
from medview.core.geometry.grid import same_sampling
from medview.core.scene.layer import Layer
from medview.core.scene.layout import Layout

if TYPE_CHECKING:
    from medview.io.scan import SeriesEntry

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Picture:
    """What a snapshot shall show.

    Attributes
    ----------
    layout : Layout
    width, height : int
        Pixels.
    window : Window or None
        None takes the file's own, else one that suits the values.
    at_lps_mm : (x, y, z) or None
        Where the planes cross; None is the middle of the volume.
    identifiers : bool
        Name the person in the picture.
    """

    layout: Layout = Layout.FOUR_UP
    width: int = 1600
    height: int = 1000
    window: Window | None = None
    at_lps_mm: Point | None = None
    identifiers: bool = False


def require_volume(series: Series) -> None:
    """Raise unless planes can be drawn: `UnfitError` for a stack, `InputError` for other kinds."""
    if series.kind == "stack":
        why = " ".join(notice.message for notice in series.warnings)
        raise UnfitError(
            f"This series is a stack of slices, not a trustworthy volume. {why}".strip(),
            code="stack",
        )
    if series.kind != "volume":
        raise InputError(f"This series is no volume but of kind '{series.kind}'.")


def require_same_place(findings: Findings, series: Series) -> None:
    """Raise unless findings may be drawn on a series.

    Raises
    ------
    UsageError
        If they were made from another series in another, or an unknown, frame of reference.
    """
    provenance = findings.provenance
    made_from = provenance.source if provenance is not None else None
    same_series = made_from is not None and made_from.series_uid == series.uid
    frame = made_from.frame_of_reference if made_from is not None else None
    same_frame = frame is not None and frame == series.frame_of_reference
    if not (same_series or same_frame):
        raise UsageError(
            "These findings were made from another series that does not share a frame of "
            "reference with this one, so they are not drawn on it.",
            code="findings-of-another-series",
        )


def require_same_time(findings: Findings, series: Series, time: int) -> None:
    """Raise `UsageError` if findings of this series were made from another time point of it."""
    made_from = findings.provenance.source if findings.provenance is not None else None
    if made_from is None or made_from.series_uid != series.uid or made_from.time == time:
        return
    raise UsageError(
        f"These findings were made from time point {made_from.time} and are not drawn on time "
        f"point {time}, where things may lie elsewhere. Choose it with --time {made_from.time}.",
        code="findings-of-another-time",
    )


def layers_for(findings: Findings, series: Series, volume: Volume) -> tuple[Layer, ...]:
    """The findings as layers on a loaded series, in their order.

    Raises
    ------
    UsageError
        As `require_same_place` does, or if they were made from another time point.
    """
    require_same_place(findings, series)
    require_same_time(findings, series, volume.info.time)
    return tuple(
        Layer(f"finding-{number}", series.uid, _on_volume(item, volume), findings.provenance)
        for number, item in enumerate(findings.items, 1)
    )


def _on_volume(item: Finding, volume: Volume) -> Finding:
    # Where no frame of reference is known, grids count as one only if they are the same object.
    # The findings are of this very series, so equal sampling is equal place.
    if (
        isinstance(item, LabelMap | Heatmap)
        and item.grid is not None
        and item.grid.frame_of_reference is None
        and same_sampling(item.grid, volume.grid)
    ):
        return replace(item, grid=volume.grid)
    return item


def draw_snapshot(
    entry: SeriesEntry, volume: Volume, picture: Picture, findings: tuple[Findings, ...] = ()
) -> NDArray[np.uint8]:
    """The picture as (height, width, 3) RGB, top row first; overlays of the files are drawn.

    Raises
    ------
    UsageError
        If the findings belong elsewhere, or the point lies outside the volume.
    GeometryError
        If a finding lies in another frame of reference than the volume.
    """
    from medview.render.caption import Mark, caption_for
    from medview.render.snapshot import snapshot

    series = entry.series
    layers = tuple(layer for each in findings for layer in layers_for(each, series, volume))
    demonstration = any(f.provenance is not None and f.provenance.demonstration for f in findings)
    marks = (Mark("Demonstration model", "violet"),) if demonstration else ()
    try:
        overlay = read_overlay_layer(entry, volume.info.time)
    except InputError:
        # The image is sound; that something is missing over it stands in the picture.
        overlay, marks = None, (*marks, Mark("Overlay not readable", "amber"))
    if overlay is not None:
        layers = (overlay, *layers)
    caption = caption_for(
        series,
        entry.study,
        identifiers=picture.identifiers,
        time=volume.info.time,
        extra_marks=marks,
    )
    return snapshot(
        volume,
        layers,
        layout=picture.layout,
        size=(picture.width, picture.height),
        window=picture.window or series.window,
        at_lps_mm=picture.at_lps_mm,
        caption=caption,
    )


def write_png(path: Path, frame: NDArray[np.uint8], *, overwrite: bool = False) -> None:
    """Write a picture, whole or not at all; the file holds pixels only and no metadata.

    Raises
    ------
    UsageError
        If the place is taken or cannot be written.
    """
    from PIL import Image

    with new_file(path, overwrite=overwrite) as temporary:
        Image.fromarray(frame).save(temporary, format="PNG", optimize=False)
