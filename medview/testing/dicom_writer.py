"""Write an array on a grid as a DICOM series with realistic headers and known geometry."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from medview.core.data.volume import Volume
from medview.core.errors import UsageError
from medview.core.geometry.grid import Grid

if TYPE_CHECKING:
    from pydicom.dataset import Dataset, FileDataset

Syntax = Literal["explicit-little", "implicit-little", "explicit-big", "deflated"]

_SYNTAX_UIDS: dict[str, str] = {
    "explicit-little": "1.2.840.10008.1.2.1",
    "implicit-little": "1.2.840.10008.1.2",
    "explicit-big": "1.2.840.10008.1.2.2",
    "deflated": "1.2.840.10008.1.2.1.99",
}
_CLASS_UIDS: dict[str, str] = {
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "PT": "1.2.840.10008.5.1.4.1.1.128",
}


@dataclass(frozen=True, slots=True)
class SeriesHeader:
    """What a written series says of itself.

    Attributes
    ----------
    seed : str
        Equal seeds give equal UIDs.
    modality : {"CT", "MR", "PT"}
    slope, intercept : float
        Rescale; stored value = (value - intercept) / slope, rounded.
    patient_name, patient_id, birth_date, sex : str
    study_description, series_description, body_part, kernel : str
    series_number : int
    study_seed : str
        Series with equal study seeds belong to one study; empty means `seed`.
    window : (width, level) or None
    tilt_deg : float
        Gantry tilt: slices keep their rows and columns and are shifted along
        the columns, as a tilted gantry acquires them.
    thickness_mm : float or None
        Slice thickness; None means the slice distance.
    acquisition_time : str
        HHMMSS of the first slice.
    extra : tuple of (keyword, value)
        Further elements, or other values of those written.
    """

    seed: str = "medview"
    modality: Literal["CT", "MR", "PT"] = "CT"
    slope: float = 1.0
    intercept: float = -1024.0
    patient_name: str = "Phantom^Thorax"
    patient_id: str = "PHANTOM-0001"
    birth_date: str = "19700101"
    sex: str = "O"
    study_description: str = "Generated chest CT"
    series_description: str = "Thorax 2.0 mm"
    body_part: str = "CHEST"
    kernel: str = "STANDARD"
    series_number: int = 2
    study_seed: str = ""
    window: tuple[float, float] | None = (1500.0, -600.0)
    tilt_deg: float = 0.0
    thickness_mm: float | None = None
    acquisition_time: str = "101500"
    extra: tuple[tuple[str, object], ...] = field(default=())


def uid(*parts: object) -> str:
    """A DICOM UID under 2.25 that depends on `parts` alone (PS3.5 B.2)."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:15], 'big')}"


def write_dicom_series(
    source: Volume | NDArray[np.generic],
    folder: Path,
    *,
    grid: Grid | None = None,
    header: SeriesHeader | None = None,
    syntax: Syntax = "explicit-little",
    shuffle: bool = False,
    suffix: str = ".dcm",
    prefix: str = "IM",
    time: int | None = None,
    echo_time_ms: float | None = None,
) -> tuple[Path, ...]:
    """Write one file per slice.

    Parameters
    ----------
    source : Volume or (k, j, i) ndarray
        Values after rescale.
    folder : Path
        Made if absent.
    grid : Grid, optional
        Required with a bare array. k runs over slices, j over rows, i over columns.
    header : SeriesHeader, optional
    syntax : {"explicit-little", "implicit-little", "explicit-big", "deflated"}
    shuffle : bool
        Name files so that their order says nothing of the slices'.
    suffix, prefix : str
        Of the file names.
    time : int, optional
        Time point of a series with several; call once for each.
    echo_time_ms : float, optional
        Echo of a multi-echo MR; call once for each.

    Returns
    -------
    tuple of Path
        In the order of k.

    Raises
    ------
    UsageError
        If an array comes without grid or a value does not fit into 16 bits.
    """
    import pydicom

    header = header or SeriesHeader()
    if isinstance(source, Volume):
        array, grid = source.array, source.grid
    else:
        array = source
    if grid is None:
        raise UsageError("A bare array needs a grid to be written as DICOM.")
    folder.mkdir(parents=True, exist_ok=True)
    order = np.arange(len(array))
    if shuffle:
        order = np.random.default_rng(int(uid(header.seed)[5:15])).permutation(len(array))
    offset = (time or 0) * len(array)
    paths = []
    for k in range(len(array)):
        stored = _stored(array[k], header)
        dataset = _slice(stored, grid, k, header, syntax, time, echo_time_ms)
        echo = "" if echo_time_ms is None else f"E{echo_time_ms:g}_"
        path = folder / f"{prefix}{echo}{int(order[k]) + 1 + offset:05d}{suffix}"
        pydicom.dcmwrite(path, dataset, enforce_file_format=True)
        paths.append(path)
    return tuple(paths)


def _stored(values: NDArray[np.generic], header: SeriesHeader) -> NDArray[np.int64]:
    stored = np.rint((values.astype(np.float64) - header.intercept) / header.slope)
    limits = (0, 65535) if header.modality != "CT" or stored.min() >= 0 else (-32768, 32767)
    if stored.min() < limits[0] or stored.max() > limits[1]:
        raise UsageError("Values do not fit into 16 bits with this slope and intercept.")
    return stored.astype(np.int64)


def _slice(
    stored: NDArray[np.int64],
    grid: Grid,
    k: int,
    header: SeriesHeader,
    syntax: Syntax,
    time: int | None,
    echo_time_ms: float | None,
) -> FileDataset:
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import UID

    instance = uid(header.seed, "instance", k, time, echo_time_ms)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(_CLASS_UIDS[header.modality])
    meta.MediaStorageSOPInstanceUID = UID(instance)
    meta.TransferSyntaxUID = UID(_SYNTAX_UIDS[syntax])
    meta.ImplementationClassUID = UID(uid("medview", "writer"))
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    _identify(dataset, header, instance, k, time)
    _place(dataset, grid, k, header)
    _describe(dataset, header, k, grid.shape[0], time, echo_time_ms)
    rows, columns = stored.shape
    signed = bool(header.modality == "CT" and stored.min() < 0)
    dataset.Rows, dataset.Columns = rows, columns
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.PixelRepresentation = int(signed)
    dataset.RescaleSlope, dataset.RescaleIntercept = header.slope, header.intercept
    if header.modality == "CT":
        dataset.RescaleType = "HU"
    order = ">" if syntax == "explicit-big" else "<"
    dataset.PixelData = stored.astype(f"{order}{'i' if signed else 'u'}2").tobytes()
    dataset["PixelData"].VR = "OW"
    for keyword, value in header.extra:
        setattr(dataset, keyword, value)
    return dataset


def _identify(
    dataset: Dataset, header: SeriesHeader, instance: str, k: int, time: int | None
) -> None:
    study = header.study_seed or header.seed
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = _CLASS_UIDS[header.modality]
    dataset.SOPInstanceUID = instance
    dataset.StudyInstanceUID = uid(study, "study")
    dataset.SeriesInstanceUID = uid(header.seed, "series")
    dataset.PatientName, dataset.PatientID = header.patient_name, header.patient_id
    dataset.PatientBirthDate, dataset.PatientSex = header.birth_date, header.sex
    dataset.StudyID, dataset.AccessionNumber = "1", "A0001"
    dataset.StudyDescription = header.study_description
    dataset.SeriesDescription = header.series_description
    dataset.Modality, dataset.SeriesNumber = header.modality, header.series_number
    dataset.InstanceNumber, dataset.AcquisitionNumber = k + 1, 1 + (time or 0)
    for name in ("Study", "Series", "Acquisition", "Content"):
        setattr(dataset, f"{name}Date", "20260102")
        seconds = 0 if name in ("Study", "Series") else 10 * (time or 0)
        base = header.acquisition_time
        setattr(dataset, f"{name}Time", f"{base[:4]}{seconds % 60:02d}.{k:06d}")


def _place(dataset: Dataset, grid: Grid, k: int, header: SeriesHeader) -> None:
    directions = grid.directions
    position = grid.to_lps((k, 0, 0))
    if header.tilt_deg:
        # A tilted gantry: the table moves along k while slices lean by the tilt.
        middle = (grid.shape[0] - 1) / 2
        lean = np.tan(np.deg2rad(header.tilt_deg)) * (k - middle) * grid.spacing_mm[0]
        position = position + lean * directions[:, 1]
    dataset.FrameOfReferenceUID = grid.frame_of_reference or uid(header.seed, "frame")
    dataset.PositionReferenceIndicator = ""
    dataset.ImagePositionPatient = [_decimal(v) for v in position]
    # Along a row the column index grows, so the first cosines are those of axis i.
    dataset.ImageOrientationPatient = [_decimal(v) for v in (*directions[:, 2], *directions[:, 1])]
    dataset.PixelSpacing = [_decimal(grid.spacing_mm[1]), _decimal(grid.spacing_mm[2])]
    dataset.SliceThickness = _decimal(header.thickness_mm or grid.spacing_mm[0])
    dataset.SliceLocation = _decimal(float(position @ np.cross(directions[:, 2], directions[:, 1])))
    dataset.PatientPosition = "HFS"


def _describe(
    dataset: Dataset,
    header: SeriesHeader,
    k: int,
    slices: int,
    time: int | None,
    echo_time_ms: float | None,
) -> None:
    from medview.testing.dicom_details import add_details

    dataset.ImageType = ["DERIVED", "PRIMARY", "AXIAL"]
    dataset.BodyPartExamined = header.body_part
    dataset.ConvolutionKernel = header.kernel
    if header.window is not None:
        dataset.WindowWidth, dataset.WindowCenter = map(str, header.window)
    if time is not None:
        dataset.TemporalPositionIdentifier = time + 1
    if echo_time_ms is not None:
        dataset.EchoTime = echo_time_ms
    add_details(dataset, header.modality, k, slices, header.tilt_deg)


def _decimal(value: float) -> str:
    """A decimal string of at most 16 characters (PS3.5 6.2)."""
    for digits in range(12, 3, -1):
        text = f"{value + 0.0:.{digits}g}"
        if len(text) <= 16:
            return text
    raise UsageError(f"{value} cannot be written as a decimal string.")
