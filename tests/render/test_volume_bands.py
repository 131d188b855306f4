"""A 3D picture that is drawn band by band, while input goes on, is the picture drawn at once."""

from __future__ import annotations

import numpy as np

from medview.core.scene.cursor import Cursor, CursorState
from medview.core.scene.viewport import VolumeState, VolumeViewport
from medview.render.image_bridge import VolumeImage
from medview.render.volume_view import VolumeView
from medview.testing.phantoms.simple import ball_phantom

_ROOM = 60


def test_bands_leave_no_seams() -> None:
    viewport = VolumeViewport(VolumeState())
    view = VolumeView(viewport, Cursor(CursorState()), lambda: None)
    view.resize(307, 283)
    view.set_image(VolumeImage(ball_phantom(inside=900.0)))
    viewport.update(**view.fit())
    banded = view.frame()
    for _ in range(_ROOM):
        banded = view.frame()
    viewport.update(height_mm=viewport.state.height_mm * (1 + 1e-12))
    at_once = view.final_frame()
    differs = (np.abs(banded.astype(int) - at_once.astype(int)).max(axis=2) > 100).sum(axis=1)
    view.close()
    assert at_once.max() > 150
    assert differs.max() < 5
