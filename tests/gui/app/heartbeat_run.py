"""Measures the heartbeat of a fresh window while a series loads and a torch model runs cold.

``python -m tests.gui.app.heartbeat_run FOLDER [SLICES] [EDGE]`` prints one JSON document with the
longest stall in milliseconds of each stage.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication

from medview.app.bootstrap import keep_turns_short
from medview.app.controllers.models import open_catalogue
from medview.app.wiring import Desk, Surroundings
from medview.config.paths import find_folders
from medview.config.redact import Redactor
from medview.config.schema import Settings
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms.grids import axial_grid
from medview.testing.phantoms.simple import ball_phantom
from medview.view.theme import apply_theme, load_theme
from tests.fake_models import FakeSite
from tests.gui.app.heartbeat import Heartbeat

NETWORK_RUN = """
@hookimpl
def run(source, params, ctx):
    from medview.api import inference
    ctx.progress(0.0, "Loading the network")
    (nets,) = inference.import_monai("networks.nets")
    torch = inference.torch
    torch.manual_seed(0)
    network = nets.BasicUNet(3, 1, 2, features=(4, 4, 4, 4, 4, 4)).eval()
    predict = ctx.watch(network, total=8)
    values = torch.from_numpy(source.array[:32, :64, :64].astype(np.float32))[None, None]
    with torch.inference_mode():
        for _ in range(8):
            predict(values)
    return Findings(LabelMap("Bright", (source.array > 0).astype(np.uint8), LABELS))
"""
_PATIENCE_S = 240.0


def main(folder: Path, slices: int, edge: int) -> dict[str, float]:
    """Open, load, run; the longest stall of each stage in milliseconds."""
    series = folder / "series"
    series.mkdir()
    grid = axial_grid((slices, edge, edge), (1.0, 0.7, 0.7), (0.0, 0.0, 0.0))
    write_dicom_series(
        ball_phantom(grid, radius_mm=40.0), series, header=SeriesHeader(seed="heartbeat")
    )
    site = FakeSite(folder / "site-packages")
    sys.path.insert(0, str(site.folder))
    site.add(NETWORK_RUN)
    keep_turns_short()
    application = QApplication([])
    apply_theme(application, load_theme("dark"))
    catalogue = open_catalogue({}, allow=frozenset({"fake-bright"}), installed=site.installed)
    desk = Desk(Surroundings(find_folders(), Settings(), catalogue, Redactor()))
    desk.views.make()
    desk.window.show()
    application.processEvents()
    desk.start([])
    cards = desk.window.models.cards
    _wait(application, lambda: "bright" in cards)
    stalls: dict[str, float] = {}
    with Heartbeat() as heart:
        desk.opener.open([series])
        _wait(application, lambda: desk.session.scene.active is not None)
        _wait(application, lambda: cards["bright"].run_button.isEnabled())
        _rest(application, 2.0)
    stalls["loading"] = round(heart.worst_s * 1000)
    active = desk.session.scene.active
    assert active is not None
    already = {"torch", "monai"} & set(sys.modules)
    assert not already, f"{already} were imported before any model ran"
    with Heartbeat() as heart:
        cards["bright"].run_button.click()
        _wait(application, lambda: bool(desk.session.scene.layers_of(active.id)))
    stalls["first run of a torch model"] = round(heart.worst_s * 1000)
    with Heartbeat() as heart:
        _rest(application, 2.0)
    stalls["surfaces"] = round(heart.worst_s * 1000)
    desk.window.close()
    left = desk.close()
    assert left == (), left
    return stalls


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
    counts = [int(text) for text in arguments[1:]] or [40, 128]
    np.seterr(all="raise", under="ignore")
    print(json.dumps(main(Path(arguments[0]), *counts)))  # noqa: T201 - its result
