"""Measures a window in which one of medview's own models runs, is cancelled, and runs again.

``python -m tests.gui.app.heartbeat_model MODEL FOLDER`` prints one JSON document: the longest
stall in milliseconds, the seconds from Cancel to the end of the job, and how many bytes the
process holds more than before, once the series is closed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from PySide6.QtWidgets import QApplication

from medview.app import bootstrap
from medview.app.controllers.models import open_catalogue
from medview.app.wiring import Desk, Surroundings
from medview.config.paths import find_folders
from medview.config.redact import Redactor
from medview.config.schema import Settings
from medview.view.theme import apply_theme, load_theme
from tests.gui.app.heartbeat import Heartbeat

_PATIENCE_S = 900.0
_BEFORE_CANCEL_S = 4.0


def main(model: str, folder: Path) -> dict[str, float]:
    """Open, run to the end, run and cancel, close."""
    bootstrap.keep_turns_short()
    application = QApplication([])
    apply_theme(application, load_theme("dark"))
    desk = Desk(Surroundings(find_folders(), Settings(), open_catalogue(os.environ), Redactor()))
    desk.views.make()
    desk.window.show()
    application.processEvents()
    desk.start([])
    cards = desk.window.models.cards
    told: dict[str, float] = {}
    held = []
    for turn in range(2):
        desk.opener.open([folder])
        _wait(application, lambda: model in cards and cards[model].run_button.isEnabled())
        active = desk.session.scene.active
        assert active is not None
        layers = desk.session.scene.layers_of
        _rest(application, 3.0)
        with Heartbeat() as heart:
            cards[model].run_button.click()
            _wait(application, lambda: bool(layers(active.id)))  # noqa: B023 - called at once
            _rest(application, 2.0)
        told[f"stall_ms_{turn}"] = round(heart.worst_s * 1000)
        cards[model].run_button.click()
        _rest(application, _BEFORE_CANCEL_S)
        start = time.monotonic()
        cards[model].cancel_button.click()
        _wait(application, lambda: not desk.runner.jobs)
        told[f"cancel_s_{turn}"] = round(time.monotonic() - start, 2)
        desk.loader.close_all()
        _rest(application, 2.0)
        held.append(psutil.Process().memory_info().rss)
    told["kept_bytes"] = held[1] - held[0]
    desk.window.close()
    left = desk.close()
    assert left == (), left
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
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]))))  # noqa: T201 - its result
