"""Series come apart into what belongs together, and nothing is merged that does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from medview.core.data.volume import Volume
from medview.core.errors import UsageError
from medview.io.load import load
from medview.io.scan import Scan, scan
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from tests.unit.io.series import (
    CORONAL,
    assert_field,
    edit,
    field,
    make_grid,
    scan_one,
    write_field,
)

MR = SeriesHeader(modality="MR", intercept=0.0)


def kinds(found: Scan) -> list[str]:
    return [e.series.kind for e in found.entries]


def test_time_points_become_one_series_with_several_times(tmp_path: Path) -> None:
    grid = make_grid()
    base = field(grid) - field(grid).min()
    for time in range(3):
        write_dicom_series(base + 7 * time, tmp_path, grid=grid, header=MR, time=time, shuffle=True)
    entry = scan_one(tmp_path).entries[0]
    assert (entry.series.kind, entry.series.times, entry.series.files) == ("volume", 3, 21)
    assert entry.series.shape == grid.shape
    for time in range(3):
        volume = load(entry, time=time)
        assert isinstance(volume, Volume)
        np.testing.assert_array_equal(volume.array, base + 7 * time)
        assert volume.info.time == time


def test_a_time_point_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    write_field(tmp_path, make_grid())
    with pytest.raises(UsageError, match="no time point 1"):
        load(scan_one(tmp_path).entries[0], time=1)


def test_echoes_become_parts_with_uids_of_their_own(tmp_path: Path) -> None:
    grid = make_grid()
    base = field(grid) - field(grid).min()
    for echo in (30.0, 60.0):
        write_dicom_series(base + int(echo), tmp_path, grid=grid, header=MR, echo_time_ms=echo)
    found = scan([tmp_path])
    uids = [e.series.uid for e in found.entries]
    assert [u.rpartition("#")[2] for u in uids] == ["1", "2"]
    assert kinds(found) == ["volume", "volume"]
    for entry, echo in zip(found.entries, (30, 60), strict=True):
        assert entry.series.attribute("echo_time_ms") == str(float(echo))
        np.testing.assert_array_equal(load(entry).array, base + echo)  # type: ignore[union-attr]


def test_a_bare_uid_of_a_series_in_parts_is_ambiguous(tmp_path: Path) -> None:
    grid = make_grid()
    for echo in (30.0, 60.0):
        write_dicom_series(
            np.zeros(grid.shape, np.int16), tmp_path, grid=grid, header=MR, echo_time_ms=echo
        )
    found = scan([tmp_path])
    bare = found.entries[0].series.uid.rpartition("#")[0]
    with pytest.raises(UsageError, match="#1"):
        found.entry(bare)
    assert found.entry(f"{bare}#2") is found.entries[1]
    with pytest.raises(UsageError, match="no series"):
        found.entry("1.2.3")


def test_phases_of_different_extent_stay_apart(tmp_path: Path) -> None:
    grid = make_grid()
    early = write_dicom_series(field(grid), tmp_path, grid=grid, time=0)
    write_dicom_series(field(grid), tmp_path, grid=grid, time=1)
    for path in early[5:]:
        path.unlink()
    for path in tmp_path.iterdir():
        edit(path, lambda d: d.__delattr__("TemporalPositionIdentifier"))
    found = scan([tmp_path])
    assert sorted(e.series.shape or () for e in found.entries) == [(5, 10, 12), (7, 10, 12)]
    for entry in found.entries:
        volume = load(entry)
        assert isinstance(volume, Volume)
        assert_field(volume)


def test_different_slices_at_one_place_without_a_telling_tag_are_a_stack(tmp_path: Path) -> None:
    grid = make_grid()
    write_field(tmp_path, grid)
    copies = sorted(tmp_path.iterdir())
    for number, path in enumerate(copies):
        other = path.with_name(f"other{number}.dcm")
        shutil.copy(path, other)

        def differ(dataset: object) -> None:
            dataset.SOPInstanceUID += ".1"  # type: ignore[attr-defined]
            data = bytearray(dataset.PixelData)  # type: ignore[attr-defined]
            data[0] ^= 1
            dataset.PixelData = bytes(data)  # type: ignore[attr-defined]

        edit(other, differ)
    series = scan_one(tmp_path).entries[0].series
    assert series.kind == "stack"
    assert series.warnings[0].code == "repeated-positions"
    assert series.frames == 14


def test_files_stored_twice_are_dropped_and_counted(tmp_path: Path) -> None:
    grid = make_grid()
    paths = write_field(tmp_path, grid)
    for path in paths[2:4]:
        shutil.copy(path, path.with_name("again" + path.name))
    series = scan_one(tmp_path).entries[0].series
    assert series.kind == "volume"
    assert series.files == 9
    assert [r.code for r in series.repairs] == ["duplicates-dropped"]
    volume = load(scan_one(tmp_path).entries[0])
    assert isinstance(volume, Volume)
    assert_field(volume)


def test_objects_of_one_uid_and_different_pixels_are_not_taken_for_copies(tmp_path: Path) -> None:
    paths = write_field(tmp_path, make_grid())
    other = tmp_path / "other.dcm"
    shutil.copy(paths[3], other)
    edit(other, lambda d: setattr(d, "PixelData", bytes(len(d.PixelData))))
    assert scan_one(tmp_path).entries[0].series.kind == "stack"


def test_two_reconstructions_at_equal_places_are_two_series(tmp_path: Path) -> None:
    for seed in ("soft", "lung"):
        write_field(tmp_path / seed, make_grid(), seed=seed, study_seed="one")
    found = scan([tmp_path])
    assert kinds(found) == ["volume", "volume"]
    assert len(found.studies) == 1


def test_two_orientations_in_one_series_become_two_volumes(tmp_path: Path) -> None:
    write_field(tmp_path / "a", make_grid())
    write_field(tmp_path / "b", make_grid(directions=CORONAL))
    for path in (tmp_path / "b").iterdir():
        edit(path, lambda d: setattr(d, "SOPInstanceUID", d.SOPInstanceUID + ".7"))
    found = scan([tmp_path])
    assert kinds(found) == ["volume", "volume"]
    for entry in found.entries:
        volume = load(entry)
        assert isinstance(volume, Volume)
        assert_field(volume)


def test_a_localizer_stays_out_of_the_volume(tmp_path: Path) -> None:
    paths = write_field(tmp_path, make_grid())
    edit(paths[0], lambda d: setattr(d, "ImageType", ["ORIGINAL", "PRIMARY", "LOCALIZER"]))
    found = scan([tmp_path])
    assert sorted(kinds(found)) == ["image", "volume"]
    volume = next(e.series for e in found.entries if e.series.kind == "volume")
    assert volume.shape == (6, 10, 12)
    image = next(e.series for e in found.entries if e.series.kind == "image")
    assert image.intensity.value == "arbitrary"


def test_a_secondary_capture_stays_out_of_the_volume(tmp_path: Path) -> None:
    paths = write_field(tmp_path, make_grid())
    edit(paths[6], lambda d: setattr(d, "SOPClassUID", "1.2.840.10008.5.1.4.1.1.7"))
    assert sorted(kinds(scan([tmp_path]))) == ["image", "volume"]


def test_frames_of_reference_are_never_mixed(tmp_path: Path) -> None:
    paths = write_field(tmp_path, make_grid())
    for path in paths[4:]:
        edit(path, lambda d: setattr(d, "FrameOfReferenceUID", "1.2.3"))
    found = scan([tmp_path])
    assert sorted(e.series.files for e in found.entries) == [3, 4]
    assert len({e.series.uid for e in found.entries}) == 2


def test_people_with_one_study_uid_are_kept_apart(tmp_path: Path) -> None:
    paths = write_field(tmp_path, make_grid())
    for path in paths[4:]:
        edit(path, lambda d: setattr(d, "PatientID", "another"))
    found = scan([tmp_path])
    assert sorted(str(s.patient.id) for s in found.studies) == ["PHANTOM-0001", "another"]


def test_a_series_without_any_uid_opens_under_a_uid_of_its_content(tmp_path: Path) -> None:
    write_field(tmp_path / "first", make_grid())

    def strip(dataset: object) -> None:
        for name in ("SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID"):
            delattr(dataset, name)

    for path in (tmp_path / "first").iterdir():
        edit(path, strip)
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    first = scan_one(tmp_path / "first").entries[0].series
    second = scan_one(tmp_path / "second").entries[0].series
    assert first.uid == second.uid
    assert first.uid.startswith("dicom:")
    assert (first.kind, first.frame_of_reference) == ("volume", None)


def test_slices_without_positions_are_a_stack_in_order_of_number(tmp_path: Path) -> None:
    grid = make_grid()
    for path in write_field(tmp_path, grid):
        edit(path, lambda d: d.__delattr__("ImagePositionPatient"))
    entry = scan_one(tmp_path).entries[0]
    assert (entry.series.kind, entry.series.warnings[0].code) == ("stack", "no-positions")
    stack = load(entry)
    np.testing.assert_array_equal(np.stack(stack.slices), field(grid))  # type: ignore[union-attr]


def test_a_cut_off_slice_is_skipped_by_name_and_the_rest_is_a_repaired_volume(
    tmp_path: Path,
) -> None:
    paths = write_field(tmp_path, make_grid())
    paths[3].write_bytes(paths[3].read_bytes()[:-50])
    found = scan([tmp_path])
    assert [(Path(s.path), s.code) for s in found.skipped] == [(paths[3], "truncated-pixels")]
    assert paths[3].name in found.skipped[0].message
    series = found.entries[0].series
    assert (series.files, [r.code for r in series.repairs]) == (6, ["uneven-spacing-resampled"])


def test_directions_of_diffusion_come_apart_where_nothing_else_tells(tmp_path: Path) -> None:
    grid = make_grid()
    for number, direction in enumerate(([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])):
        header = SeriesHeader(
            modality="MR",
            intercept=0.0,
            extra=(
                ("DiffusionBValue", 1000.0),
                ("DiffusionGradientOrientation", direction),
                ("AcquisitionTime", "101010"),
            ),
        )
        values = np.full(grid.shape, 5 + number, np.int16)
        write_dicom_series(values, tmp_path, grid=grid, header=header, prefix=f"D{number}_")
    for number, path in enumerate(sorted(tmp_path.iterdir())):
        edit(path, lambda d, n=number: setattr(d, "SOPInstanceUID", f"1.2.3.{n}"))  # type: ignore[misc]
    found = scan([tmp_path])
    assert kinds(found) == ["volume", "volume"]
    assert sorted(int(load(e).array.max()) for e in found.entries) == [5, 6]  # type: ignore[union-attr]


def test_palette_slices_are_shown_in_colour_and_not_as_indices(tmp_path: Path) -> None:
    def colour(dataset: Dataset) -> None:
        dataset.PhotometricInterpretation = "PALETTE COLOR"
        table = (np.arange(4096, dtype="<u2") * 16).tobytes()
        for number in (1, 2, 3):
            dataset.add_new(0x00281100 + number, "US", [4096, 0, 16])
            dataset.add_new(0x00281200 + number, "OW", table)

    for path in write_field(tmp_path, make_grid()):
        edit(path, colour)
    entry = scan_one(tmp_path).entries[0]
    assert (entry.series.kind, entry.series.intensity.value) == ("stack", "rgb")
    assert load(entry).slices[0].shape == (10, 12, 3)  # type: ignore[union-attr]


def test_a_table_of_values_is_applied_to_every_slice_of_a_volume(tmp_path: Path) -> None:
    grid = make_grid()

    def with_table(dataset: Dataset) -> None:
        table = Dataset()
        table.LUTDescriptor = [4096, 0, 16]
        table.add_new(0x00283006, "OW", (np.arange(4096, dtype="<u2") * 2).tobytes())
        dataset.ModalityLUTSequence = Sequence([table])
        del dataset.RescaleSlope, dataset.RescaleIntercept

    for path in write_field(tmp_path, grid):
        edit(path, with_table)
    volume = load(scan_one(tmp_path).entries[0])
    assert isinstance(volume, Volume)
    np.testing.assert_array_equal(volume.array, (field(grid).astype(int) + 1024) * 2)


def test_padding_is_known_in_the_units_of_the_values(tmp_path: Path) -> None:
    for path in write_field(tmp_path, make_grid()):
        edit(path, lambda d: d.add_new(0x00280120, "US", 24))
    series = scan_one(tmp_path).entries[0].series
    assert series.attribute("padding_value") == "-1000"


def test_a_compressed_header_that_promises_terabytes_is_skipped(
    tmp_path: Path, data_dir: Path
) -> None:
    source = data_dir / "dicom_transfer_syntaxes" / "MR_small_jp2klossless.dcm"
    shutil.copy(source, tmp_path / "lying.dcm")

    def promise(dataset: Dataset) -> None:
        dataset.Rows = dataset.Columns = 65535
        dataset.NumberOfFrames = 60000

    edit(tmp_path / "lying.dcm", promise)
    assert [s.code for s in scan([tmp_path]).skipped] == ["too-large"]


def test_a_header_that_promises_terabytes_costs_nothing(tmp_path: Path) -> None:
    paths = write_field(tmp_path, make_grid(), keep=(0,))

    def promise(dataset: object) -> None:
        dataset.Rows = dataset.Columns = 65535  # type: ignore[attr-defined]
        dataset.NumberOfFrames = 60000  # type: ignore[attr-defined]

    edit(paths[0], promise)
    found = scan([tmp_path])
    assert [s.code for s in found.skipped] == ["truncated-pixels"]
