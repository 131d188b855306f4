"""One DICOM object as sorting sees it: identity, pixel format, and its frames in space."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from medview.core.errors import GeometryError, InputError
from medview.io.dicom import elements, tags
from medview.io.dicom.header import Header

Vector = tuple[float, float, float]
Cosines = tuple[float, float, float, float, float, float]


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
        samples = 2 if self.photometric == "YBR_FULL_422" else self.samples
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


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One plane of pixels and all that tells it from its neighbours.

    Attributes
    ----------
    instance : Instance
    index : int
        Which frame of the object, from 0.
    position : (x, y, z) or None
        LPS millimetres of the centre of the first pixel (0020,0032).
    orientation : six floats or None
        Direction of a row, then of a column (0020,0037).
    spacing : (float, float) or None
        Between rows, between columns, in millimetres (0028,0030).
    slope, intercept : float
        Of the modality rescale.
    has_rescale : bool
    unit : str
        Rescale Type, e.g. ``"HU"``; empty where absent.
    thickness : float or None
    acquisition, temporal, echo, b_value, trigger, moment : float or None
        Acquisition number, temporal position, echo time in ms, b-value in s/mm2,
        trigger time in ms, acquisition time in s after midnight.
    kind : tuple of str
        Image type from its third value on, e.g. ``("M", "FFE")``.
    tile : (row, column) or None
        Top left pixel within a mosaic frame; the size is `format`'s.
    format : PixelFormat
        Of this plane; differs from the object's for mosaic tiles.
    """

    instance: Instance
    index: int
    format: PixelFormat
    position: Vector | None = None
    orientation: Cosines | None = None
    spacing: tuple[float, float] | None = None
    slope: float = 1.0
    intercept: float = 0.0
    has_rescale: bool = False
    unit: str = ""
    thickness: float | None = None
    acquisition: float | None = None
    temporal: float | None = None
    echo: float | None = None
    b_value: float | None = None
    gradient: Vector | None = None
    trigger: float | None = None
    moment: float | None = None
    kind: tuple[str, ...] = ()
    tile: tuple[int, int] | None = None

    @property
    def placed(self) -> tuple[Vector, Cosines, tuple[float, float]]:
        """Position, orientation and spacing.

        Raises
        ------
        GeometryError
            If one of them is unknown.
        """
        if self.position is None or self.orientation is None or self.spacing is None:
            raise GeometryError("The slice does not say where in the patient it lies.")
        return self.position, self.orientation, self.spacing

    @property
    def has_geometry(self) -> bool:
        """Whether the plane's place in the patient is known."""
        return (
            self.position is not None and self.orientation is not None and self.spacing is not None
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
    bits = elements.unsigned(header, tags.BITS_ALLOCATED) or (8 if not is_float else 32)
    if header.pixels.tag == tags.DOUBLE_PIXELS:
        bits = 64
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


def classic_frame(
    instance: Instance,
    pixel_format: PixelFormat,
    *,
    index: int = 0,
    position: Vector | None = None,
    tile: tuple[int, int] | None = None,
) -> Frame:
    """A plane as the elements at the top of the object describe it.

    Parameters
    ----------
    position : (x, y, z), optional
        In place of Image Position.
    """
    header = instance.header
    numbers, number = elements.numbers, elements.number
    slope, intercept = (
        number(header, tags.RESCALE_SLOPE),
        number(header, tags.RESCALE_INTERCEPT),
    )
    directions = elements.doubles(header, tags.DIFFUSION_DIRECTION)
    return Frame(
        instance=instance,
        index=index,
        format=pixel_format,
        position=position or vector(numbers(header, tags.POSITION)),
        orientation=cosines(numbers(header, tags.ORIENTATION)),
        spacing=pair(numbers(header, tags.PIXEL_SPACING)),
        slope=1.0 if slope is None else slope,
        intercept=0.0 if intercept is None else intercept,
        has_rescale=slope is not None or intercept is not None,
        unit=elements.text(header, tags.RESCALE_TYPE),
        thickness=number(header, tags.SLICE_THICKNESS),
        acquisition=number(header, tags.ACQUISITION_NUMBER),
        temporal=number(header, tags.TEMPORAL_POSITION),
        echo=number(header, tags.ECHO_TIME),
        b_value=_b_value(header),
        gradient=vector(directions),
        trigger=number(header, tags.TRIGGER_TIME),
        moment=seconds(elements.text(header, tags.ACQUISITION_TIME)),
        kind=instance.image_type[2:],
        tile=tile,
    )


def _b_value(header: Header) -> float | None:
    standard = elements.doubles(header, tags.DIFFUSION_B_VALUE)
    if standard:
        return standard[0]
    vendor = elements.text(header, tags.MANUFACTURER).upper()
    if vendor.startswith("SIEMENS"):
        return elements.number(header, tags.SIEMENS_B_VALUE)
    if vendor.startswith("GE"):
        found = elements.numbers(header, tags.GE_B_VALUE)
        # GE adds 10^9 to the b-value of some software versions.
        return found[0] % 1e9 if found else None
    return None


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


def vector(values: tuple[float, ...]) -> Vector | None:
    """Three coordinates, or None."""
    return (values[0], values[1], values[2]) if len(values) == 3 else None


def pair(values: tuple[float, ...]) -> tuple[float, float] | None:
    """Two positive lengths, or None."""
    if len(values) == 2 and values[0] > 0 and values[1] > 0:
        return (values[0], values[1])
    return None


def cosines(values: tuple[float, ...]) -> Cosines | None:
    """Two unit vectors at right angles, or None if they are nothing of the kind."""
    if len(values) != 6:
        return None
    a, b, c, d, e, f = values
    # One part in a thousand allows for cosines written with four digits.
    if abs(a * a + b * b + c * c - 1) > 4e-3 or abs(d * d + e * e + f * f - 1) > 4e-3:
        return None
    return (a, b, c, d, e, f) if abs(a * d + b * e + c * f) <= 2e-3 else None


def seconds(time: str) -> float | None:
    """Seconds after midnight of a TM value, or None."""
    try:
        digits = time.replace(":", "")
        hours, minutes = int(digits[:2]), int(digits[2:4] or 0)
        return hours * 3600.0 + minutes * 60 + float(digits[4:] or 0)
    except ValueError:
        return None
