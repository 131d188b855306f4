"""Colour pictures with sixteen bits a sample are shown by their upper eight bits."""

from __future__ import annotations

from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from medview.core.errors import InputError
from medview.io.load import load
from medview.io.scan import scan
from tests.unit.io.series import scan_one
from tests.unit.io.test_pictures import open_image

DEEP = (np.arange(6 * 8 * 3).reshape(6, 8, 3) * 449).astype(np.uint16)


def test_a_deep_colour_png_keeps_its_upper_bits(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(DEEP))
    np.testing.assert_array_equal(open_image(tmp_path).array, DEEP >> 8)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_deep_colour_tiff_keeps_its_upper_bits(tmp_path: Path, order: str) -> None:
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "a.tif", DEEP, photometric="rgb", byteorder=order)
    np.testing.assert_array_equal(open_image(tmp_path).array, DEEP >> 8)


def test_a_cut_off_deep_tiff_is_one_sentence(tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((64, 64, 3), np.uint16), photometric="rgb")
    path.write_bytes(path.read_bytes()[:600])
    found = scan([tmp_path])
    if not found.entries:
        assert "a.tif" in found.skipped[0].message
        return
    with pytest.raises(InputError, match=r"a\.tif"):
        load(scan_one(tmp_path).entries[0])
