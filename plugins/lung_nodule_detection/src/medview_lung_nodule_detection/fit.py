"""Whether a source looks like a CT of the chest, by its description alone."""

from __future__ import annotations

from medview.api import SourceInfo, Verdict

_MIN_EXTENT_MM = 100.0


def verdict(source: SourceInfo) -> Verdict:
    """Doubts that the card's input spec cannot express; never raises."""
    if source.shape is None or source.spacing_mm is None or len(source.shape) != 3:
        return Verdict.doubtful("The size of the volume is not known.")
    height = source.shape[0] * source.spacing_mm[0]
    if height < _MIN_EXTENT_MM:
        return Verdict.doubtful(
            f"Only {height:.0f} mm of the body are shown: nodules at the ends of the slab are cut "
            "and their sizes are too small."
        )
    return Verdict.fits()
