"""`Toasts`: quiet notes above the lower edge that go away by themselves and can be clicked.

Setters
-------
show_toast(text, kind="info", action="", on_action=None, seconds=6.0)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from medview.view.icons import icon
from medview.view.parts import button, icon_button, label

ToastKind = Literal["info", "good", "error"]
# Middle tones: they stand out on light and dark grounds alike.
_ICONS = {
    "info": ("about", None),
    "good": ("done", "#3fa06a"),
    "error": ("error", "#d9584a"),
}
_MOST = 3
_WIDTH = 420
_MARGIN = 16


class Toasts(QWidget):
    """A column of toasts over its parent; invisible and out of the way while there are none.

    Parameters
    ----------
    parent : QWidget
    above : QWidget, optional
        At the parent's lower edge; toasts stay clear of it while it is shown.
    """

    def __init__(self, parent: QWidget, above: QWidget | None = None) -> None:
        super().__init__(parent)
        self._area = parent
        self._above = above
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.setAlignment(Qt.AlignmentFlag.AlignBottom)
        parent.installEventFilter(self)
        if above is not None:
            above.installEventFilter(self)
        self.hide()

    def show_toast(
        self,
        text: str,
        *,
        kind: ToastKind = "info",
        action: str = "",
        on_action: Callable[[], None] | None = None,
        seconds: float = 6.0,
    ) -> None:
        """Show a sentence.

        Parameters
        ----------
        text : str
        kind : {"info", "good", "error"}
        action : str
            Words of a button, e.g. "Undo"; a click anywhere on the toast does the same.
        on_action : callable, optional
        seconds : float
            How long it stays when not pointed at; 0 keeps it until it is dismissed.
        """
        while self._column.count() >= _MOST:
            self._dismiss(self.toasts()[0])
        toast = Toast(text, kind, action, on_action, seconds, self._dismiss)
        self._column.addWidget(toast)
        self._place()
        self.show()
        self.raise_()

    def toasts(self) -> tuple[Toast, ...]:
        """Those on screen, oldest first."""
        items = (self._column.itemAt(i) for i in range(self._column.count()))
        widgets = (item.widget() for item in items if item is not None)
        return tuple(w for w in widgets if isinstance(w, Toast))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the parent's size, and what comes and goes at its lower edge."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide):
            self._place()
        return super().eventFilter(watched, event)

    def _dismiss(self, toast: Toast) -> None:
        self._column.removeWidget(toast)
        toast.hide()
        toast.deleteLater()
        self._place()
        self.setVisible(self._column.count() > 0)

    def _place(self) -> None:
        parent = self._area
        width = min(_WIDTH, parent.width() - 2 * _MARGIN)
        height = sum(toast.height_for(width) + 8 for toast in self.toasts())
        left = parent.width() - width - _MARGIN
        taken = self._above.height() if self._above is not None and self._above.isVisible() else 0
        self.setGeometry(left, parent.height() - taken - height - _MARGIN, width, height)


class Toast(QFrame):
    """One note."""

    def __init__(
        self,
        text: str,
        kind: ToastKind,
        action: str,
        on_action: Callable[[], None] | None,
        seconds: float,
        dismiss: Callable[[Toast], None],
    ) -> None:
        super().__init__()
        self.setObjectName("toast")
        self.setProperty("kind", kind)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(text)
        self._act = on_action
        self._dismiss = dismiss
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(10)
        picture = QLabel()
        picture.setPixmap(icon(*_ICONS[kind]).pixmap(20, 20))
        row.addWidget(picture)
        self.text = label(text, wrap=True)
        row.addWidget(self.text, 1)
        if action:
            row.addWidget(button(action, self._on_action, kind="link"))
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        row.addWidget(icon_button("close", "Dismiss", lambda: self._dismiss(self)))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(round(seconds * 1000))
        self._timer.timeout.connect(lambda: self._dismiss(self))
        if seconds > 0:
            self._timer.start()

    def height_for(self, width: int) -> int:
        """Height it needs at a width."""
        layout = self.layout()
        tall = layout.heightForWidth(width) if layout is not None else 0
        return max(tall, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Do what the toast offers."""
        self._on_action()

    def enterEvent(self, event: QEvent) -> None:
        """Stay while being read."""
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Go on counting."""
        if self._timer.interval() > 0:
            self._timer.start()

    def _on_action(self) -> None:
        if self._act is not None:
            self._act()
        self._dismiss(self)
