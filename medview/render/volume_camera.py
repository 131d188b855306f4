"""The camera of a volume view: from state to VTK, turning, fitting."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkCamera

from medview.core.geometry.grid import Grid
from medview.core.scene.viewport import VolumeState
from medview.render.cameras import SliceCamera

Vec3 = NDArray[np.float64]


def parallel_camera(state: VolumeState, width: int, height: int) -> SliceCamera:
    """How pixels map to the plane through the focus, facing the reader."""
    right, up, away = axes(state)
    return SliceCamera(
        focus=np.asarray(state.focus_lps_mm, dtype=float),
        right=right,
        up=up,
        normal=away,
        mm_per_pixel=max(state.height_mm, 1e-6) / max(height, 1),
        width=width,
        height=height,
        step_mm=1.0,
    )


def axes(state: VolumeState) -> tuple[Vec3, Vec3, Vec3]:
    """Unit LPS directions to the right, to the top and away from the reader."""
    away = np.subtract(state.focus_lps_mm, state.position_lps_mm)
    length = np.linalg.norm(away)
    away = away / length if length > 0 else np.array([0.0, 1.0, 0.0])
    up = np.asarray(state.up, dtype=float)
    right = np.cross(away, up)
    if np.linalg.norm(right) < 1e-9:
        right = np.cross(away, (1.0, 0.0, 0.0) if abs(away[0]) < 0.9 else (0.0, 1.0, 0.0))
    right = right / np.linalg.norm(right)
    return right, np.cross(right, away), away


def aim(
    camera: vtkCamera,
    state: VolumeState,
    bounds: NDArray[np.float64],
    part: tuple[float, float] = (0.0, 1.0),
) -> None:
    """Point a VTK camera.

    Parameters
    ----------
    camera : vtkCamera
    state : VolumeState
    bounds : (2, 3) ndarray
        Smallest and largest LPS corner of everything drawn.
    part : (float, float)
        The horizontal band of the picture to look at, as fractions from the bottom.
    """
    _, up, away = axes(state)
    low, high = part
    focus = np.asarray(state.focus_lps_mm, dtype=float)
    focus = focus + up * state.height_mm * ((low + high) / 2 - 0.5)
    corners = np.stack(np.meshgrid(*bounds.T, indexing="ij"), -1).reshape(-1, 3)
    depth = (corners - focus) @ away
    # The whole block lies in front of the camera, wherever the state puts it.
    distance = max(1.0, -float(depth.min()) + 1.0)
    camera.ParallelProjectionOn()
    camera.SetFocalPoint(*focus)
    camera.SetPosition(*(focus - away * distance))
    camera.SetViewUp(*up)
    camera.SetParallelScale(state.height_mm * (high - low) / 2)
    camera.SetClippingRange(0.5, max(distance + float(depth.max()) + 1.0, 1.0))


def turned(state: VolumeState, dx: float, dy: float, size: int) -> dict[str, Any]:
    """Fields of the state after a drag of (dx, dy) pixels, y down, in a view of `size` pixels.

    The object follows the pointer: a drag across the view turns it by 180 degrees.
    """
    right, up, away = axes(state)
    yaw = -np.pi * dx / max(size, 1)
    pitch = -np.pi * dy / max(size, 1)
    away = _rotate(away, up, yaw)
    right = _rotate(right, up, yaw)
    away, up = _rotate(away, right, pitch), _rotate(up, right, pitch)
    distance = float(np.linalg.norm(np.subtract(state.focus_lps_mm, state.position_lps_mm)))
    position = np.asarray(state.focus_lps_mm) - away * distance
    return {"position_lps_mm": _triple(position), "up": _triple(up)}


def fitting(grid: Grid, width: int, height: int) -> dict[str, Any]:
    """Fields of the state that show a whole volume from the front, head up."""
    low, high = grid.bounds_lps_mm()
    centre = (low + high) / 2
    extent = high - low
    distance = float(np.linalg.norm(extent)) + 100.0
    tall = max(float(extent[2]), float(extent[0]) * max(height, 1) / max(width, 1))
    return {
        "focus_lps_mm": _triple(centre),
        "position_lps_mm": _triple(centre - np.array([0.0, distance, 0.0])),
        "up": (0.0, 0.0, 1.0),
        "height_mm": tall * 1.08,
    }


def _rotate(vector: Vec3, axis: Vec3, angle: float) -> Vec3:
    """Rodrigues' rotation of a vector about a unit axis."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.asarray(
        vector * cos + np.cross(axis, vector) * sin + axis * (axis @ vector) * (1 - cos)
    )


def _triple(vector: Vec3) -> tuple[float, float, float]:
    return float(vector[0]), float(vector[1]), float(vector[2])
