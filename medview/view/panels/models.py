"""`ModelsPanel`: every installed model, what fits first, each with Run, parameters and details.

Signals
-------
run_requested(str model id, dict values): Run, or Run anyway where the fit is doubtful
cancel_requested(str model id)

Setters
-------
set_models(tuple[ModelRow, ...]): in the order to show them
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from medview.view.panels.model_card import ModelCardView, matches
from medview.view.panels.model_rows import ModelRow
from medview.view.parts import label, scroll_column

_FILTER_FROM = 6


class ModelsPanel(QWidget):
    """Cards, one per model; a filter where there are many."""

    run_requested = Signal(str, object)
    cancel_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter models")
        self.filter.setAccessibleName("Filter models")
        self.filter.setClearButtonEnabled(True)
        # A path dropped here is meant for the window.
        self.filter.setAcceptDrops(False)
        self.filter.textChanged.connect(self._show_matching)
        self._filter_box = QWidget()
        row = QVBoxLayout(self._filter_box)
        row.setContentsMargins(8, 8, 8, 0)
        row.addWidget(self.filter)
        outer.addWidget(self._filter_box)
        area, self._column = scroll_column(self)
        outer.addWidget(area, 1)
        self._nothing = label("No models are installed.", "muted", wrap=True)
        self._column.addWidget(self._nothing)
        self.cards: dict[str, ModelCardView] = {}
        self._rows: dict[str, ModelRow] = {}
        self.set_models(())

    def set_models(self, rows: tuple[ModelRow, ...]) -> None:
        """Show these models; cards that stay keep their open form and values."""
        wanted = {row.id for row in rows}
        for id_ in [known for known in self.cards if known not in wanted]:
            gone = self.cards.pop(id_)
            gone.hide()
            gone.deleteLater()
        for row in rows:
            if row.id in self.cards:
                self.cards[row.id].set_row(row)
            else:
                self.cards[row.id] = self._make_card(row)
        self._order(rows)
        self._rows = {row.id: row for row in rows}
        self._nothing.setVisible(not rows)
        self._filter_box.setVisible(len(rows) >= _FILTER_FROM)
        self._show_matching(self.filter.text())

    def _make_card(self, row: ModelRow) -> ModelCardView:
        made = ModelCardView(row)
        made.run_requested.connect(self.run_requested)
        made.cancel_requested.connect(self.cancel_requested)
        return made

    def _order(self, rows: tuple[ModelRow, ...]) -> None:
        for at, row in enumerate(rows):
            # Taken out and put in only where it moved, so that a form being typed into keeps focus.
            if self._column.indexOf(self.cards[row.id]) != at:
                self._column.insertWidget(at, self.cards[row.id])

    def _show_matching(self, query: str) -> None:
        for id_, row in self._rows.items():
            self.cards[id_].setVisible(matches(row, query))
