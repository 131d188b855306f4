"""One DICOM object as sorting sees it: identity and pixel format."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from medview.core.errors import InputError
from medview.io.dicom import elements, tags
from medview.io.dicom.header import Header


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How stored values are laid out (PS3.3 C.7.6.3.1)."""

    rows: int
    columns: int
    samples: int = 1
    photometric: str = "MONOCHROME2"
    planar: bool = False
    bits_allocated: int = 16
    bits_stored: int = 16
    signed: bool = False
    is_float: bool = False

    @property
    def frame_bytes(self) -> int:
        """Bytes of one uncompressed frame, rounded up to whole bytes."""
        is_halved = self.photometric == "YBR_FULL_422" and self.samples == 3
        samples = 2 if is_halved else self.samples
        return (self.rows * self.columns * samples * self.bits_allocated + 7) // 8


@dataclass(frozen=True)
class Instance:
    """One DICOM object.

    Attributes
    ----------
    header : Header
    format : PixelFormat or None
        None if there are no pixels, or the format is not described.
    frame_count : int
        As Number of Frames claims, at least 1.
    """

    header: Header
    sop_class: str
    sop_uid: str
    study_uid: str
    series_uid: str
    frame_of_reference: str
    modality: str
    image_type: tuple[str, ...]
    instance_number: int | None
    format: PixelFormat | None
    frame_count: int

    @cached_property
    def patient_key(self) -> tuple[str, str]:
        """What keeps two people apart even where UIDs are equal."""
        return (
            elements.words_of_person(self.header, tags.PATIENT_ID) or "",
            elements.words_of_person(self.header, tags.PATIENT_NAME) or "",
        )


_MODALITY_OF_CLASS = {
    "1.2.840.10008.5.1.4.1.1.1": "CR",
    "1.2.840.10008.5.1.4.1.1.1.1": "DX",
    "1.2.840.10008.5.1.4.1.1.1.1.1": "DX",
    "1.2.840.10008.5.1.4.1.1.1.2": "MG",
    "1.2.840.10008.5.1.4.1.1.1.2.1": "MG",
    "1.2.840.10008.5.1.4.1.1.2": "CT",
    "1.2.840.10008.5.1.4.1.1.2.1": "CT",
    "1.2.840.10008.5.1.4.1.1.4": "MR",
    "1.2.840.10008.5.1.4.1.1.4.1": "MR",
    "1.2.840.10008.5.1.4.1.1.6.1": "US",
    "1.2.840.10008.5.1.4.1.1.3.1": "US",
    "1.2.840.10008.5.1.4.1.1.12.1": "XA",
    "1.2.840.10008.5.1.4.1.1.20": "NM",
    "1.2.840.10008.5.1.4.1.1.128": "PT",
    "1.2.840.10008.5.1.4.1.1.130": "PT",
}
"""What an object must be by its SOP class (PS3.4 B.5), where it does not name its modality."""


def instance_of(header: Header) -> Instance:
    """Interpret a header; absent elements become empty strings and None."""
    text = elements.text
    sop_class = text(header, tags.SOP_CLASS) or text(header, tags.MEDIA_SOP_CLASS)
    return Instance(
        header=header,
        sop_class=sop_class,
        sop_uid=text(header, tags.SOP_INSTANCE),
        study_uid=text(header, tags.STUDY_UID),
        series_uid=text(header, tags.SERIES_UID),
        frame_of_reference=text(header, tags.FRAME_OF_REFERENCE),
        modality=text(header, tags.MODALITY) or _MODALITY_OF_CLASS.get(sop_class, ""),
        image_type=elements.words(header, tags.IMAGE_TYPE),
        instance_number=elements.whole(header, tags.INSTANCE_NUMBER),
        format=_format(header),
        frame_count=max(1, elements.whole(header, tags.NUMBER_OF_FRAMES) or 1),
    )


def _format(header: Header) -> PixelFormat | None:
    rows = elements.unsigned(header, tags.ROWS)
    columns = elements.unsigned(header, tags.COLUMNS)
    if not rows or not columns or header.pixels is None:
        return None
    is_float = header.pixels.tag != tags.PIXELS
    bits = elements.unsigned(header, tags.BITS_ALLOCATED) or 8
    if is_float:
        bits = 64 if header.pixels.tag == tags.DOUBLE_PIXELS else 32
    return PixelFormat(
        rows=rows,
        columns=columns,
        samples=elements.unsigned(header, tags.SAMPLES_PER_PIXEL) or 1,
        photometric=elements.text(header, tags.PHOTOMETRIC) or "MONOCHROME2",
        planar=elements.unsigned(header, tags.PLANAR_CONFIGURATION) == 1,
        bits_allocated=bits,
        bits_stored=elements.unsigned(header, tags.BITS_STORED) or bits,
        signed=elements.unsigned(header, tags.PIXEL_REPRESENTATION) == 1,
        is_float=is_float,
    )


def check_numbers(header: Header) -> None:
    """Refuse numbers that are there and cannot be read, where a guess would change values.

    Raises
    ------
    InputError
        Naming the file and the element.
    """
    for tag, name in _MUST_BE_READABLE:
        written = header.values.get(tag, b"").strip(b"\0 ")
        value = elements.number(header, tag)
        if written and (value is None or abs(value) > _LARGEST):
            raise InputError(
                f"{header.source.name}: its {name} is not a usable number.", code="damaged-header"
            )
    if elements.number(header, tags.RESCALE_SLOPE) == 0:
        raise InputError(f"{header.source.name}: its rescale slope is zero.", code="damaged-header")


_LARGEST = 1e30
"""Beyond it no pixel has a meaning, and single precision ends soon after."""

_MUST_BE_READABLE = (
    (tags.RESCALE_SLOPE, "rescale slope"),
    (tags.RESCALE_INTERCEPT, "rescale intercept"),
    (tags.NUMBER_OF_FRAMES, "number of frames"),
)
