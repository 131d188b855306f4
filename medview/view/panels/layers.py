"""`LayersPanel`: what lies over the image, top first: visible or not, how opaque, remove.

Signals
-------
visibility_changed(str layer id, bool), opacity_changed(str layer id, float 0..1),
    colour_changed(str layer id, rgb 0..255), remove_requested(str layer id)

Setters
-------
set_layers(tuple[LayerRow, ...])
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from medview.view.keyboard import navigates_by_keys
from medview.view.panels.colour_button import ColourButton
from medview.view.parts import ElidedLabel, card, clear, icon_button, label, scroll_column


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer.

    Attributes
    ----------
    id, title, detail : str
    visible : bool
    opacity : float or None
        0..1; None where it means nothing for this kind.
    marks : tuple of str
        E.g. "demonstration model", "older than an edit".
    elsewhere : str
        Why it is not drawn now, e.g. because it belongs to another time point; else empty.
    rgb : (int, int, int) or None
        0..255 each, where the reader may choose another colour.
    removable : bool
        False for what comes with the image.
    """

    id: str
    title: str
    detail: str = ""
    visible: bool = True
    opacity: float | None = 0.35
    marks: tuple[str, ...] = ()
    elsewhere: str = ""
    rgb: tuple[int, int, int] | None = None
    removable: bool = True


class LayersPanel(QWidget):
    """Cards, one per layer."""

    visibility_changed = Signal(str, bool)
    opacity_changed = Signal(str, float)
    colour_changed = Signal(str, object)
    remove_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        area, self._column = scroll_column(self)
        outer.addWidget(area)
        self._cards: dict[str, _LayerCard] = {}
        self.set_layers(())

    def set_layers(self, rows: tuple[LayerRow, ...]) -> None:
        """Show these layers; a card in the reader's hand is updated, not replaced."""
        if not rows or tuple(row.id for row in rows) != tuple(self._cards):
            clear(self._column)
            self._cards = {row.id: _LayerCard(row, self) for row in rows}
            for each in self._cards.values():
                self._column.addWidget(each)
            if not rows:
                self._column.addWidget(label("Results of models appear here.", "muted", wrap=True))
        for row in rows:
            self._cards[row.id].set_row(row)


class _LayerCard(QWidget):
    def __init__(self, row: LayerRow, panel: LayersPanel) -> None:
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        frame, column = card()
        outer.addWidget(frame)
        top = QHBoxLayout()
        self._box = QCheckBox()
        self._box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._box.setAccessibleName(f"Show {row.title}")
        self._box.toggled.connect(lambda on: panel.visibility_changed.emit(row.id, on))
        self._title = ElidedLabel(row.title, "title")
        top.addWidget(self._box)
        top.addWidget(self._title, 1)
        self.colour = ColourButton(row.title)
        self.colour.chosen.connect(lambda rgb: panel.colour_changed.emit(row.id, rgb))
        self.colour.setVisible(row.rgb is not None)
        top.addWidget(self.colour)
        remove = icon_button(
            "remove", f"Remove {row.title}", lambda: panel.remove_requested.emit(row.id)
        )
        remove.setVisible(row.removable)
        top.addWidget(remove)
        column.addLayout(top)
        self._detail = ElidedLabel(row.detail, "muted")
        column.addWidget(self._detail)
        self._marks = label("", "demo", wrap=True)
        column.addWidget(self._marks)
        self._elsewhere = label("", "doubt", wrap=True)
        column.addWidget(self._elsewhere)
        self._slider = opacity_slider(row.title)
        self._slider.valueChanged.connect(lambda v: panel.opacity_changed.emit(row.id, v / 100))
        line = QHBoxLayout()
        self._caption = label("Opacity", "muted")
        line.addWidget(self._caption)
        line.addWidget(self._slider, 1)
        column.addLayout(line)

    def set_row(self, row: LayerRow) -> None:
        """Show other values without telling them back."""
        with QSignalBlocker(self._box), QSignalBlocker(self._slider):
            self._box.setChecked(row.visible)
            self._slider.setValue(round((row.opacity or 0.0) * 100))
        if row.rgb is not None:
            self.colour.set_colour(row.rgb)
        for part in (self._slider, self._caption):
            part.setVisible(row.opacity is not None)
        self._title.setText(row.title)
        self._detail.setText(row.detail)
        self._detail.setVisible(bool(row.detail))
        self._marks.setText(", ".join(row.marks))
        self._marks.setVisible(bool(row.marks))
        self._elsewhere.setText(row.elsewhere)
        self._elsewhere.setVisible(bool(row.elsewhere))


def opacity_slider(of: str) -> QSlider:
    """A slider from 0 to 100 %."""
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(0, 100)
    slider.setPageStep(10)
    slider.setMinimumHeight(20)
    slider.setAccessibleName(f"Opacity of {of}")
    navigates_by_keys(slider)
    return slider
