"""Findings stay at their place in the body under flips, resampling and oblique axes.

Two kinds of change, and what may be asked of a model under each:

- Axes that are flipped or permuted change no value. A model receives the same
  numbers, so everything must be found again where it was.
- Another sampling changes values. A model sees other numbers, and what it is
  hardly sure of may come or go: how robust it is, its evaluation tells, not
  this check. What is clearly there has one place in the body, though, and a
  model that takes voxels for millimetres, or leaves out an axis' direction,
  puts it elsewhere. So large structures must overlap with themselves, and the
  surest detection of each sampling must lie where the other one has one. The
  samplings stay within what the card accepts without doubt, since beyond it
  nothing is promised.
"""

from __future__ import annotations

from medview.core.data.volume import Volume
from medview.core.findings.base import Findings
from medview.core.findings.detections import Detections
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import LabelMap
from medview.core.geometry.orient import AxisOrder
from medview.testing.conformance.places import same_detections, same_heat, same_labels
from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.samples import other_sampling, turned
from medview.testing.conformance.subject import Subject

_FLIPPED = AxisOrder((2, 0, 1), (True, False, True))
"""Sagittal slices, of which two axes run the other way."""


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    if subject.kind != "volume":
        raise NotChecked("Only volumes lie in patient space.")
    base = subject.findings()
    if not any(isinstance(item, LabelMap | Heatmap | Detections) for item in base.items):
        raise NotChecked("It gives no finding that has a place.")
    source = subject.source()
    assert isinstance(source, Volume)
    found = subject.findings(source.reordered(_FLIPPED))
    compare(base, found, "On the sample with other axes", is_exact=True)
    samplings = (
        ("resampled", other_sampling(subject.grid, subject.coarsest_mm)),
        ("on oblique axes", turned(subject.grid)),
    )
    for words, grid in samplings:
        found = subject.findings(subject.source(grid))
        compare(base, found, f"On the sample {words}", is_exact=False)
    return "Findings lie at the same places on flipped, resampled and oblique samples."


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
