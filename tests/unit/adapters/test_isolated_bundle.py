"""An installed bundle runs in a process of its own, its weights checked against its card."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest

from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.errors import WeightsError
from medview.core.findings.labelmap import LabelMap
from medview.core.geometry.orient import AxisOrder
from medview.host.bundles import as_wheel
from medview.host.call import run_model
from medview.host.catalogue import Catalogue
from medview.host.discovery import discover
from medview.host.handle import ModelHandle
from medview.host.params import specs_of
from medview.host.weights import weights_resolver
from medview.worker.supervise.isolation import Isolation
from medview.worker.supervise.limits import Limits
from tests.fake_models import PlainContext
from tests.unit.adapters.zoo import segresnet_bundle

pytestmark = pytest.mark.torch


@pytest.fixture
def handle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelHandle]:
    wheel = as_wheel(segresnet_bundle(tmp_path / "whole_body", classes=3)[0], tmp_path)
    site = tmp_path / "site"
    command = ["pip", "install", "-q", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True)
    monkeypatch.syspath_prepend(str(site))
    found = discover(installed=distributions(path=[str(site)]), can_isolate=True)
    limits = Limits(memory_bytes=8 << 30, start_s=60.0)
    isolation = Isolation(tmp_path / "cards", limits=limits)
    yield Catalogue(found, isolate=isolation.load).handle("whole-body")
    isolation.close()


def test_a_bundle_runs_behind_the_pipe_and_lies_where_the_source_lies(
    handle: ModelHandle, ct: Volume, tmp_path: Path
) -> None:
    assert handle.card is None
    handle.ensure_ready()
    assert handle.state == "ready", handle.report
    assert handle.isolation
    assert [p.name for p in specs_of(handle.params_type)] == [
        "highres",
        "sw_overlap",
        "sw_batch_size",
    ]
    assert not any(name.startswith("medview_model_") for name in sys.modules)
    weights = weights_resolver(handle, tmp_path / "weights")
    ctx = PlainContext(files={"model.pt": weights("model.pt")})
    plain = run_model(handle, ct, None, ctx)
    turned = ct.reordered(AxisOrder((2, 0, 1), (True, False, True)))
    again = run_model(handle, turned, None, ctx)
    first, second = plain.items[0], again.items[0]
    assert isinstance(first, LabelMap)
    assert isinstance(second, LabelMap)
    assert first.array.any()
    back = AxisOrder((2, 0, 1), (True, False, True)).undo(second.array)
    assert (back == first.array).all()
    assert plain.provenance is not None
    assert [w.name for w in plain.provenance.weights] == ["model.pt"]


def test_weights_of_an_installed_bundle_that_were_changed_are_refused(
    handle: ModelHandle, tmp_path: Path
) -> None:
    handle.ensure_ready()
    (file,) = (tmp_path / "site").rglob("weights/model.pt")
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(WeightsError, match="SHA-256 differs"):
        weights_resolver(handle, tmp_path / "weights")("model.pt")


def test_a_source_of_another_modality_is_unfit(handle: ModelHandle) -> None:
    from medview.host.fit import verdict

    handle.ensure_ready()
    info = SourceInfo("volume", modality="MR", intensity=Intensity.ARBITRARY, shape=(20, 20, 20))
    assert verdict(handle, info).fit == "unfit"
