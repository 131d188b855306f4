"""`SteadyList`: keeps cards from moving under the pointer, and presses off those that did."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Signal
from PySide6.QtWidgets import QAbstractButton, QScrollArea, QWidget

SETTLING_S = 0.6
"""As long as a hand takes that is under way already."""
_EVER = float("-inf")
_PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)


class SteadyList(QObject):
    """Watches an area with cards in it.

    While the pointer is over the area, `order` keeps the cards where they are. Whatever moves
    a button all the same (a card above grows or is removed, something appears above the list),
    a press of the mouse on it counts only after a moment: it was meant for what stood there.
    Scrolling moves nothing in this sense: that was the reader.

    Parameters
    ----------
    area : QScrollArea
    now : callable
        The time in seconds.
    """

    left = Signal()
    """The pointer has left the area: what was held may move."""

    def __init__(self, area: QScrollArea, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(area)
        self._area = area
        self.now = now
        self._is_held = False
        self._order: list[str] = []
        self._painted: dict[QObject, tuple[QPoint, float]] = {}
        self._came: dict[QObject, float] = {}
        self._shortened = _EVER
        area.installEventFilter(self)
        area.verticalScrollBar().rangeChanged.connect(self._on_range)

    def order(self, wanted: Sequence[str]) -> list[str]:
        """The ids in the order to show them now: as wanted, or as they stand and new ones last."""
        if self._is_held:
            stand = [id_ for id_ in self._order if id_ in wanted]
            self._order = stand + [id_ for id_ in wanted if id_ not in stand]
        else:
            self._order = list(wanted)
        return self._order

    def watch(self, card: QWidget, *, among_others: bool) -> None:
        """Watch the buttons of a new card.

        Parameters
        ----------
        card : QWidget
        among_others : bool
            Whether it comes into a list that is being read already.
        """
        for control in card.findChildren(QAbstractButton):
            self._came[control] = self.now() if among_others else _EVER
            control.installEventFilter(self)

    def forget(self, card: QWidget) -> None:
        """Watch a card no more."""
        for control in card.findChildren(QAbstractButton):
            self._painted.pop(control, None)
            self._came.pop(control, None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note where buttons are painted, and swallow presses that come too soon after a move."""
        kind = event.type()
        if isinstance(watched, QAbstractButton) and watched in self._came:
            if kind in _PRESSES:
                return self._has_just_moved(watched)
            if kind == QEvent.Type.Paint:
                # Places on the way to a layout are never painted, so nobody has seen them.
                self._painted[watched] = (self._place(watched), self._since(watched))
            elif kind == QEvent.Type.ShowToParent:
                # It takes the place of another, as Cancel does under a double click on Run.
                self._painted.pop(watched, None)
                self._came[watched] = self.now()
        elif watched is self._area and kind in (QEvent.Type.Enter, QEvent.Type.Leave):
            self._is_held = kind == QEvent.Type.Enter
            if not self._is_held:
                self.left.emit()
        return super().eventFilter(watched, event)

    def _place(self, control: QWidget) -> QPoint:
        content = self._area.widget()
        assert content is not None
        return control.mapTo(content, QPoint(0, 0)) + self._area.pos()

    def _since(self, control: QWidget) -> float:
        """Since when a button is where it is now."""
        place, since = self._painted.get(control, (None, self._came[control]))
        return since if place is None or place == self._place(control) else self.now()

    def _on_range(self, _low: int, high: int) -> None:
        # A list that gets shorter than where it was scrolled to is pulled down as a whole.
        if self._area.verticalScrollBar().value() > high:
            self._shortened = self.now()

    def _has_just_moved(self, control: QWidget) -> bool:
        return self.now() - max(self._since(control), self._shortened) < SETTLING_S
