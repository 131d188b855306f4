"""`FindingsDisplay`: results as cards and layers as rows; what the reader does with them."""

from __future__ import annotations

from collections.abc import Callable

from medview.app.controllers.window.layers import LayerActs
from medview.app.label_facts import LabelFact
from medview.app.results import Result, Results
from medview.app.session import Session
from medview.app.wording import duration, millilitres
from medview.core.data.overlay import OverlayGraphics
from medview.core.findings.detections import Detection, Detections
from medview.core.findings.grades import Grades
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import LabelMap
from medview.core.findings.measurements import Measurements
from medview.core.findings.provenance import Provenance
from medview.core.findings.tiles import TileScores
from medview.core.scene.layer import Layer
from medview.core.scene.scene import OpenSource, is_of_time
from medview.core.units import measured_in_words
from medview.render.luts import overlay_colour
from medview.view.panels.finding_rows import (
    DetectionRow,
    GradeRow,
    LabelRow,
    MeasureRow,
    RunRow,
    SectionRow,
)
from medview.view.panels.findings import FindingsPanel
from medview.view.panels.layers import LayerRow, LayersPanel


class FindingsDisplay:
    """Keeps both panels in step with the scene.

    Parameters
    ----------
    findings : FindingsPanel
    layers : LayersPanel
    session : Session
    results : Results
    acts : LayerActs
    save : callable
        Takes the id of the result that the reader wants to save.
    """

    def __init__(
        self,
        findings: FindingsPanel,
        layers: LayersPanel,
        session: Session,
        results: Results,
        acts: LayerActs,
        save: Callable[[str], None],
    ) -> None:
        self._findings = findings
        self._layers = layers
        self._session = session
        self._results = results
        self._acts = acts
        findings.layer_visibility_changed.connect(acts.set_visible)
        findings.label_visibility_changed.connect(acts.set_label_visible)
        findings.opacity_changed.connect(acts.set_opacity)
        findings.threshold_changed.connect(acts.set_threshold)
        findings.label_chosen.connect(acts.jump_to_label)
        findings.detection_chosen.connect(acts.jump_to_detection)
        findings.save_requested.connect(save)
        findings.remove_requested.connect(self._remove_result)
        layers.visibility_changed.connect(acts.set_visible)
        layers.opacity_changed.connect(acts.set_opacity)
        layers.colour_changed.connect(acts.set_colour)
        layers.remove_requested.connect(lambda layer_id: acts.remove((layer_id,)))
        session.scene.layer_added.connect(self._watch)
        session.scene.layer_removed.connect(self._unwatch)
        session.scene.active_changed.connect(lambda _source: self.show())
        session.scene.data_changed.connect(lambda _source: self.show())
        results.changed.connect(self.show)

    def show(self) -> None:
        """Show the results on the source on screen, newest first."""
        active = self._session.scene.active
        results = self._results.shown(active.id) if active is not None else ()
        rows = [
            run_row(result, self._results.present(result), active) for result in reversed(results)
        ]
        self._findings.set_runs(tuple(rows))
        drawn = self._session.scene.layers_of(active.id) if active is not None else ()
        self._layers.set_layers(
            tuple(layer_row(layer, active) for layer in reversed(drawn) if is_drawn(layer))
        )

    def _remove_result(self, result_id: str) -> None:
        result = self._results.of_layer(f"{result_id}/")
        if result is not None:
            self._acts.remove([layer.id for layer in self._results.present(result)])

    def _watch(self, layer: Layer) -> None:
        layer.changed.connect(self._on_appearance)

    def _unwatch(self, layer: Layer) -> None:
        layer.changed.disconnect(self._on_appearance)

    def _on_appearance(self, new: object, old: object) -> None:
        self.show()


def is_drawn(layer: Layer) -> bool:
    """Whether a layer has a picture, and so an appearance to set."""
    return isinstance(layer.finding, LabelMap | Heatmap | Detections | TileScores | OverlayGraphics)


def elsewhere_in_time(layer: Layer, source: OpenSource | None) -> str:
    """In words, that a layer belongs to another time point than the one shown; else empty."""
    if source is None or layer.provenance is None or is_of_time(layer, source):
        return ""
    made_at, count = layer.provenance.source.time + 1, source.series.times
    return f"Of t {made_at}/{count}; not drawn at t {source.time + 1}/{count}"


def layer_row(layer: Layer, source: OpenSource | None = None) -> LayerRow:
    """A layer for the layers panel."""
    state, provenance = layer.state, layer.provenance
    kind = {
        LabelMap: "mask",
        Heatmap: "heatmap",
        Detections: "detections",
        OverlayGraphics: "overlay of the files",
    }
    is_overlay = isinstance(layer.finding, OverlayGraphics)
    return LayerRow(
        id=layer.id,
        title=layer.finding.name,
        detail=kind.get(type(layer.finding), "tiles"),
        visible=state.visible,
        opacity=None if isinstance(layer.finding, Detections) else state.opacity,
        marks=("Demonstration model",)
        if provenance is not None and provenance.demonstration
        else (),
        elsewhere=elsewhere_in_time(layer, source),
        rgb=overlay_colour(state) if is_overlay else None,
        removable=not is_overlay,
    )


def run_row(result: Result, layers: tuple[Layer, ...], source: OpenSource | None = None) -> RunRow:
    """A result for the findings panel, without what was removed from it."""
    provenance = result.findings.provenance
    return RunRow(
        id=result.id,
        title=result.title,
        provenance=provenance_line(provenance) if provenance is not None else "",
        provenance_lines=provenance_lines(provenance) if provenance is not None else (),
        warnings=tuple(w.message for w in provenance.warnings) if provenance is not None else (),
        demonstration=provenance.demonstration if provenance is not None else False,
        elsewhere=elsewhere_in_time(layers[0], source) if layers else "",
        sections=tuple(section_row(layer, result.facts.get(layer.id, ())) for layer in layers),
    )


def section_row(layer: Layer, facts: tuple[LabelFact, ...] = ()) -> SectionRow:
    """One finding for the findings panel."""
    item, state = layer.finding, layer.state
    layer_id = layer.id if is_drawn(layer) else ""
    match item:
        case LabelMap():
            measures = {fact.value: _measure(fact) for fact in facts}
            labels = tuple(
                LabelRow(
                    label.value,
                    label.name,
                    label.rgb,
                    measures.get(label.value, ""),
                    label.value not in state.hidden_labels,
                )
                for label in item.labels
            )
            return SectionRow(
                layer_id, item.name, labels=labels, visible=state.visible, opacity=state.opacity
            )
        case Detections():
            shown = sorted(item.items, key=lambda found: -found.score)
            return SectionRow(
                layer_id,
                item.name,
                detections=tuple(_detection(found, state.selected) for found in shown),
                visible=state.visible,
                threshold=state.threshold,
                note="" if item.items else "Nothing was found. That is no proof of absence.",
            )
        case Heatmap():
            return SectionRow(
                layer_id,
                item.name,
                visible=state.visible,
                opacity=state.opacity,
                note=f"{item.meaning}, {item.range[0]:g} to {item.range[1]:g}",
            )
        case Grades():
            grades = tuple(
                GradeRow(c.name, c.probability, c.name == item.reported) for c in item.classes
            )
            return SectionRow(layer_id, item.name, grades=grades, note=item.reason)
        case Measurements():
            rows = tuple(MeasureRow(q.name, measured_in_words(q.value, q.unit)) for q in item.items)
            return SectionRow(layer_id, item.name, measures=rows)
        case _:
            return SectionRow(layer_id, item.name, visible=state.visible, opacity=state.opacity)


def provenance_line(provenance: Provenance) -> str:
    """E.g. ``"0.1.0  cpu  14 s"``."""
    took = duration(provenance.duration_s)
    return "  ".join((provenance.model.version, provenance.device, took))


def provenance_lines(provenance: Provenance) -> tuple[str, ...]:
    """The whole story of a run."""
    parameters = ", ".join(f"{name} {value}" for name, value in provenance.parameters.items())
    weights = ", ".join(f"{w.name} ({w.sha256[:12]})" for w in provenance.weights)
    source = provenance.source
    time = f"{source.time + 1} of {source.times}" if source.times > 1 else ""
    pairs = (
        ("Time point", time),
        ("Model", f"{provenance.model.id} {provenance.model.version}"),
        ("Package", provenance.model.distribution),
        ("Weights", weights or "none"),
        ("Parameters", parameters),
        ("Device", f"{provenance.device}, {provenance.precision}"),
        ("Tried before", "; ".join(provenance.fallbacks)),
        ("Started", provenance.started),
        ("Took", duration(provenance.duration_s)),
        ("medview", provenance.host_version),
        ("Intended use", provenance.intended_use),
    )
    return tuple(f"{name}: {text}" for name, text in pairs if text)


def _measure(fact: LabelFact) -> str:
    if fact.volume_ml is None:
        return f"{fact.voxels} px"
    return millilitres(fact.volume_ml)


def _detection(found: Detection, selected: str | None) -> DetectionRow:
    sizes = [f"{value:.1f}" for value in found.size]
    unit = "mm" if len(found.size) == 3 else "px"
    facts = [f"{' x '.join(sizes)} {unit}"] + [
        f"{q.name} {measured_in_words(q.value, q.unit)}" for q in found.measurements[:2]
    ]
    return DetectionRow(found.id, found.label, found.score, "  ".join(facts), found.id == selected)
