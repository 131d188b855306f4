"""Models that fail in every known way: each ends its own job, and leaves nothing behind."""

from __future__ import annotations

import os
import platform
import socket
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from medview.app.controllers.run_model import submit_run
from medview.core.errors import ModelError
from medview.core.notice import MOST_NOTICES
from medview.host.call import run_model
from medview.host.fit import verdict
from medview.jobs.ladder import OutOfMemory
from medview.worker.landlock import landlock_version
from medview.worker.supervise.limits import Limits
from tests.fake_models import GOOD_RUN, PlainContext
from tests.unit.worker.conftest import LIMITS, hook, told_by

CRASH = "import ctypes; ctypes.string_at(0)"
# sleep_ms of the C library, called without giving the interpreter back.
HANG = """
import ctypes
libc = ctypes.PyDLL(None)
ctx.progress(0.1, "Going")
while True:
    libc.usleep(900000)
"""


def failure(handle, source, ctx=None) -> ModelError:
    with pytest.raises(ModelError) as caught:
        run_model(handle, source, None, ctx or PlainContext())
    return caught.value


# ---- loading --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import a_module_that_is_not_there", "ModuleNotFoundError"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("import os; os._exit(7)", "exit code 7"),
        (CRASH, "memory fault"),
        ("raise ValueError('at /home/someone/secret.txt')", "ValueError: at <path>"),
    ],
)
def test_a_model_that_fails_at_import_is_broken_with_a_report(model, text, said):
    handle = model(text + "\n" + GOOD_RUN)
    handle.ensure_ready()
    assert handle.state == "broken"
    assert said in handle.reason
    assert "fake-bright 1.2" in handle.report
    assert "/home" not in handle.report


def test_a_model_with_a_misspelt_hook_is_broken(model):
    handle = model(hook("return None") + "\n@hookimpl\ndef runn(source): ...\n")
    handle.ensure_ready()
    assert handle.state == "broken"
    assert "'runn' is no hook" in handle.reason


def test_a_model_of_a_newer_api_is_incompatible_and_no_process_starts(model, isolation):
    handle = model(GOOD_RUN, group="medview.model.v9")
    handle.ensure_ready()
    assert handle.state == "incompatible"
    assert "newer medview" in handle.reason
    assert isolation.pool.alive == 0


class TestSlowImports:
    @pytest.fixture
    def limits(self) -> Limits:
        return replace(LIMITS, start_s=2.0)

    def test_a_model_that_does_not_come_to_an_end_of_its_import_is_broken(self, model):
        handle = model("import time; time.sleep(600)\n" + GOOD_RUN)
        handle.ensure_ready()
        assert handle.state == "broken"
        assert "did not answer in time" in handle.reason


def test_a_heavy_import_stays_in_the_worker(model):
    handle = model("import xml.dom.minidom, sqlite3, wave\n" + GOOD_RUN)
    sys.modules.pop("wave", None)
    handle.ensure_ready()
    assert handle.state == "ready"
    assert "wave" not in sys.modules


# ---- judging --------------------------------------------------------------------------------


def test_a_model_that_crashes_while_it_judges_is_unfit(model, described):
    handle = model(GOOD_RUN + f"\n@hookimpl\ndef applicable(source):\n    {CRASH}\n")
    assert verdict(handle, described).fit == "unfit"


def test_a_model_that_judges_without_sense_is_unfit(model, described):
    handle = model(GOOD_RUN + "\n@hookimpl\ndef applicable(source):\n    return 'yes'\n")
    judged = verdict(handle, described)
    assert judged.fit == "unfit"
    assert "no valid verdict" in judged.reasons[-1]


# ---- running --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("raise KeyError('x')", "model-failed", "KeyError"),
        ("import sys; sys.exit(1)", "model-failed", "tried to end the whole program"),
        (CRASH, "model-crashed", "memory fault"),
        ("import os; os._exit(5)", "model-crashed", "exit code 5"),
        ("import os; os.kill(os.getpid(), 9)", "model-crashed", "SIGKILL"),
        ("import os; os.closerange(3, 64)\nimport time; time.sleep(60)", "model-protocol", "pipe"),
        ("import os\nfor n in range(3, 20):\n  try: os.write(n, b'x' * 99)\n  except OSError: 0"
         "\nimport time; time.sleep(60)", "model-protocol", "pipe"),
        ("return 5", "invalid-findings", "int, not Findings"),
        ("return Findings(LabelMap('m', np.zeros((2, 3, 4), np.uint8), LABELS))",
         "invalid-findings", "its shape is (2, 3, 4)"),
        ("g = source.grid.crop((1, 1, 1), source.grid.shape)\n"
         "return Findings(LabelMap('m', np.zeros(g.shape, np.uint8), LABELS, g))",
         "invalid-findings", "does not lie on the grid"),
        ("return Findings(Heatmap('h', np.full(source.array.shape, np.nan, np.float32),"
         " (0.0, 1.0), 'p'))", "invalid-findings", "not finite"),
        ("return Findings(Detections('d', (Detection('a', 'x', float('nan'), (0.0, 0.0, 0.0),"
         " (1.0, 1.0, 1.0)),)))", "invalid-findings", "not a finite"),
        ("return Findings(LabelMap('m', np.full(source.array.shape, 9, np.uint8), LABELS))",
         "invalid-findings", "no declared label"),
        ("return Findings(LabelMap('m', np.zeros(source.array.shape, object), LABELS))",
         "invalid-findings", "cannot be handed over"),
        ("return Findings(Grades('g', (Grade('a', 'much'), Grade('b', 0.5)), 'a'))",
         "invalid-findings", "must be a number"),
        ("source.array[0] = 1", "model-failed", "read-only"),
        ("source.array.flags.writeable = True\nsource.array[0] = 1", "model-failed", "WRITEABLE"),
        ("import ctypes; ctypes.memset(source.array.ctypes.data, 1, 64)",
         "model-crashed", "in the pixels that it was given"),
    ],
)  # fmt: skip
def test_a_run_that_goes_wrong_ends_with_a_plain_report(model, sagittal_ct, body, code, said):
    before = sagittal_ct.array.copy()
    handle = model(hook(body))
    error = failure(handle, sagittal_ct)
    assert (error.code, said in error.message) == (code, True), error.message
    assert np.array_equal(sagittal_ct.array, before)


def test_after_a_crash_the_next_run_gets_a_fresh_process(model, sagittal_ct):
    text = "if params.crash:\n    import os; os._exit(9)\nreturn Findings()"
    handle = model(
        "@dataclass(frozen=True)\nclass Params:\n    crash: bool = param(False)\n" + hook(text)
    )
    handle.ensure_ready()
    with pytest.raises(ModelError):
        run_model(handle, sagittal_ct, handle.params_type(crash=True), PlainContext())
    assert run_model(handle, sagittal_ct, None, PlainContext()).items == ()


def test_memory_above_the_limit_is_refused_and_climbs_the_ladder(
    model, sagittal_ct, runner, tmp_path
):
    handle = model(hook("return np.ones(50 << 30, np.uint8)"))
    job = submit_run(runner, handle, sagittal_ct, weights_folder=tmp_path)
    with pytest.raises(OutOfMemory):
        job.future.result(60)
    assert job.fallbacks == ("cpu normal float32",)


def test_a_model_that_lifts_its_own_limit_is_watched_from_outside(model, sagittal_ct):
    body = """
import resource, time
resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
held = []
while True:
    held.append(np.ones(64 << 20, np.uint8))
"""
    error = failure(model(hook(body)), sagittal_ct)
    assert error.code == "model-memory"
    assert "2.0 GiB" in error.message


def test_an_endless_loop_in_c_is_cancelled_hard_and_the_next_job_goes_on(
    site, catalogue, sagittal_ct, runner, tmp_path, isolation
):
    site.add(hook(HANG), model="endless", distribution="fake-endless")
    site.add(GOOD_RUN)
    models = catalogue()
    running = threading.Event()

    def listen(event):
        if event.text == "Going":
            running.set()

    job = submit_run(
        runner, models.handle("endless"), sagittal_ct, weights_folder=tmp_path,
        on_event=listen,
    )  # fmt: skip
    assert running.wait(20)
    started = time.monotonic()
    job.cancel()
    after = submit_run(runner, models.handle("bright"), sagittal_ct, weights_folder=tmp_path)
    assert len(after.future.result(20).items) == 1
    assert job.state == "cancelled"
    assert time.monotonic() - started < 10


def test_a_model_that_stops_when_asked_keeps_its_process(model, sagittal_ct, runner, tmp_path):
    # Process ids tell nothing: in a namespace of its own each has the same.
    head = "import uuid\nME = uuid.uuid4().hex\n"
    body = "import time\nwhile True:\n    ctx.progress(0.1, f'pid {ME}')\n"
    handle = model(head + hook(body + "    time.sleep(0.01)"))
    pids = []
    for _ in range(2):
        running = threading.Event()

        def listen(event, running=running):
            if event.text.startswith("pid") and not running.is_set():
                pids.append(event.text)
                running.set()

        job = submit_run(runner, handle, sagittal_ct, weights_folder=tmp_path, on_event=listen)
        assert running.wait(20)
        job.cancel()
        assert job.future.exception(5) is not None
        # The lane is free again once the worker has answered.
        while runner.jobs:
            time.sleep(0.01)
        time.sleep(0.3)
    assert pids[0] == pids[1]


@pytest.mark.parametrize(
    "megabytes", [40, pytest.param(1000, marks=[pytest.mark.slow, pytest.mark.timeout(200)])]
)
def test_a_flood_of_output_neither_blocks_nor_fills_the_memory(
    model, sagittal_ct, megabytes, isolation
):
    body = f"""
import sys
for _ in range({megabytes}):
    print('x' * 1000000)
    sys.stderr.write('y' * 10)
return Findings()
"""
    handle = model(hook(body))
    handle.ensure_ready()
    before = psutil.Process().memory_info().rss
    assert run_model(handle, sagittal_ct, None, PlainContext()).items == ()
    assert psutil.Process().memory_info().rss - before < 30 << 20


def test_a_flood_of_messages_does_not_fill_the_memory(model, sagittal_ct, ctx):
    handle = model(hook("for n in range(20000): ctx.warn('w', f'of {n}')\nreturn Findings()"))
    handle.ensure_ready()
    before = psutil.Process().memory_info().rss
    findings: Any = run_model(handle, sagittal_ct, None, ctx)
    warned = findings.provenance.warnings
    assert [notice.message for notice in warned[:2]] == ["of 0", "of 1"]
    assert warned[-1].message == f"{20_000 - MOST_NOTICES} more warnings are not listed."
    assert len(warned) == MOST_NOTICES + 1
    assert psutil.Process().memory_info().rss - before < 30 << 20


def test_no_connection_leaves_the_worker(model, sagittal_ct):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        body = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        handle = model(hook(body))
        error = failure(handle, sagittal_ct)
        assert error.code == "model-failed"
        with pytest.raises(TimeoutError):
            server.accept()
    assert "no network" in handle.isolation


def test_what_a_model_starts_ends_with_it(model, sagittal_ct, isolation):
    body = "import subprocess, os; subprocess.Popen(['sleep', '600']); os._exit(1)"
    assert failure(model(hook(body)), sagittal_ct).code == "model-crashed"


def test_temporary_files_of_a_model_go_with_it(model, sagittal_ct, isolation):
    body = """
import tempfile, os
made = tempfile.NamedTemporaryFile(delete=False)
return Findings(Measurements('m', (Quantity('place', made.name),)))
"""
    made = Path(told_by(model(hook(body)), sagittal_ct))
    isolation.close()
    assert not made.exists()
    assert not made.parent.exists()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("from urllib.request import urlopen; urlopen('http://example.org')", "have no network"),
        ("import socket; socket.create_connection(('127.0.0.1', 9), 2)", "have no network"),
        ("open('/a-place-of-others', 'w')", "only at its own home and temporary folder"),
        ("open('/there-is-none')", ""),
    ],
)
def test_what_a_model_is_kept_from_is_said_as_such(model, sagittal_ct, body, told):
    message = failure(model(hook(body)), sagittal_ct).message
    assert told in message
    assert ("Models have" in message or "A model may" in message) == bool(told)


def kept(handle) -> bool:
    """Whether a worker is kept to its folders, which it is wherever the kernel can do that."""
    handle.ensure_ready()
    said = "writing nowhere" in handle.isolation
    assert said or landlock_version() == 0
    return said


WRITES = (
    "open(path, 'w').write('changed')",
    "open(path, 'r+').truncate(0)",
    "os.truncate(path, 0)",
    "os.remove(path)",
    "os.rename(path, path + '2')",
    "os.link(path, path + '3')",
    "os.mkdir(path + '-folder')",
    "os.symlink('/etc/passwd', path + '-link')",
    "os.rename(path, os.path.expanduser('~/stolen'))",
    "subprocess.run(['rm', path], check=True, stderr=subprocess.DEVNULL)",
)


def test_a_model_changes_no_file_outside_its_own_folder(model, sagittal_ct, tmp_path):
    series = tmp_path / "series"
    series.mkdir()
    (series / "1.dcm").write_text("as it was", "utf-8")
    body = f"""
import os, subprocess
path, done = {str(series / "1.dcm")!r}, []
for deed in {WRITES!r}:
    try:
        exec(deed)
        done.append(deed)
    except (OSError, subprocess.CalledProcessError):
        pass
return Findings(Measurements("m", (Quantity("done", repr(done)),)))
"""
    handle = model(hook(body))
    if not kept(handle):
        pytest.skip("this kernel has no Landlock")
    assert told_by(handle, sagittal_ct) == "[]"
    assert (series / "1.dcm").read_text("utf-8") == "as it was"
    assert [path.name for path in series.iterdir()] == ["1.dcm"]


def test_a_model_writes_at_home_computes_in_processes_and_reads_elsewhere(
    model, sagittal_ct, tmp_path
):
    """What networks do while they compute goes on as ever."""
    path = tmp_path / "table.txt"
    path.write_text("3.0", "utf-8")
    body = f"""
import os, multiprocessing, tempfile
from concurrent.futures import ProcessPoolExecutor
open(os.path.expanduser("~/cache"), "w").write("x")
os.makedirs(os.path.expanduser("~/.cache/deep"))
os.replace(os.path.expanduser("~/cache"), os.path.expanduser("~/.cache/deep/cache"))
tempfile.TemporaryFile().write(b"x")
open(os.devnull, "w").write("x")
with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
    told = pool.submit(float, open({str(path)!r}).read()).result()
return Findings(Measurements("m", (Quantity("told", told),)))
"""
    assert told_by(model(hook(body)), sagittal_ct) == 3.0


def test_a_model_cannot_end_the_application(model, sagittal_ct):
    # Signal 0 only asks whether one could be sent.
    handle = model(hook(f"import os; os.kill({os.getpid()}, 0)"))
    if not kept(handle) or tuple(map(int, platform.release().split(".")[:2])) < (6, 12):
        pytest.skip("this kernel does not scope signals")
    told = failure(handle, sagittal_ct).message
    assert "PermissionError" in told or "ProcessLookupError" in told
