"""`Cine`: plays time points, or the slices of the view under attention where nothing moves."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer

from medview.app.controllers.window.time_points import TimePoints
from medview.core.data.image2d import Image2D
from medview.core.scene.scene import OpenSource, Scene

_FRAMES_PER_S, _VOLUMES_PER_S, _SLICES_PER_S = 15.0, 5.0, 15.0
_SLOWEST_PER_S, _FASTEST_PER_S = 1.0, 60.0


class Cine:
    """Play and pause.

    Parameters
    ----------
    scene : Scene
    times : TimePoints
    step_slices : callable
        Goes on by one slice, round and round; used where there is one time point.
    """

    def __init__(self, scene: Scene, times: TimePoints, step_slices: Callable[[], None]) -> None:
        self._scene = scene
        self._times = times
        self._step_slices = step_slices
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self.on_playing: Callable[[bool], None] = lambda playing: None
        scene.active_changed.connect(lambda _source: self.pause())

    @property
    def is_playing(self) -> bool:
        """Whether it runs."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play, or pause; tells the outcome even where there is nothing to play."""
        source = self._scene.active
        if self.is_playing or source is None:
            self._timer.stop()
        else:
            self._timer.start(round(1000 / frame_rate(source)))
        self._tell(self.is_playing)

    def pause(self) -> None:
        """Stay where it is."""
        if self.is_playing:
            self._timer.stop()
            self._tell(False)

    def _tell(self, playing: bool) -> None:
        self._times.set_playing(playing)
        self.on_playing(playing)

    def _tick(self) -> None:
        source = self._scene.active
        if source is None:
            self.pause()
        elif source.series.times < 2:
            self._step_slices()
        elif self._times.is_settled:
            # A time point that is still on its way is waited for, never jumped over.
            self._times.step(1, round_and_round=True)


def frame_rate(source: OpenSource) -> float:
    """Steps per second: as the file asks (PS3.3 C.7.6.5), else one that can be followed."""
    if source.series.times < 2:
        return _SLICES_PER_S
    asked = source.series.attribute("frame_time_ms")
    try:
        rate = 1000 / float(asked or "")
    except (ValueError, ZeroDivisionError):
        rate = _FRAMES_PER_S if isinstance(source.data, Image2D) else _VOLUMES_PER_S
    return min(max(rate, _SLOWEST_PER_S), _FASTEST_PER_S)
