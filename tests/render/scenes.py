"""Volumes of known content for the rendering tests, and views on them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.data.intensity import Intensity, Window
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.findings.labelmap import Label, LabelMap
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.core.scene.cursor import Cursor, CursorState
from medview.core.scene.layer import Layer, LayerState
from medview.core.scene.viewport import PlaneName, SliceState, SliceViewport
from medview.render.image_bridge import VolumeImage
from medview.render.slice_view import SliceView

PLANES: tuple[PlaneName, ...] = ("axial", "coronal", "sagittal")
RED, GREEN = (255, 0, 0), (0, 255, 0)


def rotation(*degrees: float) -> NDArray[np.float64]:
    """A rotation about x, then y, then z."""
    out = np.eye(3)
    for axis, angle in enumerate(np.deg2rad(degrees)):
        a, b = (axis + 1) % 3, (axis + 2) % 3
        turn = np.eye(3)
        turn[[a, a, b, b], [a, b, a, b]] = (
            np.cos(angle),
            -np.sin(angle),
            np.sin(angle),
            np.cos(angle),
        )
        out = turn @ out
    return out


# Columns: the LPS directions of k, j, i for slices that run S, P, L.
CANONICAL = np.array([(0, 0, 1), (0, 1, 0), (1, 0, 0)], dtype=float).T


def grids() -> dict[str, Grid]:
    """Grids whose pictures a careless viewer gets wrong."""
    shape = (14, 20, 24)
    sheared = np.array(compose((5, 6, 7), CANONICAL, (3, 1.5, 1.5)))
    sheared[:3, 0] += (0.0, 0.9, 0.0)
    return {
        "plain": Grid(shape, compose((-20, 30, 5), CANONICAL, (2, 2, 2)), "1.2.3"),
        "anisotropic": Grid(shape, compose((-20, 30, 5), CANONICAL, (5, 1.2, 0.8)), "1.2.3"),
        "rows and columns flipped": Grid(
            shape, compose((40, 60, 5), CANONICAL * (1, -1, -1), (4, 1.5, 1)), "1.2.3"
        ),
        "slices run down": Grid(shape, compose((0, 0, 90), CANONICAL * (-1, 1, 1), (3, 1, 1)), "1"),
        "sagittal acquisition": Grid(
            shape, compose((-9, 8, 7), CANONICAL[:, [2, 0, 1]] * (1, -1, 1), (3, 1, 2)), "1.2.3"
        ),
        "oblique": Grid(
            shape, compose((3, -4, 11), rotation(14, -22, 9) @ CANONICAL, (2.5, 1.1, 1.4)), "1.2.3"
        ),
        "oblique mirrored": Grid(
            shape,
            compose((3, -4, 11), rotation(25, 12, -18) @ CANONICAL * (1, 1, -1), (2, 1, 1)),
            "1.2.3",
        ),
        "sheared": Grid(shape, sheared, "1.2.3"),
    }


def volume_on(grid: Grid, array: NDArray[Any] | None = None) -> Volume:
    """A volume, black unless an array is given."""
    values = np.zeros(grid.shape, dtype=np.int16) if array is None else array
    info = SourceInfo("volume", modality="CT", intensity=Intensity.HOUNSFIELD)
    return Volume(values, grid, info)


def label_layer(
    grid: Grid, array: NDArray[Any], state: LayerState | None = None, name: str = "labels"
) -> Layer:
    """A layer with label 1 in red and label 2 in green."""
    labels = (Label(1, "one", RED), Label(2, "two", GREEN))
    labelmap = LabelMap(name, array.astype(np.uint8), labels, grid)
    return Layer(name, "source", labelmap, state=state)


def bare(plane: PlaneName, focus: Any, **fields: Any) -> SliceViewport:
    """A viewport without text and crosshair, so that every pixel is image or overlay."""
    x, y, z = (float(v) for v in focus)
    state: dict[str, Any] = {
        "plane": plane,
        "focus_lps_mm": (x, y, z),
        "window": Window(1000.0, 500.0),
        "show_text": False,
        "show_crosshair": False,
    }
    return SliceViewport(SliceState(**(state | fields)))


def view_of(
    volume: Volume, viewport: SliceViewport, size: tuple[int, int] = (240, 200), *, fit: bool = True
) -> SliceView:
    """A slice view on a volume; the whole slice in sight unless told otherwise."""
    view = SliceView(viewport, Cursor(CursorState(viewport.state.focus_lps_mm)), lambda: None)
    view.resize(*size)
    view.set_image(VolumeImage(volume))
    if fit:
        viewport.update(**view.fit())
    return view


def pixel(frame: NDArray[np.uint8], view: Any, lps: Any) -> NDArray[np.uint8]:
    """The pixel of a frame in which an LPS point lies."""
    x, y = view.lps_to_display(tuple(float(v) for v in lps))
    return frame[int(np.floor(y)), int(np.floor(x))]
