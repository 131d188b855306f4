"""What a test left behind: VTK objects, top-level widgets, running timers and threads."""

from __future__ import annotations

import gc
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

# A worker that was told to stop may need a moment to do so.
_GRACE_S = 2.0


@dataclass(frozen=True)
class Snapshot:
    """What existed before a test. Held by reference, so that no id can be used twice."""

    objects: tuple[Any, ...]
    threads: frozenset[threading.Thread]


def take_snapshot() -> Snapshot:
    """Look around before a test."""
    return Snapshot(tuple(_watched_objects()), frozenset(threading.enumerate()))


def find_leaks(before: Snapshot) -> list[str]:
    """One line for each thing that the test made and that outlived it."""
    found = [f"thread still running: {thread.name}" for thread in _lasting(before.threads)]
    classes = _watched_classes()
    if not classes:
        return found
    if _has_application():
        _drain_qt()
    gc.collect()
    known = {id(item) for item in before.objects}
    return found + [describe(item) for item in _watched_objects() if id(item) not in known]


def describe(item: Any) -> str:
    """Class of a leaked object and of what holds it, which is where to look."""
    holders = []
    for holder in gc.get_referrers(item):
        if isinstance(holder, dict) and "__name__" in holder:
            holders.append(f"module {holder['__name__']}")
        elif type(holder).__name__ not in ("frame", "list", "generator", "list_iterator"):
            holders.append(type(holder).__name__)
    return f"{type(item).__name__}, held by {', '.join(holders[:5]) or 'C++ only'}"


def _has_application() -> bool:
    if "PySide6.QtWidgets" not in sys.modules:
        return False
    from PySide6.QtWidgets import QApplication

    return QApplication.instance() is not None


def _watched_classes() -> tuple[type, ...]:
    """Classes of which no new object may remain; empty where neither VTK nor Qt is in use."""
    classes: list[type] = []
    core = sys.modules.get("vtkmodules.vtkCommonCore")
    if core is not None:
        # By class, not by name: Python subclasses of VTK classes carry no prefix.
        classes.append(core.vtkObjectBase)
    if _has_application():
        from PySide6.QtCore import QThread, QTimer
        from PySide6.QtWidgets import QWidget

        classes += [QThread, QTimer, QWidget]
    return tuple(classes)


def _watched_objects() -> list[Any]:
    """VTK objects, top-level widgets, active timers and running threads."""
    classes = _watched_classes()
    if not classes:
        return []
    # One look at each type: a test process holds several hundred thousand objects.
    watched: dict[type, bool] = {}
    found = []
    for item in gc.get_objects():
        kind = type(item)
        if kind not in watched:
            watched[kind] = issubclass(kind, classes)
        if watched[kind] and _counts(item):
            found.append(item)
    return found


def _counts(item: Any) -> bool:
    if not _has_application():
        return True
    import shiboken6
    from PySide6.QtCore import QObject, QThread, QTimer
    from PySide6.QtWidgets import QWidget

    if not isinstance(item, QObject):
        return True
    if not shiboken6.isValid(item):
        return False
    if isinstance(item, QTimer):
        return item.isActive()
    if isinstance(item, QThread):
        return item.isRunning()
    return isinstance(item, QWidget) and item.isWindow()


def _drain_qt() -> None:
    """Let Qt carry out what deleteLater has asked for."""
    from PySide6.QtCore import QCoreApplication, QEvent

    for _ in range(2):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _lasting(before: frozenset[threading.Thread]) -> list[threading.Thread]:
    deadline = time.monotonic() + _GRACE_S
    lasting = [t for t in threading.enumerate() if t not in before and not t.daemon]
    for thread in lasting:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [thread for thread in lasting if thread.is_alive()]
