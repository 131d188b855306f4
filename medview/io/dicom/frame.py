"""`Frame`: one plane of pixels, its place in the patient, and what tells it from others."""

from __future__ import annotations

from dataclasses import dataclass

from medview.core.errors import GeometryError
from medview.io.dicom import elements, tags
from medview.io.dicom.header import Header
from medview.io.dicom.instance import Instance, PixelFormat
from medview.io.dicom.moments import moment, moment_of

Vector = tuple[float, float, float]
Cosines = tuple[float, float, float, float, float, float]


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
    acquisition, temporal, echo, echo_number, b_value, trigger, moment : float or None
        Acquisition number, temporal position, echo time in ms, number of the echo,
        b-value in s/mm2, trigger time in ms, acquisition date and time in s.
    kind : tuple of str
        Image type, e.g. ``("ORIGINAL", "PRIMARY", "M", "FFE")``.
    kernel : str
        Of the reconstruction.
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
    echo_number: float | None = None
    b_value: float | None = None
    gradient: Vector | None = None
    trigger: float | None = None
    moment: float | None = None
    kind: tuple[str, ...] = ()
    kernel: str = ""
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
        echo_number=number(header, tags.ECHO_NUMBER),
        b_value=_b_value(header),
        gradient=vector(directions),
        trigger=number(header, tags.TRIGGER_TIME),
        moment=_moment(header),
        kind=instance.image_type,
        kernel=elements.text(header, tags.KERNEL),
        tile=tile,
    )


def _moment(header: Header) -> float | None:
    text = elements.text
    found = moment(text(header, tags.ACQUISITION_DATE), text(header, tags.ACQUISITION_TIME))
    return found if found is not None else moment_of(text(header, tags.ACQUISITION_MOMENT))


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
