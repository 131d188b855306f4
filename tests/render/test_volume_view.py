"""The volume view: geometry, presets, surfaces, thinning, progressive drawing, an orderly end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from medview.core.findings.detections import Detection, Detections
from medview.core.findings.labelmap import Label, LabelMap
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.core.scene.cursor import Cursor, CursorState
from medview.core.scene.layer import Layer, LayerState
from medview.core.scene.viewport import VolumeState, VolumeViewport
from medview.render import volume_view
from medview.render.image_bridge import VolumeImage
from medview.render.surface import label_surface
from medview.render.volume_copy import display_factors, merged_array, merged_grid
from medview.render.volume_view import VolumeView
from medview.render.window import NoGraphicsError
from tests.leaks import find_leaks, take_snapshot
from tests.render.scenes import CANONICAL, grids, label_layer, pixel, volume_on

GRIDS = grids()
BRIGHT = 2000


class Desk:
    """A volume view at work; counts the renders it asks for."""

    def __init__(self, grid: Grid, array: np.ndarray, **state: Any) -> None:
        self.asked = 0
        self.viewport = VolumeViewport(VolumeState(show_text=False, **state))
        self.view = VolumeView(self.viewport, Cursor(CursorState()), self._ask)
        self.view.resize(160, 140)
        self.view.set_image(VolumeImage(volume_on(grid, array)))
        self.viewport.update(**self.view.fit())

    def _ask(self) -> None:
        self.asked += 1


def spot(grid: Grid, centre: tuple[int, int, int], half: int = 1) -> np.ndarray:
    array = np.full(grid.shape, -1000, dtype=np.int16)
    k, j, i = centre
    array[k - half : k + half + 1, j - half : j + half + 1, i - half : i + half + 1] = BRIGHT
    return array


@pytest.mark.parametrize("name", GRIDS)
def test_a_bright_voxel_is_seen_where_it_lies(name: str) -> None:
    grid = GRIDS[name]
    desk = Desk(grid, spot(grid, (4, 13, 17)))
    desk.viewport.update(**desk.view.rotate(31, -17))
    frame = desk.view.final_frame().max(axis=2)
    rows, columns = np.nonzero(frame > 0.5 * frame.max())
    expected = desk.view.lps_to_display(tuple(grid.to_lps((4, 13, 17))))
    assert frame.max() > 60
    assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx(expected, abs=4.0)
    desk.view.close()


def test_from_the_front_patient_left_is_on_the_right_and_the_head_is_up() -> None:
    grid = GRIDS["plain"]
    desk = Desk(grid, np.zeros(grid.shape, np.int16))
    x, y, z = grid.centre_lps_mm
    middle = desk.view.lps_to_display((x, y, z))
    assert desk.view.lps_to_display((x + 5, y, z))[0] > middle[0]
    assert desk.view.lps_to_display((x, y, z + 5))[1] < middle[1]
    desk.view.close()


def test_dragging_turns_the_object_with_the_pointer() -> None:
    grid = GRIDS["plain"]
    desk = Desk(grid, np.zeros(grid.shape, np.int16))
    x, y, z = grid.centre_lps_mm
    front = (x, y - 10, z)
    before = desk.view.lps_to_display(front)
    desk.viewport.update(**desk.view.rotate(15, 10))
    after = desk.view.lps_to_display(front)
    assert after[0] > before[0] + 1
    assert after[1] > before[1] + 1
    desk.view.close()


@pytest.mark.parametrize(
    "name", ["plain", "oblique mirrored", "sheared", "rows and columns flipped"]
)
def test_a_surface_lies_around_its_voxels_and_holds_their_volume(name: str) -> None:
    grid = GRIDS[name]
    array = np.zeros(grid.shape, np.uint8)
    array[3:10, 4:16, 6:18] = 1
    surface = label_surface(LabelMap("m", array, (Label(1, "one", (255, 0, 0)),), grid), 1)
    a, b, c = (surface.points[surface.triangles[:, n]].astype(float) for n in range(3))
    volume = float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)
    truth = 7 * 12 * 12 * grid.voxel_volume_mm3
    # Positive: triangles face outwards, also where axes are mirrored.
    assert volume == pytest.approx(truth, rel=0.08)
    middle = grid.to_lps((6, 9.5, 11.5))
    assert surface.points.mean(axis=0) == pytest.approx(middle, abs=0.5)


def test_a_surface_is_closed_at_the_border_and_absent_for_an_unused_label() -> None:
    grid = GRIDS["plain"]
    labelmap = LabelMap("m", np.ones(grid.shape, np.uint8), (Label(1, "a", (1, 2, 3)),), grid)
    surface = label_surface(labelmap, 1)
    edges = np.sort(
        np.concatenate([surface.triangles[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))]), axis=1
    )
    _, counts = np.unique(edges, axis=0, return_counts=True)
    assert set(counts) == {2}
    assert label_surface(labelmap, 2).is_empty


def test_a_large_structure_is_meshed_from_fewer_cells_in_the_same_place() -> None:
    grid = Grid((40, 300, 300), compose((0, 0, 0), CANONICAL, (8, 0.7, 0.7)), None)
    k, j, i = np.ogrid[:40, :300, :300]
    ball = ((k - 19.5) * 8) ** 2 + ((j - 149.5) * 0.7) ** 2 + ((i - 149.5) * 0.7) ** 2 < 95**2
    labelmap = LabelMap("m", ball.astype(np.uint8), (Label(1, "ball", (1, 2, 3)),), grid)
    surface = label_surface(labelmap, 1)
    radius = np.linalg.norm(surface.points - grid.to_lps((19.5, 149.5, 149.5)), axis=1)
    assert radius.mean() == pytest.approx(95, abs=1.5)
    assert radius.std() < 2.5
    assert len(surface.triangles) < 100_000


def test_surfaces_have_their_labels_colour_and_obey_the_layer() -> None:
    grid = GRIDS["plain"]
    mask = np.zeros(grid.shape, np.uint8)
    mask[4:10, 5:15, 14:22], mask[4:10, 5:15, 2:10] = 1, 2
    desk = Desk(grid, np.full(grid.shape, -1000, np.int16))
    layer = label_layer(grid, mask, LayerState())
    desk.view.add_layer(layer)
    frame = desk.view.final_frame()
    one, two = grid.to_lps((7, 10, 18)), grid.to_lps((7, 10, 6))
    assert pixel(frame, desk.view, one)[0] > 100
    assert pixel(frame, desk.view, one)[1] < 70
    assert pixel(frame, desk.view, two)[1] > 100
    desk.asked = 0
    layer.update(hidden_labels=frozenset({2}))
    assert desk.asked > 0
    frame = desk.view.final_frame()
    assert pixel(frame, desk.view, two).max() == 0
    assert pixel(frame, desk.view, one)[0] > 100
    desk.viewport.update(show_layers=False)
    assert desk.view.final_frame().max() == 0
    desk.viewport.update(show_layers=True)
    desk.view.remove_layer(layer.id)
    assert desk.view.final_frame().max() == 0
    assert len(layer.changed) == 0
    desk.view.close()


def test_boxes_of_detections_are_drawn_in_3d() -> None:
    grid = GRIDS["plain"]
    desk = Desk(grid, np.full(grid.shape, -1000, np.int16))
    x, y, z = grid.centre_lps_mm
    items = (Detection("a", "nodule", 0.9, (x, y, z), (10.0, 10.0, 10.0)),)
    desk.view.add_layer(Layer("d", "s", Detections("d", items)))
    frame = desk.view.final_frame().max(axis=2)
    rows, columns = np.nonzero(frame)
    left, top = desk.view.lps_to_display((x - 5, y, z + 5))
    right, bottom = desk.view.lps_to_display((x + 5, y, z - 5))
    assert (columns.min(), columns.max()) == pytest.approx((left, right), abs=2)
    assert (rows.min(), rows.max()) == pytest.approx((top, bottom), abs=2)
    desk.view.close()


def test_the_line_of_sight_stops_at_what_is_seen() -> None:
    grid = GRIDS["oblique"]
    desk = Desk(grid, spot(grid, (7, 10, 12)))
    target = grid.to_lps((7, 10, 12))
    hit = desk.view.display_to_lps(*desk.view.lps_to_display(tuple(target)))
    assert hit is not None
    assert np.linalg.norm(hit - target) < 5
    assert desk.view.display_to_lps(2, 2) is None
    desk.view.close()


def test_a_coarse_picture_comes_first_and_the_fine_one_when_the_hand_rests() -> None:
    grid = GRIDS["plain"]
    desk = Desk(grid, spot(grid, (7, 10, 12), 3))
    desk.view.set_interactive(True)
    desk.view.frame()
    desk.asked = 0
    coarse = desk.view.frame()
    assert desk.asked == 0
    desk.view.set_interactive(False)
    assert desk.asked == 1
    frames = 0
    while desk.asked:
        desk.asked = 0
        fine = desk.view.frame()
        frames += 1
        assert frames < 100
    assert (fine != coarse).any()
    whole = desk.view.final_frame()
    desk.viewport.update(focus_lps_mm=(0.0, 0.0, 0.0))
    desk.viewport.update(**desk.view.fit())
    # Band by band or in one go: the same picture, but for the rounding at the bands' edges.
    again = desk.view.final_frame()
    assert (whole == fine).all()
    assert np.abs(again.astype(int) - fine).mean() < 1.0
    desk.view.close()


def test_presets_change_the_picture() -> None:
    grid = GRIDS["plain"]
    array = spot(grid, (7, 10, 12), 4)
    array[array == BRIGHT] = 60
    desk = Desk(grid, array)
    assert desk.view.final_frame().max() == 0
    desk.viewport.update(preset="CT soft tissue")
    assert desk.view.final_frame().max() > 25
    desk.viewport.update(show_volume=False)
    assert desk.view.final_frame().max() == 0
    desk.view.close()


def bright_in_the_corner(frame: np.ndarray) -> int:
    """Pixels of text in the top right corner, where the preset's name stands."""
    return int((frame[:60, -160:].min(axis=2) > 160).sum())


def test_too_large_a_volume_is_thinned_out_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = GRIDS["oblique"]
    whole = Desk(grid, spot(grid, (7, 10, 12), 2))
    whole.view.resize(400, 350)
    whole.viewport.update(show_text=True)
    said_before = bright_in_the_corner(whole.view.final_frame())
    whole.view.close()
    monkeypatch.setattr("medview.render.capability.SOFTWARE_BUDGET", 900)
    desk = Desk(grid, spot(grid, (7, 10, 12), 2))
    desk.view.resize(400, 350)
    desk.viewport.update(show_text=True)
    frame = desk.view.final_frame()
    assert bright_in_the_corner(frame) > 1.5 * said_before > 0
    assert pixel(frame, desk.view, grid.to_lps((7, 10, 12))).max() > 60
    desk.view.close()


def test_thinning_keeps_values_in_place() -> None:
    grid = GRIDS["sheared"]
    factors = (2, 3, 4)
    k = np.arange(grid.shape[0])[:, None, None] * np.ones(grid.shape)
    thin = merged_array(k.astype(np.float32), factors)
    small = merged_grid(grid, factors)
    assert thin.shape == small.shape == (7, 6, 6)
    assert thin[3, 2, 1] == pytest.approx(6.5)
    assert small.to_lps((3, 2, 1)) == pytest.approx(grid.to_lps((6.5, 7, 5.5)))


def test_thinning_merges_the_finest_axes_first() -> None:
    grid = Grid((100, 512, 512), compose((0, 0, 0), CANONICAL, (2.0, 0.7, 0.7)), None)
    assert display_factors(grid, 10**9, 2048) == (1, 1, 1)
    assert display_factors(grid, 8_000_000, 2048) == (1, 2, 2)
    assert display_factors(grid, 10**9, 300) == (1, 2, 2)


def test_a_machine_without_opengl_gets_a_sentence_instead_of_a_crash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none() -> None:
        raise NoGraphicsError("No OpenGL that can draw was found on this machine.")

    monkeypatch.setattr(volume_view, "offscreen_window", none)
    grid = GRIDS["plain"]
    view = VolumeView(VolumeViewport(VolumeState()), Cursor(CursorState()), lambda: None)
    view.resize(300, 200)
    view.set_image(VolumeImage(volume_on(grid)))
    assert view.error is not None
    assert (view.frame() == (214, 56, 56)).all(axis=2).sum() > 200
    view.close()


def test_work_that_arrives_after_the_end_is_dropped() -> None:
    waiting: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []
    grid = GRIDS["plain"]
    view = VolumeView(
        VolumeViewport(VolumeState()),
        Cursor(CursorState()),
        lambda: None,
        lambda work, deliver: waiting.append((work, deliver)),
    )
    view.set_image(VolumeImage(volume_on(grid)))
    view.add_layer(label_layer(grid, np.ones(grid.shape)))
    # The ray caster and a surface for each of two labels.
    assert len(waiting) == 3
    results = [(deliver, work()) for work, deliver in waiting]
    view.close()
    for deliver, result in results:
        deliver(result)
    view.close()


def test_nothing_of_vtk_survives_a_closed_view() -> None:
    before = take_snapshot()
    grid = GRIDS["plain"]
    desk = Desk(grid, spot(grid, (7, 10, 12)))
    desk.view.add_layer(label_layer(grid, np.ones(grid.shape)))
    desk.view.frame()
    desk.view.final_frame()
    desk.view.close()
    del desk
    assert find_leaks(before) == []
