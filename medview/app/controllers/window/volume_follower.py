"""`VolumeFollower`: lets the 3D view rest while time runs, and then catch up in one go.

Image, layers and caption of the 3D view change together, so that it never shows results of one
time point on another; its caption says which time it shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from medview.core.scene.layer import Layer
from medview.render.caption import Caption

if TYPE_CHECKING:
    from medview.render.image_bridge import VolumeImage
    from medview.render.volume_view import VolumeView

_REST_MS = 250


class VolumeFollower:
    """Hands everything on at once, unless it was told to hold.

    Parameters
    ----------
    view : VolumeView
    """

    def __init__(self, view: VolumeView) -> None:
        self._view = view
        self._image: VolumeImage | None = None
        self._caption = Caption()
        self._layers: dict[str, Layer] = {}
        self._drawn: dict[str, Layer] = {}
        self._drawn_image: VolumeImage | None = None
        self._timer = QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REST_MS)
        self._timer.timeout.connect(self._catch_up)

    @property
    def is_holding(self) -> bool:
        """Whether the view lags behind."""
        return self._timer.isActive()

    def hold(self) -> None:
        """Leave the view as it is until nothing has called this for a moment."""
        self._timer.start()

    def set_image(self, image: VolumeImage | None) -> None:
        """Show another volume, or nothing."""
        self._image = image
        self._follow()

    def set_caption(self, caption: Caption) -> None:
        """Show other corner text."""
        self._caption = caption
        self._follow()

    def add_layer(self, layer: Layer) -> None:
        """Draw a layer."""
        self._layers[layer.id] = layer
        self._follow()

    def remove_layer(self, layer_id: str) -> None:
        """Stop drawing a layer."""
        self._layers.pop(layer_id, None)
        self._follow()

    def release(self) -> None:
        """Catch up now."""
        if self._timer.isActive():
            self._timer.stop()
            self._catch_up()

    def close(self) -> None:
        """Never touch the view again."""
        self._timer.stop()
        self._layers.clear()
        self._drawn.clear()
        self._image = self._drawn_image = None

    def _follow(self) -> None:
        if not self._timer.isActive():
            self._catch_up()

    def _catch_up(self) -> None:
        for layer_id, layer in tuple(self._drawn.items()):
            if self._layers.get(layer_id) is not layer:
                del self._drawn[layer_id]
                self._view.remove_layer(layer_id)
        if self._image is not self._drawn_image:
            self._drawn_image = self._image
            self._view.set_image(self._image)
        for layer_id, layer in self._layers.items():
            if layer_id not in self._drawn:
                self._view.add_layer(layer)
                self._drawn[layer_id] = layer
        self._view.set_caption(self._caption)
