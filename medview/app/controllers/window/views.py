"""`Views`: the four views of one volume in their panes; made when needed, closed in order."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from medview.app.background import Background
from medview.app.controllers.window.volume_follower import VolumeFollower
from medview.app.session import PLANES, Session
from medview.core.data.slide import Slide
from medview.core.data.volume import Volume
from medview.core.scene.layer import Layer
from medview.core.scene.viewport import PlaneName
from medview.render.caption import Caption
from medview.render.presets import volume_preset
from medview.view.panes.slice_pane import SlicePane
from medview.view.viewer_area import ViewerArea

if TYPE_CHECKING:
    from medview.render.slice_view import SliceView
    from medview.render.volume_view import VolumeView

T = TypeVar("T")

_MOST_VOXELS_ON_CPU = 1_400_000
"""A tenth of a second of preparing, which is how long a window may hold still."""

_log = logging.getLogger(__name__)


class Views:
    """Owns the views. VTK is imported when they are made, after the window's first paint.

    Parameters
    ----------
    area : ViewerArea
    session : Session
    background : Background
        Where volumes are thinned out and surfaces computed.
    """

    def __init__(self, area: ViewerArea, session: Session, background: Background) -> None:
        self._area = area
        self._session = session
        self._background = background
        self._slices: dict[PlaneName, SliceView] = {}
        self._volume: VolumeView | None = None
        self._follower: VolumeFollower | None = None
        self._closed = False

    @property
    def slices(self) -> Mapping[PlaneName, SliceView]:
        """The slice views by plane."""
        self.make()
        return self._slices

    @property
    def volume(self) -> VolumeView:
        """The volume view."""
        self.make()
        assert self._volume is not None
        return self._volume

    def make(self) -> None:
        """Make the views and put them into their panes, if that was not done yet."""
        if self._slices or self._closed:
            return
        from medview.render.slice_view import SliceView
        from medview.render.text import TextPainter
        from medview.render.volume_view import VolumeView

        painter = TextPainter()
        for plane in PLANES:
            pane = self.pane(plane)
            viewport = self._session.planes[plane]
            view = SliceView(viewport, self._session.cursor, pane.request_render, painter)
            self._slices[plane] = view
            pane.set_view(view)
        pane_3d = self._area.volume
        self._volume = VolumeView(
            self._session.volume,
            self._session.cursor,
            pane_3d.request_render,
            self._elsewhere,
            painter,
            most_voxels_on_cpu=_MOST_VOXELS_ON_CPU,
        )
        self._volume.prepare()
        self._follower = VolumeFollower(self._volume)
        pane_3d.set_view(self._volume)

    def pane(self, plane: PlaneName) -> SlicePane:
        """The pane of a plane."""
        pane = self._area.panes[plane]
        assert isinstance(pane, SlicePane)
        return pane

    def fit(self, plane: PlaneName) -> dict[str, Any]:
        """Fields of `SliceState` that show a whole slice in its pane."""
        return self.slices[plane].fit()

    def set_volume(self, volume: Volume | None) -> None:
        """Draw a volume in all four views, or nothing."""
        if volume is None and not self._slices:
            return
        self.in_3d.release()
        self._set_image(volume)

    def go_on_with(self, volume: Volume) -> None:
        """Draw another time point of the same volume; 3D follows when time has come to rest.

        Layers and captions that are set after this call come into the 3D view with its volume.
        """
        self.in_3d.hold()
        self._set_image(volume)

    @property
    def in_3d(self) -> VolumeFollower:
        """What stands between the scene and the volume view."""
        self.make()
        assert self._follower is not None
        return self._follower

    def _set_image(self, volume: Volume | None) -> None:
        from medview.render.image_bridge import VolumeImage

        image = None if volume is None else VolumeImage(volume)
        for view in self.slices.values():
            view.set_image(image)
        self.in_3d.set_image(image)

    def set_preview(self, plane: PlaneName, volume: Volume) -> None:
        """Draw one slice in its plane; the other views stay black until the volume is whole."""
        from medview.render.image_bridge import VolumeImage

        self.set_volume(None)
        self.slices[plane].set_image(VolumeImage(volume))

    def begin_volume_view(self) -> None:
        """Look at a new volume from the front, whole, with the first preset that suits it."""
        source = self._session.scene.active
        if source is None or isinstance(source.data, Slide):
            return
        preset = volume_preset(self._session.volume.state.preset, source.data.info.intensity)
        self._session.volume.update(preset=preset.name, **self.volume.fit())

    def set_caption(self, caption: Caption) -> None:
        """Corner text for all views."""
        for view in self._slices.values():
            view.set_caption(caption)
        if self._follower is not None:
            self._follower.set_caption(caption)

    def add_layer(self, layer: Layer) -> None:
        """Draw a layer in all views."""
        for view in self.slices.values():
            view.add_layer(layer)
        self.in_3d.add_layer(layer)

    def remove_layer(self, layer_id: str) -> None:
        """Stop drawing a layer."""
        for view in self._slices.values():
            view.remove_layer(layer_id)
        if self._follower is not None:
            self._follower.remove_layer(layer_id)

    def _elsewhere(self, work: Callable[[], T], deliver: Callable[[T], None]) -> None:
        self._background.start(
            "render", lambda task: work(), done=deliver, failed=self._on_render_failure
        )

    def _on_render_failure(self, error: Exception) -> None:
        # Slices and findings are there all the same; the log tells what 3D lacks.
        _log.error("A part of the 3D view was not made", exc_info=error)

    def detach(self) -> None:
        """Take the views out of their panes, so that no paint event can reach them."""
        self._closed = True
        for pane in self._area.panes.values():
            pane.set_view(None)

    def close(self) -> None:
        """Close the views; idempotent. Call `detach` first."""
        if self._follower is not None:
            self._follower.close()
        for view in self._slices.values():
            view.close()
        if self._volume is not None:
            self._volume.close()
        self._slices.clear()
        self._volume = self._follower = None
