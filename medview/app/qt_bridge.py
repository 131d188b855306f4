"""`QtBridge`: brings calls from worker threads to the GUI thread, in order."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

_TURN_S = 0.02

Call = Callable[[], None]


class QtBridge(QObject):
    """The one object that worker threads may call, and only through its two methods.

    Calls run on the thread that made the bridge. They are taken in turns of
    some milliseconds, so that a flood of messages never stops the painting.

    Parameters
    ----------
    parent : QObject, optional
    """

    _wake = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: OrderedDict[Hashable, Call] = OrderedDict()
        self._count = 0
        self._open = True
        self._later = QTimer(self, singleShot=True, interval=1)
        self._later.timeout.connect(self._take_turn)
        self._wake.connect(self._take_turn, Qt.ConnectionType.QueuedConnection)

    def call_soon(self, call: Call) -> None:
        """Run `call` on the GUI thread; from any thread. Calls keep their order."""
        self._put(None, call)

    def call_latest(self, key: Hashable, call: Call) -> None:
        """As `call_soon`, but replaces a call under the same key that has not run yet.

        For progress: only the newest value is worth showing.
        """
        self._put(key, call)

    def close(self) -> None:
        """Drop what waits and everything that comes later; idempotent."""
        with self._lock:
            self._open = False
            self._waiting.clear()

    def _put(self, key: Hashable | None, call: Call) -> None:
        with self._lock:
            if not self._open:
                return
            self._count += 1
            was_idle = not self._waiting
            self._waiting[("once", self._count) if key is None else ("latest", key)] = call
        if was_idle:
            try:
                self._wake.emit()
            except RuntimeError:
                # The interpreter is going down and Qt has deleted the object first.
                self._open = False

    def _next(self) -> Call | None:
        with self._lock:
            return self._waiting.popitem(last=False)[1] if self._waiting else None

    @Slot()
    def _take_turn(self) -> None:
        end = time.monotonic() + _TURN_S
        try:
            while (call := self._next()) is not None:
                call()
                if time.monotonic() >= end:
                    break
        finally:
            with self._lock:
                more = bool(self._waiting)
            if more:
                # A posted event would run before Qt paints; a timer lets input and paint go first.
                self._later.start()
