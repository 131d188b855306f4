"""Cameras: which patient point lies under which pixel of a view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medview.core.geometry.plane import view_plane

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from medview.core.geometry.grid import Grid
    from medview.core.scene.viewport import SliceState


@dataclass(frozen=True, eq=False, slots=True)
class SliceCamera:
    """A parallel look at one plane.

    Display coordinates are pixels with y down; pixel (column, row) covers
    ``[column, column + 1) x [row, row + 1)``, so its centre is at + 0.5.

    Attributes
    ----------
    focus : (3,) ndarray
        LPS point shown in the middle of the view, in mm.
    right, up, normal : (3,) ndarray
        Unit LPS directions; `normal` is the direction in which slice numbers grow.
    mm_per_pixel : float
    width, height : int
        Of the view, in pixels.
    step_mm : float
        Distance of neighbouring native slices.
    """

    focus: NDArray[np.float64]
    right: NDArray[np.float64]
    up: NDArray[np.float64]
    normal: NDArray[np.float64]
    mm_per_pixel: float
    width: int
    height: int
    step_mm: float

    def to_lps(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """(..., 3) LPS points of the plane under display coordinates."""
        across = (np.asarray(x, dtype=float) - self.width / 2) * self.mm_per_pixel
        above = (self.height / 2 - np.asarray(y, dtype=float)) * self.mm_per_pixel
        return np.asarray(self.focus + across[..., None] * self.right + above[..., None] * self.up)

    def to_display(self, lps_mm: ArrayLike) -> NDArray[np.float64]:
        """(..., 2) display coordinates of LPS points projected along the normal."""
        offset = np.asarray(lps_mm, dtype=float) - self.focus
        x = self.width / 2 + (offset @ self.right) / self.mm_per_pixel
        y = self.height / 2 - (offset @ self.up) / self.mm_per_pixel
        return np.stack([x, y], axis=-1)

    def distance_mm(self, lps_mm: ArrayLike) -> NDArray[np.float64]:
        """Signed distance of LPS points from the plane, along `normal`."""
        return np.asarray((np.asarray(lps_mm, dtype=float) - self.focus) @ self.normal)

    def pixel_to_lps(self) -> NDArray[np.float64]:
        """(4, 4): maps (column, row, depth in mm, 1), at pixel centres, to LPS."""
        matrix = np.eye(4)
        matrix[:3, 0] = self.right * self.mm_per_pixel
        matrix[:3, 1] = -self.up * self.mm_per_pixel
        matrix[:3, 2] = self.normal
        matrix[:3, 3] = self.to_lps(0.5, 0.5)
        return matrix

    @property
    def towards_viewer(self) -> NDArray[np.float64]:
        """Unit LPS direction out of the screen, at the reader."""
        return np.asarray(np.cross(self.right, self.up))

    def key(self) -> tuple[object, ...]:
        """Equal for cameras that show the same picture of the same data."""
        vectors = np.concatenate([self.focus, self.right, self.up, self.normal])
        return (vectors.tobytes(), self.mm_per_pixel, self.width, self.height, self.step_mm)


def slice_camera(grid: Grid, state: SliceState, width: int, height: int) -> SliceCamera:
    """The camera that a slice state asks for.

    Parameters
    ----------
    grid : Grid
        Of the volume; its axes give the plane.
    state : SliceState
    width, height : int
        Of the view in pixels.
    """
    plane = view_plane(grid, state.plane)
    angle = np.deg2rad(state.rotation_deg)
    cos, sin = np.cos(angle), np.sin(angle)
    # Turning the picture clockwise brings what was up to the right.
    right = cos * plane.right + sin * plane.up
    up = cos * plane.up - sin * plane.right
    if state.flipped_horizontally:
        right = -right
    if state.flipped_vertically:
        up = -up
    return SliceCamera(
        focus=np.asarray(state.focus_lps_mm, dtype=float),
        right=right,
        up=up,
        normal=np.asarray(plane.normal),
        mm_per_pixel=max(state.height_mm, 1e-6) / max(height, 1),
        width=width,
        height=height,
        step_mm=plane.step_mm,
    )


def fitting_slice(
    grid: Grid, state: SliceState, width: int, height: int
) -> tuple[tuple[float, float, float], float]:
    """Focus and visible height (mm) that show the whole slice, at the state's slice position."""
    camera = slice_camera(grid, state, max(width, 1), max(height, 1))
    edges = [(-0.5, n - 0.5) for n in grid.shape]
    corners = grid.to_lps(np.stack(np.meshgrid(*edges, indexing="ij"), -1).reshape(-1, 3))
    offset = corners - camera.focus
    across, above = offset @ camera.right, offset @ camera.up
    wide, high = float(np.ptp(across)), float(np.ptp(above))
    middle = (
        camera.focus
        + camera.right * (across.min() + across.max()) / 2
        + camera.up * (above.min() + above.max()) / 2
    )
    height_mm = max(high, wide * max(height, 1) / max(width, 1))
    return (float(middle[0]), float(middle[1]), float(middle[2])), height_mm
