"""A worker is ended whole and watched whole, on each system in its way."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from medview.core.errors import ModelError
from medview.host.call import run_model
from medview.worker.supervise.group import JobGroup
from medview.worker.supervise.job_object import (
    BasicLimits,
    ExtendedLimits,
    JobObject,
    limits_of,
)
from medview.worker.supervise.memory import MemoryWatch
from medview.worker.supervise.tree import members
from tests.fake_models import PlainContext
from tests.unit.worker.conftest import hook, told_by

GIB = 1 << 30
HOME = Path("/nowhere")


# ---- memory -------------------------------------------------------------------------------------


class Family:
    """Processes with the memory that a test gives them."""

    def __init__(self, **sizes: int) -> None:
        self.sizes = {int(name[1:]): size for name, size in sizes.items()}
        self.shared = 0
        self.asked = 0

    def watch(self, limit: int = 2 * GIB) -> MemoryWatch:
        def family(_pid: int, _home: Path) -> tuple[int, ...]:
            self.asked += 1
            return tuple(self.sizes)

        return MemoryWatch(
            1,
            HOME,
            limit,
            alone=self.sizes.get,
            family=family,
            together=lambda pids: sum(map(self.sizes.__getitem__, pids)) - self.shared,
        )


def test_resident_memory_beyond_the_limit_is_seen_at_once():
    # As with CUDA, where no limit of address space is set: this is all that holds.
    family = Family(p1=GIB)
    watch = family.watch()
    assert watch.excess() is None
    family.sizes[1] = 3 * GIB
    assert watch.excess() == 3 * GIB


def test_what_a_worker_started_counts_too_and_is_looked_for_seldom():
    family = Family(p1=GIB, p2=GIB, p3=GIB)
    watch = family.watch()
    assert watch.excess() == 3 * GIB
    assert watch.excess() is None
    assert family.asked == 1


def test_pages_that_forks_share_count_once():
    family = Family(p1=GIB, p2=GIB, p3=GIB)
    family.shared = 2 * GIB
    assert family.watch().excess() is None


def test_a_system_that_tells_nothing_is_not_taken_for_too_much():
    watch = MemoryWatch(1, HOME, GIB, alone=lambda _: None, family=lambda *_: ())
    assert watch.excess() is None


def test_a_run_on_a_gpu_has_no_limit_of_address_space_but_one_of_memory(model, sagittal_ct):
    body = """
import resource
assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
import mmap
reserved = mmap.mmap(-1, 40 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)  # unbacked
held = []
while True:
    held.append(np.ones(64 << 20, np.uint8))
"""
    with pytest.raises(ModelError) as caught:
        run_model(model(hook(body)), sagittal_ct, None, PlainContext(device="cuda:0"))
    assert caught.value.code == "model-memory"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc")
def test_memory_of_forks_is_counted_against_the_worker(model, sagittal_ct):
    body = """
import os, time
for n in range(3):
    if os.fork() == 0:
        held = np.ones(900 << 20, np.uint8)
        time.sleep(60)
time.sleep(60)
"""
    with pytest.raises(ModelError) as caught:
        run_model(model(hook(body)), sagittal_ct, None, PlainContext())
    assert caught.value.code == "model-memory"


# ---- ends ---------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc")
def test_a_process_that_left_the_session_of_its_worker_ends_with_it(
    model, sagittal_ct, isolation, leftovers
):
    body = """
import os, sys, time
started = os.path.expanduser("~/started")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        code = "import sys, time; open(sys.argv[1], 'w'); time.sleep(600.25)"
        os.execvp(sys.executable, [sys.executable, "-S", "-c", code, started])
    os._exit(0)
while not os.path.exists(started):
    time.sleep(0.02)
return Findings(Measurements("m", (Quantity("done", 1.0),)))
"""
    assert told_by(model(hook(body)), sagittal_ct) == 1.0
    (stray,) = (
        each
        for each in psutil.process_iter(["cmdline"])
        if "time.sleep(600.25)" in " ".join(each.info["cmdline"] or ())
    )
    assert stray.is_running()
    isolation.close()
    assert leftovers.wait() == []
    _gone, alive = psutil.wait_procs([stray], timeout=5)
    assert alive == []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc")
def test_members_are_those_of_the_session_and_those_of_the_home(tmp_path):
    home = tmp_path / "home"
    code = "import time; print(1, flush=True); time.sleep(60)"
    started = [
        subprocess.Popen(
            [sys.executable, "-S", "-c", code],
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "HOME": str(place)},
        )
        for place in (home, tmp_path / "home-of-another")
    ]
    try:
        for each in started:
            assert each.stdout is not None
            each.stdout.readline()
        first, second = (each.pid for each in started)
        assert members(first, HOME) == (first,)
        assert members(0, home) == (first,)
        assert set(members(second, home)) == {first, second}
        assert os.getpid() not in members(second, home)
    finally:
        for each in started:
            each.kill()
            each.wait()
            assert each.stdout is not None
            each.stdout.close()


# ---- job objects --------------------------------------------------------------------------------


@pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8, reason="sizes of a 64-bit system")
def test_the_structures_are_as_large_as_windows_wants_them():
    # sizeof in winnt.h of the Windows SDK, x64 and arm64.
    assert ctypes.sizeof(BasicLimits) == 64
    assert ctypes.sizeof(ExtendedLimits) == 144
    assert ExtendedLimits.process_memory.offset == 112
    assert ExtendedLimits.job_memory.offset == 120
    assert BasicLimits.limit_flags.offset == 16


def test_a_job_limits_memory_and_dies_with_its_handle():
    limits = limits_of(2 * GIB)
    assert limits.job_memory == limits.process_memory == 2 * GIB
    assert limits.basic.limit_flags == 0x2000 | 0x400 | 0x200 | 0x100
    assert limits_of(1 << 80).job_memory == ctypes.c_size_t(-1).value


class Kernel:
    """Stands for kernel32: notes each call, and refuses what it is told to refuse."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: object) -> int:
            self.calls.append((name, *arguments[:2]))
            return 0 if name in self.refused else 77

        return call

    @property
    def names(self) -> list[str]:
        return [call[0] for call in self.calls]


class Process:
    _handle = 5

    def __init__(self) -> None:
        self.killed = False

    def kill(self) -> None:
        self.killed = True

    def wait(self) -> int:
        return 1


def test_a_job_takes_in_its_process_ends_it_and_is_closed_once():
    kernel, process = Kernel(), Process()
    group = JobGroup(process, GIB, JobObject(GIB, kernel))  # type: ignore[arg-type]
    group.end()
    group.bury()
    group.bury()
    group.end()
    assert kernel.names == [
        "CreateJobObjectW",
        "SetInformationJobObject",
        "AssignProcessToJobObject",
        "TerminateJobObject",
        "CloseHandle",
    ]
    assert ("AssignProcessToJobObject", 77, 5) in kernel.calls
    assert not process.killed


def test_a_process_that_no_job_takes_in_does_not_run():
    process = Process()
    with pytest.raises(OSError, match="job object"):
        JobGroup(process, GIB, JobObject(GIB, Kernel("AssignProcessToJobObject")))  # type: ignore[arg-type]
    assert process.killed


@pytest.mark.parametrize("refused", ["CreateJobObjectW", "SetInformationJobObject"])
def test_a_job_without_limits_is_none(refused):
    kernel = Kernel(refused)
    with pytest.raises(OSError, match="Windows"):
        JobObject(GIB, kernel)
    assert "AssignProcessToJobObject" not in kernel.names


def test_ending_a_worker_takes_little_time(model, sagittal_ct, isolation, leftovers):
    run_model(model(hook("return Findings()")), sagittal_ct, None, PlainContext())
    start = time.monotonic()
    isolation.close()
    assert time.monotonic() - start < 5
    assert leftovers.wait() == []
