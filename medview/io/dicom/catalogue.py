"""Collect DICOM objects during a scan and hand them out as studies, series and parts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from medview.core.data.series import Patient
from medview.core.notice import Notice
from medview.io.dicom import elements, tags
from medview.io.dicom.geometry import Layout
from medview.io.dicom.grouping import instances_of, parts_of_planes, stack_of
from medview.io.dicom.instance import Frame, Instance, classic_frame
from medview.io.dicom.part import Part
from medview.io.dicom.roles import Role, role_of

SeriesKey = tuple[str, ...]


def series_key(instance: Instance) -> SeriesKey:
    """What must be equal for two objects to belong to one series.

    Without a Series Instance UID the folder and the description stand in for it,
    so that two unnamed series side by side are not mixed.
    """
    patient = instance.patient_key
    key = (*patient, instance.study_uid, instance.series_uid, instance.frame_of_reference)
    if instance.series_uid:
        return key
    source = instance.header.source
    return (
        *key,
        str(source.path.parent if source.member is None else source.path),
        instance.modality,
        elements.text(instance.header, tags.SERIES_NUMBER),
        elements.words_of_person(instance.header, tags.SERIES_DESCRIPTION) or "",
    )


def parts_of_series(instances: Sequence[Instance]) -> list[Part]:
    """Everything that one series (by `series_key`) opens as, in a stable order."""
    by_role: dict[Role, list[Instance]] = {}
    for instance in instances:
        by_role.setdefault(role_of(instance), []).append(instance)
    parts: list[Part] = []
    planes = _frames(by_role.pop("plane", []))
    secondary = _frames(by_role.pop("secondary", []))
    placed_secondary = [f for f in secondary if f.has_geometry]
    if not planes and len(placed_secondary) > 1:
        # Converters often write whole volumes as secondary captures.
        for part in parts_of_planes(placed_secondary):
            parts.append(part.with_warning(_SECONDARY) if part.kind == "volume" else part)
        secondary = [f for f in secondary if not f.has_geometry]
    parts.extend(_planes_and_rest(planes))
    parts.extend(_pictures(secondary))
    localizers = _frames(by_role.pop("localizer", []))
    if localizers:
        parts.extend(_localizers(localizers))
    parts.extend(_pictures(_frames(by_role.pop("picture", []))))
    parts.extend(Part("slide", tuple(g)) for g in (by_role.pop("slide", []),) if g)
    parts.extend(Part("document", (d,)) for d in by_role.pop("document", []))
    return parts


_SECONDARY = Notice(
    "secondary-capture",
    "The slices were stored as secondary captures; values and places are as a converter wrote "
    "them.",
)


def _frames(instances: Iterable[Instance]) -> list[Frame]:
    return [classic_frame(i, i.format) for i in instances if i.format is not None]


def _planes_and_rest(planes: list[Frame]) -> list[Part]:
    placed = [f for f in planes if f.has_geometry and f.instance.frame_count == 1]
    other = [f for f in planes if not f.has_geometry or f.instance.frame_count > 1]
    parts = parts_of_planes(placed) if placed else []
    still = [f for f in other if f.instance.frame_count == 1]
    moving = [f for f in other if f.instance.frame_count > 1]
    if len(still) > 1:
        parts.append(
            stack_of(
                sorted(still, key=_reading_order),
                Notice(
                    "no-positions",
                    "The slices do not say where in the patient they lie.",
                ),
            )
        )
    else:
        moving = still + moving
    parts.extend(_image(f) for f in moving)
    return parts


def _localizers(frames: list[Frame]) -> list[Part]:
    if len(frames) == 1:
        return [_image(frames[0])]
    reason = Notice("localizer", "These are localizer images, which form no volume.")
    return [stack_of(sorted(frames, key=_reading_order), reason)]


def _pictures(frames: list[Frame]) -> list[Part]:
    """Radiographs, photographs, captures and clips: each an image of its own."""
    return [_image(f) for f in sorted(frames, key=_reading_order)]


def _image(frame: Frame) -> Part:
    return Part("image", instances_of([frame]), (Layout((frame,)),))


def _reading_order(frame: Frame) -> tuple[int, str]:
    number = frame.instance.instance_number
    return (-1 if number is None else number, frame.instance.header.source.label)


def patient_of(instance: Instance) -> Patient:
    """Who the object is about, as the file states it."""
    header = instance.header
    return Patient(
        id=elements.words_of_person(header, tags.PATIENT_ID),
        name=elements.words_of_person(header, tags.PATIENT_NAME),
        birth_date=elements.text(header, tags.PATIENT_BIRTH_DATE) or None,
        sex=elements.text(header, tags.PATIENT_SEX) or None,
    )


def content_uid(instances: Iterable[Instance]) -> str:
    """A UID for a series that has none: a hash over its files' sorted content hashes.

    Raises
    ------
    OSError, InputError
        If a file cannot be read any more.
    """
    digests = sorted(_content_digest(i) for i in instances)
    return "dicom:" + hashlib.sha256("".join(digests).encode("ascii")).hexdigest()


def _content_digest(instance: Instance) -> str:
    with instance.header.source.open() as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
