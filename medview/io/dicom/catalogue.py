"""What one DICOM series opens as: its objects by role, each role in its own way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from medview.core.data.series import Patient
from medview.core.notice import Notice
from medview.io.dicom import elements, tags
from medview.io.dicom.copies import copies_notice, drop_copied_objects
from medview.io.dicom.frame import Frame
from medview.io.dicom.geometry import Layout
from medview.io.dicom.grouping import instances_of, parts_of_planes, reading_order, stack_of
from medview.io.dicom.instance import Instance
from medview.io.dicom.part import Part
from medview.io.dicom.planes import Planes
from medview.io.dicom.roles import Role, role_of
from medview.io.dicom.suv import suv_factor

SeriesKey = tuple[str, ...]

_SECONDARY = Notice(
    "secondary-capture",
    "The slices were stored as secondary captures; values and places are as a converter wrote "
    "them.",
)
_NO_POSITIONS = Notice(
    "no-positions", "The slices do not say where in the patient they lie, so they are no volume."
)
_LOCALIZER = Notice("localizer", "These are localizer images, which form no volume.")


def series_key(instance: Instance) -> SeriesKey:
    """What must be equal for two objects to belong to one series.

    Without a Series Instance UID the folder and the description stand in for it,
    so that two unnamed series side by side are not mixed; what has no position
    either stands alone.
    """
    # The levels of a slide each have a frame of reference of their own.
    frame = "" if role_of(instance) == "slide" else instance.frame_of_reference
    key = (*instance.patient_key, instance.study_uid, instance.series_uid, frame)
    if instance.series_uid:
        return key
    source = instance.header.source
    if not instance.header.values.get(tags.POSITION):
        return (*key, source.label)
    return (
        *key,
        source.folder,
        instance.modality,
        elements.text(instance.header, tags.SERIES_NUMBER),
        elements.words_of_person(instance.header, tags.SERIES_DESCRIPTION) or "",
    )


def parts_of_series(objects: Sequence[Planes]) -> list[Part]:
    """Everything that one series (by `series_key`) opens as, in a stable order."""
    by_role: dict[Role, list[Planes]] = {}
    for planes in objects:
        by_role.setdefault(role_of(planes.instance), []).append(planes)
    kept, dropped = drop_copied_objects(by_role.pop("plane", []))
    parts = [_with_dropped(p, dropped) for p in _parts_of_scan(kept)]
    parts.extend(_parts_of_secondary(by_role.pop("secondary", []), alone=not parts))
    parts.extend(_localizers(by_role.pop("localizer", [])))
    parts.extend(_pictures(by_role.pop("picture", [])))
    slides = by_role.pop("slide", [])
    if slides:
        parts.append(Part("slide", tuple(s.instance for s in slides)))
    parts.extend(Part("document", (d.instance,)) for d in by_role.pop("document", []))
    return parts


def _parts_of_scan(objects: Sequence[Planes]) -> list[Part]:
    """CT, MR, PET and the like: volumes where planes know their place, else stacks."""
    frames = [f for o in objects for f in o.frames]
    placed = [f for f in frames if f.has_geometry]
    parts = parts_of_planes(placed) if placed else []
    unplaced = sorted((f for f in frames if not f.has_geometry), key=reading_order)
    if len(unplaced) == 1:
        parts.append(_image(unplaced[0]))
    elif unplaced:
        parts.append(stack_of(unplaced, _NO_POSITIONS))
    return [_with_uptake(p) if p.frames[0].instance.modality == "PT" else p for p in parts]


def _with_dropped(part: Part, dropped: dict[int, list[Instance]]) -> Part:
    lost = [i for kept in part.instances for i in dropped.get(id(kept), ())]
    if not lost:
        return part
    return replace(
        part,
        instances=(*part.instances, *lost),
        repairs=(copies_notice(len(lost)), *part.repairs),
    )


def _with_uptake(part: Part) -> Part:
    factor, notice = suv_factor(part.instances)
    if factor is None:
        return part if notice is None else part.with_warning(notice)
    return replace(part, factor=factor, is_uptake=True)


def _parts_of_secondary(objects: Sequence[Planes], *, alone: bool) -> list[Part]:
    """Secondary captures are pictures; only a series of nothing else may be a volume.

    Converters often write whole volumes as secondary captures.
    """
    frames = [f for o in objects for f in o.frames] if alone else []
    placed = [f for f in frames if f.has_geometry]
    if len(placed) < 2:
        return _pictures(objects)
    parts = [
        p.with_warning(_SECONDARY) if p.kind == "volume" else p for p in parts_of_planes(placed)
    ]
    rest = {id(f.instance) for f in placed}
    return parts + _pictures([o for o in objects if id(o.instance) not in rest])


def _localizers(objects: Sequence[Planes]) -> list[Part]:
    frames = sorted((f for o in objects for f in o.frames), key=reading_order)
    if len(frames) < 2:
        return [_image(f) for f in frames]
    return [stack_of(frames, _LOCALIZER)]


def _pictures(objects: Sequence[Planes]) -> list[Part]:
    """Radiographs, photographs, captures and clips: each object an image of its own."""
    frames = [o.frames[0] for o in objects if o.frames]
    return [_image(f) for f in sorted(frames, key=reading_order)]


def _image(frame: Frame) -> Part:
    return Part("image", instances_of([frame]), (Layout((frame,)),))


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
    digest = hashlib.sha256()
    with instance.header.source.open() as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
