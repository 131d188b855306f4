"""`TimeDisplay`: joins the scrubber under the views with time points and cine."""

from __future__ import annotations

from collections.abc import Callable

from medview.app.controllers.window.cine import Cine
from medview.app.controllers.window.time_points import TimePoints, TimeState
from medview.core.data.series import Series
from medview.view.panes.time_bar import TimeBar


class TimeDisplay:
    """Keeps the bar true, and carries out what it and the keys ask for.

    Parameters
    ----------
    bar : TimeBar
        Visible only where there is more than one time point.
    times : TimePoints
    cine : Cine
    """

    def __init__(self, bar: TimeBar, times: TimePoints, cine: Cine) -> None:
        self._bar = bar
        self._times = times
        self._cine = cine
        self.on_playing: Callable[[bool], None] = lambda playing: None
        times.on_state = self._show
        cine.on_playing = self._show_playing
        bar.time_requested.connect(self.go)
        bar.play_toggled.connect(cine.toggle)

    def go(self, time: int) -> None:
        """Show a time point; a hand on it ends playing."""
        self._cine.pause()
        self._times.go(time)

    def step(self, steps: int) -> None:
        """Go on in time; ends playing."""
        self._cine.pause()
        self._times.step(steps)

    def expect(self, series: Series) -> None:
        """Make room for the bar while a series is still being read, so that views stay put."""
        self._bar.set_times(series.times, 0, 0)
        self._bar.set_ready(frozenset())
        self._bar.setEnabled(False)
        self._bar.setVisible(series.times > 1)

    def _show(self, state: TimeState) -> None:
        self._bar.setEnabled(True)
        self._bar.set_times(state.count, state.wanted, state.shown)
        self._bar.set_ready(state.ready)
        self._bar.setVisible(state.count > 1)

    def _show_playing(self, playing: bool) -> None:
        self._bar.set_playing(playing)
        self.on_playing(playing)
