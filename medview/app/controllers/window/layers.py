"""`LayerActs`: appearance of results, jumping to them, removing them with undo; no Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from medview.app.controllers.window.navigator import Navigator
from medview.app.label_facts import LabelFact
from medview.app.results import Result, Results
from medview.app.session import Session
from medview.core.data.overlay import OverlayGraphics
from medview.core.findings.detections import Detection, Detections
from medview.core.findings.labelmap import Rgb
from medview.core.scene.layer import Layer
from medview.core.scene.scene import is_of_time
from medview.core.undo.commands import RemoveLayers


class LayerActs:
    """What the reader does with results.

    Parameters
    ----------
    session : Session
    results : Results
    navigator : Navigator
    offer_undo : callable
        Takes the sentence that a removal is told with, and what takes it back.
    go_to_time : callable
        Takes the time point (0-based) to show.
    """

    def __init__(
        self,
        session: Session,
        results: Results,
        navigator: Navigator,
        *,
        offer_undo: Callable[[str, Callable[[], None]], None],
        go_to_time: Callable[[int], None] = lambda time: None,
    ) -> None:
        self._session = session
        self._results = results
        self._navigator = navigator
        self._offer_undo = offer_undo
        self._go_to_time = go_to_time

    def set_visible(self, layer_id: str, visible: bool) -> None:
        """Show or hide a layer."""
        self._update(layer_id, visible=visible)

    def set_opacity(self, layer_id: str, opacity: float) -> None:
        """Fill of a layer, 0..1."""
        self._update(layer_id, opacity=min(max(opacity, 0.0), 1.0))

    def set_colour(self, layer_id: str, rgb: Rgb) -> None:
        """Colour of graphics that have only one."""
        self._update(layer_id, rgb=rgb)

    def set_threshold(self, layer_id: str, threshold: float) -> None:
        """Score or value below which nothing is drawn."""
        self._update(layer_id, threshold=threshold)

    def set_label_visible(self, layer_id: str, value: int, visible: bool) -> None:
        """Show or hide one structure of a label map."""
        layer = self._session.scene.layer(layer_id)
        if layer is not None:
            hidden = layer.state.hidden_labels
            layer.update(hidden_labels=hidden - {value} if visible else hidden | {value})

    def toggle_all(self) -> None:
        """Hide all results on the source on screen, or show them if all are hidden."""
        layers = [
            layer for layer in self._on_screen() if not isinstance(layer.finding, OverlayGraphics)
        ]
        show = not any(layer.state.visible for layer in layers)
        for layer in layers:
            layer.update(visible=show)

    def remove(self, layer_ids: Sequence[str]) -> None:
        """Take layers away at once, and offer to take that back."""
        scene = self._session.scene
        layers = tuple(layer for i in layer_ids if (layer := scene.layer(i)) is not None)
        if not layers:
            return
        name = layers[0].finding.name if len(layers) == 1 else f"{len(layers)} results"
        command = RemoveLayers(scene, layers, f"Remove {name}")
        self._session.undo.push(command)
        self._offer_undo(f"{name} removed", lambda: self._take_back(command))

    def jump_to_label(self, layer_id: str, value: int) -> None:
        """Bring a structure into the middle of the three planes."""
        fact = self._fact(layer_id, value)
        if fact is not None and fact.inside_lps_mm is not None:
            self._to_time_of(layer_id)
            self._navigator.jump(fact.inside_lps_mm)

    def jump_to_detection(self, layer_id: str, detection_id: str) -> None:
        """Bring a detection into the middle of the three planes and mark it."""
        layer = self._session.scene.layer(layer_id)
        if layer is None or not isinstance(layer.finding, Detections):
            return
        for item in layer.finding.items:
            if item.id == detection_id:
                layer.update(selected=item.id)
                self._to_time_of(layer_id)
                if len(item.centre) == 3:
                    self._navigator.jump(item.centre)

    def step_detection(self, step: int) -> None:
        """Go to the next or the previous detection of the source on screen, round and round."""
        stops = [
            (layer, item)
            for layer in self._on_screen()
            if isinstance(layer.finding, Detections) and layer.state.visible
            for item in layer.finding.items
            if item.score >= layer.state.threshold
        ]
        if not stops:
            return
        at = next((n for n, stop in enumerate(stops) if _is_selected(*stop)), None)
        following = (0 if step > 0 else -1) if at is None else (at + step) % len(stops)
        for layer, _ in stops:
            layer.update(selected=None)
        layer, item = stops[following]
        self.jump_to_detection(layer.id, item.id)

    def _to_time_of(self, layer_id: str) -> None:
        layer, active = self._session.scene.layer(layer_id), self._session.scene.active
        if layer is None or active is None or layer.provenance is None:
            return
        if layer.source_id == active.id and not is_of_time(layer, active):
            self._go_to_time(layer.provenance.source.time)

    def _take_back(self, command: RemoveLayers) -> None:
        # Only if it is still the newest act: the toast may be older than what came after it.
        if self._session.undo.newest is command:
            self._session.undo.undo()

    def _on_screen(self) -> tuple[Layer, ...]:
        active = self._session.scene.active
        return self._session.scene.layers_at(active) if active is not None else ()

    def _fact(self, layer_id: str, value: int) -> LabelFact | None:
        result: Result | None = self._results.of_layer(layer_id)
        facts = result.facts.get(layer_id, ()) if result is not None else ()
        return next((fact for fact in facts if fact.value == value), None)

    def _update(self, layer_id: str, **fields: object) -> None:
        layer = self._session.scene.layer(layer_id)
        if layer is not None:
            layer.set(replace(layer.state, **fields))  # type: ignore[arg-type]


def _is_selected(layer: Layer, item: Detection) -> bool:
    return layer.state.selected == item.id
