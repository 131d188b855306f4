"""What tests do with packages of models in a window: menus, questions, drops."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from medview.app.wiring import Desk
from medview.view.dialogs.consent import ConsentDialog
from medview.view.panels.model_card import ModelCardView

LEFT = Qt.MouseButton.LeftButton


def card_of(desk: Desk, qtbot: QtBot, model: str, *states: str) -> ModelCardView:
    """The card of a model, once it is in one of these states (ready by default)."""
    cards, handle = desk.window.models.cards, desk.models.handle_of

    def is_there() -> bool:
        return model in cards and handle(model).state in (states or ("ready",))

    qtbot.waitUntil(is_there, timeout=20_000)
    return cards[model]


def choose(card: ModelCardView, act: str) -> None:
    """Open the menu of a card and choose from it by the keyboard."""
    menu = card.menu_button.menu()
    action = next(a for a in menu.actions() if a.objectName() == act)
    menu.popup(card.menu_button.mapToGlobal(QPoint(0, 0)))
    menu.setActiveAction(action)
    QTest.keyClick(menu, Qt.Key.Key_Return)


def consent_to(desk: Desk, qtbot: QtBot, asked: Path | str) -> ConsentDialog:
    """Look at a package, and wait for the question."""
    desk.packages.offering.look(str(asked))
    qtbot.waitUntil(lambda: desk.packages.offering.consent is not None, timeout=20_000)
    consent = desk.packages.offering.consent
    assert consent is not None
    return consent


def texts(widget: QWidget) -> str:
    """All words on a widget."""
    words = [each.text() for each in widget.findChildren(QLabel) if not each.isHidden()]
    words += [each.text() for each in widget.findChildren(QLineEdit)]
    return "\n".join(words).replace("\N{ZERO WIDTH SPACE}", "")


def drop(widget: QWidget, *paths: Path) -> None:
    """Drag files over the middle of a widget and let them fall."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at, action = widget.rect().center(), Qt.DropAction.CopyAction
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QDragEnterEvent(at, action, data, LEFT, none))
    event = QDropEvent(at.toPointF(), action, data, LEFT, none)
    QApplication.sendEvent(widget, event)
    assert event.isAccepted()
