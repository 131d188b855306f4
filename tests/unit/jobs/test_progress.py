"""Progress never runs backwards, is told sparsely, and its last word is never lost."""

from __future__ import annotations

import logging
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medview.core.errors import UsageError
from medview.core.notice import MOST_NOTICES, Notice
from medview.core.progress import Cancelled, CancelToken
from medview.jobs.context import JobContext
from medview.jobs.throttle import Progress, ProgressMeter


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def context(token: CancelToken, meter: ProgressMeter) -> JobContext:
    return JobContext(
        device="cpu",
        memory="normal",
        precision="float32",
        reproducible=False,
        log=logging.getLogger("test"),
        token=token,
        meter=meter,
    )


@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.floats()), st.floats(0, 0.2)), min_size=1, max_size=60
    )
)
def test_whatever_a_model_reports_the_bar_only_grows(
    reports: list[tuple[float | None, float]],
) -> None:
    clock, sent = Clock(), list[Progress]()
    meter = ProgressMeter(sent.append, clock)
    for fraction, pause in reports:
        meter.report(fraction, "x")
        clock.now += pause
    known = [p.fraction for p in sent if p.fraction is not None]
    assert all(0 <= f <= 1 for f in known)
    assert known == sorted(known)
    first_known = next((n for n, p in enumerate(sent) if p.fraction is not None), len(sent))
    assert all(p.fraction is not None for p in sent[first_known:])


@given(st.lists(st.floats(0.0005, 0.03), min_size=1, max_size=300))
def test_at_most_twenty_messages_come_in_any_second(pauses: list[float]) -> None:
    clock, times = Clock(), list[float]()
    meter = ProgressMeter(lambda p: times.append(clock.now), clock)
    for n, pause in enumerate(pauses):
        meter.report(n / len(pauses))
        clock.now += pause
    for start in times:
        assert sum(start <= t < start + 0.999 for t in times) <= 20


def test_a_stage_told_too_soon_is_sent_when_its_time_has_come() -> None:
    clock, sent = Clock(), list[Progress]()
    meter = ProgressMeter(sent.append, clock)
    meter.report(0.1, "Reading")
    meter.report(0.2, "Thinking")
    assert [p.text for p in sent] == ["Reading"]
    clock.now += 0.06
    meter.flush()
    assert [p.text for p in sent] == ["Reading", "Thinking"]
    meter.flush()
    assert len(sent) == 2


def test_nothing_is_sent_after_the_end() -> None:
    sent = list[Progress]()
    meter = ProgressMeter(sent.append, Clock())
    meter.close()
    meter.report(0.5, "late")
    meter.flush()
    assert sent == []


def test_the_estimate_is_what_is_left_at_the_same_pace() -> None:
    clock, sent = Clock(), list[Progress]()
    meter = ProgressMeter(sent.append, clock)
    clock.now += 0.5
    meter.report(0.01)
    clock.now += 9.5
    meter.report(0.25)
    assert sent[0].eta_s is None
    assert sent[1].eta_s == pytest.approx(30.0)


def test_progress_raises_once_the_reader_stopped_the_run() -> None:
    token = CancelToken()
    ctx = context(token, ProgressMeter(lambda p: None))
    ctx.progress(0.1)
    token.cancel()
    with pytest.raises(Cancelled):
        ctx.progress(0.2)


def test_watched_calls_fill_what_is_left_of_the_bar() -> None:
    clock, sent = Clock(), list[Progress]()
    ctx = context(CancelToken(), ProgressMeter(sent.append, clock))
    ctx.progress(0.2, "Reading")
    double = ctx.watch(lambda x: 2 * x, total=4)
    results = []
    for n in range(4):
        clock.now += 1
        results.append(double(n))
    assert results == [0, 2, 4, 6]
    assert [p.fraction for p in sent] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    clock.now += 1
    double(5)
    assert sent[-1].fraction == 1.0


def test_a_watched_call_does_not_begin_after_cancel() -> None:
    token, calls = CancelToken(), list[int]()
    predict = context(token, ProgressMeter(lambda p: None)).watch(calls.append, total=3)
    predict(1)
    token.cancel()
    with pytest.raises(Cancelled):
        predict(2)
    assert calls == [1]


def test_watching_no_calls_is_refused() -> None:
    with pytest.raises(UsageError):
        context(CancelToken(), ProgressMeter(lambda p: None)).watch(math.sin, total=0)


def test_the_same_warning_twice_is_one_warning() -> None:
    ctx = context(CancelToken(), ProgressMeter(lambda p: None))
    ctx.warn("thick", "Slices are thick.")
    ctx.warn("thick", "Slices are thick.")
    ctx.warn("cut", "The lungs are cut.")
    assert [w.code for w in ctx.warnings] == ["thick", "cut"]


def test_many_warnings_are_told_up_to_a_number_and_then_counted() -> None:
    told = list[Notice]()
    ctx = JobContext(
        device="cpu",
        memory="normal",
        precision="float32",
        reproducible=False,
        log=logging.getLogger("test"),
        token=CancelToken(),
        meter=ProgressMeter(lambda p: None),
        on_warning=told.append,
    )
    for number in range(12_000):
        ctx.warn("odd", f"Patch {number} is odd.")
    assert [n.message for n in told[:MOST_NOTICES]] == [
        f"Patch {number} is odd." for number in range(MOST_NOTICES)
    ]
    assert [n.code for n in told[MOST_NOTICES:]] == ["more-warnings"]
    assert ctx.warnings[:-1] == tuple(told[:-1])
    assert ctx.warnings[-1].message == f"{12_000 - MOST_NOTICES} more warnings are not listed."
