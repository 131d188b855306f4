"""A small chest-like volume, and a way to run a model file as an installed package would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.findings.base import Findings
from medview.core.findings.checks import problems
from medview.core.geometry import affine as aff
from medview.core.geometry.grid import Grid
from medview.host.bundles import as_package
from medview.host.bundles.installed import InstalledModel, read_installed
from medview.host.params import build
from medview.testing.context import CollectingContext

CANONICAL = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], dtype=float)


@pytest.fixture
def ct() -> Volume:
    rng = np.random.default_rng(0)
    shape = (30, 48, 52)
    smooth = rng.normal(size=[n // 4 + 1 for n in shape])
    values = np.kron(smooth, np.ones((4, 4, 4)))[:30, :48, :52]
    # No exact zeros, which "nonzero" steps would leave out, each after its own rounding.
    values = np.round(values * 200 - 100 + rng.normal(size=shape) * 30) + 0.37
    grid = Grid(shape, aff.compose((-30.0, 12.0, 40.0), CANONICAL, (2.4, 1.2, 1.6)), "1.2.3")
    return Volume(
        np.maximum(values, -1024).astype(np.float32),
        grid,
        SourceInfo("volume", modality="CT", intensity=Intensity.HOUNSFIELD),
    )


@pytest.fixture
def small_ct(ct: Volume) -> Volume:
    grid = ct.grid.crop((4, 8, 10), (12, 30, 32))
    return Volume(ct.array[4:16, 8:38, 10:42], grid, ct.info)


@pytest.fixture
def installed(tmp_path: Path) -> Callable[[Path], tuple[InstalledModel, CollectingContext]]:
    """Make a package of a model file and read it from there."""

    def install(path: Path) -> tuple[InstalledModel, CollectingContext]:
        out = tmp_path / "packages"
        out.mkdir(exist_ok=True)
        (module,) = (as_package(path, out) / "src").iterdir()
        weights = {p.name: p for p in (module / "weights").iterdir()}
        return read_installed(module), CollectingContext(weights=weights)

    return install


@pytest.fixture
def run_file(installed: Any) -> Callable[..., tuple[Findings, CollectingContext]]:
    """Run a model file on a source, with the host's checks."""

    def run(path: Path, source: Any, **values: Any) -> tuple[Findings, CollectingContext]:
        from medview.inference import adapters

        model, ctx = installed(path)
        findings = adapters.run(model, source, build(model.params_type, values), ctx)
        assert problems(findings, source) == []
        return findings, ctx

    return run
