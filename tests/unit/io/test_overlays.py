"""Overlay planes come with the pixels they lie on, and never change their values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from medview.core.errors import InputError
from medview.io.overlays import overlays
from tests.unit.io.series import edit, make_grid, scan_one, write_field
from tests.unit.io.test_pictures import open_image, write_picture


def with_overlay(path: Path, mask: np.ndarray, origin: tuple[int, int] = (1, 1)) -> None:
    def change(dataset: pydicom.Dataset) -> None:
        packed = np.packbits(mask.ravel(), bitorder="little").tobytes()
        dataset.add_new(0x60000010, "US", mask.shape[0])
        dataset.add_new(0x60000011, "US", mask.shape[1])
        dataset.add_new(0x60000022, "LO", "Lesion")
        dataset.add_new(0x60000040, "CS", "G")
        dataset.add_new(0x60000050, "SS", list(origin))
        dataset.add_new(0x60000100, "US", 1)
        dataset.add_new(0x60000102, "US", 0)
        dataset.add_new(0x60003000, "OW", packed + b"\0" * (len(packed) % 2))

    edit(path, change)


def test_a_packed_overlay_lies_where_its_origin_says(tmp_path: Path) -> None:
    values = np.arange(48, dtype=np.uint16).reshape(6, 8)
    write_picture(tmp_path / "a.dcm", values)
    mask = np.array([[1, 0, 1], [0, 1, 1]], bool)
    with_overlay(tmp_path / "a.dcm", mask, origin=(3, 5))
    entry = scan_one(tmp_path).entries[0]
    ((plane,),) = overlays(entry)
    expected = np.zeros((6, 8), bool)
    expected[2:4, 4:7] = mask
    np.testing.assert_array_equal(plane.mask, expected)
    assert plane.label == "Lesion"
    assert entry.series.attribute("overlay_planes") == "yes"
    assert "overlay-not-shown" not in [n.code for n in entry.series.warnings]
    np.testing.assert_array_equal(open_image(tmp_path).array, values)


def test_an_overlay_that_hangs_over_the_edge_is_cut_off(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.dcm", np.zeros((4, 4), np.uint8))
    with_overlay(tmp_path / "a.dcm", np.ones((4, 4), bool), origin=(-1, 3))
    ((plane,),) = overlays(scan_one(tmp_path).entries[0])
    expected = np.zeros((4, 4), bool)
    expected[:2, 2:] = True
    np.testing.assert_array_equal(plane.mask, expected)


def test_an_overlay_in_unused_bits_is_kept_apart_from_the_values(tmp_path: Path) -> None:
    values = np.arange(48, dtype=np.uint16).reshape(6, 8)
    mask = values % 3 == 0
    write_picture(tmp_path / "a.dcm", values | mask.astype(np.uint16) << 13, bits=12)

    def change(dataset: pydicom.Dataset) -> None:
        dataset.add_new(0x60020010, "US", 6)
        dataset.add_new(0x60020011, "US", 8)
        dataset.add_new(0x60020100, "US", 16)
        dataset.add_new(0x60020102, "US", 13)

    edit(tmp_path / "a.dcm", change)
    ((plane,),) = overlays(scan_one(tmp_path).entries[0])
    np.testing.assert_array_equal(plane.mask, mask)
    np.testing.assert_array_equal(open_image(tmp_path).array, values)


def test_an_overlay_that_ends_early_is_one_sentence(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.dcm", np.zeros((40, 40), np.uint8))
    with_overlay(tmp_path / "a.dcm", np.ones((40, 40), bool))

    def change(dataset: pydicom.Dataset) -> None:
        dataset[0x60003000].value = b"\1\0"

    edit(tmp_path / "a.dcm", change)
    entry = scan_one(tmp_path).entries[0]
    with pytest.raises(InputError, match=r"a\.dcm.*overlay"):
        overlays(entry)


def test_a_real_overlay_agrees_with_pydicom(data_dir: Path) -> None:
    path = data_dir / "dicom_transfer_syntaxes" / "examples_overlay.dcm"
    ((plane,),) = overlays(scan_one(path).entries[0])
    np.testing.assert_array_equal(plane.mask, pydicom.dcmread(path).overlay_array(0x6000) > 0)
    assert plane.label.startswith("Siemens MedCom")


def test_a_picture_without_overlay_says_nothing_of_one(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.dcm", np.zeros((4, 4), np.uint8))
    entry = scan_one(tmp_path).entries[0]
    assert overlays(entry) == ((),)
    assert "overlay-not-shown" not in [n.code for n in entry.series.warnings]


@pytest.mark.parametrize(
    ("kept", "codes"), [((0, 1, 2, 3, 4), []), ((0, 1, 3, 4), ["overlay-not-shown"])]
)
def test_only_slices_that_had_to_be_resampled_go_without_their_overlay(
    tmp_path: Path, kept: tuple[int, ...], codes: list[str]
) -> None:
    grid = make_grid((5, 6, 8))
    for path in write_field(tmp_path, grid, keep=kept):
        if path.exists():
            with_overlay(path, np.ones((2, 2), bool))
    series = scan_one(tmp_path).entries[0].series
    assert [n.code for n in series.warnings] == codes
    assert (series.attribute("overlay_planes") is None) == bool(codes)
