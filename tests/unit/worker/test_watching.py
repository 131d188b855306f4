"""A worker is watched while it works, while it idles, and from its first moment."""

from __future__ import annotations

import threading
from dataclasses import replace

import psutil
import pytest

from medview.core.errors import ModelError
from medview.host.call import run_model
from medview.worker.supervise import limits as limits_module
from medview.worker.supervise import process
from medview.worker.supervise.failure import WorkerEnded
from medview.worker.supervise.launch import own_interpreter
from medview.worker.supervise.limits import Limits, default_memory
from medview.worker.supervise.places import Places
from medview.worker.supervise.process import WorkerProcess
from tests.fake_models import PlainContext
from tests.unit.worker.conftest import LIMITS, hook, told_by

GIB = 1 << 30
LINUX = pytest.mark.skipif(not psutil.LINUX, reason="asks /proc")


class TestMemory:
    @pytest.fixture
    def limits(self) -> Limits:
        return replace(LIMITS, memory_bytes=GIB)

    @LINUX
    def test_memory_that_a_thread_takes_after_its_run_is_seen(self, model, sagittal_ct, leftovers):
        body = """
import threading, time
def later():
    held = []
    for n in range(40):
        held.append(np.ones(64 << 20, np.uint8))
    time.sleep(60)
threading.Thread(target=later, daemon=True).start()
return Findings()
"""
        ctx = PlainContext(device="cuda:0")
        assert run_model(model(hook(body)), sagittal_ct, None, ctx).items == ()
        assert leftovers.wait(10) == []

    @LINUX
    def test_what_lies_in_the_folder_of_arrays_counts(self, model, sagittal_ct):
        body = """
import gc, time
from medview.worker.blocks import Blocks
(blocks,) = [each for each in gc.get_objects() if isinstance(each, Blocks)]
slab = np.ones(64 << 20, np.uint8)
for n in range(20):
    blocks.put(slab)
time.sleep(60)
"""
        with pytest.raises(ModelError) as caught:
            run_model(model(hook(body)), sagittal_ct, None, PlainContext())
        assert caught.value.code == "model-memory"
        assert "limit is 1.0 GiB" in caught.value.message


@pytest.mark.parametrize(("total", "limit"), [(8 * GIB, 6 * GIB), (None, 8 * GIB)])
def test_the_limit_leaves_a_quarter_of_the_memory_to_others(monkeypatch, total, limit):
    monkeypatch.setattr(limits_module, "host_memory", lambda: (None, total))
    assert default_memory() == limit


@LINUX
def test_the_kernel_ends_a_worker_before_the_application(model, sagittal_ct):
    body = """
text = open("/proc/self/oom_score_adj").read().strip()
return Findings(Measurements("m", (Quantity("adjusted", text),)))
"""
    assert told_by(model(hook(body)), sagittal_ct) == "800"


@pytest.mark.parametrize("name", ["medview-worker", "medview-worker-read", "medview-worker-out"])
def test_a_thread_that_cannot_be_started_is_told_and_nothing_stays(monkeypatch, leftovers, name):
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == name:
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(WorkerEnded, match="can't start new thread"):
            WorkerProcess(own_interpreter(), LIMITS)
    assert leftovers.wait() == []


def test_how_a_worker_ended_is_told_before_its_folders_are_swept(
    model, sagittal_ct, monkeypatch, leftovers
):
    handle = model(hook("import os; os._exit(3)"))
    handle.ensure_ready()
    sweep, told = Places.remove, threading.Event()

    def slow(places: Places) -> None:
        told.wait(20)
        sweep(places)

    monkeypatch.setattr(Places, "remove", slow)
    monkeypatch.setattr(process, "_CLOSE_S", 0.3)
    with pytest.raises(ModelError, match="exit code 3"):
        run_model(handle, sagittal_ct, None, PlainContext())
    told.set()


def test_a_watch_that_fails_ends_the_worker(monkeypatch, leftovers):
    class Blind:
        def __init__(self, *_: object, **__: object) -> None: ...

        def excess(self, *, seldom: bool) -> None:
            raise ZeroDivisionError

    monkeypatch.setattr(process, "MemoryWatch", Blind)
    worker = WorkerProcess(own_interpreter(), LIMITS)
    assert worker.wait_over(5)
    with pytest.raises(WorkerEnded, match="watched"):
        worker.receive(float("inf"))
    assert leftovers.wait() == []
