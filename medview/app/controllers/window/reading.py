"""`Reading`: what keys and menus do to the view under attention, be it a plane, 3D or a picture."""

from __future__ import annotations

from collections.abc import Callable

from medview.app.controllers.window.navigator import Navigator
from medview.app.controllers.window.pictures import Pictures
from medview.app.controllers.window.views import Views
from medview.app.controllers.window.windowing import WindowPresets
from medview.app.session import PLANES, Session
from medview.core.geometry.plane import listed
from medview.core.scene.layout import Layout
from medview.core.scene.viewport import PlaneName
from medview.view.viewer_area import ViewerArea

_OVERLAYS = ((True, True), (True, False), (False, False))
"""Text and crosshair, in the order in which Space goes through them."""


class Reading:
    """Sends each act to the right place.

    Parameters
    ----------
    area : ViewerArea
    session : Session
    navigator : Navigator
    pictures : Pictures
    views : Views
    presets : WindowPresets
    step_series, step_finding, step_time : callable
        Go on by a number of places.
    toggle_results : callable
    """

    def __init__(
        self,
        area: ViewerArea,
        session: Session,
        navigator: Navigator,
        pictures: Pictures,
        views: Views,
        presets: WindowPresets,
        *,
        step_series: Callable[[int], None],
        step_finding: Callable[[int], None],
        step_time: Callable[[int], None],
        toggle_results: Callable[[], None],
    ) -> None:
        self._area = area
        self._session = session
        self._navigator = navigator
        self._pictures = pictures
        self._views = views
        self._presets = presets
        self.step_series = step_series
        self.step_finding = step_finding
        self.step_time = step_time
        self.toggle_results = toggle_results

    @property
    def current_layout(self) -> Layout:
        """Which views are shown."""
        return self._area.current_layout

    @property
    def plane(self) -> PlaneName:
        """The plane that keys act on; axial while 3D has the attention."""
        name = self._area.active
        return name if name in PLANES else "axial"

    def step(self, steps: int) -> None:
        """Go down the list of slices."""
        if self._pictures.is_showing:
            self._pictures.scroll(steps)
        else:
            self._navigator.scroll_list(self.plane, steps)

    def next_slice_round_and_round(self) -> None:
        """Go to the next slice, and from the last one to the first, as cine does."""
        if self._pictures.is_showing:
            self._pictures.next_round_and_round()
            return
        index, count = self._navigator.position(self.plane)
        if listed(self.plane, index, count) >= count - 1:
            self._navigator.to_first(self.plane)
        else:
            self._navigator.scroll_list(self.plane, 1)

    def to_first(self) -> None:
        """Go to the top of the list."""
        if self._pictures.is_showing:
            self._pictures.to(0)
        else:
            self._navigator.to_first(self.plane)

    def to_last(self) -> None:
        """Go to the end of the list."""
        if self._pictures.is_showing:
            self._pictures.to_last()
        else:
            self._navigator.to_last(self.plane)

    def fit(self) -> None:
        """Make the whole of what is under attention visible."""
        if self._pictures.is_showing:
            self._area.image.fit()
        elif self._area.active == "volume":
            self.fit_volume()
        else:
            self._navigator.fit(self.plane)

    def reset(self) -> None:
        """Window, turns and zoom as at first; slices stay."""
        if self._pictures.is_showing:
            self._pictures.reset()
            return
        self._presets.take_first()
        source = self._session.scene.active
        inverted = source is not None and source.series.is_shown_inverted
        self._navigator.set_flags(inverted=inverted)
        for plane in PLANES:
            self._navigator.straighten(plane)
            self._navigator.fit(plane)

    def toggle_inverted(self) -> None:
        """Swap black and white."""
        if self._pictures.is_showing:
            self._pictures.toggle_inverted()
        else:
            self._navigator.toggle_inverted()

    def next_overlays(self) -> None:
        """Text and crosshair, text alone, nothing."""
        state = self._session.planes["axial"].state
        present = (state.show_text, state.show_crosshair)
        at = _OVERLAYS.index(present) if present in _OVERLAYS else -1
        text, crosshair = _OVERLAYS[(at + 1) % len(_OVERLAYS)]
        self._navigator.set_flags(show_crosshair=crosshair)
        self._show_text(text)

    def toggle_text(self) -> None:
        """Hide or show corner text and letters; marks stay."""
        shown = not self._session.planes["axial"].state.show_text
        self._show_text(shown)

    def _show_text(self, shown: bool) -> None:
        self._navigator.set_flags(show_text=shown)
        self._session.volume.update(show_text=shown)
        self._area.image.set_text_shown(shown)

    def toggle_crosshair(self) -> None:
        """Hide or show the crosshair."""
        shown = not self._session.planes["axial"].state.show_crosshair
        self._navigator.set_flags(show_crosshair=shown)

    def toggle_smooth(self) -> None:
        """Interpolate the image between voxels, or show them as they are."""
        self._navigator.set_flags(smooth=not self._session.planes["axial"].state.smooth)

    def turn(self, degrees: float) -> None:
        """Turn the plane under attention clockwise."""
        self._navigator.turn(self.plane, degrees)

    def flip(self) -> None:
        """Mirror the plane under attention."""
        self._navigator.flip(self.plane)

    def straighten(self) -> None:
        """Take back turns and mirroring of the plane under attention."""
        self._navigator.straighten(self.plane)

    def next_view(self) -> None:
        """Give the attention to the next view."""
        self._area.next_pane()

    def set_layout(self, layout: Layout) -> None:
        """Arrange the views."""
        self._area.set_layout(layout)

    def set_volume_preset(self, name: str) -> None:
        """Choose a transfer function."""
        self._session.volume.update(preset=name)

    def toggle_volume(self) -> None:
        """Hide or show the volume, so that surfaces of results stand alone."""
        self._session.volume.update(show_volume=not self._session.volume.state.show_volume)

    def fit_volume(self) -> None:
        """Face the front, everything visible."""
        if self._navigator.grid is not None:
            self._views.begin_volume_view()
