"""Faults that show on a second look only are found; what resembles them and is right passes."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from textwrap import dedent, indent

import pytest

from medview.testing import conformance
from medview.testing.conformance.leftover import left_behind
from medview.testing.phantoms import ball_phantom
from tests.fake_models import fake_site
from tests.unit.testing.test_conformance import GOOD, changed, failed, installed, outcome

site = pytest.fixture(fake_site)

NO_NAMESPACE = (
    "namespace"
    not in subprocess.run(
        [sys.executable, "-c", "from medview.worker.confine import *; print(cut_network())"],
        capture_output=True,
        text=True,
    ).stdout
)


def before_work(code: str) -> str:
    """The good model with lines before it looks at the pixels."""
    lines = indent(dedent(code).strip(), "    ")
    return changed("    stages(ctx)\n    mask", f"    stages(ctx)\n{lines}\n    mask")


def after_work(code: str) -> str:
    """The good model with lines before it gives its mask away."""
    lines = indent(dedent(code).strip(), "    ")
    return changed("np.uint8)\n    return", f"np.uint8)\n{lines}\n    return")


FAULTS: Mapping[str, tuple[str, str]] = {
    "the region of the first patient is kept": (
        "independent",
        after_work(
            """
            if mask.shape not in BOX:
                at = np.argwhere(mask)
                BOX[mask.shape] = tuple(slice(a, b) for a, b in zip(at.min(0), at.max(0) + 1))
            within, box = np.zeros_like(mask), BOX[mask.shape]
            within[box] = mask[box]
            mask = within
            """
        )
        + "BOX = {}\n",
    ),
    "nothing but the first patient works": (
        "independent",
        before_work(
            """
            FIRST.append(source.array.tobytes())
            if FIRST[0] != FIRST[-1] and source.array.shape == SHAPE[0]:
                raise ValueError("What is this?")
            SHAPE.append(source.array.shape)
            """
        ).replace("FIRST.append", "SHAPE or SHAPE.append(source.array.shape)\n    FIRST.append")
        + "FIRST, SHAPE = [], []\n",
    ),
    "Cancelled is caught in the second half": (
        "cancel",
        changed(
            '    ctx.progress(0.9, "Writing")\n',
            """    ctx.progress(0.5, "Middle")
    for n in range(60, 100):
        try:
            ctx.progress(n / 100, "Writing")
        except BaseException:
            pass
""",
        ),
    ),
    "Cancelled is caught at the end": (
        "cancel",
        changed(
            '    ctx.progress(0.9, "Writing")\n',
            """    ctx.progress(0.9, "Writing")
    try:
        ctx.progress(1.0, "Done")
    except BaseException:
        pass
""",
        ),
    ),
    "a socket is opened by the C library": (
        "network",
        before_work("import ctypes\nctypes.CDLL(None).socket(2, 1, 0)"),
    ),
    "another program is started": (
        "network",
        before_work("import subprocess\nsubprocess.run(['curl', '--version'])"),
    ),
    "a command is given to the shell": (
        "network",
        before_work("import os\nos.system('true')"),
    ),
    "every seventh run differs": (
        "deterministic",
        after_work("COUNT.append(1)\nmask[0, 0, 0] ^= len(COUNT) % 7 == 0") + "COUNT = []\n",
    ),
    "a process lives on": (
        "ends",
        before_work(
            """
            import os, sys
            code = "import time; time.sleep(3)"
            os.posix_spawn(sys.executable, [sys.executable, "-c", code], os.environ)
            """
        ),
    ),
    "a process outlives the one that started it": (
        "ends",
        before_work(
            """
            import subprocess, sys
            inner = "import time; time.sleep(3)"
            outer = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', '{inner}'])"
            subprocess.run([sys.executable, "-c", outer], check=True)
            """
        ),
    ),
    "memory is never enough when it is tight": (
        "memory",
        before_work("if ctx.memory == 'tight':\n    raise MemoryError"),
    ),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_hidden_fault_is_told_by_one_check_alone(site, fault):
    check, source = FAULTS[fault]
    assert failed(outcome(installed(site, source))) == [check]


@pytest.mark.skipif(NO_NAMESPACE, reason="no process has a network of its own here")
@pytest.mark.parametrize("at", ["import", "run"])
def test_what_another_process_would_send_never_leaves_and_fails_the_check_of_the_network(site, at):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        code = (
            "import socket; socket.create_connection(('127.0.0.1', "
            f"{server.getsockname()[1]}), 2).sendall(b'pixels')"
        )
        send = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {code!r}])"
        source = before_work(send) if at == "run" else f"{send}\n{GOOD}"
        results = outcome(installed(site, source))
        with pytest.raises(TimeoutError):
            server.accept()
    assert failed(results) == ["network"]


def test_more_findings_than_the_application_takes_fail_the_check_of_what_travels(site):
    source = changed(
        "return Findings(",
        "return Findings(*(Measurements('m', (Quantity('n', 1.0),)) for n in range(300)), ",
    )
    produces = ["labelmap", "measurements"]
    handle = installed(site, f"{source}\nCARD['produces'] = {tuple(produces)}\n")
    handle = installed_anew(site, handle, produces)
    assert failed(outcome(handle)) == ["picklable"]


def installed_anew(site, handle, produces):
    """The same model with a static card that names what it produces."""
    import json

    (file,) = site.folder.rglob("medview_card.json")
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"produces": produces}))
    return handle


BALL = changed(
    'return Findings(LabelMap("Bright", mask, LABELS))',
    """k, j, i = np.argwhere(mask).mean(axis=0)
    grid = source.grid
    origin, steps = grid.index_to_lps[:3, 3], grid.spacing_mm
    middle = (np.array(grid.shape) - 1) / 2
    place = PLACE
    size = (120.0, 120.0, 120.0)
    ball = Detection("1", "ball", 0.9, tuple(map(float, place)), size)
    return Findings(Detections("Balls", (ball,)))""",
)

PLACES = {
    "right": ("grid.to_lps((k, j, i))", []),
    "from the first voxel, without directions": (
        "(origin[0] + i * steps[2], origin[1] + j * steps[1], origin[2] + k * steps[0])",
        ["geometry"],
    ),
    "from the middle, without directions": (
        "grid.centre_lps_mm + np.array([i - middle[2], j - middle[1], k - middle[0]])"
        " * np.array(steps)[::-1]",
        ["geometry"],
    ),
    # As a model sees it that resamples its input upright: it means the patient's left.
    "the leftmost part in the patient": (
        "(lambda p: p[p[:, 0] > p[:, 0].max() - 12].mean(axis=0))(grid.to_lps(np.argwhere(mask)))",
        [],
    ),
}


@pytest.mark.parametrize("how", sorted(PLACES))
def test_a_place_that_leaves_directions_out_is_found_out(site, how):
    place, faults = PLACES[how]
    source = BALL.replace("PLACE", place) + "\nCARD['produces'] = ('detections',)\n"
    results = outcome(installed(site, source, card={"produces": ["detections"]}))
    assert failed(results) == faults
    assert results["geometry"] is (not faults)


HONEST = {
    "a process of this Python that is done": before_work(
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'pass'], check=True)"
    ),
    "a library asks a program about the computer": before_work(
        "import ctypes.util, platform\nctypes.util.find_library('c')\nplatform.uname().processor"
    ),
    "something that no source changes is kept": before_work("TABLE or TABLE.append(np.arange(256))")
    + "TABLE = []\n",
    "reports by the clock": "import time\n"
    + changed(
        '    ctx.progress(0.9, "Writing")\n',
        """    for n in range(COUNT[0]):
        ctx.progress(0.2 + n / 100, "Looking on")
    COUNT[0] = max(1, COUNT[0] - 3)
    ctx.progress(0.9, "Writing")
""",
    )
    + "COUNT = [40]\n",
}


@pytest.mark.parametrize("habit", sorted(HONEST))
def test_an_honest_habit_passes_every_check(site, habit):
    results = outcome(installed(site, HONEST[habit]))
    assert results == dict.fromkeys(conformance.CHECKS, True)


def test_a_pool_of_threads_that_waits_for_work_is_nothing_left_behind():
    package = __name__.partition(".")[0]
    begun, done = threading.Event(), threading.Event()

    def work():
        begun.set()
        done.wait(10.0)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(len, "abc").result()
        assert left_behind(package)[0] == []
        pool.submit(work)
        try:
            assert begun.wait(10.0)
            assert len(left_behind(package)[0]) == 1
        finally:
            done.set()


def test_time_that_is_taken_after_cancelling_counts(site, monkeypatch):
    from medview.testing.conformance import cancel

    monkeypatch.setattr(cancel, "WITHIN_S", 0.05)
    slow = changed(
        "    stages(ctx)\n    mask",
        """    try:
        stages(ctx)
    except BaseException:
        time.sleep(0.2)
        raise
    mask""",
    )
    handle = installed(site, "import time\n" + slow)
    subject = conformance.Subject(handle, lambda grid: ball_phantom(grid, radius_mm=60))
    result = conformance.run_check("cancel", subject)
    assert result.passed is False
    assert "to stop after it was cancelled" in result.words


def test_a_result_says_by_what_the_network_was_kept_away(site, monkeypatch):
    from medview.testing.conformance import guard

    handle = installed(site, GOOD)
    subject = conformance.Subject(
        handle,
        lambda grid: ball_phantom(grid, radius_mm=60),
        guard=guard.Guard("open", writes_kept=False),
    )
    words = conformance.run_check("network", subject).words
    assert ("Python's own calls alone" in words) is NO_NAMESPACE
    assert ("The kernel kept the network" in words) is not NO_NAMESPACE
    assert "wherever this user can" in words
    assert "Python's own calls alone" in guard.in_words("blocked", None)
