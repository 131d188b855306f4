"""Widgets for single findings: labels, a list of detections, grades, a table of measures."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from medview.view.keyboard import navigates_by_keys
from medview.view.panels.finding_rows import DetectionRow, GradeRow, LabelRow, MeasureRow
from medview.view.parts import ElidedLabel, icon_button, label

_ROW_PX = 40
_MOST_ROWS = 6


class LabelList(QWidget):
    """Labels of a mask, each with a check box, its colour and its measure; a click jumps there.

    Parameters
    ----------
    rows : tuple of LabelRow
    shown : callable
        Takes a label's value, and whether to show it.
    jump : callable
        Takes the value of the label to go to.
    """

    def __init__(
        self,
        rows: tuple[LabelRow, ...],
        shown: Callable[[int, bool], None],
        jump: Callable[[int], None],
    ) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        self.boxes: dict[int, QCheckBox] = {}
        self.names: dict[int, LabelName] = {}
        for at, row in enumerate(rows):
            box = QCheckBox()
            box.setIcon(swatch(row.rgb))
            box.setIconSize(QSize(14, 14))
            box.setChecked(row.visible)
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            box.setAccessibleName(f"Show {row.name}")
            box.toggled.connect(lambda on, value=row.value: shown(value, on))
            self.boxes[row.value] = box
            measure = label(row.measure)
            measure.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(box, at, 0)
            name = LabelName(row.name, lambda value=row.value: jump(value))  # type: ignore[misc]
            self.names[row.value] = name
            grid.addWidget(name, at, 1)
            grid.addWidget(measure, at, 2)

    def set_rows(self, rows: tuple[LabelRow, ...]) -> None:
        """Show other visibilities of the same labels."""
        for row in rows:
            with QSignalBlocker(self.boxes[row.value]):
                self.boxes[row.value].setChecked(row.visible)


class LabelName(ElidedLabel):
    """The name of a structure, which leads there: by a click, or by Enter after Tab."""

    def __init__(self, name: str, jump: Callable[[], None]) -> None:
        super().__init__(name)
        self._jump = jump
        self.setObjectName("labelName")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"Go to {name}")
        self.setToolTip(f"Go to {name}")
        navigates_by_keys(self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go there, if the button was let go over the name."""
        inside = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and inside:
            self._jump()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the press, so that the release comes here too."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go there."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._jump()
        else:
            super().keyPressEvent(event)


class DetectionList(QWidget):
    """Things found; a click or the arrows jump to one."""

    def __init__(self, rows: tuple[DetectionRow, ...], jump: Callable[[str], None]) -> None:
        super().__init__()
        self._jump = jump
        self._rows = rows
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        bar = QHBoxLayout()
        self._count = label("", "muted")
        bar.addWidget(self._count, 1)
        self.previous = icon_button("previous", "Previous  (Shift+N)", lambda: self.step(-1))
        self.next = icon_button("next", "Next  (N)", lambda: self.step(1))
        bar.addWidget(self.previous)
        bar.addWidget(self.next)
        column.addLayout(bar)
        self.list = QListWidget()
        self.list.setAccessibleName("Findings list")
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        navigates_by_keys(self.list)
        self.list.setFixedHeight(min(len(rows), _MOST_ROWS) * _ROW_PX + 4)
        self.list.setVisible(bool(rows))
        column.addWidget(self.list)
        for row in rows:
            self._add(row)
        self.list.itemClicked.connect(self._on_chosen)
        self.list.itemActivated.connect(self._on_chosen)
        self.set_rows(rows)

    def set_rows(self, rows: tuple[DetectionRow, ...]) -> None:
        """Show another selection among the same things."""
        chosen = next((i for i, row in enumerate(rows) if row.selected), -1)
        with QSignalBlocker(self.list):
            self.list.setCurrentRow(chosen)
        if chosen >= 0:
            self.list.scrollToItem(self.list.item(chosen))
        place = f"{chosen + 1} of {len(rows)}" if chosen >= 0 else f"{len(rows)} found"
        self._count.setText(place if rows else "Nothing found")
        for each in (self.previous, self.next):
            each.setEnabled(bool(rows))

    def step(self, by: int) -> None:
        """Jump to the next or the previous one, round and round."""
        if self._rows:
            now = self.list.currentRow()
            start = -1 if now < 0 and by > 0 else max(now, 0)
            self._jump(self._rows[(start + by) % len(self._rows)].id)

    def _add(self, row: DetectionRow) -> None:
        item = QListWidgetItem()
        item.setSizeHint(QSize(100, _ROW_PX))
        score = "" if row.score is None else f", score {row.score:.2f}"
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.name}, {row.detail}{score}")
        item.setData(Qt.ItemDataRole.UserRole, row.id)
        self.list.addItem(item)
        line = QWidget()
        line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        across = QHBoxLayout(line)
        across.setContentsMargins(8, 2, 8, 2)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(ElidedLabel(row.name))
        if row.detail:
            texts.addWidget(ElidedLabel(row.detail, "muted"))
        across.addLayout(texts, 1)
        if row.score is not None:
            across.addWidget(label(f"{row.score:.2f}"))
        self.list.setItemWidget(item, line)

    def _on_chosen(self, item: QListWidgetItem) -> None:
        self._jump(str(item.data(Qt.ItemDataRole.UserRole)))


def grade_table(rows: tuple[GradeRow, ...]) -> QWidget:
    """Classes with their probabilities as bars; the reported one stands out."""
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(8)
    grid.setColumnStretch(1, 1)
    for at, row in enumerate(rows):
        bar = QProgressBar()
        bar.setRange(0, 1000)
        bar.setValue(round(row.probability * 1000))
        bar.setTextVisible(False)
        bar.setFixedHeight(6)
        bar.setAccessibleName(f"Probability of {row.name}")
        role = "title" if row.reported else "muted"
        grid.addWidget(label(row.name, role), at, 0)  # type: ignore[arg-type]
        grid.addWidget(bar, at, 1)
        grid.addWidget(label(f"{100 * row.probability:.0f} %", role), at, 2)  # type: ignore[arg-type]
    return box


def measure_table(rows: tuple[MeasureRow, ...]) -> QWidget:
    """Names left, values right."""
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(2)
    grid.setColumnStretch(0, 1)
    for at, row in enumerate(rows):
        grid.addWidget(ElidedLabel(row.name, "muted"), at, 0)
        value = label(row.value)
        value.setAlignment(Qt.AlignmentFlag.AlignRight)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(value, at, 1)
    return box


def swatch(rgb: tuple[int, int, int]) -> QIcon:
    """A small rounded square of a colour."""
    pixmap = QPixmap(28, 28)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*rgb))
    painter.drawRoundedRect(QRectF(2, 2, 24, 24), 6, 6)
    painter.end()
    return QIcon(pixmap)
