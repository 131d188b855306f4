"""From a part of a DICOM series to its `Series` record."""

from __future__ import annotations

from medview.core.data.intensity import Intensity, Window
from medview.core.data.series import Series
from medview.core.notice import Notice
from medview.io.dicom import elements, tags
from medview.io.dicom.decode import LOSSY
from medview.io.dicom.doubts import doubts, has_one_scale
from medview.io.dicom.frame import Frame, pair
from medview.io.dicom.instance import Instance
from medview.io.dicom.overlay import has_overlay
from medview.io.dicom.part import Part
from medview.io.dicom.picture import grey_range, is_turned_round
from medview.io.dicom.slide import slide_levels, slide_mpp
from medview.io.notices import LOSSY_COMPRESSION

_ATTRIBUTES = (
    ("kernel", tags.KERNEL),
    ("body_part", tags.BODY_PART),
    ("laterality", tags.LATERALITY),
    ("laterality", tags.IMAGE_LATERALITY),
    ("manufacturer", tags.MANUFACTURER),
    ("manufacturer_model", tags.MANUFACTURER_MODEL),
    ("slice_thickness_mm", tags.SLICE_THICKNESS),
    ("kvp", tags.KVP),
    ("echo_time_ms", tags.ECHO_TIME),
    ("repetition_time_ms", tags.REPETITION_TIME),
    ("field_strength_t", tags.MAGNETIC_FIELD_STRENGTH),
    ("contrast_agent", tags.CONTRAST_AGENT),
    ("frame_time_ms", tags.FRAME_TIME),
    ("photometric_interpretation", tags.PHOTOMETRIC),
)


def describe_part(part: Part, uid: str) -> Series:
    """The record of one part under the UID that a scan gave it."""
    first = part.frames[0] if part.frames else None
    instance = first.instance if first else part.instances[0]
    header = instance.header
    layout = part.times[0] if part.times else None
    grid = layout.grid if layout and part.kind == "volume" else None
    times = len(part.times)
    is_one_object = part.kind == "image" and times == 1
    if is_one_object:
        times = 1 if first is not None and first.index else instance.frame_count
    intensity = intensity_of(part)
    number = elements.whole(header, tags.SERIES_NUMBER)
    return Series(
        uid=uid,
        kind=part.kind,
        modality=instance.modality or None,
        number=number,
        description=elements.words_of_person(header, tags.SERIES_DESCRIPTION) or "",
        shape=_shape(part),
        grid=grid,
        spacing_mm=_spacing(part, first),
        intensity=intensity,
        times=max(1, times),
        files=len(part.instances),
        frames=instance.frame_count if is_one_object else len(part.frames),
        transfer_syntax=header.transfer_syntax or None,
        frame_of_reference=instance.frame_of_reference or None,
        repairs=part.repairs,
        warnings=part.warnings + _pixel_warnings(part),
        window=_window(instance, None if part.kind == "volume" else first),
        levels=slide_levels(part.instances) if part.kind == "slide" else (),
        mpp=slide_mpp(part.instances) if part.kind == "slide" else None,
        attributes=_attributes(instance) + _overlay_attribute(part) + _presentation(part),
    )


def intensity_of(part: Part) -> Intensity:
    """What the values mean after rescale (PS3.3 C.11.1.1.2)."""
    if part.is_uptake:
        return Intensity.SUV
    if part.kind in ("document", "slide") or not part.frames:
        return Intensity.RGB if part.kind == "slide" else Intensity.ARBITRARY
    frame = part.frames[0]
    instance = frame.instance
    if frame.format.samples > 1 or frame.format.photometric == "PALETTE COLOR":
        return Intensity.RGB
    is_ct = instance.modality == "CT" and "LOCALIZER" not in instance.image_type
    is_ct = is_ct and has_one_scale(part)
    if is_ct and frame.has_rescale and frame.unit in ("", "HU", "HU_MOD"):
        return Intensity.HOUNSFIELD
    return Intensity.ARBITRARY


def _shape(part: Part) -> tuple[int, ...] | None:
    if not part.frames:
        return None
    form = part.frames[0].format
    layout = part.times[0]
    if part.kind == "volume" and layout.grid is not None:
        return layout.grid.shape
    if part.kind == "image":
        return (form.rows, form.columns)
    if part.kind == "stack":
        return (len(layout.frames), form.rows, form.columns)
    return None


def _spacing(part: Part, first: Frame | None) -> tuple[float, ...] | None:
    if first is None:
        return None
    if part.kind == "volume" and part.times[0].grid is not None:
        return part.times[0].grid.spacing_mm
    if part.kind == "image":
        return first.spacing or _detector_spacing(first.instance)
    return None


def _detector_spacing(instance: Instance) -> tuple[float, float] | None:
    """Spacing at the detector: right only up to magnification, so it is marked elsewhere."""
    return pair(elements.numbers(instance.header, tags.IMAGER_PIXEL_SPACING))


def _pixel_warnings(part: Part) -> tuple[Notice, ...]:
    notices = []
    lossy = [
        i
        for i in part.instances
        if elements.text(i.header, tags.LOSSY_COMPRESSION) == "01"
        or i.header.transfer_syntax in LOSSY
    ]
    if lossy and part.kind != "document":
        notices.append(LOSSY_COMPRESSION)
    if part.kind != "document" and any(_may_be_rounded(f) for f in part.frames):
        notices.append(
            Notice(
                "values-rounded",
                "The values have up to 32 bits; those of more than seven digits are rounded.",
            )
        )
    if any(_has_leftover(i) for i in part.instances):
        notices.append(
            Notice(
                "pixels-left-over",
                "At least one file holds more pixels than its header describes.",
            )
        )
    if _brings_overlays(part) and not _keeps_slices(part):
        notices.append(
            Notice(
                "overlay-not-shown",
                "At least one file brings graphics along as an overlay. They are not shown, "
                "because the slices had to be resampled.",
            )
        )
    first = part.instances[0]
    if part.kind == "image" and part.frames[0].spacing is None and _detector_spacing(first):
        notices.append(
            Notice(
                "spacing-at-detector",
                "The pixel spacing is that of the detector; lengths in the patient are smaller "
                "by the unknown magnification.",
            )
        )
    if part.kind not in ("document", "slide"):
        notices.extend(doubts(part))
    if any(i.header.incomplete for i in part.instances):
        notices.append(Notice("truncated-header", "At least one file ends inside its header."))
    return tuple(notices)


def _brings_overlays(part: Part) -> bool:
    return part.kind not in ("document", "slide") and any(map(has_overlay, part.instances))


def _keeps_slices(part: Part) -> bool:
    """Whether every slice that is shown is one that a file holds."""
    return all(layout.resampling is None for layout in part.times)


def _has_leftover(instance: Instance) -> bool:
    """Whether another whole frame would fit into what the header leaves unused."""
    form, location = instance.format, instance.header.pixels
    if form is None or location is None or location.is_encapsulated:
        return False
    return location.length >= form.frame_bytes * (instance.frame_count + 1)


def _window(instance: Instance, frame: Frame | None) -> Window | None:
    centre = elements.number(instance.header, tags.WINDOW_CENTER)
    width = elements.number(instance.header, tags.WINDOW_WIDTH)
    if centre is None or width is None or width <= 0:
        return None
    if frame is not None and is_turned_round(frame):
        low, high = grey_range(frame)
        centre = low + high - centre
    return Window(width, centre)


def _attributes(instance: Instance) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for name, tag in _ATTRIBUTES:
        value = elements.words_of_person(instance.header, tag)
        if value and name not in found:
            found[name] = value
    padding = _padding(instance)
    if padding is not None:
        found["padding_value"] = padding
    return tuple(found.items())


def _overlay_attribute(part: Part) -> tuple[tuple[str, str], ...]:
    """Says that `medview.io.overlays.overlays` has something to draw."""
    return (("overlay_planes", "yes"),) if _brings_overlays(part) and _keeps_slices(part) else ()


def _presentation(part: Part) -> tuple[tuple[str, str], ...]:
    """Says that planes whose values mean something are to be drawn dark where these are large.

    Pictures are turned round as they are read, and their larger values are always brighter.
    """
    first = part.frames[0] if part.frames else None
    if first is None or first.format.photometric != "MONOCHROME1" or is_turned_round(first):
        return ()
    return (("presentation_lut_shape", "INVERSE"),)


def _may_be_rounded(frame: Frame) -> bool:
    """Whether integers larger than float32 holds exactly (2 to the 24) may occur as they are."""
    form = frame.format
    return form.samples == 1 and not form.is_float and form.bits_stored > 24 and frame.slope == 1


def _padding(instance: Instance) -> str | None:
    """The value after rescale that stands where nothing was measured (PS3.3 C.7.5.1.1.2)."""
    form = instance.format
    if form is None or form.samples > 1:
        return None
    header = instance.header
    stored = elements.signed_or_unsigned(header, tags.PIXEL_PADDING, form.signed)
    if stored is None:
        return None
    slope = elements.number(header, tags.RESCALE_SLOPE)
    intercept = elements.number(header, tags.RESCALE_INTERCEPT) or 0.0
    return f"{stored * (1.0 if slope is None else slope) + intercept:g}"
