"""Sound files for the fuzz run that the shared data has none of, or only large ones."""

from __future__ import annotations

import zipfile
from pathlib import Path

import imagecodecs
import nibabel
import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from medview.core.data.volume import Volume
from medview.io.itk import write_volume
from tests.unit.io.series import edit, field, make_grid, write_field
from tests.unit.io.test_nuclear_medicine import tomogram
from tests.unit.io.test_overlays import with_overlay
from tests.unit.io.test_pictures import write_picture

ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"


def made_seeds(folder: Path) -> list[list[Path]]:
    """Overlays, deep and paged TIFF, nuclear medicine, multi-frame, volume files and archives."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        *_overlays(folder),
        *_pictures(folder),
        _tomogram(folder),
        [enhanced_ct(folder / "enhanced.dcm")],
        [enhanced_ct(folder / "enhanced_j2k.dcm", compress=True)],
        *_volume_files(folder),
        [_archive(folder)],
    ]


def _overlays(folder: Path) -> list[list[Path]]:
    ring = np.indices((12, 20)).sum(axis=0) % 5 == 0
    packed, embedded = folder / "overlay.dcm", folder / "embedded.dcm"
    write_picture(packed, np.arange(240, dtype=np.uint16).reshape(12, 20))
    with_overlay(packed, ring, origin=(2, 3))
    words = np.arange(240, dtype=np.uint16).reshape(12, 20) | (ring.astype(np.uint16) << 12)
    write_picture(embedded, words, bits=12)

    def describe(dataset: pydicom.Dataset) -> None:
        dataset.add_new(0x60020010, "US", 12)
        dataset.add_new(0x60020011, "US", 20)
        dataset.add_new(0x60020050, "SS", [1, 1])
        dataset.add_new(0x60020100, "US", 16)
        dataset.add_new(0x60020102, "US", 12)

    edit(embedded, describe)
    series = write_field(folder / "overlaid", make_grid())
    for path in series:
        with_overlay(path, np.eye(10, 12, dtype=bool))
    return [[packed], [embedded], list(series)]


def _pictures(folder: Path) -> list[list[Path]]:
    rng = np.random.default_rng(3)
    deep = rng.integers(0, 65536, (24, 32, 3), dtype=np.uint16)
    plain = rng.integers(0, 256, (24, 32, 3), dtype=np.uint8)
    made = [folder / f"picture{n}" for n in range(6)]
    made[0] = made[0].with_suffix(".tif")
    _deep_tiff(made[0], deep)
    made[1].write_bytes(imagecodecs.png_encode(deep))
    made[2].write_bytes(imagecodecs.png_encode(plain))
    made[3].write_bytes(imagecodecs.jpeg8_encode(plain))
    pages = [Image.fromarray(p) for p in (plain, plain[::-1])]
    pages[0].save(made[4], "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw")
    pages[0].save(made[5], "BMP")
    return [[path] for path in made]


def _deep_tiff(path: Path, pixels: np.ndarray) -> None:
    """One uncompressed strip of 16-bit RGB (TIFF 6.0, section 6), written by hand."""
    rows, columns, _ = pixels.shape
    entries = [
        (256, 3, 1, columns),
        (257, 3, 1, rows),
        (258, 3, 3, 0),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, 0),
        (277, 3, 1, 3),
        (278, 3, 1, rows),
        (279, 4, 1, pixels.nbytes),
    ]
    bits_at = 8 + 2 + 12 * len(entries) + 4
    places = {258: bits_at, 273: bits_at + 6}
    out = b"II*\0" + (8).to_bytes(4, "little") + len(entries).to_bytes(2, "little")
    for tag, kind, count, value in entries:
        number = places.get(tag) or value
        out += tag.to_bytes(2, "little") + kind.to_bytes(2, "little")
        out += count.to_bytes(4, "little") + number.to_bytes(4, "little")
    out += bytes(4) + np.array([16, 16, 16], "<u2").tobytes() + pixels.astype("<u2").tobytes()
    path.write_bytes(out)


def _tomogram(folder: Path) -> list[Path]:
    tomogram(folder / "tomogram.dcm", 4.0, [1, 2, 3, 4, 5])
    return [folder / "tomogram.dcm"]


def enhanced_ct(path: Path, *, compress: bool = False, frames: int = 5) -> Path:
    """An enhanced CT whose every frame has a place and an intercept of its own."""
    values = np.arange(frames * 8 * 10, dtype=np.uint16).reshape(frames, 8, 10)
    write_picture(path, values[0], SOPClassUID=ENHANCED_CT, Modality="CT")

    def describe(dataset: pydicom.Dataset) -> None:
        dataset.NumberOfFrames = frames
        dataset.PixelData = values.tobytes()
        dataset.FrameOfReferenceUID = "1.2.9"
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
        measures, orientation = Dataset(), Dataset()
        measures.PixelSpacing, measures.SliceThickness = [0.5, 0.75], 2
        orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        shared = Dataset()
        shared.PixelMeasuresSequence = Sequence([measures])
        shared.PlaneOrientationSequence = Sequence([orientation])
        dataset.SharedFunctionalGroupsSequence = Sequence([shared])
        groups = []
        for n in range(frames):
            position, rescale, group = Dataset(), Dataset(), Dataset()
            position.ImagePositionPatient = [-10, -20, 2.0 * n]
            rescale.RescaleIntercept, rescale.RescaleSlope, rescale.RescaleType = -n, 2, "HU"
            group.PlanePositionSequence = Sequence([position])
            group.PixelValueTransformationSequence = Sequence([rescale])
            groups.append(group)
        dataset.PerFrameFunctionalGroupsSequence = Sequence(groups)
        if compress:
            from pydicom.encaps import encapsulate
            from pydicom.uid import JPEG2000Lossless

            packed = [
                bytes(imagecodecs.jpeg2k_encode(v, level=0, codecformat="j2k", reversible=True))
                for v in values
            ]
            dataset.PixelData = encapsulate(packed)
            dataset["PixelData"].is_undefined_length = True
            dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless

    edit(path, describe)
    return path


def _volume_files(folder: Path) -> list[list[Path]]:
    volume = Volume(field(make_grid()), make_grid())
    paths = [folder / name for name in ("a.nii", "a.nii.gz", "a.nrrd", "a.mha", "pair.mhd")]
    for path in paths:
        write_volume(path, volume)
    analyze = nibabel.AnalyzeImage(volume.array, np.eye(4))
    nibabel.save(analyze, folder / "old.hdr")
    made = [[p] for p in paths[:-1]]
    made.append(sorted(folder.glob("pair.*")))
    made.append(sorted(folder.glob("old.*")))
    return made


def _archive(folder: Path) -> Path:
    series = write_field(folder / "zipped", make_grid())
    path = folder / "series.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in series:
            archive.write(part, part.name)
    return path
