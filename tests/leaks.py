"""What a test left behind: VTK objects, top-level widgets, running timers and threads."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

# A worker that was told to stop may need a moment to do so.
_GRACE_S = 2.0


@dataclass(frozen=True)
class Snapshot:
    """What existed before a test. Held by reference, so that no id can be used twice."""

    vtk: tuple[Any, ...]
    qt: tuple[Any, ...]
    threads: frozenset[threading.Thread]


def take_snapshot() -> Snapshot:
    """Look around before a test."""
    return Snapshot(tuple(_vtk_objects()), tuple(_qt_objects()), frozenset(threading.enumerate()))


def find_leaks(before: Snapshot) -> list[str]:
    """One line for each thing that the test made and that outlived it."""
    threads = _lasting_threads(before.threads)
    _drain_qt()
    gc.collect()
    found = [f"thread still running: {thread.name}" for thread in threads]
    found += [f"VTK object: {describe(item)}" for item in _new(_vtk_objects(), before.vtk)]
    return found + [f"Qt object: {describe(item)}" for item in _new(_qt_objects(), before.qt)]


def describe(item: Any) -> str:
    """Class of a leaked object and of what holds it, which is where to look."""
    holders = []
    for holder in gc.get_referrers(item):
        if isinstance(holder, dict) and "__name__" in holder:
            holders.append(f"module {holder['__name__']}")
        elif type(holder).__name__ not in ("frame", "list", "generator", "list_iterator"):
            holders.append(type(holder).__name__)
    return f"{type(item).__name__}, held by {', '.join(holders[:5]) or 'C++ only'}"


def _new(now: Iterable[Any], before: tuple[Any, ...]) -> list[Any]:
    known = {id(item) for item in before}
    return [item for item in now if id(item) not in known]


def _vtk_objects() -> list[Any]:
    core = sys.modules.get("vtkmodules.vtkCommonCore")
    if core is None:
        return []
    # By class, not by name: Python subclasses of VTK classes carry no prefix.
    return [item for item in gc.get_objects() if isinstance(item, core.vtkObjectBase)]


def _qt_objects() -> list[Any]:
    """Top-level widgets, active timers and running threads."""
    if "PySide6.QtWidgets" not in sys.modules:
        return []
    import shiboken6
    from PySide6.QtCore import QThread, QTimer
    from PySide6.QtWidgets import QApplication

    if QApplication.instance() is None:
        return []
    busy = []
    for item in gc.get_objects():
        if isinstance(item, QTimer | QThread) and shiboken6.isValid(item):
            active = item.isActive() if isinstance(item, QTimer) else item.isRunning()
            if active:
                busy.append(item)
    return [*QApplication.topLevelWidgets(), *busy]


def _drain_qt() -> None:
    """Let Qt carry out what deleteLater has asked for."""
    if "PySide6.QtWidgets" not in sys.modules:
        return
    from PySide6.QtCore import QCoreApplication, QEvent

    if QCoreApplication.instance() is None:
        return
    for _ in range(2):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _lasting_threads(before: frozenset[threading.Thread]) -> list[threading.Thread]:
    deadline = time.monotonic() + _GRACE_S
    lasting = [t for t in threading.enumerate() if t not in before and not t.daemon]
    for thread in lasting:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [thread for thread in lasting if thread.is_alive()]
