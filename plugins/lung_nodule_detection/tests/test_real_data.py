"""On real CT the marked nodule is in the box of a finding, among few others."""

from __future__ import annotations

from pathlib import Path

import medview_lung_nodule_detection as plugin
import numpy as np
import pytest
from medview_lung_nodule_detection.shipped import shipped_weights

from medview.api import Detection, Detections
from medview.core.geometry.orient import canonical_order
from medview.evaluate.lidc import area_and_centroid, read_lidc
from medview.testing.context import CollectingContext
from medview.testing.reading import read_volume


def found_in(path: Path) -> list[Detection]:
    volume = read_volume(path)
    volume = volume.reordered(canonical_order(volume.grid))
    detections = plugin.run(
        volume, plugin.Params(), CollectingContext(weights=shipped_weights())
    ).items[0]
    assert isinstance(detections, Detections)
    return list(detections.items)


def centroid_on_present_slices(folder: Path, xml: str) -> np.ndarray:
    """Of all readers' outlines on the slices that exist, weighted by area (LPS mm)."""
    grid = read_volume(folder).grid
    low, high = grid.bounds_lps_mm()[:, 2]
    total, moment = 0.0, np.zeros(3)
    for nodule in read_lidc(folder / xml).nodules:
        for contour in nodule.contours:
            if not low <= contour.z_mm <= high or len(contour.points_px) < 3:
                continue
            area, (column, row) = area_and_centroid(contour.points_px)
            x, y, _ = grid.to_lps((0.0, row, column))
            total += area
            moment += area * np.array([x, y, contour.z_mm])
    return moment / total


def holding(items: list[Detection], place: np.ndarray) -> list[Detection]:
    return [
        d for d in items if (np.abs(np.subtract(d.centre, place)) <= np.asarray(d.size) / 2).all()
    ]


@pytest.mark.parametrize(
    ("case", "xml"), [("lidc_0002_slab", "71.xml"), ("lidc_0003_slab", "72.xml")]
)
def test_the_nodule_of_each_slab_is_found_among_few_others(
    data_dir: Path, case: str, xml: str
) -> None:
    folder = data_dir / "chest_ct_train" / case
    items = found_in(folder)
    assert holding(items, centroid_on_present_slices(folder, xml))
    assert len(items) <= 9


def test_the_complete_nodule_has_the_size_that_its_readers_outlined(data_dir: Path) -> None:
    folder = data_dir / "chest_ct_train" / "lidc_0003_slab"
    best = max(found_in(folder), key=lambda d: d.score)
    values = {q.name: q.value for q in best.measurements}
    # Four readers: mean diameter of the ball of equal volume 22.25 mm.
    assert values["Mean diameter"] == pytest.approx(22.25, abs=1.5)
    assert values["Side"] == "left"
