"""`RunCard`: the results of one run: heading, warnings, a section per finding."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from medview.view.panels.finding_rows import RunRow, SectionRow
from medview.view.panels.finding_sections import (
    DetectionList,
    LabelList,
    grade_table,
    measure_table,
)
from medview.view.panels.layers import opacity_slider
from medview.view.parts import ElidedLabel, card, icon_button, label, rule


def shape_of(row: RunRow) -> object:
    """What of a run cannot change without new widgets."""
    return (
        row.id,
        row.title,
        row.provenance,
        row.warnings,
        row.outdated,
        tuple(_section_shape(section) for section in row.sections),
    )


def _section_shape(section: SectionRow) -> object:
    return (
        section.layer_id,
        section.title,
        section.note,
        tuple((each.value, each.name, each.rgb, each.measure) for each in section.labels),
        tuple((each.id, each.name, each.score, each.detail) for each in section.detections),
        section.grades,
        section.measures,
        section.opacity is None,
        section.threshold is None,
    )


class RunCard(QWidget):
    """Shows a `RunRow`."""

    layer_visibility_changed = Signal(str, bool)
    label_visibility_changed = Signal(str, int, bool)
    opacity_changed = Signal(str, float)
    threshold_changed = Signal(str, float)
    label_chosen = Signal(str, int)
    detection_chosen = Signal(str, str)
    save_requested = Signal(str)
    remove_requested = Signal(str)

    def __init__(self, row: RunRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        frame, column = card()
        outer.addWidget(frame)
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(ElidedLabel(row.title, "title"), 1)
        top.addWidget(
            icon_button("save", "Save these findings", lambda: self.save_requested.emit(row.id))
        )
        top.addWidget(
            icon_button(
                "remove", "Remove these findings", lambda: self.remove_requested.emit(row.id)
            )
        )
        column.addLayout(top)
        provenance = ElidedLabel(row.provenance, "muted")
        provenance.setToolTip("\n".join(row.provenance_lines) or row.provenance)
        column.addWidget(provenance)
        if row.demonstration:
            column.addWidget(label("Demonstration model", "demo"))
        if row.outdated:
            column.addWidget(label(row.outdated, "doubt", wrap=True))
        self._elsewhere = label(row.elsewhere, "doubt", wrap=True)
        column.addWidget(self._elsewhere)
        for warning in row.warnings:
            column.addWidget(label(warning, "doubt", wrap=True))
        self._sections = [_Section(section, self) for section in row.sections]
        for section in self._sections:
            column.addWidget(rule())
            column.addWidget(section)

    def set_row(self, row: RunRow) -> None:
        """Show another appearance of the same results."""
        self._elsewhere.setText(row.elsewhere)
        self._elsewhere.setVisible(bool(row.elsewhere))
        for widget, section in zip(self._sections, row.sections, strict=True):
            widget.set_row(section)

    def detection_lists(self) -> tuple[DetectionList, ...]:
        """Lists of things found, in their order."""
        return tuple(s.detections for s in self._sections if s.detections is not None)


class _Section(QWidget):
    """One finding: a check box to show it, its rows, and how opaque it is."""

    def __init__(self, row: SectionRow, run: RunCard) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(6)
        self._box: QCheckBox | None = None
        self._add_heading(column, row, run)
        if row.note:
            column.addWidget(label(row.note, "muted", wrap=True))
        self._labels = self._add_labels(column, row, run)
        self.detections: DetectionList | None = None
        if row.detections or row.threshold is not None:
            self.detections = DetectionList(
                row.detections, lambda id_: run.detection_chosen.emit(row.layer_id, id_)
            )
            column.addWidget(self.detections)
        if row.grades:
            column.addWidget(grade_table(row.grades))
        if row.measures:
            column.addWidget(measure_table(row.measures))
        self._opacity = self._add_slider(column, "Opacity", row, row.opacity, run.opacity_changed)
        self._threshold = self._add_slider(
            column, "Least score", row, row.threshold, run.threshold_changed
        )

    def set_row(self, row: SectionRow) -> None:
        """Show other values without telling them back."""
        if self._box is not None:
            with QSignalBlocker(self._box):
                self._box.setChecked(row.visible)
        if self._labels is not None:
            self._labels.set_rows(row.labels)
        if self.detections is not None:
            self.detections.set_rows(row.detections)
        for slider, value in ((self._opacity, row.opacity), (self._threshold, row.threshold)):
            if slider is not None and value is not None:
                with QSignalBlocker(slider):
                    slider.setValue(round(value * 100))

    def _add_heading(self, column: QVBoxLayout, row: SectionRow, run: RunCard) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        if row.layer_id and not (row.measures and not row.labels and not row.detections):
            self._box = QCheckBox()
            self._box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._box.setAccessibleName(f"Show {row.title}")
            self._box.setToolTip("Show in the views")
            self._box.toggled.connect(
                lambda on: run.layer_visibility_changed.emit(row.layer_id, on)
            )
            line.addWidget(self._box)
        line.addWidget(ElidedLabel(row.title), 1)
        column.addLayout(line)

    @staticmethod
    def _add_labels(column: QVBoxLayout, row: SectionRow, run: RunCard) -> LabelList | None:
        if not row.labels:
            return None
        labels = LabelList(
            row.labels,
            lambda value, on: run.label_visibility_changed.emit(row.layer_id, value, on),
            lambda value: run.label_chosen.emit(row.layer_id, value),
        )
        column.addWidget(labels)
        return labels

    @staticmethod
    def _add_slider(
        column: QVBoxLayout, name: str, row: SectionRow, value: float | None, signal: object
    ) -> QSlider | None:
        if value is None:
            return None
        slider = opacity_slider(row.title)
        slider.setAccessibleName(f"{name} of {row.title}")
        slider.valueChanged.connect(
            lambda percent: signal.emit(row.layer_id, percent / 100)  # type: ignore[attr-defined]
        )
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(label(name, "muted"))
        line.addWidget(slider, 1)
        column.addLayout(line)
        return slider
