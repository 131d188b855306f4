"""Snapshots: every layout, size, point and caption, from the command line's point of view."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medview.core.data.intensity import Window
from medview.core.errors import GeometryError, UsageError
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.core.scene.layer import LayerState
from medview.core.scene.layout import Layout
from medview.render.caption import Caption, Mark
from medview.render.snapshot import snapshot
from tests.render.scenes import CANONICAL, label_layer, volume_on

GRID = Grid((20, 40, 40), compose((-39, -39, -28), CANONICAL, (3, 2, 2)), "1.2.3")


def halves() -> np.ndarray:
    """Label 1 on the patient's right, label 2 on the left."""
    mask = np.zeros(GRID.shape, np.uint8)
    mask[4:16, 10:30, 4:16], mask[4:16, 10:30, 24:36] = 1, 2
    return mask


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("size", [(300, 200), (333, 251), (64, 64)])
def test_a_snapshot_has_the_size_asked_for(layout: Layout, size: tuple[int, int]) -> None:
    picture = snapshot(volume_on(GRID), (), layout, size)
    assert picture.shape == (size[1], size[0], 3)
    assert picture.dtype == np.uint8


def test_all_four_views_show_the_patients_right_on_the_left_of_the_picture() -> None:
    layer = label_layer(GRID, halves(), LayerState(opacity=1.0))
    empty = volume_on(GRID, np.full(GRID.shape, -1000, np.int16))
    picture = snapshot(empty, [layer], Layout.FOUR_UP, (601, 501)).astype(int)
    top, bottom = picture[:250], picture[-250:]
    for view in (top[:, :300], top[:, -300:], bottom[:, -300:]):
        red = np.argwhere((view[..., 0] > 90) & (view[..., 1] < 60) & (view[..., 2] < 60))
        green = np.argwhere((view[..., 1] > 90) & (view[..., 0] < 60) & (view[..., 2] < 60))
        # The lines and letters of the planes are thin; the labels are areas.
        assert len(red) > 1000
        assert len(green) > 1000
        assert np.median(red[:, 1]) < 150 < np.median(green[:, 1])


def test_the_planes_cut_at_the_point_asked_for() -> None:
    array = np.zeros(GRID.shape, np.int16)
    array[3] = 1000
    x, y, z = (float(v) for v in GRID.to_lps((3, 25, 25)))
    window = Window(1000.0, 500.0)
    bright = snapshot(
        volume_on(GRID, array), (), Layout.AXIAL, (200, 200), window=window, at_lps_mm=(x, y, z)
    )
    dark = snapshot(volume_on(GRID, array), (), Layout.AXIAL, (200, 200), window=window)
    assert bright[40, 60].tolist() == [255, 255, 255]
    assert dark[40, 60].tolist() == [0, 0, 0]


def test_without_a_point_a_native_slice_is_shown_not_one_between_two() -> None:
    array = np.zeros(GRID.shape, np.int16)
    array[::2] = 1000
    window = Window(1000.0, 500.0)
    picture = snapshot(volume_on(GRID, array), (), Layout.AXIAL, (200, 200), window=window)
    assert picture[40, 60].tolist() in ([0, 0, 0], [255, 255, 255])


def test_marks_are_in_every_view() -> None:
    caption = Caption(marks=(Mark("Demonstration model", "violet"),))
    picture = snapshot(volume_on(GRID), (), Layout.FOUR_UP, (600, 500), caption=caption)
    violet = (picture == (148, 104, 228)).all(axis=2)
    for part in (violet[:250, :300], violet[:250, 300:], violet[250:, :300], violet[250:, 300:]):
        assert part.sum() > 300


def test_wrong_wishes_are_refused_in_words() -> None:
    volume = volume_on(GRID)
    with pytest.raises(UsageError, match="outside the volume"):
        snapshot(volume, (), at_lps_mm=(500.0, 0.0, 0.0))
    with pytest.raises(UsageError, match="pixels"):
        snapshot(volume, (), size=(10, 10))
    with pytest.raises(UsageError, match="volume preset"):
        snapshot(volume, (), preset="no such")
    elsewhere = Grid(GRID.shape, GRID.index_to_lps, "9.9.9")
    with pytest.raises(GeometryError, match="frame of reference"):
        snapshot(volume, [label_layer(elsewhere, halves())], Layout.AXIAL, (200, 200))


def test_both_lungs_of_a_real_ct_are_coloured_in_all_four_views(data_dir: Path) -> None:
    sitk = pytest.importorskip("SimpleITK")
    folder = data_dir / "chest_ct_lowres_lungmask"
    image = sitk.ReadImage(str(folder / "ct-64.nrrd"))
    mask = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "wholeLung-64.nrrd"))) > 0
    directions = np.array(image.GetDirection()).reshape(3, 3)[:, ::-1]
    grid = Grid(
        mask.shape, compose(image.GetOrigin(), directions, image.GetSpacing()[::-1]), "1.2.3"
    )
    labels = mask.astype(np.uint8)
    labels[:, :, 32:] *= 2
    volume = volume_on(grid, sitk.GetArrayFromImage(image).astype(np.int16))
    layer = label_layer(grid, labels)
    x, y, z = (float(v) for v in grid.to_lps((45, 32, 20)))
    picture = snapshot(
        volume, [layer], Layout.FOUR_UP, (801, 601), window=Window(1500, -600), at_lps_mm=(x, y, z)
    ).astype(int)
    reds = (picture[..., 0] - picture[..., 1]) > 60
    greens = (picture[..., 1] - picture[..., 0]) > 60
    for rows in (slice(0, 300), slice(301, 601)):
        for columns in (slice(0, 400), slice(401, 801)):
            assert reds[rows, columns].mean() > 0.03
    # The sagittal plane lies in the right lung and must not show the left one.
    assert greens[301:, :400].mean() < 0.01
    assert greens[:300, :400].mean() > 0.03
