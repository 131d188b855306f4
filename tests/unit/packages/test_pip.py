"""pip is ended with all that it started, the moment an installation is cancelled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from medview.core.progress import Cancelled, ignore_progress
from medview.host.packages.pip import PipFailed, run_pip
from medview.host.packages.places import Places
from tests.unit.packages.wheels import source_folder

SLOW = """
import time
time.sleep(600)
from hatchling.build import *
"""


def test_a_cancelled_build_ends_pip_and_the_backend_that_it_started(tmp_path):
    folder = source_folder(
        tmp_path / "slow", "slow", backend="slow_backend", extra='backend-path = ["."]'
    )
    (folder / "slow_backend.py").write_text(SLOW, "utf-8")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    start = time.monotonic()
    started: list[psutil.Process] = []

    def cancel_once_the_backend_runs(fraction: float | None, text: str) -> None:
        now = psutil.Process().children(recursive=True)
        if len(now) > 1 and time.monotonic() - start > 1:
            started.extend(now)
            raise Cancelled

    arguments = ["wheel", "--no-deps", "--no-build-isolation", str(folder)]
    with pytest.raises(Cancelled):
        run_pip(
            arguments,
            places=Places(),
            scratch=scratch,
            progress=cancel_once_the_backend_runs,
            builds=True,
        )
    # The backend is pip's child; once pip is gone it would live on as nobody's.
    assert len(started) > 1
    _gone, alive = psutil.wait_procs(started, timeout=5)
    assert alive == []
    assert time.monotonic() - start < 60


def test_why_a_build_failed_is_told_in_the_words_of_its_backend(tmp_path):
    folder = source_folder(
        tmp_path / "fails", "fails", backend="own_backend", extra='backend-path = ["."]'
    )
    (folder / "own_backend.py").write_text("raise ValueError('no compiler')\n", "utf-8")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    arguments = ["wheel", "--no-deps", "--no-build-isolation", str(folder)]
    with pytest.raises(PipFailed, match="no compiler"):
        run_pip(arguments, places=Places(), scratch=scratch, progress=ignore_progress, builds=True)
    with pytest.raises(PipFailed, match="No other program"):
        run_pip(arguments, places=Places(), scratch=scratch, progress=ignore_progress)


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process group")
def test_pip_and_what_it_started_end_with_an_application_that_is_killed(tmp_path):
    folder = source_folder(
        tmp_path / "slow", "slow", backend="slow_backend", extra='backend-path = ["."]'
    )
    (folder / "slow_backend.py").write_text(SLOW, "utf-8")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    code = (
        "import sys; from pathlib import Path\n"
        "from medview.host.packages.pip import run_pip\n"
        "from medview.host.packages.places import Places\n"
        "arguments = ['wheel', '--no-deps', '--no-build-isolation', sys.argv[1]]\n"
        "run_pip(arguments, places=Places(), scratch=Path(sys.argv[2]),\n"
        "        progress=lambda fraction, text: None, builds=True)\n"
    )
    application = subprocess.Popen([sys.executable, "-c", code, str(folder), str(scratch)])
    watched = psutil.Process(application.pid)
    started: list[psutil.Process] = []
    deadline = time.monotonic() + 30
    while len(started) < 2 and time.monotonic() < deadline:
        started = watched.children(recursive=True)
        time.sleep(0.05)
    assert len(started) > 1
    os.kill(application.pid, signal.SIGKILL)
    application.wait()
    _gone, alive = psutil.wait_procs(started, timeout=5)
    assert alive == []
