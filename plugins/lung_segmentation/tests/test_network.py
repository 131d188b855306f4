"""The network sees dense lung that the classical method leaves out, and both are joined."""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path

import medview_lung_segmentation as plugin
import numpy as np
import pytest
from medview_lung_segmentation.network.sampling import SPACING_MM, channels, resampled

from medview.core.progress import Cancelled
from medview.testing.phantoms import (
    CONSOLIDATION,
    EFFUSION,
    TUMOUR,
    DenseDisease,
    ThoraxPhantom,
    thorax,
    thorax_grid,
)
from plugins.lung_segmentation.tests.lungs import LEFT, RIGHT, context, dice, run

GRID = thorax_grid((3.5, 2.5, 2.5))
ALL = (TUMOUR, CONSOLIDATION, EFFUSION)


@pytest.fixture(scope="module")
def ill() -> ThoraxPhantom:
    return thorax(GRID, disease=ALL)


def test_lungs_with_dense_disease_agree_with_the_truth(ill: ThoraxPhantom) -> None:
    found = run(ill.volume)
    assert dice(found.labels == RIGHT, ill.truth == RIGHT) >= 0.95
    assert dice(found.labels == LEFT, ill.truth == LEFT) >= 0.95
    assert "dense-lung" in found.warnings
    assert found.numbers["Agreement of both methods (Dice)"] < 0.97


@pytest.mark.parametrize("disease", ALL, ids=lambda d: d.kind)
def test_most_of_each_disease_is_covered_by_the_joined_mask(disease: DenseDisease) -> None:
    made = thorax(GRID, disease=(disease,))
    marked = made.diseased()
    with_network = run(made.volume).lungs[marked].mean()
    without = run(made.volume, plugin.Params(method="classical")).lungs[marked].mean()
    assert with_network > 0.5
    assert without < 0.1


def test_the_classical_method_never_asks_for_weights(ill: ThoraxPhantom) -> None:
    from medview.testing.context import CollectingContext

    found = run(ill.volume, plugin.Params(method="classical"), CollectingContext())
    assert found.lungs.any()
    assert "Agreement of both methods (Dice)" not in found.numbers


def test_a_run_is_cancelled_between_two_windows(ill: ThoraxPhantom) -> None:
    whole = context()
    run(ill.volume, ctx=whole)
    texts = [text for _, text in whole.progress_reports]
    second_window = next(n for n, text in enumerate(texts) if "window 2" in text)
    ctx = context(cancel_after=second_window)
    with pytest.raises(Cancelled):
        run(ill.volume, ctx=ctx)
    assert len(ctx.progress_reports) == second_window + 1


def test_the_card_names_the_weights_that_ship() -> None:
    (weights,) = plugin.describe().weights
    path = Path(str(resources.files(plugin))) / "weights" / weights.name
    content = path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == weights.sha256
    assert len(content) == weights.size_bytes


def test_resampling_keeps_a_ramp_and_its_mirror() -> None:
    ramp = np.linspace(0, 1, 40, dtype=np.float32)[:, None, None] * np.ones((1, 6, 9), np.float32)
    coarse = resampled(ramp, (13, 6, 9))
    inner = coarse[2:-2, 0, 0]
    assert np.allclose(np.diff(inner), np.diff(inner)[0], atol=1e-6)
    assert np.allclose(resampled(ramp[::-1], (13, 6, 9)), coarse[::-1], atol=1e-6)


def test_the_second_channel_is_the_way_to_the_left_from_the_middle_of_the_body() -> None:
    hu = np.full((4, 5, 101), -1000, dtype=np.float32)
    hu[:, :, 30:41] = 40
    lateral = channels(hu)[1]
    assert lateral[0, 0, 35] == 0
    assert lateral[0, 0, 45] == pytest.approx(10 * SPACING_MM / 100)
