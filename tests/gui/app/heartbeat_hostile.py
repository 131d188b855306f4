"""Measures a window in which a model in a process of its own does one bad deed after the other.

``python -m tests.gui.app.heartbeat_hostile FOLDER`` prints one JSON document: the longest stall of
the window in milliseconds, for each deed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from medview.app.controllers.models import open_catalogue
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms.simple import ball_phantom
from medview.worker.supervise.isolation import Isolation
from medview.worker.supervise.limits import Limits
from tests.fake_models import FakeSite
from tests.gui.app.acts import layers
from tests.gui.app.conftest import toast_texts
from tests.gui.app.heartbeat import Heartbeat
from tests.gui.app.hostile_deeds import CHAMELEON, DEEDS
from tests.gui.app.own_loop import end, rest, show_window, wait


def main(folder: Path) -> dict[str, int]:
    """Open a ball, let the model do each deed once, close."""
    site, place, series = FakeSite(folder / "site"), folder / "deed.py", folder / "ball"
    sys.path.insert(0, str(site.folder))
    site.add(CHAMELEON.format(place=str(place)), model="chameleon", distribution="fake-chameleon")
    write_dicom_series(ball_phantom(), series, header=SeriesHeader(seed="hostile"))
    isolation = Isolation(folder / "cards", limits=Limits(memory_bytes=2 << 30))
    catalogue = open_catalogue({}, installed=site.installed, isolation=isolation)
    application, desk = show_window(catalogue)
    cards = desk.window.models.cards
    desk.opener.open([series])
    wait(application, lambda: "chameleon" in cards and cards["chameleon"].run_button.isEnabled())
    told: dict[str, int] = {}
    for name, (deed, said) in DEEDS.items():
        place.write_text(deed, "utf-8")
        for toast in desk.window.toasts.toasts():
            toast.close()
        rest(application, 0.5)
        with Heartbeat() as heart:
            cards["chameleon"].run_button.click()
            wait(application, lambda: any(said in text for text in toast_texts(desk)))  # noqa: B023
            wait(application, lambda: not desk.runner.jobs)
        told[name] = round(heart.worst_s * 1000)
        assert layers(desk) == ()
    end(desk)
    return told


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))  # noqa: T201 - its result
