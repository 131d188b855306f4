"""A worker changes nothing outside its folders, sees no other program, and ends whole."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from medview.core.errors import MedviewError, ModelError
from medview.host.call import run_model
from medview.worker.confine import Confinement
from medview.worker.landlock import landlock_version
from tests.fake_models import PlainContext
from tests.unit.worker.conftest import hook, told_by

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux confines in this way")

WITHOUT_NAMESPACES = "import medview.worker.confine as c\nc.leave_network = lambda **_: False\n"
WITHOUT_MOUNTS = "import medview.worker.confine as c\nc.keep_to_mounts = lambda *_: False\n"
WITHOUT_LANDLOCK = "import medview.worker.landlock as l\nl.landlock_version = lambda: 0\n"
TRY = """
import json, os, sys
from pathlib import Path
from medview.worker.confine import confine
done = confine([Path.cwd()], network=False, readable=READABLE)
def tried(deed):
    try:
        exec(deed, {"os": os})
    except Exception as error:
        return type(error).__name__
    return "done"
told = {deed: tried(deed) for deed in json.loads(sys.argv[1])}
print(json.dumps([done.as_message(), told]))
"""


def confined(home: Path, *deeds: str, before: str = "") -> tuple[dict[str, Any], dict[str, str]]:
    """What a process in `home` was confined to, and what came of its deeds."""
    code = f"READABLE = None\n{before}{TRY}"
    command = [sys.executable, "-c", code, json.dumps(deeds)]
    ended = subprocess.run(command, cwd=home, capture_output=True, text=True, check=True)
    message, told = json.loads(ended.stdout)
    return message, told


def has_namespaces() -> bool:
    """Whether this kernel lets a process have mounts of its own, asked without medview."""
    asked = ["unshare", "--user", "--map-current-user", "--mount", "--pid", "--fork", "true"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


@pytest.fixture
def needs_namespaces() -> None:
    if not has_namespaces():
        pytest.skip("this kernel gives no user namespaces")


# ---- outside its folders --------------------------------------------------------------------


def outside(path: Path, viewer: int) -> list[str]:
    """Deeds by which a model would reach beyond itself; each must fail."""
    return [
        f"os.chmod({str(path)!r}, 0)",
        f"os.utime({str(path)!r}, (0, 0))",
        f"os.chown({str(path)!r}, 12345, -1)",
        f"os.setxattr({str(path)!r}, 'user.x', b'1')",
        f"open({str(path)!r}, 'w')",
        f"os.kill({viewer}, 0)",
        f"os.setpriority(os.PRIO_PROCESS, {viewer}, 19)",
        f"os.sched_setaffinity({viewer}, {{0}})",
        f"import resource; resource.prlimit({viewer}, resource.RLIMIT_CPU, (1, 1))",
        f"open('/proc/{viewer}/environ', 'rb').read(1)",
        "os.makedirs('/run/medview-was-here')",
    ]


def test_a_model_changes_nothing_of_a_file_outside_and_nothing_of_another_program(
    model, sagittal_ct, tmp_path, needs_namespaces
):
    path = tmp_path / "1.dcm"
    path.write_text("as it was", "utf-8")
    before, nice = path.stat(), psutil.Process().nice()
    deeds = outside(path, os.getpid())
    body = f"""
import os
done = []
for deed in {deeds!r}:
    try:
        exec(deed)
        done.append(deed)
    except OSError:
        pass
return Findings(Measurements("m", (Quantity("done", repr(done)),)))
"""
    assert told_by(model(hook(body)), sagittal_ct) == "[]"
    after = path.stat()
    assert (before.st_mode, before.st_mtime_ns, before.st_uid) == (
        after.st_mode, after.st_mtime_ns, after.st_uid,
    )  # fmt: skip
    assert psutil.Process().nice() == nice


def test_shared_memory_of_a_worker_holds_its_own_arrays_alone_and_goes_with_it(
    model, sagittal_ct, isolation, needs_namespaces
):
    mine = Path("/dev/shm/medview-test-of-another")  # noqa: S108
    mine.mkdir(exist_ok=True)
    body = """
import os
open("/dev/shm/left-behind-by-medview-test", "w").write("x")
names = sorted(os.listdir("/dev/shm"))
return Findings(Measurements("m", (Quantity("names", repr(names)),)))
"""
    try:
        names = eval(str(told_by(model(hook(body)), sagittal_ct)))  # noqa: S307  our own list
    finally:
        mine.rmdir()
    assert "left-behind-by-medview-test" in names
    assert [name for name in names if name.startswith("medview-")] == [
        name for name in names if name.startswith("medview-worker-")
    ]
    isolation.close()
    assert not Path("/dev/shm/left-behind-by-medview-test").exists()  # noqa: S108


def test_a_socket_that_another_program_listens_on_is_not_reached(
    model, sagittal_ct, tmp_path, needs_namespaces
):
    path = tmp_path / "bus"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        server.settimeout(0.2)
        body = f"import socket; socket.socket(socket.AF_UNIX).connect({str(path)!r})"
        with pytest.raises(ModelError, match=r"ConnectionRefusedError|PermissionError"):
            run_model(model(hook(body)), sagittal_ct, None, PlainContext())
        with pytest.raises(TimeoutError):
            server.accept()


def test_what_was_done_about_mounts_cannot_be_undone(tmp_path, needs_namespaces):
    undo = (
        "import ctypes\n"
        "libc = ctypes.CDLL(None)\n"
        "assert libc.umount2(b'/dev/shm', 2) == 0 or libc.mount(None, b'/', None, 4128, None) == 0"
    )
    message, told = confined(tmp_path, undo, before=WITHOUT_LANDLOCK)
    assert message == {
        "network": "namespace",
        "writes_kept": True,
        "alone": True,
        "home_hidden": False,
    }
    assert told[undo] == "AssertionError"


def test_of_the_home_a_model_sees_what_it_runs_from_alone(tmp_path, needs_namespaces):
    home = tmp_path / "home"
    for name in (".ssh", "weights/model", "work"):
        (home / name).mkdir(parents=True)
        (home / name / "file").write_text(name, "utf-8")
    secret, weights = home / ".ssh" / "file", home / "weights" / "model" / "file"
    before = (
        "from pathlib import Path\nimport medview.worker.confine as c\n"
        f"c.home_of_user = lambda: Path({str(home)!r})\n"
        f"READABLE = [{str(home / 'weights')!r}, {str(home / 'not-there')!r}]\n"
    )
    deeds = [
        f"open({str(secret)!r})",
        f"assert open({str(weights)!r}).read() == 'weights/model'",
        f"assert sorted(os.listdir({str(home)!r})) == ['weights', 'work']",
        f"open({str(home / 'new')!r}, 'w')",
        f"open({str(weights)!r}, 'w')",
        "open('own', 'w')",
    ]
    message, told = confined(home / "work", *deeds, before=before)
    assert message["home_hidden"] is True
    # Read-only, or kept by Landlock: either will do.
    kept = {"OSError", "PermissionError"}
    assert list(told.values())[:3] == ["FileNotFoundError", "done", "done"]
    assert set(list(told.values())[3:5]) <= kept
    assert told["open('own', 'w')"] == "done"
    assert secret.read_text("utf-8") == ".ssh"


def test_a_home_that_is_needed_as_a_whole_stays_in_sight(tmp_path, needs_namespaces):
    before = (
        "from pathlib import Path\nimport medview.worker.confine as c\n"
        f"c.home_of_user = lambda: Path({str(tmp_path)!r})\nREADABLE = []\n"
    )
    # The process may write to its working folder, which is the home itself here.
    message, told = confined(tmp_path, "open('own', 'w')", before=before)
    assert message["home_hidden"] is False
    assert told == {"open('own', 'w')": "done"}


# ---- where the kernel gives less --------------------------------------------------------------


def test_what_the_kernel_can_do_is_done(tmp_path):
    message, _ = confined(tmp_path)
    assert message["alone"] == has_namespaces()
    assert message["writes_kept"] == (has_namespaces() or landlock_version() > 0)
    assert (message["network"] == "namespace") == has_namespaces()


@pytest.mark.skipif(landlock_version() < 4, reason="this kernel's Landlock knows no network")
def test_without_namespaces_landlock_keeps_files_arrays_of_others_and_tcp_of_programs(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        programs = f"import socket; socket.create_connection({address!r}, 2)"
        start = (
            "import subprocess, sys\n"
            f"assert subprocess.run([sys.executable, '-c', {programs!r}],"
            " stderr=subprocess.DEVNULL).returncode == 0"
        )
        write, own = "open('/dev/shm/medview-x', 'w')", "open('own', 'w')"
        message, told = confined(tmp_path, start, write, own, before=WITHOUT_NAMESPACES)
    assert message == {
        "network": "refused",
        "writes_kept": True,
        "alone": False,
        "home_hidden": False,
    }
    assert told == {start: "AssertionError", write: "PermissionError", own: "done"}


@pytest.mark.skipif(landlock_version() < 1, reason="this kernel has no Landlock")
def test_where_mounts_are_forbidden_landlock_keeps_the_files(tmp_path, needs_namespaces):
    write, own = "open('/dev/shm/medview-x', 'w')", "open('own', 'w')"
    message, told = confined(tmp_path, write, own, before=WITHOUT_MOUNTS)
    assert message == {
        "network": "namespace",
        "writes_kept": True,
        "alone": False,
        "home_hidden": False,
    }
    assert told == {write: "PermissionError", own: "done"}


def test_with_nothing_of_the_kernel_python_refuses_every_way_out_and_leaves_pipes_alone(tmp_path):
    inside = "import socket; socket.socketpair(); socket.socket(socket.AF_UNIX).bind('own')"
    ways = [
        f"import socket; {way}"
        for way in (
            "socket.create_connection(('127.0.0.1', 9))",
            "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
            "socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ('127.0.0.1', 9))",
            "socket.getaddrinfo('localhost', 80)",
            "socket.gethostbyname('localhost')",
            "socket.gethostbyaddr('127.0.0.1')",
            "socket.socket().bind(('127.0.0.1', 0))",
        )
    ]
    message, told = confined(tmp_path, inside, *ways, before=WITHOUT_NAMESPACES + WITHOUT_LANDLOCK)
    assert message == {
        "network": "blocked",
        "writes_kept": False,
        "alone": False,
        "home_hidden": False,
    }
    assert told == {inside: "done", **dict.fromkeys(ways, "PermissionError")}


@pytest.mark.parametrize(
    ("less", "more"),
    [
        (Confinement("open", True, True), Confinement("blocked", True, True)),
        (Confinement("refused", True, True), Confinement("namespace", True, True)),
        (Confinement("namespace", False, True), Confinement("namespace", True, True)),
        (Confinement("namespace", True, False), Confinement("namespace", True, True)),
        (Confinement("namespace", True, True), Confinement("namespace", True, True, True)),
    ],
)
def test_less_of_anything_is_less_confined_and_said_in_other_words(less, more):
    assert more.is_as_strict_as(less)
    assert not less.is_as_strict_as(more)
    assert less.words != more.words
    assert Confinement.from_message(less.as_message()) == less


def test_a_worker_that_is_less_confined_than_its_card_says_is_not_used(
    model, sagittal_ct, monkeypatch, isolation
):
    handle = model(hook("return Findings()"))
    handle.ensure_ready()
    shown = handle.isolation
    less = Confinement("blocked", writes_kept=False, alone=False)
    received = isolation._load_in

    def weaker(*arguments: object) -> dict[str, Any]:
        return {**received(*arguments), **less.as_message()}

    monkeypatch.setattr(isolation, "_load_in", weaker)
    with pytest.raises(MedviewError, match="confines its process less"):
        run_model(handle, sagittal_ct, None, PlainContext())
    again = isolation.load(handle.found)
    assert again.plugin.isolation == less.words != shown


# ---- how it ends -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        ("os._exit(7)", 7),
        ("os.kill(os.getpid(), 9)", -signal.SIGKILL),
        ("os.abort()", -signal.SIGABRT),
        ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV),
    ],
)
def test_the_process_that_was_started_ends_as_the_model_did(tmp_path, deed, code):
    command = [sys.executable, "-c", f"READABLE = None\n{TRY}", json.dumps([deed])]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert ended.returncode == code


def test_nothing_outlives_a_worker_that_is_killed_not_even_what_hides(tmp_path, needs_namespaces):
    deed = (
        "import subprocess\n"
        "hidden = subprocess.Popen(['sleep', '987'], start_new_session=True, env={})\n"
        "import time; time.sleep(60)"
    )
    command = [sys.executable, "-c", f"READABLE = None\n{TRY}", json.dumps([deed])]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) as started:
        until(lambda: sleepers(started.pid))
        (hidden,) = sleepers(started.pid)
        started.kill()
    until(lambda: not hidden.is_running() or hidden.status() == psutil.STATUS_ZOMBIE)


def test_a_worker_that_listens_to_nobody_ends_with_the_application(tmp_path, needs_namespaces):
    deaf = "import ctypes; ctypes.PyDLL(None).sleep(600)"
    worker = [sys.executable, "-c", f"READABLE = None\n{TRY}", json.dumps([deaf])]
    application = f"import subprocess; subprocess.run({worker!r})"
    with subprocess.Popen([sys.executable, "-c", application], cwd=tmp_path) as started:
        until(lambda: len(psutil.Process(started.pid).children(recursive=True)) == 3)
        family = psutil.Process(started.pid).children(recursive=True)
        started.kill()
    _gone, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []


def sleepers(pid: int) -> list[psutil.Process]:
    """Programs called sleep among what a process started, however deep."""
    children = psutil.Process(pid).children(recursive=True)
    return [child for child in children if child.name() == "sleep"]


def until(happened: Any) -> None:
    """Wait for something that takes some milliseconds."""
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_variables_that_only_look_like_those_of_a_language_stay_outside(
    model, sagittal_ct, monkeypatch
):
    monkeypatch.setenv("LC_GITHUB_TOKEN", "secret")
    monkeypatch.setenv("LC_NUMERIC", "C")
    body = """
import os
names = [name for name in os.environ if name.startswith("LC_")]
return Findings(Measurements("m", (Quantity("names", repr(sorted(names))),)))
"""
    assert told_by(model(hook(body)), sagittal_ct) in (
        "['LC_CTYPE', 'LC_NUMERIC']",
        "['LC_NUMERIC']",
    )
