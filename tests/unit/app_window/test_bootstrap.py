"""Before Qt: a sentence instead of an abort, and a crash log that tells nothing of people."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from medview.app import bootstrap
from medview.core.errors import UsageError


def test_without_a_display_there_is_a_sentence_that_names_the_way_out() -> None:
    problem = bootstrap.display_problem("linux", {})
    assert problem is not None
    assert "medview --help" in problem


@pytest.mark.parametrize(
    "environ",
    [{"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}, {"QT_QPA_PLATFORM": "offscreen"}],
)
def test_with_a_display_or_a_chosen_platform_nothing_stands_in_the_way(
    environ: dict[str, str],
) -> None:
    assert bootstrap.display_problem("linux", environ) is None


def test_windows_and_macos_always_have_a_display() -> None:
    assert bootstrap.display_problem("win32", {}) is None
    assert bootstrap.display_problem("darwin", {}) is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 and Wayland are of Linux")
def test_prepare_refuses_with_a_stable_code(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        bootstrap.prepare(tmp_path, {})
    assert caught.value.code == "no-display"


def test_a_fatal_signal_leaves_a_stack_in_the_crash_log(tmp_path: Path) -> None:
    code = (
        "import sys, faulthandler; from pathlib import Path\n"
        "from medview.app.bootstrap import enable_crash_log\n"
        "enable_crash_log(Path(sys.argv[1]))\n"
        "def reading_a_series(): faulthandler._sigsegv()\n"
        "reading_a_series()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert ended.returncode != 0
    assert "reading_a_series" in (tmp_path / bootstrap.CRASH_LOG).read_text()


def test_folders_of_this_computer_are_cut_out_of_an_earlier_crash(tmp_path: Path) -> None:
    log = tmp_path / bootstrap.CRASH_LOG
    log.write_text('  File "/home/jane doe/secret/medview/app/main.py", line 12 in run\n')
    code = "import sys; from pathlib import Path; from medview.app import bootstrap\n"
    code += "bootstrap.enable_crash_log(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    text = log.read_text()
    assert "jane" not in text
    assert "secret" not in text
    assert 'app/main.py", line 12 in run' in text


def test_a_thread_that_counts_gives_way_within_a_millisecond() -> None:
    before = sys.getswitchinterval()
    try:
        bootstrap.keep_turns_short()
        assert sys.getswitchinterval() <= 0.001
    finally:
        sys.setswitchinterval(before)
