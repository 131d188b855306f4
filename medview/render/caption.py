"""`Caption`: what the corners of a view say, and the marks that may not be missed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from medview.core.data.intensity import Intensity
from medview.core.data.series import Series, Study
from medview.core.findings.labelmap import Rgb
from medview.core.geometry.grid import Grid
from medview.core.geometry.plane import listed, slice_count, slice_index, view_plane
from medview.core.scene.viewport import SliceState

Tone = Literal["amber", "red", "violet"]
TONES: dict[Tone, tuple[Rgb, Rgb]] = {
    "amber": ((240, 176, 48), (24, 18, 0)),
    "red": ((214, 56, 56), (255, 255, 255)),
    "violet": ((148, 104, 228), (255, 255, 255)),
}
"""Ground and letters of a mark; contrast at least 4.5 : 1."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A tag on the view: amber for repaired or lossy, red for not trusted, violet for a demo."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Caption:
    """Lines for the four corners, from the view's edge inwards, and marks.

    The view itself adds plane, window, slice number and position.
    Identifiers of a person stand in `top_left` and only where they were asked for.
    `place` stands in for slice number and position where the view does not know them, as
    while the first slice of a volume is all that there is.
    """

    top_left: tuple[str, ...] = ()
    top_right: tuple[str, ...] = ()
    bottom_left: tuple[str, ...] = ()
    bottom_right: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    place: tuple[str, ...] | None = None

    def with_mark(self, mark: Mark) -> Caption:
        """One more mark; a mark that is already there is not repeated."""
        return self if mark in self.marks else replace(self, marks=(*self.marks, mark))


def caption_for(
    series: Series | None,
    study: Study | None = None,
    *,
    identifiers: bool = False,
    time: int = 0,
    extra_marks: tuple[Mark, ...] = (),
) -> Caption:
    """The caption of a series.

    Parameters
    ----------
    series : Series or None
    study : Study, optional
        Its patient is named only with `identifiers`.
    identifiers : bool
        Show the person's name, id and the date.
    time : int
        Time point shown (0-based); told where there are several.
    extra_marks : tuple of Mark
        E.g. of a demonstration model.
    """
    if series is None:
        return Caption(marks=extra_marks)
    who: tuple[str, ...] = ()
    if identifiers and study is not None:
        patient = study.patient
        lines = (patient.name, patient.id, patient.birth_date, study.date)
        who = tuple(line for line in lines if line)
    number = "" if series.number is None else f"{series.number} "
    what = " ".join(
        part for part in (series.modality or "", f"{number}{series.description}") if part
    )
    return Caption(
        top_left=who,
        bottom_left=(what.strip(),) if what.strip() else (),
        bottom_right=time_lines(series, time),
        marks=marks_of(series) + extra_marks,
    )


def marks_of(series: Series) -> tuple[Mark, ...]:
    """The marks that a series carries for good: repaired, not trusted, lossy, doubtful."""
    marks: list[Mark] = []
    if series.kind == "stack":
        marks.append(Mark("Geometry not trusted", "red"))
    if series.repairs:
        marks.append(Mark("Geometry repaired", "amber"))
    if series.is_lossy:
        marks.append(Mark("Lossy compression", "amber"))
    told = {notice.code for notice in series.warnings}
    marks.extend(mark for code, mark in _DOUBTS.items() if code in told)
    return tuple(marks)


_DOUBTS = {
    "no-orientation": Mark("Left and right not known", "red"),
    "mixed-rescale": Mark("Values not comparable", "red"),
    "mixed-slices": Mark("Mixed slices", "amber"),
    "secondary-capture": Mark("Secondary capture", "amber"),
    "spacing-at-detector": Mark("Lengths at the detector", "amber"),
    "pixel-aspect-ratio": Mark("Pixels not square", "amber"),
    "odd-high-bit": Mark("Pixel bits in doubt", "amber"),
    "truncated-header": Mark("Header cut short", "amber"),
    "no-suv": Mark("No SUV", "amber"),
}
"""What a reader must not overlook, by the code of the warning."""


def time_lines(series: Series, time: int) -> tuple[str, ...]:
    """Which time point it is, e.g. ``t 2/20``; nothing where there is one."""
    return (f"t {time + 1}/{series.times}",) if series.times > 1 else ()


def window_lines(state: SliceState) -> tuple[str, ...]:
    """Width and level of the display window, and what else changes the grey values."""
    window = state.window
    fine = abs(window.width) < 20
    lines = [f"W {_number(window.width, fine)}", f"L {_number(window.level, fine)}"]
    if state.inverted:
        lines.append("inverted")
    return tuple(lines)


def place_lines(grid: Grid, state: SliceState) -> tuple[str, ...]:
    """Slab, number of the slice in reading order, and its position.

    The position is along the patient axis nearest to the normal of the plane.
    """
    count = slice_count(grid, state.plane)
    index = slice_index(grid, state.plane, np.asarray(state.focus_lps_mm))
    normal = view_plane(grid, state.plane).normal
    axis = int(abs(normal).argmax())
    position = f"{'xyz'[axis]} {state.focus_lps_mm[axis]:.1f} mm"
    lines = [f"im {listed(state.plane, index, count) + 1}/{count}", position]
    if state.slab_mode != "none" and state.slab_mm > 0:
        name = {"max": "MIP", "min": "MinIP", "mean": "mean"}[state.slab_mode]
        lines.insert(0, f"{name} {state.slab_mm:g} mm")
    return tuple(lines)


def unit_of(intensity: Intensity) -> str:
    """Unit to write after a value, with a space before it; empty where there is none."""
    return f" {intensity.unit}" if intensity.unit else ""


def _number(value: float, fine: bool) -> str:
    return f"{value:.3g}" if fine and value != round(value) else f"{value:.0f}"
