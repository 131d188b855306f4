"""Measures the heartbeat of a fresh window while thousands of files are scanned and a series loads.

``python -m tests.gui.app.heartbeat_scan FOLDER [SERIES] [FILES] [SLICES] [EDGE]`` writes SERIES
small series of FILES slices each and one of SLICES slices of EDGE x EDGE pixels below FOLDER,
opens them all, and prints one JSON document: the longest stall in milliseconds, and what was
waited for.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from medview.app import bootstrap
from medview.app.controllers.models import open_catalogue
from medview.app.wiring import Desk, Surroundings
from medview.config.paths import find_folders
from medview.config.redact import Redactor
from medview.config.schema import Settings
from medview.core.data.series import Series
from medview.core.data.volume import Volume
from medview.view.theme import apply_theme, load_theme
from tests.benchmarks.dicom_series import write_many, write_plain
from tests.gui.app.heartbeat import Heartbeat

_PATIENCE_S = 240.0
_AFTERWARDS_S = 1.5
"""Thumbnails, the first frames and the model's verdicts come after the series is there."""


def main(folder: Path, series: int, files: int, slices: int, edge: int) -> dict[str, int]:
    """Write, open and wait; the longest stall in milliseconds and how much there was to do."""
    write_many(folder / "study" / "small", series, files)
    write_plain(folder / "study" / "large", slices, edge, seed="large")
    bootstrap.keep_turns_short()
    application = QApplication([])
    apply_theme(application, load_theme("dark"))
    catalogue = open_catalogue({}, allow=frozenset(), installed=())
    desk = Desk(Surroundings(find_folders(), Settings(), catalogue, Redactor()))
    desk.views.make()
    desk.window.show()
    application.processEvents()
    bootstrap.set_program_aside()
    desk.start([])

    def volume() -> Volume | None:
        active = desk.session.scene.active
        return active.data if active is not None and isinstance(active.data, Volume) else None

    with Heartbeat() as scanning:
        desk.opener.open([folder / "study"])
        _wait(application, lambda: _listed(desk) == series + 1)
        _wait(application, lambda: volume() is not None)
    large = next(s for s in _all_series(desk) if (s.shape or (0,))[0] == slices)
    with Heartbeat() as loading:
        desk.loader.show(large.uid)
        _wait(application, lambda: (v := volume()) is not None and len(v.array) == slices)
        _rest(application, _AFTERWARDS_S)
    desk.window.close()
    left = desk.close()
    assert left == (), left
    return {
        "scanning": round(scanning.worst_s * 1000),
        "loading": round(loading.worst_s * 1000),
        "beats": scanning.beats + loading.beats,
        "files": sum(s.files for s in _all_series(desk)),
    }


def _all_series(desk: Desk) -> list[Series]:
    return [s for study in desk.library.studies for s in study.series]


def _listed(desk: Desk) -> int:
    return len(_all_series(desk))


def _wait(application: QApplication, until: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not until():
        application.processEvents()
        time.sleep(0.002)
        if time.monotonic() > end:
            raise TimeoutError


def _rest(application: QApplication, seconds: float) -> None:
    end = time.monotonic() + seconds
    _wait(application, lambda: time.monotonic() > end)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    counts = [int(text) for text in arguments[1:]] or [25, 200, 400, 128]
    print(json.dumps(main(Path(arguments[0]), *counts)))  # noqa: T201 - its result
