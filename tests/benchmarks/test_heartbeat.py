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

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]
_LONGEST_MS = 100


def test_no_stall_over_a_tenth_of_a_second(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [_stalls(tmp_path / str(number)) for number in range(3)]
    best = {stage: min(run[stage] for run in runs) for stage in ("scanning", "loading")}
    with capsys.disabled():
        told = ", ".join(f"{stage} {worst} ms" for stage, worst in best.items())
        print(f"\nlongest stall of the window: {told}")  # noqa: T201 - the number is the result
    assert max(best.values()) <= _LONGEST_MS


def _stalls(folder: Path) -> dict[str, int]:
    folder.mkdir()
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "tests.gui.app.heartbeat_scan", str(folder)),
            *("25", "200", "400", "512"),
        ],
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), "MEDVIEW_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    told: dict[str, int] = json.loads(ended.stdout.splitlines()[-1])
    assert told["files"] == 25 * 200 + 400
    return told
