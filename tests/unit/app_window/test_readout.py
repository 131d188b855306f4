"""Values under the pointer: the right voxel, the right unit, no invented millimetres."""

from __future__ import annotations

import numpy as np

from medview.app import readout
from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.findings.labelmap import Label, LabelMap
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid

GRID = Grid((3, 4, 5), compose((-10.0, -20.0, -30.0), np.eye(3)[:, ::-1], (4.0, 2.0, 1.0)))


def volume() -> Volume:
    array = np.arange(60, dtype=np.int16).reshape(3, 4, 5) - 1000
    return Volume(array, GRID, SourceInfo("volume", "CT", Intensity.HOUNSFIELD))


def test_a_value_comes_with_its_unit_and_place() -> None:
    assert readout.of_volume(volume(), GRID.to_lps((1, 2, 3))) == "HU -967 @ -7.0 -16.0 -26.0"


def test_the_nearest_voxel_counts() -> None:
    near = GRID.to_lps((1.4, 2.4, 2.6))
    assert readout.of_volume(volume(), near).startswith("HU -967 ")


def test_beside_the_volume_there_is_no_value() -> None:
    assert readout.of_volume(volume(), GRID.to_lps((0, 0, 5))) == ""


def test_the_structure_under_the_pointer_is_named() -> None:
    array = np.zeros((3, 4, 5), np.uint8)
    array[1, 2, 3] = 2
    item = LabelMap("lungs", array, (Label(2, "left lung", (1, 2, 3)),), GRID)
    assert readout.label_at((item,), GRID.to_lps((1, 2, 3))) == "left lung"
    assert readout.label_at((item,), GRID.to_lps((0, 0, 0))) == ""


def test_a_photograph_without_spacing_speaks_of_pixels() -> None:
    rgb = np.zeros((4, 6, 3), np.uint8)
    rgb[1, 5] = (10, 20, 30)
    words = readout.of_picture(rgb, Intensity.RGB, None, 5.2, 0.9)
    assert words == "RGB 10 20 30 @ column 5 row 1 px"
    assert "mm" not in words


def test_a_radiograph_with_spacing_speaks_of_millimetres() -> None:
    grey = np.full((4, 6), 7, np.uint16)
    words = readout.of_picture(grey, Intensity.ARBITRARY, (0.5, 0.25), 4, 2)
    assert words == "7 @ 1.0 1.0 mm"
