"""Graphics of files lie on the very pixels of the very slices that they came with."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from medview.core.data.overlay import OverlayGraphics, OverlayPlane
from medview.core.errors import GeometryError
from medview.core.geometry.grid import Grid
from medview.core.geometry.orient import canonical_order
from medview.core.scene.layer import Layer, LayerState
from medview.core.scene.viewport import PlaneName
from medview.render.slice_view import SliceView
from tests.render.scenes import PLANES, bare, grids, pixel, view_of, volume_on

SLICE, BLOCK = 4, (slice(6, 11), slice(3, 10))
COLOUR = (240, 228, 66)


def block(grid: Grid) -> NDArray[np.bool_]:
    """A rectangle of rows 6 to 10 and columns 3 to 9: no flip maps it onto itself."""
    mask = np.zeros(grid.shape[1:], bool)
    mask[BLOCK] = True
    return mask


def graphics_on(grid: Grid) -> OverlayGraphics:
    planes = [() if k != SLICE else (OverlayPlane(block(grid)),) for k in range(grid.shape[0])]
    graphics = OverlayGraphics.of(planes, grid)
    assert graphics is not None
    return graphics


def native_plane(grid: Grid) -> PlaneName:
    return PLANES[canonical_order(grid).axes.index(0)]


def shown(grid: Grid, plane: PlaneName, k: int, **state: object) -> tuple[SliceView, Layer]:
    rows, columns = (n // 2 for n in grid.shape[1:])
    view = view_of(volume_on(grid), bare(plane, grid.to_lps((k, rows, columns))), (300, 260))
    layer = Layer("overlay", "source", graphics_on(grid), state=LayerState(opacity=1.0, **state))  # type: ignore[arg-type]
    view.add_layer(layer)
    return view, layer


@pytest.mark.parametrize("name", list(grids()))
def test_every_pixel_of_the_graphics_is_where_its_row_and_column_lie(name: str) -> None:
    grid = grids()[name]
    view, _ = shown(grid, native_plane(grid), SLICE, rgb=COLOUR)
    frame = view.frame()
    for row in range(grid.shape[1]):
        for column in range(grid.shape[2]):
            seen = pixel(frame, view, grid.to_lps((SLICE, row, column)))
            # Half a voxel off the border, linear edges are through.
            if block(grid)[row, column]:
                assert seen.astype(int) == pytest.approx(COLOUR, abs=40), (row, column)
            else:
                assert seen.max() < 60, (row, column)


@pytest.mark.parametrize("k", [SLICE - 1, SLICE + 1])
def test_the_neighbouring_slices_show_nothing_of_it(k: int) -> None:
    grid = grids()["anisotropic"]
    view, _ = shown(grid, native_plane(grid), k)
    assert view.frame().max() == 0


@pytest.mark.parametrize("name", ["plain", "sagittal acquisition"])
def test_planes_across_the_slices_show_nothing_of_it(name: str) -> None:
    grid = grids()[name]
    for plane in PLANES:
        if plane != native_plane(grid):
            view, _ = shown(grid, plane, SLICE)
            assert view.frame().max() == 0


def test_it_can_be_hidden_coloured_and_made_fainter() -> None:
    grid = grids()["plain"]
    view, layer = shown(grid, "axial", SLICE)
    place = grid.to_lps((SLICE, 8, 6))
    layer.update(rgb=(255, 0, 0))
    assert tuple(pixel(view.frame(), view, place)) == (255, 0, 0)
    layer.update(opacity=0.5)
    assert pixel(view.frame(), view, place)[0] == pytest.approx(128, abs=1)
    layer.update(visible=False)
    assert view.frame().max() == 0


def test_graphics_of_other_slices_are_refused() -> None:
    grid = grids()["plain"]
    view = view_of(volume_on(grid), bare("axial", grid.centre_lps_mm))
    wrong = OverlayGraphics("Overlay", (block(grid),), grid)
    with pytest.raises(GeometryError):
        view.add_layer(Layer("overlay", "source", wrong))


def test_planes_of_one_slice_are_laid_over_one_another_and_their_labels_listed() -> None:
    a, b = np.zeros((2, 3), bool), np.zeros((2, 3), bool)
    a[0, 0], b[1, 2] = True, True
    both = OverlayGraphics.of([(OverlayPlane(a, "Lesion"), OverlayPlane(b, "Scale")), ()], None)
    assert both is not None
    assert both.name == "Lesion, Scale"
    np.testing.assert_array_equal(both.masks[0], a | b)
    assert both.masks[1] is None
    assert OverlayGraphics.of([(), (OverlayPlane(np.zeros((2, 3), bool)),)], None) is None
