"""LIDC readings against the reference values computed for the two slabs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from medview.core.errors import InputError
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.evaluate.lidc import area_and_centroid, read_lidc, reference_findings

AXES = np.array([(0, 0, 1), (0, 1, 0), (1, 0, 0)], dtype=float)


@pytest.mark.parametrize(
    ("slab", "xml"), [("lidc_0002_slab", "71.xml"), ("lidc_0003_slab", "72.xml")]
)
def test_nodules_lie_where_the_reference_table_says(data_dir: Path, slab: str, xml: str) -> None:
    folder = data_dir / "chest_ct_train" / slab
    truth = json.loads((folder / "nodules.json").read_text())
    x, y, z = truth["spacing_mm"]
    grid = Grid((truth["slices"], 512, 512), compose(truth["origin_lps_mm"], AXES, (z, y, x)), "f")
    reading = read_lidc(folder / xml)
    assert reading.series_uid == truth["series_uid"]
    found = reference_findings(reading, grid)
    for nodule in truth["nodules"]:
        centre = np.array(nodule["mean_centre_lps_mm"])
        nearest = min(found, key=lambda f: float(np.linalg.norm(centre - f.centre_lps_mm)))
        assert np.linalg.norm(centre - nearest.centre_lps_mm) < 2.0
        assert nearest.diameter_mm == pytest.approx(nodule["mean_equivalent_diameter_mm"], rel=0.15)
        assert nearest.relevant == (nodule["readers"] >= 3)


def test_area_and_centroid_of_a_square_are_exact() -> None:
    area, centre = area_and_centroid(np.array([(1, 1), (4, 1), (4, 4), (1, 4)], dtype=float))
    assert area == pytest.approx(9)
    assert centre == pytest.approx((2.5, 2.5))


def test_another_xml_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other.xml"
    path.write_text("<html/>")
    with pytest.raises(InputError, match="not an LIDC reading"):
        read_lidc(path)
