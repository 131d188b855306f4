"""Windows, slabs, inversion, crosshair, text: what a slice view draws besides geometry."""

from __future__ import annotations

import numpy as np
import pytest

from medview.core.data.intensity import Window
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.core.scene.cursor import Cursor, CursorState
from medview.render.canvas import Canvas
from medview.render.caption import Caption, Mark
from medview.render.crosshair import PLANE_COLOURS
from medview.render.image_bridge import VolumeImage
from medview.render.slice_view import SliceView
from medview.render.text import TextPainter
from medview.render.windowing import Windowing, grey_of
from tests.render.scenes import CANONICAL, bare, pixel, view_of, volume_on

GRID = Grid((11, 30, 30), compose((0, 0, 0), CANONICAL, (3, 2, 2)), "1.2.3")
MIDDLE = GRID.to_lps((5, 15, 15))


@pytest.mark.parametrize(
    "dtype", ["int8", "uint8", "int16", "uint16", "int32", "float32", "float64"]
)
def test_a_window_maps_its_ends_to_black_and_white_for_every_pixel_type(dtype: str) -> None:
    values = np.array([0, 10, 60, 110, 120], dtype=dtype)
    grey = Windowing().grey(values, Window(100.0, 60.0), False)
    assert grey.tolist() == pytest.approx([0, 0, 127.5, 255, 255], abs=0.5)
    inverted = Windowing().grey(values, Window(100.0, 60.0), True)
    assert inverted.tolist() == pytest.approx([255, 255, 127.5, 0, 0], abs=0.5)


def test_values_that_are_no_numbers_are_black() -> None:
    values = np.array([np.nan, np.inf, -np.inf, 1.0], dtype=np.float32)
    assert grey_of(values, Window(2.0, 0.0), False).tolist() == [0, 255, 0, 255]


def test_outside_the_volume_is_black_even_when_inverted() -> None:
    array = np.zeros(GRID.shape, dtype=np.int16)
    view = view_of(volume_on(GRID, array), bare("axial", MIDDLE, inverted=True), (300, 150))
    frame = view.frame()
    assert pixel(frame, view, MIDDLE).tolist() == [255, 255, 255]
    assert frame[75, 10].tolist() == [0, 0, 0]
    view.close()


@pytest.mark.parametrize(("mode", "expected"), [("max", 900), ("min", 100), ("mean", 367)])
def test_a_slab_projects_the_slices_within_its_thickness(mode: str, expected: int) -> None:
    array = np.full(GRID.shape, 5000, dtype=np.int16)
    array[4], array[5], array[6] = 100, 900, 100
    viewport = bare("axial", MIDDLE, slab_mode=mode, slab_mm=8.9)
    view = view_of(volume_on(GRID, array), viewport)
    shown = pixel(view.frame(), view, MIDDLE)[0]
    assert shown == pytest.approx(expected * 0.255, abs=1)
    view.close()


def test_the_crosshair_goes_through_the_cursor_in_the_colours_of_the_other_planes() -> None:
    viewport = bare("axial", MIDDLE, show_crosshair=True)
    cursor = Cursor(CursorState(tuple(MIDDLE + np.array([8.0, -6.0, 0.0]))))
    view = SliceView(viewport, cursor, lambda: None)
    view.resize(300, 300)
    view.set_image(VolumeImage(volume_on(GRID)))
    viewport.update(**view.fit())
    frame = view.frame()
    x, y = (int(v) for v in view.lps_to_display(cursor.state.position_lps_mm))
    vertical, horizontal = frame[20, x].astype(int), frame[y, 20].astype(int)
    assert np.argmax(horizontal) == 1
    assert abs(vertical - np.array(PLANE_COLOURS["sagittal"]) * 0.75).max() <= 2
    assert abs(horizontal - np.array(PLANE_COLOURS["coronal"]) * 0.75).max() <= 2
    assert frame[y, x].max() == 0
    view.close()


def test_text_thins_out_in_small_views_but_marks_stay() -> None:
    caption = Caption(top_left=("one", "two", "three"), marks=(Mark("Geometry repaired", "amber"),))
    seen = []
    for size in (500, 200, 150):
        viewport = bare("axial", MIDDLE, show_text=True)
        view = view_of(volume_on(GRID), viewport, (size, size))
        view.set_caption(caption)
        frame = view.frame()
        amber = (frame == (240, 176, 48)).all(axis=2)
        assert amber.sum() > 300
        seen.append(int((frame[..., 2] > 200).sum()))
        viewport.update(show_text=False)
        assert (view.frame() == (240, 176, 48)).all(axis=2).sum() > 300
        view.close()
    assert seen[0] > seen[1] > seen[2]


def test_text_is_readable_on_white_through_its_halo() -> None:
    frame = np.full((40, 200, 3), 255, dtype=np.uint8)
    TextPainter().draw(Canvas(frame), "W 1500", 20, 20, 13)
    beside = frame[14:27, 20:70].min(axis=2)
    assert beside.min() < 90
    assert frame[0].min() == 255


def test_figures_are_tabular_so_that_numbers_do_not_dance() -> None:
    painter = TextPainter()
    widths = {painter.width(figure * 8, 13) for figure in "0123456789"}
    assert len(widths) == 1


def test_text_grows_with_the_scale_of_the_screen() -> None:
    drawn = []
    for scale in (1.0, 2.0):
        viewport = bare("axial", MIDDLE, show_text=True)
        view = view_of(volume_on(GRID), viewport, (400, 400))
        view.resize(round(400 * scale), round(400 * scale), scale)
        ink = view.frame().max(axis=2)[: round(30 * scale), : round(120 * scale)] > 90
        drawn.append(np.ptp(np.flatnonzero(ink.any(axis=0))))
        view.close()
    assert drawn[1] == pytest.approx(2 * drawn[0], rel=0.15)


def test_lines_cover_pixels_by_area() -> None:
    frame = np.zeros((20, 20, 3), dtype=np.uint8)
    canvas = Canvas(frame)
    canvas.line((2.0, 5.5), (18.0, 5.5), (200, 100, 0))
    assert frame[5, 10].tolist() == [200, 100, 0]
    assert frame[4, 10].max() == frame[6, 10].max() == 0
    canvas.line((2.0, 12.0), (18.0, 12.0), (200, 100, 0))
    assert frame[11, 10, 0] == frame[12, 10, 0] == 100
    canvas.line((-500.0, -500.0), (float("nan"), 3.0), (255, 255, 255))
    canvas.line((-500.0, -500.0), (500.0, 500.0), (0, 0, 255), width=1.0)
    assert frame[8, 8, 2] > 150


def test_the_frame_belongs_to_the_caller() -> None:
    view = view_of(volume_on(GRID), bare("axial", MIDDLE))
    first = view.frame()
    first[:] = 77
    assert view.frame().max() == 0
    view.close()


def test_without_an_image_a_view_is_black_and_knows_no_points() -> None:
    view = SliceView(bare("axial", MIDDLE), Cursor(CursorState()), lambda: None)
    view.resize(30, 20)
    assert view.frame().shape == (20, 30, 3)
    assert view.display_to_lps(3, 4) is None
    assert view.fit() == {}
    view.close()
