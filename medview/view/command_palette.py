"""`CommandPalette`: Ctrl+K: type a few letters, press Enter, the command runs.

Signals
-------
(none; an entry carries what it does)

Setters
-------
open_with(tuple[PaletteEntry, ...])
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from medview.view.icons import icon

_WIDTH = 560
_ROW = 36
_MOST = 60
Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True, eq=False)
class PaletteEntry:
    """Something to find: a command, a series, a finding.

    Attributes
    ----------
    title : str
    run : callable
    detail : str
        Where it belongs, e.g. its menu.
    shortcut : str
        Native text of the key, if any.
    icon : str
    enabled : bool
    """

    title: str
    run: Callable[[], None]
    detail: str = ""
    shortcut: str = ""
    icon: str = ""
    enabled: bool = True


def match_rank(query: str, text: str) -> tuple[int, int] | None:
    """How well `text` matches what was typed; smaller is better, None is no match.

    A run of letters ranks before the start of words, and that before letters
    scattered in order.

    Examples
    --------
    >>> match_rank("lung", "Window: Lung") < match_rank("lung", "Layout: unusual long")
    True
    >>> match_rank("xyz", "Window") is None
    True
    """
    wanted, have = query.casefold().strip(), text.casefold()
    if not wanted:
        return (0, 0)
    at = have.find(wanted)
    if at >= 0:
        starts_word = at == 0 or not have[at - 1].isalnum()
        return (0 if starts_word else 1, at)
    if all(part in have for part in wanted.split()):
        return (2, len(have))
    place = -1
    if len(wanted) < 2:
        return None
    for letter in wanted.replace(" ", ""):
        place = have.find(letter, place + 1)
        if place < 0:
            return None
    return (3, place)


class CommandPalette(QFrame):
    """A list over the window that filters while the reader types."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self._window = parent
        self.setObjectName("palette")
        self.setAccessibleName("Command palette")
        self._entries: tuple[PaletteEntry, ...] = ()
        self.input = QLineEdit()
        self.input.setObjectName("paletteInput")
        self.input.setPlaceholderText("Search commands, series and findings")
        self.input.setAccessibleName("Search everything")
        self.list = QListWidget()
        self.list.setItemDelegate(_RowPainter(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(6)
        column.addWidget(self.input)
        column.addWidget(self.list)
        self.input.textChanged.connect(self._filter)
        self.input.installEventFilter(self)
        self.list.itemClicked.connect(lambda _item: self._run())

    def open_with(self, entries: tuple[PaletteEntry, ...]) -> None:
        """Open over the top of the parent's middle."""
        self._entries = entries
        self.input.clear()
        self._filter("")
        parent = self._window
        width = min(_WIDTH, parent.width() - 32)
        self.resize(width, min(12 * _ROW + 70, parent.height() - 80))
        corner = QPoint((parent.width() - width) // 2, 48)
        self.move(parent.mapToGlobal(corner))
        self.show()
        self.input.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrows move in the list while the typing goes on."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            moves: dict[int, int] = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8}
            moves[Qt.Key.Key_PageUp] = -8
            key = event.key()
            if key in moves and self.list.count():
                at = self.list.currentRow() + moves[key]
                self.list.setCurrentRow(min(max(at, 0), self.list.count() - 1))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run()
                return True
        return super().eventFilter(watched, event)

    def _filter(self, query: str) -> None:
        ranked = []
        for order, entry in enumerate(self._entries):
            rank = match_rank(query, entry.title) or match_rank(
                query, f"{entry.detail} {entry.title}"
            )
            if rank is not None:
                ranked.append((rank, order, entry))
        ranked.sort(key=lambda each: each[:2])
        self.list.clear()
        for _, _, entry in ranked[:_MOST]:
            item = QListWidgetItem(entry.title)
            item.setData(_ROLE, entry)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.title} {entry.shortcut}")
            if not entry.enabled:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.list.setCurrentRow(0 if self.list.count() else -1)

    def _run(self) -> None:
        chosen = self.list.currentRow() >= 0
        entry = self.list.currentItem().data(_ROLE) if chosen else None
        if isinstance(entry, PaletteEntry) and entry.enabled:
            # Closed first: the command may open something of its own.
            self.hide()
            entry.run()


class _RowPainter(QStyledItemDelegate):
    """Icon, title, where it belongs, and its key at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Give every row the same height."""
        return QSize(_WIDTH - 40, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        entry = index.data(_ROLE)
        palette = option.palette
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected != QStyle.StateFlag.State_None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(rect.adjusted(2, 1, -2, -1), 5, 5)
        group = QPalette.ColorGroup.Active if entry.enabled else QPalette.ColorGroup.Disabled
        strong: QColor = palette.color(group, QPalette.ColorRole.Text)
        # From the application: a style sheet dims the widget's own placeholder colour.
        role = QPalette.ColorRole.PlaceholderText if entry.enabled else QPalette.ColorRole.Text
        weak = QGuiApplication.palette().color(group, role)
        middle = Qt.AlignmentFlag.AlignVCenter
        if entry.icon:
            mode = QIcon.Mode.Normal if entry.enabled else QIcon.Mode.Disabled
            where = QRect(rect.left() + 12, rect.center().y() - 9, 18, 18)
            icon(entry.icon).paint(painter, where, Qt.AlignmentFlag.AlignCenter, mode)
        text = rect.adjusted(42, 0, -12, 0)
        painter.setPen(weak)
        painter.drawText(text, int(middle | Qt.AlignmentFlag.AlignRight), entry.shortcut)
        text.setRight(text.right() - painter.fontMetrics().horizontalAdvance(entry.shortcut) - 16)
        painter.setPen(strong)
        painter.drawText(text, int(middle), entry.title)
        used = painter.fontMetrics().horizontalAdvance(entry.title) + 16
        painter.setPen(weak)
        rest = text.adjusted(used, 0, 0, 0)
        detail = painter.fontMetrics().elidedText(
            entry.detail, Qt.TextElideMode.ElideRight, rest.width()
        )
        painter.drawText(rest, int(middle), detail)
        painter.restore()
