"""Findings on slices: colour, outline, visibility, thresholds, frames of reference."""

from __future__ import annotations

import numpy as np
import pytest

from medview.core.errors import GeometryError
from medview.core.findings.detections import Detection, Detections
from medview.core.findings.grades import Grade, Grades
from medview.core.findings.heatmap import Heatmap
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.core.scene.layer import Layer, LayerState
from medview.render.adapters.detections_slice import cut
from medview.render.slice_view import SliceView
from tests.render.scenes import CANONICAL, bare, label_layer, pixel, view_of, volume_on

GRID = Grid((12, 40, 40), compose((0, 0, 0), CANONICAL, (4, 2, 2)), "1.2.3")
MIDDLE = (6, 20, 20)


def axial(**fields: object) -> SliceView:
    return view_of(volume_on(GRID), bare("axial", GRID.to_lps(MIDDLE), **fields), (400, 400))


def square(value: int = 1) -> np.ndarray:
    mask = np.zeros(GRID.shape, dtype=np.uint8)
    mask[:, 10:30, 10:30] = value
    return mask


def test_fill_has_the_layers_opacity_and_the_outline_is_solid() -> None:
    view = axial()
    view.add_layer(label_layer(GRID, square()))
    frame = view.frame()
    assert pixel(frame, view, GRID.to_lps(MIDDLE)).tolist() == [round(0.35 * 255), 0, 0]
    edge = GRID.to_lps((6, 20, 9.55))
    assert pixel(frame, view, edge).tolist() == [255, 0, 0]
    view.close()


def test_neighbouring_labels_never_make_a_third_colour() -> None:
    mask = square()
    mask[:, 10:30, 20:30] = 2
    mask[:, 18:24, 24:28] = 1
    view = axial()
    view.add_layer(label_layer(GRID, mask, LayerState(opacity=1.0)))
    colours = {tuple(c) for c in view.frame().reshape(-1, 3).tolist()}
    assert colours == {(0, 0, 0), (255, 0, 0), (0, 255, 0)}
    view.close()


def test_hidden_labels_and_hidden_layers_are_not_drawn() -> None:
    mask = square()
    mask[:, 10:30, 20:30] = 2
    view = axial()
    layer = label_layer(GRID, mask, LayerState(opacity=1.0, hidden_labels=frozenset({2})))
    view.add_layer(layer)
    frame = view.frame()
    assert pixel(frame, view, GRID.to_lps((6, 20, 25))).tolist() == [0, 0, 0]
    assert pixel(frame, view, GRID.to_lps((6, 20, 15))).tolist() == [255, 0, 0]
    layer.update(visible=False)
    assert view.frame().max() == 0
    view.close()


def test_a_change_of_a_layer_asks_for_a_render_until_the_view_is_closed() -> None:
    asked: list[int] = []
    viewport = bare("axial", GRID.to_lps(MIDDLE))
    from medview.core.scene.cursor import Cursor, CursorState
    from medview.render.image_bridge import VolumeImage

    cursor = Cursor(CursorState())
    view = SliceView(viewport, cursor, lambda: asked.append(1))
    view.set_image(VolumeImage(volume_on(GRID)))
    layer = label_layer(GRID, square())
    view.add_layer(layer)
    for change in (
        lambda: layer.update(opacity=0.9),
        lambda: cursor.update(position_lps_mm=(1.0, 2.0, 3.0)),
        lambda: viewport.update(inverted=True),
    ):
        asked.clear()
        change()
        assert asked
    view.close()
    view.close()
    asked.clear()
    layer.update(opacity=0.1)
    cursor.update(position_lps_mm=(9.0, 2.0, 3.0))
    viewport.update(inverted=False)
    assert asked == []
    assert len(layer.changed) == len(cursor.changed) == len(viewport.changed) == 0


def test_findings_of_another_frame_of_reference_are_refused() -> None:
    elsewhere = Grid(GRID.shape, GRID.index_to_lps, "9.9.9")
    view = axial()
    with pytest.raises(GeometryError, match="frame of reference"):
        view.add_layer(label_layer(elsewhere, square()))
    view.frame()
    view.close()


def test_grades_have_no_picture_and_do_no_harm() -> None:
    view = axial()
    before = view.frame()
    view.add_layer(Layer("g", "s", Grades("g", (Grade("0", 1.0),), "0")))
    assert (view.frame() == before).all()
    view.close()


def test_a_coarse_heatmap_lies_in_its_own_place_and_obeys_its_threshold() -> None:
    grid = Grid((3, 4, 4), compose((10, 10, 8), CANONICAL, (16, 20, 20)), "1.2.3")
    array = np.zeros(grid.shape, dtype=np.float32)
    array[1, 2, 1] = 1.0
    layer = Layer(
        "h", "s", Heatmap("h", array, (0.0, 1.0), "p", grid), state=LayerState(threshold=0.5)
    )
    view = axial()
    view.add_layer(layer)
    frame = view.frame().max(axis=2)
    assert pixel(view.frame(), view, grid.to_lps((1, 2, 1))).max() > 100
    # Linear interpolation falls below one half midway to the neighbouring centre.
    assert pixel(view.frame(), view, grid.to_lps((1, 2, 1.4))).max() > 0
    assert pixel(view.frame(), view, grid.to_lps((1, 2, 1.6))).max() == 0
    assert 0 < (frame > 0).mean() < 0.2
    view.close()


def detection(**fields: object) -> Detection:
    x, y, z = (float(v) for v in GRID.to_lps(MIDDLE))
    values: dict[str, object] = {
        "id": "a",
        "label": "nodule",
        "score": 0.8,
        "centre": (x, y, z),
        "size": (20.0, 12.0, 8.0),
    }
    return Detection(**(values | fields))  # type: ignore[arg-type]


def test_a_box_is_outlined_where_the_slice_cuts_it() -> None:
    item = detection()
    view = axial()
    view.add_layer(Layer("d", "s", Detections("d", (item,))))
    frame = view.frame()
    x, y, z = item.centre
    for corner in ((x + 10, y, z), (x - 10, y, z), (x, y + 6, z), (x, y - 6, z)):
        assert pixel(frame, view, corner).max() > 150
    assert pixel(frame, view, (x, y, z)).max() == 0
    assert pixel(frame, view, (x + 14, y, z)).max() == 0
    view.close()


def test_a_box_is_seen_on_slices_that_it_meets_and_on_no_others() -> None:
    x, y, z = detection().centre
    shown = []
    for k in range(12):
        view = view_of(volume_on(GRID), bare("axial", GRID.to_lps((k, 20, 20))))
        camera = view.camera()
        assert camera is not None
        shown.append(cut(detection(size=(20.0, 12.0, 8.0)), camera) is not None)
        view.close()
    assert [k for k in range(12) if shown[k]] == [5, 6, 7]
    # Thinner than the gap between slices and between two of them: drawn on the nearer one.
    item = detection(centre=(x, y, z + 1.2), size=(2.0, 2.0, 1.0))
    hits = []
    for k in range(12):
        view = view_of(volume_on(GRID), bare("axial", GRID.to_lps((k, 20, 20))))
        camera = view.camera()
        assert camera is not None
        if cut(item, camera) is not None:
            hits.append(k)
        view.close()
    assert hits == [6]


def test_detections_below_the_threshold_are_left_out() -> None:
    view = axial()
    layer = Layer("d", "s", Detections("d", (detection(),)), state=LayerState(threshold=0.9))
    view.add_layer(layer)
    assert view.frame().max() == 0
    layer.update(threshold=0.5)
    assert view.frame().max() > 0
    view.close()


def test_a_layer_that_is_removed_leaves_no_trace() -> None:
    view = axial()
    before = view.frame()
    layer = label_layer(GRID, square())
    view.add_layer(layer)
    assert (view.frame() != before).any()
    view.remove_layer(layer.id)
    view.remove_layer("unknown")
    assert (view.frame() == before).all()
    assert len(layer.changed) == 0
    view.close()
