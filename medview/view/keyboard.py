"""Who gets the keys: the views after any mouse action, a list or button that was tabbed into."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

_NAVIGATION = frozenset(
    {
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Space,
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
    }
)


def navigates_by_keys(widget: QWidget) -> None:
    """Let `widget` have the navigation keys while it has the focus, which it gets by Tab only.

    Without it the window's one-key commands (slice up and down, ...) would
    take the arrows away from a list; with click focus a click into a list
    would take them away from the views.
    """
    widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    widget.installEventFilter(_KeepsNavigation(widget))


class SpaceForButtons(QObject):
    """Lets the button that has the focus have the space bar.

    The space bar is a command of the window too, whose shortcuts would come first. Buttons get
    the focus by Tab only, so whoever presses it there means the button.

    Parameters
    ----------
    window : QWidget
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        # Only the one that has the focus is listened to: a filter costs at every event.
        application.focusChanged.connect(self._on_focus)

    def _on_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        if isinstance(old, QAbstractButton):
            old.removeEventFilter(self)
        if isinstance(new, QAbstractButton) and new.window() is self._window:
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim the space bar before the window's shortcuts see it."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            if event.key() == Qt.Key.Key_Space and plain:
                event.accept()
                return True
        return super().eventFilter(watched, event)


class _KeepsNavigation(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim navigation keys before the window's shortcuts see them."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if event.key() in _NAVIGATION and keys == Qt.KeyboardModifier.NoModifier:
                event.accept()
                return True
        return super().eventFilter(watched, event)
