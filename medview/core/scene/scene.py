"""`Scene`: the open sources and the layers on them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from psygnal import Signal

from medview.core.data.image2d import Image2D
from medview.core.data.series import Series
from medview.core.data.slide import Slide
from medview.core.data.stack import Stack
from medview.core.data.volume import Volume
from medview.core.scene.layer import Layer


@dataclass(frozen=True, eq=False, slots=True)
class OpenSource:
    """A source whose pixels are at hand.

    Attributes
    ----------
    id : str
        Unique in the scene.
    series : Series
        How the scan described it.
    study_uid : str or None
    data : Volume, Image2D, Stack or Slide
        Of one time point; `data.info.time` says which.
    opening : object
        The same for all time points of one opening, and another one if it is opened again.
    """

    id: str
    series: Series
    study_uid: str | None
    data: Volume | Image2D | Stack | Slide
    opening: object = field(default_factory=object)

    @property
    def time(self) -> int:
        """The time point at hand (0-based)."""
        return self.data.info.time

    def at(self, data: Volume | Image2D | Stack | Slide) -> OpenSource:
        """The same source at another time point."""
        return replace(self, data=data)


class Scene:
    """Open sources and layers. Holds arrays alive as long as views use them."""

    source_added = Signal(object)
    source_removed = Signal(object)
    layer_added = Signal(object)
    layer_removed = Signal(object)
    active_changed = Signal(object)
    data_changed = Signal(object)
    """Emitted with a source that goes on with the pixels of another time point."""

    def __init__(self) -> None:
        self._sources: dict[str, OpenSource] = {}
        self._layers: dict[str, Layer] = {}
        self._active: str | None = None

    @property
    def sources(self) -> tuple[OpenSource, ...]:
        """In the order of opening."""
        return tuple(self._sources.values())

    @property
    def active(self) -> OpenSource | None:
        """The source that the views show."""
        return self._sources.get(self._active) if self._active else None

    def layers_of(self, source_id: str) -> tuple[Layer, ...]:
        """Layers on one source, bottom first."""
        return tuple(layer for layer in self._layers.values() if layer.source_id == source_id)

    def layer(self, layer_id: str) -> Layer | None:
        """A layer by its id."""
        return self._layers.get(layer_id)

    def add_source(self, source: OpenSource) -> None:
        """Add a source; emits `source_added`. Adding a known id again is an error."""
        if source.id in self._sources:
            raise ValueError(f"Source {source.id} is already open.")
        self._sources[source.id] = source
        self.source_added.emit(source)

    def remove_source(self, source_id: str) -> None:
        """Close a source with its layers."""
        for layer in self.layers_of(source_id):
            self.remove_layer(layer.id)
        source = self._sources.pop(source_id)
        if self._active == source_id:
            self.set_active(None)
        self.source_removed.emit(source)

    def source(self, source_id: str) -> OpenSource | None:
        """An open source by its id."""
        return self._sources.get(source_id)

    def set_data(self, source_id: str, data: Volume | Image2D | Stack | Slide) -> None:
        """Go on to another time point of a source, whose layers stay; emits `data_changed`."""
        source = self._sources[source_id].at(data)
        self._sources[source_id] = source
        self.data_changed.emit(source)

    def layers_at(self, source: OpenSource) -> tuple[Layer, ...]:
        """Layers on a source that belong to the time point at hand, bottom first."""
        return tuple(layer for layer in self.layers_of(source.id) if is_of_time(layer, source))

    def set_active(self, source_id: str | None) -> None:
        """Choose the source that the views show; emits `active_changed` with it or None."""
        if source_id != self._active:
            self._active = source_id
            self.active_changed.emit(self.active)

    def add_layer(self, layer: Layer) -> None:
        """Put a layer on top; emits `layer_added`."""
        if layer.source_id not in self._sources:
            raise ValueError(f"Source {layer.source_id} is not open.")
        if layer.id in self._layers:
            raise ValueError(f"Layer {layer.id} is already in the scene.")
        self._layers[layer.id] = layer
        self.layer_added.emit(layer)

    def remove_layer(self, layer_id: str) -> None:
        """Take a layer away; emits `layer_removed`."""
        layer = self._layers.pop(layer_id)
        self.layer_removed.emit(layer)


def is_of_time(layer: Layer, source: OpenSource) -> bool:
    """Whether a layer may be drawn over a source as it is: anatomy moves between time points."""
    if layer.time is not None:
        return layer.time == source.time
    if layer.provenance is None:
        return True
    made_from = layer.provenance.source
    # Time points of another series of the same frame count by themselves.
    is_own = made_from.series_uid in (None, source.series.uid)
    return not is_own or made_from.time == source.time
