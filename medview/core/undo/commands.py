"""Reversible acts on the scene."""

from __future__ import annotations

from dataclasses import dataclass

from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import LabelMap
from medview.core.scene.layer import Layer, LayerState
from medview.core.scene.scene import Scene
from medview.core.undo.stack import Command


def _bytes_of(layers: tuple[Layer, ...]) -> int:
    arrays = (
        layer.finding.array for layer in layers if isinstance(layer.finding, LabelMap | Heatmap)
    )
    return sum(a.nbytes for a in arrays)


def concerns(command: Command, source_id: str) -> bool:
    """Whether a command acts on layers of a source."""
    match command:
        case AddLayers(layers=layers) | RemoveLayers(layers=layers):
            return any(layer.source_id == source_id for layer in layers)
        case ChangeLayer(layer=layer):
            return layer.source_id == source_id
    return False


@dataclass(frozen=True)
class AddLayers:
    """Layers of one run, added together."""

    scene: Scene
    layers: tuple[Layer, ...]
    text: str

    @property
    def size_bytes(self) -> int:
        """Arrays kept alive."""
        return _bytes_of(self.layers)

    def do(self) -> None:
        """Add them."""
        for layer in self.layers:
            self.scene.add_layer(layer)

    def undo(self) -> None:
        """Take those that are still there away."""
        for layer in self.layers:
            if self.scene.layer(layer.id) is not None:
                self.scene.remove_layer(layer.id)


@dataclass(frozen=True)
class RemoveLayers:
    """Layers taken away together; each comes back while its source is open."""

    scene: Scene
    layers: tuple[Layer, ...]
    text: str

    @property
    def size_bytes(self) -> int:
        """Arrays kept alive."""
        return _bytes_of(self.layers)

    def do(self) -> None:
        """Take them away."""
        for layer in self.layers:
            self.scene.remove_layer(layer.id)

    def undo(self) -> None:
        """Put them back."""
        open_ids = {s.id for s in self.scene.sources}
        for layer in self.layers:
            if layer.source_id in open_ids:
                self.scene.add_layer(layer)


@dataclass(frozen=True)
class ChangeLayer:
    """A new appearance or review of one layer."""

    layer: Layer
    before: LayerState
    after: LayerState
    text: str
    size_bytes: int = 0

    def do(self) -> None:
        """Show it the new way."""
        self.layer.set(self.after)

    def undo(self) -> None:
        """Show it as before."""
        self.layer.set(self.before)
