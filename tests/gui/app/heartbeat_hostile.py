"""Measures a window in which a model in a process of its own does one bad deed after the other.

``python -m tests.gui.app.heartbeat_hostile FOLDER`` prints one JSON document: the longest stall of
the window in milliseconds, for each deed.
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
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms.simple import ball_phantom
from medview.view.theme import apply_theme, load_theme
from medview.worker.supervise.isolation import Isolation
from medview.worker.supervise.limits import Limits
from tests.fake_models import FakeSite
from tests.gui.app.acts import layers
from tests.gui.app.conftest import close, toast_texts
from tests.gui.app.heartbeat import Heartbeat
from tests.gui.app.hostile_deeds import CHAMELEON, DEEDS

_PATIENCE_S = 120.0


def main(folder: Path) -> dict[str, int]:
    """Open a ball, let the model do each deed once, close."""
    bootstrap.keep_turns_short()
    application = QApplication([])
    apply_theme(application, load_theme("dark"))
    site, place, series = FakeSite(folder / "site"), folder / "deed.py", folder / "ball"
    sys.path.insert(0, str(site.folder))
    site.add(CHAMELEON.format(place=str(place)), model="chameleon", distribution="fake-chameleon")
    write_dicom_series(ball_phantom(), series, header=SeriesHeader(seed="hostile"))
    isolation = Isolation(folder / "cards", limits=Limits(memory_bytes=2 << 30))
    catalogue = open_catalogue({}, installed=site.installed, isolation=isolation)
    desk = Desk(Surroundings(find_folders(), Settings(), catalogue, Redactor()))
    desk.views.make()
    desk.window.show()
    desk.start([])
    bootstrap.set_program_aside()
    cards = desk.window.models.cards
    desk.opener.open([series])
    _wait(application, lambda: "chameleon" in cards and cards["chameleon"].run_button.isEnabled())
    told: dict[str, int] = {}
    for name, (deed, said) in DEEDS.items():
        place.write_text(deed, "utf-8")
        for toast in desk.window.toasts.toasts():
            toast.close()
        _rest(application, 0.5)
        with Heartbeat() as heart:
            cards["chameleon"].run_button.click()
            _wait(application, lambda: any(said in text for text in toast_texts(desk)))  # noqa: B023
            _wait(application, lambda: not desk.runner.jobs)
        told[name] = round(heart.worst_s * 1000)
        assert layers(desk) == ()
    assert close(desk) == ()
    return told


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
    print(json.dumps(main(Path(sys.argv[1]))))  # noqa: T201 - its result
