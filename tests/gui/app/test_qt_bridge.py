"""Calls from worker threads: on the GUI thread, in order, newest progress only."""

from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot

from medview.app.qt_bridge import QtBridge


def from_worker(work: object) -> None:
    thread = threading.Thread(target=work)  # type: ignore[arg-type]
    thread.start()
    thread.join(5)


def test_calls_from_a_worker_run_on_the_gui_thread_in_order(qtbot: QtBot) -> None:
    bridge = QtBridge()
    got: list[tuple[int, int]] = []

    def work() -> None:
        for n in range(500):
            bridge.call_soon(lambda n=n: got.append((n, threading.get_ident())))  # type: ignore[misc]

    from_worker(work)
    assert got == []
    qtbot.waitUntil(lambda: len(got) == 500)
    assert got == [(n, threading.get_ident()) for n in range(500)]


def test_only_the_newest_of_waiting_progress_is_shown(qtbot: QtBot) -> None:
    bridge = QtBridge()
    got: list[int] = []

    def work() -> None:
        for n in range(1000):
            bridge.call_latest("job", lambda n=n: got.append(n))  # type: ignore[misc]

    from_worker(work)
    qtbot.waitUntil(lambda: bool(got))
    assert got == [999]


def test_nothing_arrives_after_close(qtbot: QtBot) -> None:
    bridge = QtBridge()
    got: list[int] = []
    from_worker(lambda: bridge.call_soon(lambda: got.append(1)))
    bridge.close()
    from_worker(lambda: bridge.call_soon(lambda: got.append(2)))
    qtbot.wait(50)
    assert got == []


def test_a_failing_call_does_not_hold_up_the_next(qtbot: QtBot) -> None:
    bridge = QtBridge()
    got: list[int] = []

    def broken() -> None:
        raise RuntimeError("a defect")

    with qtbot.captureExceptions() as exceptions:
        bridge.call_soon(broken)
        bridge.call_soon(lambda: got.append(1))
        qtbot.waitUntil(lambda: got == [1])
    assert [str(e[1]) for e in exceptions] == ["a defect"]


def test_input_is_taken_between_turns_of_a_flood(qtbot: QtBot) -> None:
    from PySide6.QtCore import QTimer

    bridge = QtBridge()
    handled = 0
    at_timer: list[int] = []

    def slow() -> None:
        nonlocal handled
        handled += 1
        threading.Event().wait(0.005)

    timer = QTimer()
    timer.timeout.connect(lambda: at_timer.append(handled))
    timer.start(5)
    for _ in range(60):
        bridge.call_soon(slow)
    qtbot.waitUntil(lambda: handled == 60)
    assert any(0 < n < 60 for n in at_timer)
