"""How long the window ever keeps a reader waiting while folders are scanned and series load.

    python -m pytest tests/benchmarks/test_heartbeat.py -s

A fresh process, 5,000 small files in 25 series and a CT of 400 x 512 x 512, on a machine that does
nothing else. The best of three counts: what other processes do is no stall of ours.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(2000)]
_LONGEST_MS = 100
_LONGEST_CANCEL_S = 2.0
_MOST_KEPT_BYTES = 150e6
"""What a second run may leave behind: C libraries do not give back their heap to the last byte."""


def test_no_stall_over_a_tenth_of_a_second(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [_stalls(tmp_path / str(number)) for number in range(3)]
    best = {stage: min(run[stage] for run in runs) for stage in ("scanning", "loading")}
    with capsys.disabled():
        told = ", ".join(f"{stage} {worst} ms" for stage, worst in best.items())
        print(f"\nlongest stall of the window: {told}")  # noqa: T201 - the number is the result
    assert max(best.values()) <= _LONGEST_MS


@pytest.mark.torch
@pytest.mark.parametrize("model", ["lung-segmentation", "lung-nodule-detection"])
def test_a_model_stops_neither_the_window_nor_a_cancel(
    model: str, data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    series = data_dir / "chest_ct_train" / "acrin_flt_breast_013.zip"
    command = (sys.executable, "-m", "tests.gui.app.heartbeat_model", model, str(series))
    runs = [_told(command, tmp_path / str(number), 850) for number in range(2)]
    stall = min(max(run["stall_ms_0"], run["stall_ms_1"]) for run in runs)
    cancel = min(max(run["cancel_s_0"], run["cancel_s_1"]) for run in runs)
    kept = min(run["kept_bytes"] for run in runs)
    with capsys.disabled():
        print(  # noqa: T201 - the numbers are the result
            f"\n{model}: longest stall {stall} ms, cancelled within {cancel} s, "
            f"{kept / 1e6:.0f} MB more after the second run than after the first"
        )
    assert stall <= _LONGEST_MS
    assert cancel <= _LONGEST_CANCEL_S
    assert kept <= _MOST_KEPT_BYTES


def test_no_bad_deed_of_a_model_stops_the_window(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = []
    for number in range(3):
        folder = tmp_path / str(number)
        command = (sys.executable, "-m", "tests.gui.app.heartbeat_hostile", str(folder))
        runs.append(_told(command, folder, 600))
    best = {deed: min(run[deed] for run in runs) for deed in runs[0]}
    with capsys.disabled():
        told = ", ".join(f"{deed} {worst} ms" for deed, worst in best.items())
        print(f"\nlongest stall of the window for each deed: {told}")  # noqa: T201 - its result
    assert max(best.values()) <= _LONGEST_MS


def _stalls(folder: Path) -> dict[str, int]:
    scan = ("-m", "tests.gui.app.heartbeat_scan", str(folder), "25", "200", "400", "512")
    told = _told((sys.executable, *scan), folder, 280)
    assert told["files"] == 25 * 200 + 400
    return told


def _told(command: tuple[str, ...], folder: Path, timeout_s: float) -> dict[str, int]:
    """What a fresh process printed as its last line."""
    folder.mkdir()
    ended = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), "MEDVIEW_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    told: dict[str, int] = json.loads(ended.stdout.splitlines()[-1])
    return told
