"""What every test of workers needs: models that run in processes, and a look at what is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.findings.measurements import Measurements
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.host.call import run_model
from medview.host.catalogue import Catalogue
from medview.host.discovery import discover
from medview.host.handle import ModelHandle
from medview.jobs.runner import Runner
from medview.worker.supervise.isolation import Isolation
from medview.worker.supervise.limits import Limits
from tests.fake_models import PlainContext, fake_site
from tests.leftovers import Leftovers, watched_leftovers

site = pytest.fixture(fake_site)

LIMITS = Limits(memory_bytes=2 << 30, start_s=30.0, judge_s=5.0)


def hook(body: str) -> str:
    """The text of a ``run`` with this body."""
    lines = "\n    ".join(body.strip().splitlines())
    return f"@hookimpl\ndef run(source, params, ctx):\n    {lines}\n"


def told_by(handle: ModelHandle, source: Any, ctx: PlainContext | None = None) -> Any:
    """The value of the one measurement that a model returns."""
    (item,) = run_model(handle, source, None, ctx or PlainContext()).items
    assert isinstance(item, Measurements)
    return item.items[0].value


@pytest.fixture
def leftovers(monkeypatch) -> Iterator[Leftovers]:
    with watched_leftovers(monkeypatch) as watched:
        yield watched


@pytest.fixture
def limits() -> Limits:
    return LIMITS


@pytest.fixture
def isolation(tmp_path, limits, leftovers):
    """Loads models into workers; afterwards nothing of them may be left."""
    made = Isolation(tmp_path / "cards", limits=limits)
    yield made
    made.close()
    assert leftovers.wait() == []


@pytest.fixture
def catalogue(site, isolation):
    """Builds the catalogue of what was installed so far, none of it allowed into this process."""

    def build():
        found = discover(installed=site.installed, can_isolate=True)
        return Catalogue(found, isolate=isolation.load)

    return build


@pytest.fixture
def model(site, catalogue):
    """Installs one model with this source text and gives its handle."""

    def install(text: str, **options):
        site.add(text, **options)
        return catalogue().handle(options.get("model", "bright"))

    return install


@pytest.fixture
def ctx() -> PlainContext:
    return PlainContext()


@pytest.fixture
def runner():
    made = Runner()
    yield made
    assert made.shutdown(5) == ()


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


@pytest.fixture
def described(sagittal_ct) -> SourceInfo:
    """The CT without pixels."""
    return replace(sagittal_ct.info)
