"""Frames of multi-frame objects that place each frame by itself (PS3.3 C.7.6.16)."""

from __future__ import annotations

import math
from typing import Any

from medview.core.errors import InputError
from medview.io.dicom.fallback import damage_named, read_dataset
from medview.io.dicom.frame import Frame, classic_frame, cosines, pair, vector
from medview.io.dicom.instance import Instance, PixelFormat
from medview.io.dicom.moments import moment_of


def enhanced_frames(instance: Instance, pixel_format: PixelFormat) -> list[Frame]:
    """One `Frame` per item of the Per-frame Functional Groups Sequence.

    Raises
    ------
    InputError
        If the sequence cannot be read or does not describe every frame.
    """
    source = instance.header.source
    with source.open() as stream:
        dataset = read_dataset(source, stream)
    with damage_named(source, "the description of its frames"):
        shared = _first(dataset, "SharedFunctionalGroupsSequence")
        groups = dataset.get("PerFrameFunctionalGroupsSequence") or []
        plain = classic_frame(instance, pixel_format)
        frames = [_frame(plain, number, group, shared) for number, group in enumerate(groups)]
    if len(frames) != instance.frame_count:
        raise InputError(
            f"{source.name} describes {len(frames)} frames and claims {instance.frame_count}.",
            code="damaged-header",
        )
    return frames


def _frame(plain: Frame, number: int, group: Any, shared: Any) -> Frame:
    def item(name: str) -> Any:
        return _first(group, name) or _first(shared, name)

    content = item("FrameContentSequence")
    measures = item("PixelMeasuresSequence")
    rescale = item("PixelValueTransformationSequence")
    diffusion = item("MRDiffusionSequence")
    gradient = _first(diffusion, "DiffusionGradientDirectionSequence")
    kind = item("MRImageFrameTypeSequence") or item("CTImageFrameTypeSequence")
    slope = _number(rescale, "RescaleSlope")
    intercept = _number(rescale, "RescaleIntercept")
    if slope == 0 or _is_unusable(rescale, "RescaleSlope", "RescaleIntercept"):
        name = plain.instance.header.source.name
        raise InputError(
            f"{name}: the rescale of frame {number + 1} is not usable.",
            code="damaged-header",
        )
    when = str(_value(content, "FrameAcquisitionDateTime") or "")
    return Frame(
        instance=plain.instance,
        index=number,
        format=plain.format,
        position=vector(_numbers(item("PlanePositionSequence"), "ImagePositionPatient"))
        or plain.position,
        orientation=cosines(_numbers(item("PlaneOrientationSequence"), "ImageOrientationPatient"))
        or plain.orientation,
        spacing=pair(_numbers(measures, "PixelSpacing")) or plain.spacing,
        slope=plain.slope if slope is None else slope,
        intercept=plain.intercept if intercept is None else intercept,
        has_rescale=plain.has_rescale or slope is not None,
        unit=str(_value(rescale, "RescaleType") or plain.unit),
        thickness=_number(measures, "SliceThickness"),
        acquisition=_number(content, "FrameAcquisitionNumber"),
        temporal=_number(content, "TemporalPositionIndex"),
        echo=_number(item("MREchoSequence"), "EffectiveEchoTime"),
        b_value=_number(diffusion, "DiffusionBValue"),
        gradient=vector(_numbers(gradient, "DiffusionGradientOrientation")),
        trigger=_number(item("CardiacSynchronizationSequence"), "NominalCardiacTriggerDelayTime"),
        moment=moment_of(when),
        kind=tuple(str(v) for v in (_value(kind, "FrameType") or ())),
        kernel=str(_value(item("CTReconstructionSequence"), "ConvolutionKernel") or ""),
    )


def _first(dataset: Any, name: str) -> Any:
    """First item of a sequence, or None."""
    items = _value(dataset, name)
    return items[0] if items else None


def _is_unusable(dataset: Any, *names: str) -> bool:
    """Whether one of these numbers is there and cannot be read."""
    return any(
        _value(dataset, name) not in (None, "") and _number(dataset, name) is None for name in names
    )


def _value(dataset: Any, name: str) -> Any:
    return None if dataset is None else dataset.get(name)


def _numbers(dataset: Any, name: str) -> tuple[float, ...]:
    found = _value(dataset, name)
    if found is None:
        return ()
    values = tuple(float(v) for v in (found if hasattr(found, "__iter__") else (found,)))
    return values if all(map(math.isfinite, values)) else ()


def _number(dataset: Any, name: str) -> float | None:
    values = _numbers(dataset, name)
    return values[0] if values else None
