"""Every layout of plain pixels, drawn at random, has the values that pydicom reads."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import UID

from medview.io.dicom.colour import rgb_samples
from medview.io.dicom.pixels import read_stored
from medview.io.scan import scan

LITTLE, IMPLICIT, BIG = (UID(f"1.2.840.10008.1.2{tail}") for tail in (".1", "", ".2"))


@st.composite
def layouts(draw: st.DrawFn) -> FileDataset:
    """A picture of random size, depth, sign, colour, frames and encoding."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = draw(st.sampled_from([LITTLE, IMPLICIT, BIG]))
    meta.MediaStorageSOPClassUID = UID("1.2.840.10008.5.1.4.1.1.7")
    meta.MediaStorageSOPInstanceUID = UID("1.2.3.4")
    dataset = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, "1.2.3.4"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2", "1.2.3"
    dataset.Modality = "OT"
    dataset.Rows, dataset.Columns = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    frames = draw(st.integers(1, 4))
    dataset.NumberOfFrames = frames
    is_colour = draw(st.booleans())
    allocated = 8 if is_colour else draw(st.sampled_from([1, 8, 16, 32]))
    dataset.SamplesPerPixel = 3 if is_colour else 1
    dataset.PhotometricInterpretation = "RGB" if is_colour else "MONOCHROME2"
    if is_colour:
        dataset.PlanarConfiguration = draw(st.integers(0, 1))
    dataset.BitsAllocated = allocated
    dataset.BitsStored = allocated if is_colour else draw(st.integers(1, allocated))
    dataset.HighBit = dataset.BitsStored - 1
    signed = not is_colour and allocated > 1 and draw(st.booleans())
    dataset.PixelRepresentation = int(signed)
    dataset.PixelData = _values(draw, dataset, frames)
    in_words = allocated > 8 or draw(st.booleans())
    dataset["PixelData"].VR = "OW" if in_words else "OB"
    return dataset


def _values(draw: st.DrawFn, dataset: FileDataset, frames: int) -> bytes:
    count = dataset.Rows * dataset.Columns * dataset.SamplesPerPixel * frames
    seed = np.random.default_rng(draw(st.integers(0, 1 << 16)))
    big = dataset.file_meta.TransferSyntaxUID == BIG
    if dataset.BitsAllocated == 1:
        data = seed.integers(0, 256, (count + 7) // 8, dtype=np.uint8).tobytes()
        return data + bytes(len(data) % 2)
    low, high = 0, 1 << dataset.BitsStored
    if dataset.PixelRepresentation:
        low, high = -(high // 2), high // 2
    sign = "i" if dataset.PixelRepresentation else "u"
    width = dataset.BitsAllocated // 8
    values = seed.integers(low, high, count, dtype=np.int64)
    data = values.astype(f"{'>' if big else '<'}{sign}{width}").tobytes()
    return data + bytes(len(data) % 2)


@settings(max_examples=300, deadline=None)
@given(layouts())
def test_every_layout_of_plain_pixels_agrees_with_pydicom(dataset: FileDataset) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a.dcm"
        syntax = dataset.file_meta.TransferSyntaxUID
        pydicom.dcmwrite(path, dataset, implicit_vr=syntax == IMPLICIT, little_endian=syntax != BIG)
        written = pydicom.dcmread(path)
        theirs = written.pixel_array
        (entry,) = scan([path]).entries
        part = entry.content
        frame = part.frames[0]  # type: ignore[union-attr]
        for number in range(dataset.NumberOfFrames):
            ours = read_stored(replace(frame, index=number))
            if frame.format.samples > 1:
                ours = rgb_samples(ours, frame.format, frame.instance.header.transfer_syntax)
            expected = theirs[number] if dataset.NumberOfFrames > 1 else theirs
            np.testing.assert_array_equal(ours, expected)
