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
from pathlib import Path

import psutil

from medview.app.controllers.models import open_catalogue
from tests.gui.app.heartbeat import Heartbeat
from tests.gui.app.own_loop import end, rest, show_window, wait

_BEFORE_CANCEL_S = 4.0


def main(model: str, folder: Path) -> dict[str, float]:
    """Open, run to the end, run and cancel, close."""
    application, desk = show_window(open_catalogue(os.environ))
    cards = desk.window.models.cards
    told: dict[str, float] = {}
    held = []
    for turn in range(2):
        desk.opener.open([folder])
        wait(application, lambda: model in cards and cards[model].run_button.isEnabled())
        active = desk.session.scene.active
        assert active is not None
        layers = desk.session.scene.layers_of
        rest(application, 3.0)
        with Heartbeat() as heart:
            cards[model].run_button.click()
            wait(application, lambda: bool(layers(active.id)))  # noqa: B023 - called at once
            rest(application, 2.0)
        told[f"stall_ms_{turn}"] = round(heart.worst_s * 1000)
        cards[model].run_button.click()
        rest(application, _BEFORE_CANCEL_S)
        start = time.monotonic()
        cards[model].cancel_button.click()
        wait(application, lambda: not desk.runner.jobs)
        told[f"cancel_s_{turn}"] = round(time.monotonic() - start, 2)
        desk.loader.close_all()
        rest(application, 2.0)
        held.append(psutil.Process().memory_info().rss)
    told["kept_bytes"] = held[1] - held[0]
    end(desk)
    return told


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]))))  # noqa: T201 - its result
