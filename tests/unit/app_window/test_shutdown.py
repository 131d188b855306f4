"""Quitting: the order of the steps, and that none can keep the next from happening."""

from __future__ import annotations

import pytest

from medview.app.shutdown import shut_down


class Recorder:
    """Stands for bridge, jobs and background work; writes down who was stopped when."""

    def __init__(self, *, jobs_left: tuple[str, ...] = (), rests: bool = True) -> None:
        self.order: list[str] = []
        self._jobs_left = jobs_left
        self._rests = rests

    def bridge(self) -> Recorder._Bridge:
        return Recorder._Bridge(self)

    class _Bridge:
        def __init__(self, outer: Recorder) -> None:
            self._outer = outer

        def close(self) -> None:
            self._outer.order.append("messages")

    class _Jobs:
        def __init__(self, outer: Recorder) -> None:
            self._outer = outer

        def shutdown(self, wait_s: float) -> tuple[str, ...]:
            self._outer.order.append("jobs")
            return self._outer._jobs_left

    class _Work:
        def __init__(self, outer: Recorder) -> None:
            self._outer = outer

        def shutdown(self, wait_s: float) -> bool:
            self._outer.order.append("background")
            return self._outer._rests

    def run(self, *steps: object) -> tuple[str, ...]:
        return shut_down(
            bridge=self.bridge(),
            jobs=Recorder._Jobs(self),
            background=Recorder._Work(self),
            view_steps=steps,  # type: ignore[arg-type]
        )


def test_messages_end_before_work_and_work_before_views() -> None:
    recorder = Recorder()
    left = recorder.run(
        lambda: recorder.order.append("detach"), lambda: recorder.order.append("close")
    )
    assert recorder.order == ["messages", "jobs", "background", "detach", "close"]
    assert left == ()


def test_a_view_that_fails_to_close_does_not_keep_the_next_open(
    caplog: pytest.LogCaptureFixture,
) -> None:
    recorder = Recorder()

    def broken() -> None:
        raise RuntimeError("context is gone")

    recorder.run(broken, lambda: recorder.order.append("second"))
    assert recorder.order[-1] == "second"
    assert "did not close in order" in caplog.text


def test_what_would_not_stop_is_named() -> None:
    left = Recorder(jobs_left=("Lung segmentation",), rests=False).run()
    assert left == ("Lung segmentation", "Reading files")
