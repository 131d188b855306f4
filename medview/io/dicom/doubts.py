"""What the headers of a part contradict or leave open, told rather than guessed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator

from medview.core.notice import Notice
from medview.io.dicom import elements, tags
from medview.io.dicom.frame import Frame
from medview.io.dicom.instance import Instance
from medview.io.dicom.part import Part

_CONTRASTS: tuple[tuple[str, Callable[[Frame], Hashable]], ...] = (
    # Only of MR does the type name a contrast: magnitude or phase. Others note how they came about.
    ("image type", lambda f: f.kind[2:] if f.instance.modality == "MR" else ()),
    ("echo time", lambda f: f.echo),
    ("b-value", lambda f: f.b_value),
    ("reconstruction kernel", lambda f: f.kernel),
)


def doubts(part: Part) -> Iterator[Notice]:
    """One notice per doubt about what the pixels of a part mean."""
    if part.kind == "volume":
        mixed = [name for name, value in _CONTRASTS if _is_mixed(part, value)]
        if mixed:
            yield Notice(
                "mixed-slices",
                f"The slices of this volume differ in their {' and '.join(mixed)}, so their "
                "brightness may change from slice to slice.",
            )
    if part.kind in ("volume", "stack") and not has_one_scale(part):
        yield Notice(
            "mixed-rescale",
            "Some slices say what their values mean and others do not, so values of different "
            "slices cannot be compared.",
        )
    if any(map(_is_high_bit_odd, part.instances)):
        yield Notice(
            "odd-high-bit",
            "The header says in two ways where in their words the pixels lie; they were read "
            "from the lowest bit on.",
        )
    if part.kind in ("image", "stack") and any(map(_is_oblong, part.frames)):
        yield Notice(
            "pixel-aspect-ratio",
            "The pixels are higher or wider than square, by a ratio and without a size; they are "
            "shown square, so shapes are distorted.",
        )


def has_one_scale(part: Part) -> bool:
    """Whether all planes are rescaled to one unit, or none is."""
    return len({(f.has_rescale, f.unit) for f in part.frames}) <= 1


def _is_mixed(part: Part, value: Callable[[Frame], Hashable]) -> bool:
    return any(len({value(f) for f in layout.frames}) > 1 for layout in part.times)


def _is_high_bit_odd(instance: Instance) -> bool:
    form = instance.format
    high = elements.unsigned(instance.header, tags.HIGH_BIT)
    if form is None or high is None or form.is_float or form.bits_allocated == 1:
        return False
    return high != form.bits_stored - 1


def _is_oblong(frame: Frame) -> bool:
    ratio = elements.numbers(frame.instance.header, tags.PIXEL_ASPECT_RATIO)
    is_known = frame.spacing is not None or len(ratio) != 2 or min(ratio) <= 0
    return not is_known and ratio[0] != ratio[1]
