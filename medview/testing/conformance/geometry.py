"""Findings stay at their place in the body under flips, resampling and oblique axes.

Two kinds of change, and what may be asked of a model under each:

- Another sampling changes values. A model sees other numbers, and what it is
  hardly sure of may come or go: how robust it is, its evaluation tells, not
  this check. What is clearly there has one place in the body, though, and a
  model that takes voxels for millimetres, or leaves out an axis' direction,
  puts it elsewhere. So large structures must overlap with themselves, and the
  surest detection of each sampling must lie where the other one has one. The
  samplings stay within what the card accepts without doubt, since beyond it
  nothing is promised.
- A body that is turned together with its voxels, whose axes are flipped and
  permuted besides, changes no value, but every direction. A model that works on
  voxels receives the same numbers, and what it finds must have turned along. One
  that first resamples its input upright sees a body that lies askew, of which
  nothing is promised. It sees the right one where the axes alone are turned, so
  it may pass by that. A model that leaves directions out is wrong on both.
"""

from __future__ import annotations

from dataclasses import replace

from medview.core.data.volume import Volume
from medview.core.errors import UnfitError
from medview.core.findings.base import Findings
from medview.core.findings.detections import Detections
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import LabelMap
from medview.core.geometry.orient import AxisOrder
from medview.testing.conformance.places import same_detections, same_heat, same_labels
from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.samples import other_sampling
from medview.testing.conformance.subject import Subject
from medview.testing.conformance.trial import told
from medview.testing.conformance.turning import (
    brought_back,
    turned_about_two_axes,
    with_room,
)

_FLIPPED = AxisOrder((2, 0, 1), (True, False, True))
"""Sagittal slices, of which two axes run the other way."""


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    if subject.kind != "volume":
        raise NotChecked("Only volumes lie in patient space.")
    base = subject.findings()
    if not any(isinstance(item, LabelMap | Heatmap | Detections) for item in base.items):
        raise NotChecked("It gives no finding that has a place.")
    found = subject.findings(subject.source(other_sampling(subject.grid, subject.coarsest_mm)))
    compare(base, found, "On the sample resampled", is_exact=False)
    problem = _when_turned(subject)
    if problem and not _is_right_upright(subject, base):
        raise AssertionError(problem)
    return "Findings lie at the same places on flipped, resampled and oblique samples."


def _when_turned(subject: Subject) -> str:
    """What is wrong where body and axes are turned, in words; empty where nothing is."""
    # Turned about its middle, the sample's own middle would stay where it was.
    source = subject.moved
    assert isinstance(source, Volume)
    expected = subject.other.findings
    if expected is None or not _has_place(expected):
        source = subject.source()
        expected = subject.findings()
    assert isinstance(source, Volume)
    grid = turned_about_two_axes(source.grid)
    info = replace(source.info, fingerprint=None)
    trial = subject.trial(Volume(source.array, grid, info).reordered(_FLIPPED))
    if isinstance(trial.error, UnfitError):
        # No oblique one is taken.
        found = subject.findings(source.reordered(_FLIPPED))
        compare(expected, found, "On the sample with other axes", is_exact=True)
        return ""
    if trial.findings is None:
        return f"On the sample turned in space, it fails. {told(trial.error)}"
    found = brought_back(trial.findings, grid, source.grid)
    try:
        compare(expected, found, "On the sample turned in space", is_exact=False)
    except AssertionError as failure:
        return str(failure)
    return ""


def _is_right_upright(subject: Subject, base: Findings) -> bool:
    """Whether everything is found where the axes alone are turned."""
    grid = with_room(turned_about_two_axes(subject.grid))
    trial = subject.trial(subject.source(grid))
    if trial.findings is None:
        return False
    try:
        compare(base, trial.findings, "", is_exact=False)
    except AssertionError:
        return False
    return True


def _has_place(findings: Findings) -> bool:
    return any(
        bool(item.items) if isinstance(item, Detections) else bool(item.array.any())
        for item in findings.items
        if isinstance(item, LabelMap | Heatmap | Detections)
    )


def compare(base: Findings, found: Findings, where: str, *, is_exact: bool) -> None:
    """Raise an `AssertionError`, which begins with `where`, for what lies elsewhere."""
    kinds = [type(item) for item in found.items]
    if kinds != [type(item) for item in base.items]:
        raise AssertionError(f"{where}, it gives other kinds of finding.")
    for a, b in zip(base.items, found.items, strict=True):
        if isinstance(a, LabelMap) and isinstance(b, LabelMap):
            problem = same_labels(a, b, is_exact=is_exact)
        elif isinstance(a, Heatmap) and isinstance(b, Heatmap):
            problem = same_heat(a, b, is_exact=is_exact)
        elif isinstance(a, Detections) and isinstance(b, Detections):
            problem = same_detections(a, b, is_exact=is_exact)
        else:
            problem = ""
        if problem:
            raise AssertionError(f"{where}, {problem}")
