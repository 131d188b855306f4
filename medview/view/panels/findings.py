"""`FindingsPanel`: results, one card per run: provenance, labels, detections, grades, measures.

Signals
-------
layer_visibility_changed(str layer id, bool), label_visibility_changed(str layer id, int value,
    bool)
opacity_changed(str layer id, float 0..1), threshold_changed(str layer id, float 0..1)
label_chosen(str layer id, int value), detection_chosen(str layer id, str detection id)
save_requested(str run id), remove_requested(str run id)

Setters
-------
set_runs(tuple[RunRow, ...]): newest first; step_detection(+1 | -1): next or previous finding of
    the first list
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from medview.view.panels.finding_card import RunCard, shape_of
from medview.view.panels.finding_rows import RunRow
from medview.view.parts import clear, label, scroll_column


class FindingsPanel(QWidget):
    """Cards, one per run."""

    layer_visibility_changed = Signal(str, bool)
    label_visibility_changed = Signal(str, int, bool)
    opacity_changed = Signal(str, float)
    threshold_changed = Signal(str, float)
    label_chosen = Signal(str, int)
    detection_chosen = Signal(str, str)
    save_requested = Signal(str)
    remove_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        area, self._column = scroll_column(self)
        outer.addWidget(area)
        self.cards: dict[str, RunCard] = {}
        self._shapes: tuple[object, ...] = (None,)
        self.set_runs(())

    def set_runs(self, rows: tuple[RunRow, ...]) -> None:
        """Show these runs; appearance changes keep the widgets, other results replace them."""
        shapes = tuple(shape_of(row) for row in rows)
        if shapes != self._shapes:
            self._shapes = shapes
            clear(self._column)
            self.cards = {row.id: self._make_card(row) for row in rows}
            for each in self.cards.values():
                self._column.addWidget(each)
            if not rows:
                words = "Run a model, and what it finds appears here and in the views."
                self._column.addWidget(label(words, "muted", wrap=True))
        for row in rows:
            self.cards[row.id].set_row(row)

    def step_detection(self, by: int) -> None:
        """Jump to the next or previous detection of the first list there is."""
        for each in self.cards.values():
            for section in each.detection_lists():
                section.step(by)
                return

    def _make_card(self, row: RunRow) -> RunCard:
        made = RunCard(row)
        made.layer_visibility_changed.connect(self.layer_visibility_changed)
        made.label_visibility_changed.connect(self.label_visibility_changed)
        made.opacity_changed.connect(self.opacity_changed)
        made.threshold_changed.connect(self.threshold_changed)
        made.label_chosen.connect(self.label_chosen)
        made.detection_chosen.connect(self.detection_chosen)
        made.save_requested.connect(self.save_requested)
        made.remove_requested.connect(self.remove_requested)
        return made
