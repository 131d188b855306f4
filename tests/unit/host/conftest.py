"""What every test of the host needs: a place to install fake models, and volumes."""

from __future__ import annotations

import numpy as np
import pytest

from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.host.catalogue import Catalogue
from medview.host.discovery import discover
from tests.fake_models import PlainContext, fake_site

site = pytest.fixture(fake_site)


@pytest.fixture
def catalogue(site):
    """Builds the catalogue of what was installed so far, every package allowed."""

    def build(**options):
        names = frozenset(d.metadata["Name"] for d in site.installed)
        return Catalogue(discover(names, installed=site.installed), **options)

    return build


@pytest.fixture
def ctx():
    return PlainContext()


@pytest.fixture
def sagittal_ct() -> Volume:
    """A CT whose k runs to the Right, j to the Anterior, i to the Inferior."""
    array = np.random.default_rng(3).integers(-500, 500, (5, 6, 7)).astype(np.int16)
    directions = np.array([(-1, 0, 0), (0, -1, 0), (0, 0, -1)], dtype=float).T
    grid = Grid((5, 6, 7), compose((10, 20, 30), directions, (2, 1, 3)), "1.2.3.4.5.6")
    info = SourceInfo(
        "volume",
        modality="CT",
        intensity=Intensity.HOUNSFIELD,
        series_uid="1.2.3.4.5.7",
        frame_of_reference="1.2.3.4.5.6",
    )
    return Volume(array, grid, info)
