"""`LayerStack`: the layers of one view and their adapters, rebuilt when the image changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from medview.core.geometry.grid import Grid
from medview.core.scene.layer import Layer


class Closable(Protocol):
    """Anything with an end."""

    def close(self) -> None:
        """Let go of everything; idempotent."""


A = TypeVar("A", bound=Closable)


class LayerStack(Generic[A]):
    """Layers in drawing order, bottom first, each with its adapter once an image is there.

    Parameters
    ----------
    make : callable
        Makes the adapter of a layer on a grid; None for findings without a picture.
    """

    def __init__(self, make: Callable[[Layer, Grid], A | None]) -> None:
        self._make = make
        self._grid: Grid | None = None
        self._layers: dict[str, Layer] = {}
        self._adapters: dict[str, A] = {}

    def __iter__(self) -> Iterator[A]:
        """Adapters in drawing order."""
        return iter([self._adapters[name] for name in self._layers if name in self._adapters])

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Bottom first."""
        return tuple(self._layers.values())

    def set_grid(self, grid: Grid | None) -> None:
        """Show the layers on another source; those that cannot lie on it raise."""
        if grid is self._grid:
            return
        self._close_adapters()
        self._grid = grid
        for layer in self._layers.values():
            self._build(layer)

    def add(self, layer: Layer) -> None:
        """Put a layer on top; one with the same id is replaced."""
        self.remove(layer.id)
        self._layers[layer.id] = layer
        try:
            self._build(layer)
        except Exception:
            del self._layers[layer.id]
            raise

    def remove(self, layer_id: str) -> None:
        """Take a layer away; an unknown id is fine."""
        self._layers.pop(layer_id, None)
        adapter = self._adapters.pop(layer_id, None)
        if adapter is not None:
            adapter.close()

    def close(self) -> None:
        """Close all adapters and forget the layers."""
        self._close_adapters()
        self._layers.clear()

    def _build(self, layer: Layer) -> None:
        if self._grid is not None:
            adapter = self._make(layer, self._grid)
            if adapter is not None:
                self._adapters[layer.id] = adapter

    def _close_adapters(self) -> None:
        for adapter in self._adapters.values():
            adapter.close()
        self._adapters.clear()
