"""Findings stay at their place in the body under flips, resampling and oblique axes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medview.core.data.volume import Volume
from medview.core.findings.base import Findings
from medview.core.findings.detections import Detections
from medview.core.findings.labelmap import LabelMap
from medview.core.geometry.grid import Grid
from medview.core.geometry.orient import AxisOrder
from medview.core.geometry.resample import resample
from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import BASE_GRID, Subject
from medview.testing.phantoms import thorax_grid

SAME_SHARE = 0.999
"""Axes that are only permuted or flipped lose nothing."""
ALIKE_SHARE = 0.9
"""Of a structure on another sampling, so much must lie within one voxel of where it was: this
finds what lies at a wrong place, and leaves to a model where a thin branch ends."""
Mask = NDArray[np.bool_]
_FEW_ML = 20.0
"""Structures smaller than this are a few voxels of the phantom, and say nothing."""
_NEAR_MM = 12.0

_FLIPS = (
    ("flipped along every axis", AxisOrder((0, 1, 2), (True, True, True))),
    ("with sagittal slices", AxisOrder((2, 0, 1), (True, False, True))),
)


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    if subject.kind != "volume":
        raise NotChecked("Only volumes lie in patient space.")
    base = subject.findings()
    if not any(isinstance(item, LabelMap | Detections) for item in base.items):
        raise NotChecked("It gives no finding that has a place.")
    for words, order in _FLIPS:
        source = subject.source()
        if isinstance(source, Volume):
            moved = subject.findings(source.reordered(order))
            _compare(base, moved, f"On the phantom {words}", 0, SAME_SHARE)
    for words, grid in _samplings():
        found = subject.findings(subject.source(grid))
        _compare(base, found, f"On the phantom {words}", 1, ALIKE_SHARE)
    return "Findings lie at the same places on flipped, resampled and oblique phantoms."


def _samplings() -> tuple[tuple[str, Grid], ...]:
    angle = np.deg2rad(12)
    turn = np.array(
        [(np.cos(angle), -np.sin(angle), 0), (np.sin(angle), np.cos(angle), 0), (0, 0, 1)]
    )
    canonical = np.array([(0, 0, 1), (0, 1, 0), (1, 0, 0)], dtype=float)
    return (
        ("resampled", thorax_grid((6.0, 6.5, 6.5))),
        ("on oblique axes", thorax_grid((8.0, 5.0, 5.0), directions=turn @ canonical)),
    )


def _compare(base: Findings, found: Findings, where: str, slack: int, least: float) -> None:
    kinds = [type(item) for item in found.items]
    if kinds != [type(item) for item in base.items]:
        raise AssertionError(f"{where}, it gives other kinds of finding.")
    for a, b in zip(base.items, found.items, strict=True):
        if isinstance(a, LabelMap) and isinstance(b, LabelMap):
            _same_labels(a, b, where, slack, least)
        elif isinstance(a, Detections) and isinstance(b, Detections):
            _same_places(a, b, where)


def _same_labels(a: LabelMap, b: LabelMap, where: str, slack: int, least: float) -> None:
    if a.grid is None or b.grid is None:
        raise AssertionError(f"{where}, '{a.name}' has no grid.")
    there = resample(b.array, b.grid, a.grid, "nearest", across_frames=True)
    for label in a.labels:
        if (a.volume_ml(label.value) or 0) < _FEW_ML:
            continue
        ours, theirs = a.array == label.value, there == label.value
        share = min(_share(ours, theirs, slack), _share(theirs, ours, slack))
        if share < least:
            raise AssertionError(
                f"{where}, '{label.name}' lies elsewhere: {share:.1%} of it is where it was."
            )


def _share(inner: Mask, outer: Mask, slack: int) -> float:
    """Share of one mask that lies within `slack` voxels of the other."""
    wide = outer
    for _ in range(slack):
        for axis in range(3):
            wide = wide | _shifted(wide, axis, 1) | _shifted(wide, axis, -1)
    count = int(np.count_nonzero(inner))
    return int(np.count_nonzero(inner & wide)) / count if count else 0.0


def _shifted(mask: Mask, axis: int, step: int) -> Mask:
    moved = np.roll(mask, step, axis)
    edge = [slice(None)] * mask.ndim
    edge[axis] = slice(0, 1) if step > 0 else slice(-1, None)
    moved[tuple(edge)] = False
    return moved


def _same_places(a: Detections, b: Detections, where: str) -> None:
    places = np.array([item.centre for item in b.items]).reshape(-1, 3)
    for item in a.items:
        # What a model is hardly sure of may come and go with the sampling.
        if item.score < 0.5:
            continue
        far = np.linalg.norm(places - np.asarray(item.centre), axis=1) if len(places) else [np.inf]
        if min(far) > max(_NEAR_MM, max(BASE_GRID.spacing_mm)):
            raise AssertionError(
                f"{where}, '{item.id}' of '{a.name}' is found nowhere near its place."
            )
