"""`Navigator`: moves the three linked planes and the crosshair together; no Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from numpy.typing import ArrayLike
from psygnal import Signal

from medview.app import navigation as nav
from medview.app.session import PLANES, Session
from medview.core.data.intensity import Window
from medview.core.geometry.grid import Grid
from medview.core.geometry.plane import listed
from medview.core.scene.cursor import CursorState
from medview.core.scene.viewport import PlaneName, SliceState

FitFields = Mapping[str, object]


class Navigator:
    """Carries out what the reader's hand asks of the slice views.

    All acts do nothing while no volume is shown.

    Parameters
    ----------
    session : Session
    fit : callable
        Gives the fields of `SliceState` that make the whole slice visible in a plane's view.
    """

    slice_changed = Signal(str, int, int)
    """Emitted as (plane, index, count) when a view goes to another slice."""

    def __init__(self, session: Session, fit: Callable[[PlaneName], FitFields]) -> None:
        self._session = session
        self._fit = fit
        self._grid: Grid | None = None
        self._rate = 1.0
        self._linked = True

    @property
    def grid(self) -> Grid | None:
        """The grid of the volume in the views."""
        return self._grid

    def begin(
        self, grid: Grid | None, window: Window, *, linked: bool = True, inverted: bool = False
    ) -> None:
        """Start on another volume: middle slices, everything visible.

        Parameters
        ----------
        grid : Grid or None
            None empties the views.
        window : Window
            The first window; it also sets the speed of window drags.
        linked : bool
            False where only one plane means anything, as with photographs.
        inverted : bool
            Whether large values are drawn dark at first.
        """
        self._grid = grid
        self._linked = linked
        self._rate = nav.drag_rate(window)
        if grid is None:
            return
        centre = nav.point(grid.centre_lps_mm)
        self._session.cursor.set(CursorState(centre))
        for plane in PLANES:
            state = SliceState(plane=plane, focus_lps_mm=centre, window=window, inverted=inverted)
            # The centre of an even count lies between two slices; show a native one.
            self._show(plane, nav.to_slice(state, grid, nav.slice_of(state, grid)), moved=True)
            self.fit(plane)
        self._session.cursor.set(CursorState(self._on_all_slices(centre)))

    def resume(
        self,
        grid: Grid,
        states: Mapping[PlaneName, SliceState],
        cursor: CursorState,
        first_window: Window,
    ) -> None:
        """Show a volume again as it was left."""
        self._grid = grid
        self._linked = True
        self._rate = nav.drag_rate(first_window)
        for plane, state in states.items():
            self._show(plane, state, moved=True)
        self._session.cursor.set(cursor)

    def scroll_list(self, plane: PlaneName, steps: int) -> None:
        """Go down the list of slices as the reader sees it: head to foot, front to back."""
        index, count = self.position(plane)
        place = listed(plane, index, count) + steps
        self.to_slice(plane, listed(plane, min(max(place, 0), max(count - 1, 0)), count))

    def to_slice(self, plane: PlaneName, index: int) -> None:
        """Go to a native slice (0-based, clipped); the crosshair comes along."""
        if self._grid is None:
            return
        state = nav.to_slice(self._state(plane), self._grid, index)
        self._show(plane, state)
        cursor = self._session.cursor.state.position_lps_mm
        self._session.cursor.set(CursorState(nav.cursor_on(cursor, state, self._grid)))

    def to_first(self, plane: PlaneName) -> None:
        """Go to the top of the list of slices."""
        self.scroll_list(plane, -self.position(plane)[1])

    def to_last(self, plane: PlaneName) -> None:
        """Go to the end of the list of slices."""
        self.scroll_list(plane, self.position(plane)[1])

    def pan(self, plane: PlaneName, grabbed: ArrayLike, now: ArrayLike) -> None:
        """Drag the picture from one point in space to another."""
        if self._grid is not None:
            self._show(plane, nav.panned(self._state(plane), grabbed, now))

    def zoom(self, plane: PlaneName, factor: float, anchor: ArrayLike) -> None:
        """Magnify about a point in space."""
        if self._grid is not None:
            self._show(plane, nav.zoomed(self._state(plane), self._grid, factor, anchor))

    def fit(self, plane: PlaneName) -> None:
        """Make the whole slice visible without leaving it."""
        if self._grid is None:
            return
        index = nav.slice_of(self._state(plane), self._grid)
        fitted = replace(self._state(plane), **self._fit(plane))  # type: ignore[arg-type]
        self._show(plane, nav.to_slice(fitted, self._grid, index))

    def put_cursor(self, lps_mm: ArrayLike, chosen_in: PlaneName | None = None) -> None:
        """Put the crosshair at a point; the planes other than `chosen_in` go to it."""
        if self._grid is None or not self._linked:
            return
        self._session.cursor.set(CursorState(nav.point(lps_mm)))
        for plane in PLANES:
            if plane != chosen_in:
                self._show(plane, nav.through(self._state(plane), self._grid, lps_mm))

    def jump(self, lps_mm: ArrayLike) -> None:
        """Bring a point into the middle of all three planes, as for a finding in a list."""
        if self._grid is None:
            return
        self._session.cursor.set(CursorState(nav.point(lps_mm)))
        for plane in PLANES:
            self._show(plane, nav.centred(self._state(plane), self._grid, lps_mm))

    def drag_window(self, dx: float, dy: float) -> None:
        """Window / level by hand, in all planes of the volume."""
        if self._grid is not None:
            present = self._state("axial").window
            self.set_window(nav.with_window_dragged(present, dx, dy, self._rate))

    def set_window(self, window: Window) -> None:
        """Take a window in all planes."""
        self._everywhere(window=window)

    def toggle_inverted(self) -> None:
        """Swap black and white in all planes."""
        self._everywhere(inverted=not self._state("axial").inverted)

    def set_flags(self, **flags: bool) -> None:
        """Set flags of `SliceState`, such as ``show_crosshair``, in all planes."""
        self._everywhere(**flags)

    def turn(self, plane: PlaneName, degrees: float) -> None:
        """Turn the picture clockwise by a multiple of 90 degrees."""
        state = self._state(plane)
        self._show(plane, replace(state, rotation_deg=(state.rotation_deg + degrees) % 360))

    def flip(self, plane: PlaneName) -> None:
        """Mirror the picture left to right; the letters at its edges follow."""
        state = self._state(plane)
        self._show(plane, replace(state, flipped_horizontally=not state.flipped_horizontally))

    def straighten(self, plane: PlaneName) -> None:
        """Take back turns and mirroring."""
        state = self._state(plane)
        self._show(
            plane,
            replace(state, rotation_deg=0, flipped_horizontally=False, flipped_vertically=False),
        )

    def position(self, plane: PlaneName) -> tuple[int, int]:
        """Index of the slice in a view, and how many there are; (0, 0) while empty."""
        if self._grid is None:
            return 0, 0
        state = self._state(plane)
        return nav.slice_of(state, self._grid), nav.last_slice(state, self._grid) + 1

    def _everywhere(self, **fields: object) -> None:
        for plane in PLANES:
            self._show(plane, replace(self._state(plane), **fields))  # type: ignore[arg-type]

    def _state(self, plane: PlaneName) -> SliceState:
        return self._session.planes[plane].state

    def _show(self, plane: PlaneName, state: SliceState, *, moved: bool = False) -> None:
        before = self._state(plane)
        self._session.planes[plane].set(state)
        if self._grid is None:
            return
        index = nav.slice_of(state, self._grid)
        if moved or index != nav.slice_of(before, self._grid):
            count = nav.last_slice(state, self._grid) + 1
            self.slice_changed.emit(plane, index, count)

    def _on_all_slices(self, position: tuple[float, float, float]) -> tuple[float, float, float]:
        for plane in PLANES:
            if self._grid is not None:
                position = nav.cursor_on(position, self._state(plane), self._grid)
        return position
