"""What tests of the command line need: a small CT on disk, and models that are allowed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from medview.app.cli import main
from medview.app.cli.environment import Environment
from medview.app.controllers.models import open_catalogue
from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from tests.fake_models import FakeSite, fake_site

site = pytest.fixture(fake_site)


@pytest.fixture
def ct_volume() -> Volume:
    """A block of 12 slices: air with one cube of 200 HU whose corner is at k, j, i = 3, 4, 5."""
    array = np.full((12, 16, 20), -900, np.int16)
    array[3:7, 4:9, 5:11] = 200
    affine = compose((-30, -20, 100), np.eye(3)[:, ::-1], (2.5, 1.5, 1.25))
    grid = Grid(array.shape, affine, "1.2.826.0.1.3680043.9.1")
    return Volume(array, grid, SourceInfo("volume", "CT", Intensity.HOUNSFIELD))


@pytest.fixture
def ct(tmp_path, ct_volume) -> Path:
    """The small CT as a DICOM folder."""
    folder = tmp_path / "ct"
    write_dicom_series(ct_volume, folder, header=SeriesHeader(seed="small-ct"))
    return folder


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def medview(site: FakeSite, capsys):
    """Runs ``medview`` in this process with the fake models of the test installed."""

    def call(*args: object) -> Ended:
        names = frozenset(d.metadata["Name"] for d in site.installed)
        environment = Environment(
            os.environ,
            lambda: open_catalogue(os.environ, allow=names, installed=site.installed),
        )
        capsys.readouterr()
        code = main([str(a) for a in args], environment)
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return call
