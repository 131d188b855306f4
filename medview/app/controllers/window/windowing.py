"""`WindowPresets`: windows by name and by key, per modality; for volumes and pictures alike."""

from __future__ import annotations

from collections.abc import Callable

from medview.app.controllers.window.navigator import Navigator
from medview.app.controllers.window.pictures import Pictures
from medview.app.session import Session
from medview.core.data.image2d import Image2D
from medview.core.data.intensity import Intensity, Window, default_window
from medview.core.data.slide import Slide
from medview.core.data.stack import Stack
from medview.core.data.volume import Volume
from medview.core.scene.scene import OpenSource
from medview.render.presets import WindowPreset, window_presets


class WindowPresets:
    """What the number keys and the window menu do.

    Parameters
    ----------
    session : Session
    navigator : Navigator
    pictures : Pictures
    """

    def __init__(self, session: Session, navigator: Navigator, pictures: Pictures) -> None:
        self._session = session
        self._navigator = navigator
        self._pictures = pictures
        self.on_offered: Callable[[tuple[WindowPreset, ...]], None] = lambda presets: None
        self._first: dict[str, tuple[object, Window]] = {}
        session.scene.active_changed.connect(self._on_active)

    @property
    def offered(self) -> tuple[WindowPreset, ...]:
        """The named windows that mean something for the source on screen."""
        source = self._session.scene.active
        if source is None or isinstance(source.data, Slide):
            return ()
        return window_presets(source.series.modality, source.data.info.intensity)

    def take(self, number: int) -> None:
        """Take the preset of that place in the list, if there is one."""
        offered = self.offered
        if 0 <= number < len(offered):
            self._set(offered[number].window)

    def take_auto(self) -> None:
        """Take a window from the values themselves."""
        source = self._session.scene.active
        if source is None:
            return
        if isinstance(source.data, Volume | Image2D):
            # Asking as for values of no known meaning gives percentiles, for CT too.
            self._set(default_window(source.data.array, Intensity.ARBITRARY))
        elif isinstance(source.data, Stack):
            self._set(default_window(source.data.slices[0], Intensity.ARBITRARY))

    def take_first(self) -> None:
        """Take the window that the file asks for, or that the series began with."""
        source = self._session.scene.active
        if source is not None:
            self._set(self._first_of(source))

    def _first_of(self, source: OpenSource) -> Window:
        # Taken from the values of one time point, it holds for all of them.
        known = self._first.get(source.id)
        if known is None or known[0] is not source.opening:
            known = self._first[source.id] = (source.opening, first_window(source))
        return known[1]

    def _set(self, window: Window) -> None:
        self._navigator.set_window(window)
        self._pictures.set_window(window)

    def _on_active(self, source: OpenSource | None) -> None:
        if source is not None:
            self._first_of(source)
        self.on_offered(self.offered)


def first_window(source: OpenSource) -> Window:
    """The window to begin with: that of the file, else one that suits the values."""
    asked = source.series.window
    if asked is not None and asked.width > 0:
        return asked
    if isinstance(source.data, Volume | Image2D):
        return default_window(source.data.array, source.data.intensity)
    if isinstance(source.data, Stack):
        return default_window(source.data.slices[0], source.data.info.intensity)
    # Colours of slides are not windowed.
    return Window(255.0, 127.5)
