"""What a worker says belongs to one request: never to the next, and never for ever."""

from __future__ import annotations

import errno
import io
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from medview.app.controllers.run_model import submit_run
from medview.core.errors import ModelError
from medview.core.progress import Cancelled
from medview.host.call import run_model
from medview.host.card import ModelCard
from medview.host.fit import verdict
from medview.worker.channel import MAX_BYTES, Channel, ProtocolError
from medview.worker.context import MOST_LINES
from medview.worker.supervise import questions, run
from medview.worker.supervise.failure import WorkerEnded
from medview.worker.supervise.hooks import RemoteHooks
from medview.worker.supervise.inbox import Inbox
from medview.worker.supervise.limits import Limits
from medview.worker.supervise.pool import Pool
from tests.fake_models import PlainContext
from tests.unit.worker.conftest import hook, told_by
from tests.unit.worker.test_slides import HEAD, Ramp

SUM = "return Findings(Measurements('m', (Quantity('sum', float(source.array.sum())),)))"


def total(volume) -> float:
    return float(volume.array.sum())


def other(volume):
    return volume.with_array(volume.array[:] // 2)


# ---- a run that is over ---------------------------------------------------------------------


JUDGES = """
@hookimpl
def applicable(source):
    return Verdict.unfit("A head.") if source.body_part == "HEAD" else Verdict.fits()
"""


def test_what_a_thread_says_after_its_run_is_no_answer_to_the_next_question(
    model, sagittal_ct, described
):
    body = """
import threading
def later():
    for n in range(30):
        time.sleep(0.02)
        ctx.log.info("flushed")
        ctx.warn("late", "Of the run before.")
        ctx.progress(0.5, "late")
threading.Thread(target=later, daemon=True).start()
return Findings()
"""
    handle = model("import time\n" + hook(body) + JUDGES)
    run_model(handle, sagittal_ct, None, PlainContext())
    for number in range(16):
        part = "HEAD" if number % 2 else "CHEST"
        info = replace(described, body_part=part, series_uid=f"1.2.{number}")
        assert verdict(handle, info).fit == ("unfit" if number % 2 else "fit")
        time.sleep(0.02)
    findings: Any = run_model(handle, sagittal_ct, None, PlainContext())
    assert findings.provenance.warnings == ()


def test_messages_of_an_earlier_run_are_dropped_even_if_they_are_sent(model, sagittal_ct):
    body = f"""
import threading
def later():
    time.sleep(0.2)
    ctx._channel.send({{"say": "warn", "code": "late", "text": "x", "request": ctx._request}})
    ctx._channel.send({{"say": "findings", "findings": [], "request": ctx._request}})
if {total(other(sagittal_ct))!r} != float(source.array.sum()):
    threading.Thread(target=later, daemon=True).start()
else:
    time.sleep(0.5)
{SUM}
"""
    handle = model("import time\n" + hook(body))
    assert told_by(handle, sagittal_ct) == total(sagittal_ct)
    ctx = PlainContext()
    assert told_by(handle, other(sagittal_ct), ctx) == total(other(sagittal_ct))
    assert ctx.warned == []


class Breaking(PlainContext):
    """A context in which the application itself fails."""

    def progress(self, fraction, text=""):
        if text == "Break":
            raise KeyError(text)


def test_a_worker_whose_run_was_left_is_ended_and_never_asked_again(model, sagittal_ct, isolation):
    body = f"ctx.progress(0.1, 'Break')\nimport time; time.sleep(0.3)\n{SUM}"
    handle = model(hook(body))
    handle.ensure_ready()
    with pytest.raises(ModelError, match="KeyError"):
        run_model(handle, sagittal_ct, None, Breaking())
    assert isolation.pool.alive == 0
    assert told_by(handle, other(sagittal_ct)) == total(other(sagittal_ct))


@pytest.mark.parametrize("fraction", ["10**400", "-10**400", "float('nan')", "'x'", "None", "True"])
def test_progress_that_is_no_fraction_is_unknown(model, sagittal_ct, ctx, fraction):
    body = f"ctx._tell({{'say': 'progress', 'fraction': {fraction}, 'text': 'a'}})\n{SUM}"
    assert told_by(model(hook(body)), sagittal_ct, ctx) == total(sagittal_ct)
    assert [f for f, text in ctx.told if text == "a"] in ([None], [0.0], [1.0])


def test_a_run_without_room_for_a_region_fails_plainly_and_the_next_is_in_step(model, monkeypatch):
    def full(*_: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device", "/home/someone")

    body = """
text = str(int(source.read_region(0, 3, 4, 1, 1)[0, 0, 0]))
return Findings(Measurements('m', (Quantity('text', text),)))
"""
    handle = model(HEAD + hook(body))
    handle.ensure_ready()
    with monkeypatch.context() as patched:
        patched.setattr(questions, "_region", full)
        with pytest.raises(ModelError, match="no room to hand over a region"):
            run_model(handle, Ramp(), None, PlainContext())
    assert told_by(handle, Ramp()) == str((7 * 3 + 13 * 4) % 256)


def test_no_room_for_the_pixels_climbs_the_ladder_and_other_trouble_is_told_as_it_is(
    model, sagittal_ct, monkeypatch
):
    handle = model(hook(SUM))
    handle.ensure_ready()
    for number, kind in ((errno.ENOSPC, MemoryError), (errno.EACCES, ModelError)):

        def fails(*_: Any, number: int = number) -> Any:
            raise OSError(number, "Trouble", "/home/someone")

        with monkeypatch.context() as patched:
            patched.setattr(run, "encode_source", fails)
            with pytest.raises(ModelError) as caught:
                run_model(handle, sagittal_ct, None, PlainContext())
        assert isinstance(caught.value.__cause__, kind)
        assert "/home" not in caught.value.message
    assert told_by(handle, sagittal_ct) == total(sagittal_ct)


# ---- cancel ---------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["ctx.log.info('%d', n)", "ctx.warn('w', str(n))"])
def test_a_model_that_talks_without_end_is_stopped_when_it_is_cancelled(
    model, sagittal_ct, runner, tmp_path, isolation, deed
):
    body = f"ctx.progress(0.1, 'Going')\nn = 0\nwhile True:\n    n += 1\n    {deed}"
    handle = model(hook(body))
    handle.ensure_ready()
    going = threading.Event()
    job = submit_run(
        runner, handle, sagittal_ct, weights_folder=tmp_path,
        on_event=lambda event: going.set() if event.text == "Going" else None,
    )  # fmt: skip
    assert going.wait(20)
    job.cancel()
    with pytest.raises(Cancelled):
        job.future.result(10)
    deadline = time.monotonic() + 5
    while isolation.pool.alive and time.monotonic() < deadline:
        time.sleep(0.02)
    assert isolation.pool.alive == 0


def test_few_lines_of_a_log_cross_and_the_run_goes_on(model, sagittal_ct, ctx, caplog):
    caplog.set_level("INFO")
    body = f"for n in range(5000): ctx.log.info('line %d', n)\n{SUM}"
    assert told_by(model(hook(body)), sagittal_ct, ctx) == total(sagittal_ct)
    assert sum(r.getMessage().startswith("line ") for r in caplog.records) == MOST_LINES


# ---- too much -------------------------------------------------------------------------------


def test_a_worker_that_goes_on_talking_unasked_is_ended(model, sagittal_ct, isolation, leftovers):
    body = f"""
import threading
def later():
    while True:
        ctx._channel.send({{"say": "log", "text": "x" * 60000, "request": ctx._request}})
threading.Thread(target=later, daemon=True).start()
{SUM}
"""
    handle = model(hook(body))
    handle.ensure_ready()
    assert told_by(handle, sagittal_ct) == total(sagittal_ct)
    assert leftovers.wait(10) == []
    assert told_by(handle, sagittal_ct) == total(sagittal_ct)


def test_a_message_that_is_too_long_is_neither_sent_nor_received():
    pipe = io.BytesIO()
    with pytest.raises(ProtocolError, match="too long"):
        Channel(io.BytesIO(), pipe).send({"say": "x" * MAX_BYTES})
    assert pipe.getvalue() == b""


def test_an_answer_that_is_too_long_is_told_and_the_worker_lives(model, described):
    handle = model(hook(SUM) + "\n@hookimpl\ndef applicable(source):\n"
                   "    return Verdict.unfit(*['x' * 10_000] * 30)\n")  # fmt: skip
    assert "too long" in verdict(handle, described).reasons[-1]


def test_a_message_comes_back_with_the_request_that_it_belongs_to():
    pipe = io.BytesIO()
    Channel(io.BytesIO(), pipe).send({"say": "hello", "request": 7})
    assert Channel(io.BytesIO(pipe.getvalue()), io.BytesIO()).receive() == {
        "say": "hello",
        "request": 7,
    }


# ---- what waits -----------------------------------------------------------------------------


def test_what_waits_is_bounded_by_its_bytes():
    inbox, put = Inbox(10_000), list[int]()

    def fill() -> None:
        for number in range(20):
            if not inbox.put((number, b"x" * 1000)):
                return
            put.append(number)

    thread = threading.Thread(target=fill)
    thread.start()
    while len(put) < 7:
        time.sleep(0.005)
    time.sleep(0.05)
    assert len(put) == 7  # 7 of 1512 bytes are the first to exceed it
    assert inbox.get(1) == (0, b"x" * 1000)
    assert [inbox.get(1) for _ in range(19)][-1] == (19, b"x" * 1000)
    thread.join(5)
    inbox.end()
    assert inbox.get(1) is None
    assert inbox.is_over


def test_what_came_before_the_end_is_read_and_after_it_nothing_is_taken():
    inbox = Inbox(100)
    assert inbox.put((1, b"a"))
    inbox.end()
    assert not inbox.put((1, b"b"))
    assert not inbox.is_over
    assert inbox.get(0) == (1, b"a")
    assert inbox.is_over


def test_whoever_waits_for_room_is_let_go_when_it_is_stopped():
    inbox = Inbox(1)
    inbox.put((1, b"a"))
    told = list[bool]()
    thread = threading.Thread(target=lambda: told.append(inbox.put((1, b"b"))))
    thread.start()
    inbox.stop()
    thread.join(5)
    assert told == [False]
    assert inbox.get(0) is None


# ---- hooks ----------------------------------------------------------------------------------


class Stub:
    """Stands for a worker that gives one answer."""

    is_alive = True
    is_busy = False

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.why: WorkerEnded | None = None

    def send(self, message: Any) -> None: ...

    def receive(self, deadline: float, check: Any) -> Any:
        check()
        return self.answer

    def kill(self, why: WorkerEnded) -> None:
        self.why = why
        self.is_alive = False

    def close(self) -> None: ...


def hooks_of(stub: Any, pool: Pool) -> RemoteHooks:
    card: Any = ModelCard
    return RemoteHooks("key", lambda check: stub, pool, "here", card)


def test_a_worker_that_answers_another_question_is_ended(described):
    pool = Pool(Limits())
    stub = Stub({"say": "findings", "findings": []})
    with pytest.raises(ModelError, match="another question"):
        hooks_of(stub, pool).applicable(described)
    assert stub.why is not None
    assert pool.alive == 0
    pool.close()


def test_nobody_waits_for_a_worker_once_the_pool_is_closed(described):
    pool = Pool(Limits())
    pool.close()
    with pytest.raises(WorkerEnded, match="closing"):
        hooks_of(Stub({"say": "verdict"}), pool).applicable(described)


def test_a_start_for_a_verdict_ends_with_the_pool(site, catalogue, described, isolation):
    site.add(hook(SUM))
    handle = catalogue().handle("bright")
    started = threading.Event()
    plugin: Any = handle.loaded().plugin

    def slow(check: Any) -> Any:
        started.set()
        while True:
            check()
            time.sleep(0.01)

    plugin._start = slow
    told = list[str]()
    thread = threading.Thread(target=lambda: told.append(verdict(handle, described).reasons[-1]))
    thread.start()
    assert started.wait(5)
    isolation.close()
    thread.join(5)
    assert "closing" in told[0]
