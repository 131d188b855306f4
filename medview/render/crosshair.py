"""The linked crosshair of a slice view: where the two other planes cut this one."""

from __future__ import annotations

import numpy as np

from medview.core.findings.labelmap import Rgb
from medview.core.geometry.grid import Grid
from medview.core.geometry.plane import view_plane
from medview.core.scene.viewport import PlaneName
from medview.render.cameras import SliceCamera
from medview.render.canvas import Canvas

PLANE_COLOURS: dict[PlaneName, Rgb] = {
    "axial": (240, 84, 84),
    "coronal": (88, 196, 110),
    "sagittal": (236, 200, 72),
}
"""Of plane labels and crosshair lines: a line has the colour of the plane it stands for."""

_GAP_PX = 14.0


def draw_crosshair(
    canvas: Canvas,
    camera: SliceCamera,
    grid: Grid,
    plane: PlaneName,
    position_lps_mm: tuple[float, float, float],
) -> None:
    """Draw both lines with a gap in the middle, so that the point itself stays visible."""
    centre = camera.to_display(position_lps_mm)
    towards = camera.towards_viewer
    for other, rgb in PLANE_COLOURS.items():
        if other == plane:
            continue
        # The line in which the other plane cuts this one.
        direction = np.cross(towards, view_plane(grid, other).normal)
        step = np.array([direction @ camera.right, -(direction @ camera.up)])
        length = np.linalg.norm(step)
        if length < 1e-6:
            continue
        step = step / length
        # On the centre of a pixel a thin line stays one pixel wide and crisp.
        point = np.floor(centre) + 0.5 if np.abs(step).max() > 1 - 1e-9 else centre
        reach = canvas.width + canvas.height + float(np.abs(centre).sum())
        gap = _GAP_PX * canvas.scale
        for sign in (-1.0, 1.0):
            start, end = point + sign * step * gap, point + sign * step * reach
            canvas.line(start, end, rgb, 1.0, 0.75)
