"""Work beside the window: results, failures, cancel, order."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

import pytest

from medview.app.background import Background, Task


class GuiThread:
    """Collects what would run on the GUI thread, and runs it when told."""

    def __init__(self) -> None:
        self.calls: queue.Queue[Callable[[], None]] = queue.Queue()

    def run_one(self) -> None:
        self.calls.get(timeout=5)()

    def run_waiting(self) -> None:
        while not self.calls.empty():
            self.calls.get_nowait()()


@pytest.fixture
def gui() -> GuiThread:
    return GuiThread()


@pytest.fixture
def background(gui: GuiThread) -> Iterator[Background]:
    made = Background(gui.calls.put)
    yield made
    assert made.shutdown(5)


def fail(error: Exception) -> None:
    raise AssertionError(error)


def test_a_result_arrives_on_the_gui_thread(background: Background, gui: GuiThread) -> None:
    got: list[tuple[int, int]] = []
    background.start(
        "load",
        lambda task: threading.get_ident(),
        done=lambda worker: got.append((worker, threading.get_ident())),
        failed=fail,
    )
    gui.run_one()
    [(worker, receiver)] = got
    assert receiver == threading.get_ident()
    assert worker != receiver


def test_a_failure_arrives_as_the_error_itself(background: Background, gui: GuiThread) -> None:
    errors: list[Exception] = []

    def work(task: Task[None]) -> None:
        raise ValueError("no pixels")

    background.start("load", work, done=lambda _: fail(ValueError()), failed=errors.append)
    gui.run_one()
    assert [str(e) for e in errors] == ["no pixels"]


def test_cancelled_work_stops_at_its_next_sign_of_progress(
    background: Background, gui: GuiThread
) -> None:
    started, stopped = threading.Event(), threading.Event()

    def work(task: Task[None]) -> None:
        try:
            started.set()
            while True:
                task.progress(None, "still here")
                stopped.wait(0.001)
        finally:
            stopped.set()

    task = background.start("load", work, done=lambda _: fail(ValueError()), failed=fail)
    assert started.wait(5)
    task.cancel()
    assert stopped.wait(5)


def test_a_result_that_waits_in_the_queue_is_dropped_by_cancel(
    background: Background, gui: GuiThread
) -> None:
    got: list[int] = []
    task = background.start("load", lambda task: 1, done=got.append, failed=fail)
    waiting = gui.calls.get(timeout=5)
    task.cancel()
    waiting()
    assert got == []


def test_progress_arrives_before_the_result(background: Background, gui: GuiThread) -> None:
    seen: list[object] = []

    def work(task: Task[str]) -> str:
        task.progress(0.5, "half")
        return "whole"

    background.start(
        "load",
        work,
        done=seen.append,
        failed=fail,
        on_progress=lambda fraction, text: seen.append((fraction, text)),
    )
    gui.run_one()
    gui.run_one()
    assert seen == [(0.5, "half"), "whole"]


def test_lanes_do_not_wait_for_each_other(background: Background, gui: GuiThread) -> None:
    release = threading.Event()
    got: list[str] = []
    background.start(
        "scan", lambda task: str(release.wait(5)), done=lambda _: got.append("scan"), failed=fail
    )
    background.start("load", lambda task: "x", done=lambda _: got.append("load"), failed=fail)
    gui.run_one()
    assert got == ["load"]
    release.set()
    gui.run_one()
    assert got == ["load", "scan"]


def test_nothing_starts_after_shutdown(gui: GuiThread) -> None:
    background = Background(gui.calls.put)
    assert background.shutdown(1)
    task = background.start("load", lambda task: 1, done=lambda _: fail(ValueError()), failed=fail)
    assert task.is_cancelled
    assert gui.calls.empty()


def test_shutdown_tells_when_a_thread_does_not_come_to_rest(gui: GuiThread) -> None:
    background = Background(gui.calls.put)
    started, release = threading.Event(), threading.Event()

    def deaf(task: Task[None]) -> None:
        started.set()
        release.wait(10)

    background.start("load", deaf, done=lambda _: None, failed=fail)
    assert started.wait(5)
    assert not background.shutdown(0.05)
    release.set()
