"""`VolumeGestures`: turns the 3D pane's gestures into moves of its camera."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from medview.app import navigation as nav
from medview.app.controllers.window.views import Views
from medview.core.scene.viewport import VolumeState, VolumeViewport
from medview.view.panes.volume_pane import VolumePane

_LEAST_HEIGHT_MM, _MOST_HEIGHT_MM = 5.0, 5000.0


class VolumeGestures:
    """The 3D view under the hand. Keep a reference as long as the pane lives.

    Parameters
    ----------
    pane : VolumePane
    views : Views
    viewport : VolumeViewport
    """

    def __init__(self, pane: VolumePane, views: Views, viewport: VolumeViewport) -> None:
        self._pane = pane
        self._views = views
        self._viewport = viewport
        pane.rotated.connect(self._rotate)
        pane.panned.connect(self._pan)
        pane.zoomed.connect(self._zoom)
        # Coarser while it moves, so that it follows the hand on any computer.
        pane.drag_started.connect(lambda _kind: views.volume.set_interactive(True))
        pane.drag_ended.connect(lambda _kind: views.volume.set_interactive(False))

    def _rotate(self, dx: float, dy: float) -> None:
        ratio = self._pane.devicePixelRatioF()
        self._viewport.update(**self._views.volume.rotate(dx * ratio, dy * ratio))

    def _pan(self, dx: float, dy: float) -> None:
        height_px = self._pane.host.frame_size()[1]
        self._viewport.set(volume_panned(self._viewport.state, dx / height_px, dy / height_px))

    def _zoom(self, factor: float, _x: float, _y: float) -> None:
        height = self._viewport.state.height_mm / factor
        self._viewport.update(height_mm=min(max(height, _LEAST_HEIGHT_MM), _MOST_HEIGHT_MM))


def volume_panned(state: VolumeState, dx: float, dy: float) -> VolumeState:
    """Move the camera so that the picture follows the hand.

    Parameters
    ----------
    state : VolumeState
    dx, dy : float
        Movement in heights of the view, y down.
    """
    focus = np.asarray(state.focus_lps_mm)
    position = np.asarray(state.position_lps_mm)
    forward = focus - position
    right = np.cross(forward, np.asarray(state.up))
    right = right / np.linalg.norm(right)
    up = np.cross(right, forward)
    up = up / np.linalg.norm(up)
    shift = (-dx * right + dy * up) * state.height_mm
    return replace(
        state,
        focus_lps_mm=nav.point(focus + shift),
        position_lps_mm=nav.point(position + shift),
    )
