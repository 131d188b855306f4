"""Measures the heartbeat of a fresh window while thousands of files are scanned and a series loads.

``python -m tests.gui.app.heartbeat_scan FOLDER [SERIES] [FILES] [SLICES] [EDGE]`` writes SERIES
small series of FILES slices each and one of SLICES slices of EDGE x EDGE pixels below FOLDER,
opens them all, and prints one JSON document: the longest stall in milliseconds, and what was
waited for.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from medview.app.controllers.models import open_catalogue
from medview.app.wiring import Desk
from medview.core.data.series import Series
from medview.core.data.volume import Volume
from tests.benchmarks.dicom_series import write_many, write_plain
from tests.gui.app.heartbeat import Heartbeat
from tests.gui.app.own_loop import end, rest, show_window, wait

_AFTERWARDS_S = 1.5
"""Thumbnails, the first frames and the model's verdicts come after the series is there."""


def main(folder: Path, series: int, files: int, slices: int, edge: int) -> dict[str, int]:
    """Write, open and wait; the longest stall in milliseconds and how much there was to do."""
    write_many(folder / "study" / "small", series, files)
    write_plain(folder / "study" / "large", slices, edge, seed="large")
    catalogue = open_catalogue({}, allow=frozenset(), installed=())
    application, desk = show_window(catalogue)

    def volume() -> Volume | None:
        active = desk.session.scene.active
        return active.data if active is not None and isinstance(active.data, Volume) else None

    with Heartbeat() as scanning:
        desk.opener.open([folder / "study"])
        wait(application, lambda: _listed(desk) == series + 1)
        wait(application, lambda: volume() is not None)
    large = next(s for s in _all_series(desk) if (s.shape or (0,))[0] == slices)
    with Heartbeat() as loading:
        desk.loader.show(large.uid)
        wait(application, lambda: (v := volume()) is not None and len(v.array) == slices)
        rest(application, _AFTERWARDS_S)
    end(desk)
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


if __name__ == "__main__":
    arguments = sys.argv[1:]
    counts = [int(text) for text in arguments[1:]] or [25, 200, 400, 128]
    print(json.dumps(main(Path(arguments[0]), *counts)))  # noqa: T201 - its result
