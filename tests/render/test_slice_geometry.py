"""Pictures show voxels where they lie in the patient: probed at LPS points, never golden."""

from __future__ import annotations

import numpy as np
import pytest

from medview.core.geometry.grid import Grid
from medview.core.geometry.plane import view_plane
from medview.core.scene.layer import LayerState
from medview.core.scene.viewport import PlaneName
from medview.render.slice_view import SliceView
from tests.render.scenes import PLANES, bare, grids, label_layer, pixel, view_of, volume_on

GRIDS = grids()
SOLID = LayerState(opacity=1.0)


@pytest.fixture(params=GRIDS, ids=lambda name: str(name).replace(" ", "-"))
def grid(request: pytest.FixtureRequest) -> Grid:
    return GRIDS[request.param]


def block(grid: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A mask of a block of voxels away from the border, with its first and end index."""
    low, high = np.array([4, 6, 9]), np.array([9, 14, 15])
    mask = np.zeros(grid.shape, dtype=np.uint8)
    mask[low[0] : high[0], low[1] : high[1], low[2] : high[2]] = 1
    return mask, low, high


@pytest.mark.parametrize("plane", PLANES)
def test_an_overlay_sits_on_its_voxels_to_a_tenth_of_a_voxel(grid: Grid, plane: PlaneName) -> None:
    mask, low, high = block(grid)
    middle = (low + high - 1) // 2
    viewport = bare(plane, grid.to_lps(middle))
    view = view_of(volume_on(grid), viewport, (640, 600))
    view.add_layer(label_layer(grid, mask, SOLID))
    frame = view.frame()
    camera = view.camera()
    assert camera is not None
    # Along every array axis that lies in the plane: just inside and just outside both faces.
    probed = 0
    for axis in range(3):
        if abs(grid.directions[:, axis] @ camera.normal) > 0.7:
            continue
        for face, inwards in ((low[axis] - 0.5, 1), (high[axis] - 0.5, -1)):
            for depth, expected in ((0.2, 255), (-0.2, 0)):
                index = middle.astype(float)
                index[axis] = face + inwards * depth
                at = in_plane(grid, view, index, axis)
                assert pixel(frame, view, at)[0] == expected, (axis, face, depth)
                probed += 1
    assert probed == 8
    view.close()


def in_plane(grid: Grid, view: SliceView, index: np.ndarray, fixed: int) -> np.ndarray:
    """The point of the view's plane whose index along `fixed` is as given.

    On a sheared grid the plane does not hold the array axes, so the other two indices
    are moved along the stack until the point lies in the plane.
    """
    camera = view.camera()
    assert camera is not None
    stack = int(np.argmax(np.abs(grid.directions.T @ camera.normal)))
    step = grid.index_to_lps[:3, stack] @ camera.normal
    moved = index.copy()
    moved[stack] -= camera.distance_mm(grid.to_lps(index)) / step
    assert moved[fixed] == index[fixed]
    return grid.to_lps(moved)


@pytest.mark.parametrize("plane", PLANES)
def test_every_pixel_of_the_image_shows_the_voxel_under_it(grid: Grid, plane: PlaneName) -> None:
    rng = np.random.default_rng(7)
    array = rng.integers(0, 1000, grid.shape).astype(np.int16)
    viewport = bare(plane, grid.to_lps((6, 9, 11)), smooth=False)
    view = view_of(volume_on(grid, array), viewport, (200, 180))
    frame = view.frame()
    camera = view.camera()
    assert camera is not None
    columns, rows = np.meshgrid(np.arange(200) + 0.5, np.arange(180) + 0.5)
    index = grid.to_index(camera.to_lps(columns, rows))
    # Leave out pixels within rounding of a voxel's face.
    clear = (np.abs(index - np.floor(index) - 0.5) > 1e-3).all(axis=-1)
    nearest = np.floor(index + 0.5).astype(int)
    inside = ((nearest >= 0) & (nearest < grid.shape)).all(axis=-1)
    k, j, i = np.moveaxis(np.clip(nearest, 0, np.array(grid.shape) - 1), -1, 0)
    grey = np.floor(array[k, j, i] * 0.255 + 0.5)
    expected = np.where(inside, grey, 0)
    assert inside.mean() > 0.2
    difference = np.abs(frame[..., 0].astype(int) - expected)[clear]
    assert difference.max() <= 1
    view.close()


def test_display_and_patient_coordinates_are_inverse(grid: Grid) -> None:
    viewport = bare("coronal", grid.centre_lps_mm, rotation_deg=30.0, flipped_vertically=True)
    view = view_of(volume_on(grid), viewport)
    for at in ((0.0, 0.0), (17.25, 90.5), (239.0, 199.0)):
        lps = view.display_to_lps(*at)
        assert lps is not None
        assert view.lps_to_display(tuple(lps)) == pytest.approx(at, abs=1e-9)
    view.close()


def test_patient_left_is_on_the_right_of_an_axial_picture(grid: Grid) -> None:
    """Holds for flipped rows and columns, other acquisitions and oblique grids alike."""
    points = grid.to_lps(np.argwhere(np.ones(grid.shape, dtype=bool)))
    array = np.zeros(grid.shape, dtype=np.int16)
    flat = array.reshape(-1)
    flat[np.argsort(points[:, 0])[-len(points) // 10 :]] = 1000
    bright_centre = points[flat > 0].mean(axis=0)
    viewport = bare("axial", bright_centre, smooth=False)
    view = view_of(volume_on(grid, array), viewport)
    frame = view.frame()[..., 0]
    assert frame.max() == 255
    shown = np.argwhere(frame == 255)[:, 1].mean()
    x, _ = view.lps_to_display(grid.centre_lps_mm)
    assert shown > x
    view.close()


@pytest.mark.parametrize(
    ("plane", "right", "up"),
    [("axial", 0, -1), ("coronal", 0, 2), ("sagittal", 1, 2)],
)
def test_planes_are_shown_the_radiological_way(
    grid: Grid, plane: PlaneName, right: int, up: int
) -> None:
    camera = view_of(volume_on(grid), bare(plane, grid.centre_lps_mm)).camera()
    assert camera is not None
    assert int(np.argmax(np.abs(camera.right))) == right
    assert camera.right[right] > 0
    upwards = {-1: (1, -1), 2: (2, 1)}[up]
    assert camera.up[upwards[0]] * upwards[1] > 0.7


def test_a_native_slice_is_drawn_without_mixing_its_neighbours() -> None:
    grid = GRIDS["oblique"]
    array = np.zeros(grid.shape, dtype=np.int16)
    array[6], array[7], array[8] = 1000, 500, 1000
    viewport = bare("axial", grid.to_lps((7, 10, 12)), smooth=True)
    view = view_of(volume_on(grid, array), viewport, (80, 80))
    assert pixel(view.frame(), view, grid.to_lps((7, 10, 12)))[0] == pytest.approx(128, abs=1)
    view.close()


def test_rotation_turns_the_picture_clockwise_and_flips_mirror_what_is_seen() -> None:
    grid = GRIDS["plain"]
    plane = view_plane(grid, "axial")
    centre = np.asarray(grid.centre_lps_mm)
    top = centre + plane.up * 5
    viewport = bare("axial", centre)
    view = view_of(volume_on(grid), viewport, (200, 200))
    middle = 100.0
    x, y = view.lps_to_display(tuple(top))
    assert (x, y < middle) == (pytest.approx(middle), True)
    viewport.update(rotation_deg=90.0)
    x, y = view.lps_to_display(tuple(top))
    assert (x > middle + 1, y) == (True, pytest.approx(middle))
    viewport.update(flipped_horizontally=True)
    assert view.lps_to_display(tuple(top))[0] < middle - 1
    view.close()


def test_fit_shows_the_whole_slice_and_touches_an_edge() -> None:
    for name in ("anisotropic", "oblique"):
        grid = GRIDS[name]
        for plane in PLANES:
            view = view_of(volume_on(grid), bare(plane, grid.centre_lps_mm), (300, 150))
            edges = [(-0.5, n - 0.5) for n in grid.shape]
            corners = grid.to_lps(np.stack(np.meshgrid(*edges, indexing="ij"), -1).reshape(-1, 3))
            shown = np.array([view.lps_to_display(tuple(corner)) for corner in corners])
            assert shown.min() > -1e-6
            assert (shown.max(axis=0) <= np.array([300, 150]) + 1e-6).all()
            spans = np.ptp(shown, axis=0) / (300, 150)
            assert spans.max() == pytest.approx(1.0)
            view.close()
