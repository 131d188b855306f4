"""Gestures as pure functions: a slice view's state in, its new state out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medview.core.data.intensity import Window
from medview.core.geometry.grid import Grid
from medview.core.geometry.plane import at_slice, slice_count, slice_index, view_plane
from medview.core.scene.viewport import Point, SliceState

_SMALLEST_VIEW_VOXELS = 4.0
_LARGEST_VIEW_BLOCKS = 8.0
_SMALLEST_WIDTH = 1e-6


def point(lps_mm: ArrayLike) -> Point:
    """Three LPS coordinates as the plain tuple that states hold."""
    x, y, z = np.asarray(lps_mm, dtype=float)
    return float(x), float(y), float(z)


def slice_of(state: SliceState, grid: Grid) -> int:
    """Number (0-based) of the native slice that the view shows."""
    return slice_index(grid, state.plane, _array(state.focus_lps_mm))


def scrolled(state: SliceState, grid: Grid, steps: int) -> SliceState:
    """Move by whole native slices; stops at the first and the last.

    Parameters
    ----------
    state : SliceState
    grid : Grid
    steps : int
        Slices in the direction in which numbers grow; negative goes back.
    """
    return to_slice(state, grid, slice_of(state, grid) + steps)


def to_slice(state: SliceState, grid: Grid, index: int) -> SliceState:
    """Show native slice `index` (0-based, clipped to the volume); what is in the middle stays."""
    return replace(
        state, focus_lps_mm=point(at_slice(grid, state.plane, _array(state.focus_lps_mm), index))
    )


def last_slice(state: SliceState, grid: Grid) -> int:
    """Number (0-based) of the last native slice."""
    return slice_count(grid, state.plane) - 1


def through(state: SliceState, grid: Grid, lps_mm: ArrayLike) -> SliceState:
    """Show the native slice nearest to a point without moving within the plane."""
    return to_slice(state, grid, slice_index(grid, state.plane, np.asarray(lps_mm, dtype=float)))


def centred(state: SliceState, grid: Grid, lps_mm: ArrayLike) -> SliceState:
    """Show the native slice nearest to a point, with the point in the middle of the view."""
    return through(replace(state, focus_lps_mm=point(lps_mm)), grid, lps_mm)


def panned(state: SliceState, grabbed_lps_mm: ArrayLike, now_lps_mm: ArrayLike) -> SliceState:
    """Move the picture so that the grabbed point lies under the pointer.

    Both points are given in space, so that turned and mirrored views need no
    rule of their own; only their difference within the plane counts.
    """
    shift = np.asarray(grabbed_lps_mm, dtype=float) - np.asarray(now_lps_mm, dtype=float)
    return replace(state, focus_lps_mm=point(_array(state.focus_lps_mm) + shift))


def zoomed(state: SliceState, grid: Grid, factor: float, anchor_lps_mm: ArrayLike) -> SliceState:
    """Magnify by `factor` about a point that keeps its place on the screen.

    Magnification ends where four voxels fill the view, or where the volume is
    an eighth of it.
    """
    smallest = _SMALLEST_VIEW_VOXELS * min(grid.spacing_mm)
    low, high = grid.bounds_lps_mm()
    largest = _LARGEST_VIEW_BLOCKS * float(np.linalg.norm(high - low))
    height = float(np.clip(state.height_mm / factor, smallest, largest))
    share = height / state.height_mm
    anchor = _in_plane(state, grid, anchor_lps_mm)
    focus = anchor + (_array(state.focus_lps_mm) - anchor) * share
    return replace(state, focus_lps_mm=point(focus), height_mm=height)


def with_window_dragged(window: Window, dx: float, dy: float, per_pixel: float) -> Window:
    """Widen by dragging right, brighten (lower the level) by dragging up.

    Parameters
    ----------
    window : Window
    dx, dy : float
        Pixels moved, y down.
    per_pixel : float
        Units of the pixel values for one pixel moved; see `drag_rate`.
    """
    width = max(window.width + dx * per_pixel, _SMALLEST_WIDTH)
    return Window(width, window.level + dy * per_pixel)


def drag_rate(first: Window) -> float:
    """Units of value for one pixel of a window drag, from the window that the image began with.

    It does not depend on the present window, so a drag back undoes a drag forth.
    """
    return first.width / 300


def cursor_on(cursor_lps_mm: Point, state: SliceState, grid: Grid) -> Point:
    """The crosshair moved along the stack onto the slice that a view shows.

    So scrolling one plane moves the lines in the other two and leaves their slices alone.
    """
    return point(at_slice(grid, state.plane, _array(cursor_lps_mm), slice_of(state, grid)))


def _in_plane(state: SliceState, grid: Grid, lps_mm: ArrayLike) -> NDArray[np.float64]:
    normal = view_plane(grid, state.plane).normal
    place = np.asarray(lps_mm, dtype=float)
    return place + normal * float(normal @ (_array(state.focus_lps_mm) - place))


def _array(lps_mm: Point) -> NDArray[np.float64]:
    return np.asarray(lps_mm, dtype=np.float64)
