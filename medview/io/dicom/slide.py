"""Levels and resolution of a whole-slide image in DICOM (PS3.3 C.8.12)."""

from __future__ import annotations

from collections.abc import Sequence

from medview.core.data.series import SlideLevel
from medview.core.errors import InputError
from medview.io.dicom import elements, tags
from medview.io.dicom.fallback import damage_named, read_dataset
from medview.io.dicom.instance import Instance

_ASSOCIATED = frozenset(("LABEL", "OVERVIEW", "THUMBNAIL"))


def slide_levels(instances: Sequence[Instance]) -> tuple[SlideLevel, ...]:
    """The pyramid, finest level first; label and overview pictures are no levels."""
    sizes = sorted({s for i in instances if (s := _size(i)) is not None}, reverse=True)
    if not sizes:
        return ()
    widest = sizes[0][0]
    return tuple(SlideLevel(width, height, widest / width) for width, height in sizes)


def slide_mpp(instances: Sequence[Instance]) -> tuple[float, float] | None:
    """Microns per pixel (x, y) of the finest level; None where the file does not say."""
    sized = [(s, n) for n, i in enumerate(instances) if (s := _size(i)) is not None]
    if not sized:
        return None
    source = instances[max(sized)[1]].header.source
    try:
        with source.open() as stream, damage_named(source, "its resolution"):
            dataset = read_dataset(source, stream)
            shared = dataset.SharedFunctionalGroupsSequence[0]
            down, right = (float(v) for v in shared.PixelMeasuresSequence[0].PixelSpacing)
    except (InputError, OSError):
        return None
    return (right * 1000, down * 1000) if right > 0 and down > 0 else None


def _size(instance: Instance) -> tuple[int, int] | None:
    if _ASSOCIATED & set(instance.image_type):
        return None
    width = elements.unsigned(instance.header, tags.TOTAL_COLUMNS)
    height = elements.unsigned(instance.header, tags.TOTAL_ROWS)
    return (width, height) if width and height else None
