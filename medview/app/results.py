"""`Results`: what models found on each open source, and which of it is still in the scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from psygnal import Signal

from medview.app.label_facts import LabelFact
from medview.core.findings.base import Findings
from medview.core.scene.layer import Layer
from medview.core.scene.scene import Scene


@dataclass(frozen=True, eq=False)
class Result:
    """The findings of one run, with a layer for each of them.

    Attributes
    ----------
    id : str
        That of the job.
    title : str
        Of the model.
    source_id : str
    findings : Findings
    layers : tuple of Layer
        In the order of ``findings.items``.
    facts : mapping of layer id to tuple of LabelFact
        For label maps.
    """

    id: str
    title: str
    source_id: str
    findings: Findings
    layers: tuple[Layer, ...]
    facts: Mapping[str, tuple[LabelFact, ...]] = field(default_factory=dict)


def layers_for(job_id: str, source_id: str, findings: Findings) -> tuple[Layer, ...]:
    """A layer for every finding, in order."""
    return tuple(
        Layer(f"{job_id}/{number}", source_id, item, findings.provenance)
        for number, item in enumerate(findings.items)
    )


class Results:
    """All results of the session. Removed layers stay known, so that undo finds them again.

    Parameters
    ----------
    scene : Scene
    """

    changed = Signal()

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._results: dict[str, Result] = {}
        scene.layer_added.connect(self._tell)
        scene.layer_removed.connect(self._tell)
        scene.source_removed.connect(self._forget)

    def add(self, result: Result) -> None:
        """Know a result, before its layers come into the scene."""
        self._results[result.id] = result

    def of_layer(self, layer_id: str) -> Result | None:
        """The result that a layer is part of."""
        return self._results.get(layer_id.rpartition("/")[0])

    def shown(self, source_id: str) -> tuple[Result, ...]:
        """Results of which something is in the scene, oldest first."""
        return tuple(
            result
            for result in self._results.values()
            if result.source_id == source_id and self.present(result)
        )

    def present(self, result: Result) -> tuple[Layer, ...]:
        """Those of its layers that are in the scene."""
        return tuple(layer for layer in result.layers if self._scene.layer(layer.id) is layer)

    def remaining(self, result: Result) -> Findings:
        """The findings without what the reader removed; this is what is saved."""
        kept = {layer.id for layer in self.present(result)}
        pairs = zip(result.layers, result.findings.items, strict=True)
        return result.findings.with_items(tuple(item for layer, item in pairs if layer.id in kept))

    def _tell(self, layer: Layer) -> None:
        self.changed.emit()

    def _forget(self, source: object) -> None:
        source_id = getattr(source, "id", None)
        self._results = {k: r for k, r in self._results.items() if r.source_id != source_id}
        self.changed.emit()
