"""Measures the heartbeat of a fresh window while a series loads and a torch model runs cold.

``python -m tests.gui.app.heartbeat_run FOLDER [SLICES] [EDGE]`` prints one JSON document with the
longest stall in milliseconds of each stage.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from medview.app.controllers.models import open_catalogue
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms.grids import axial_grid
from medview.testing.phantoms.simple import ball_phantom
from tests.fake_models import FakeSite
from tests.gui.app.heartbeat import Heartbeat
from tests.gui.app.own_loop import end, rest, show_window, wait

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
    catalogue = open_catalogue({}, allow=frozenset({"fake-bright"}), installed=site.installed)
    application, desk = show_window(catalogue)
    cards = desk.window.models.cards
    wait(application, lambda: "bright" in cards)
    stalls: dict[str, float] = {}
    with Heartbeat() as heart:
        desk.opener.open([series])
        wait(application, lambda: desk.session.scene.active is not None)
        wait(application, lambda: cards["bright"].run_button.isEnabled())
        rest(application, 2.0)
    stalls["loading"] = round(heart.worst_s * 1000)
    active = desk.session.scene.active
    assert active is not None
    already = {"torch", "monai"} & set(sys.modules)
    assert not already, f"{already} were imported before any model ran"
    with Heartbeat() as heart:
        cards["bright"].run_button.click()
        wait(application, lambda: bool(desk.session.scene.layers_of(active.id)))
    stalls["first run of a torch model"] = round(heart.worst_s * 1000)
    with Heartbeat() as heart:
        rest(application, 2.0)
    stalls["surfaces"] = round(heart.worst_s * 1000)
    end(desk)
    return stalls


if __name__ == "__main__":
    arguments = sys.argv[1:]
    counts = [int(text) for text in arguments[1:]] or [40, 128]
    np.seterr(all="raise", under="ignore")
    print(json.dumps(main(Path(arguments[0]), *counts)))  # noqa: T201 - its result
