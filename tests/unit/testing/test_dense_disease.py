"""Dense disease lies in its lung, has the density of soft tissue and leaves the truth alone."""

from __future__ import annotations

import numpy as np
import pytest

from medview.testing.phantoms import (
    CONSOLIDATION,
    EFFUSION,
    LEFT_LUNG,
    RIGHT_LUNG,
    TUMOUR,
    DenseDisease,
    ThoraxAnatomy,
    thorax,
    thorax_grid,
)

GRID = thorax_grid((4.0, 4.0, 4.0))
ANATOMY = ThoraxAnatomy(vessel_tips=0)


@pytest.mark.parametrize("disease", [TUMOUR, CONSOLIDATION, EFFUSION], ids=lambda d: d.kind)
def test_disease_fills_its_own_lung_with_soft_tissue(disease: DenseDisease) -> None:
    made = thorax(GRID, anatomy=ANATOMY, nodules=(), disease=(disease,), noise_hu=0, kernel="none")
    marked = made.diseased()
    own = RIGHT_LUNG if disease.side == "right" else LEFT_LUNG
    assert marked.sum() * 0.064 > 50
    assert set(np.unique(made.truth[marked])) == {own}
    # The soft edge and open airways are what is not of this value.
    assert np.median(made.volume.array[marked].astype(float)) == pytest.approx(disease.hu, abs=1)


def test_disease_leaves_the_truth_as_it_is() -> None:
    healthy = thorax(GRID, anatomy=ANATOMY, nodules=())
    ill = thorax(GRID, anatomy=ANATOMY, nodules=(), disease=(TUMOUR, CONSOLIDATION, EFFUSION))
    assert (healthy.truth == ill.truth).all()
    outside = ill.truth == 0
    near = ill.diseased()
    for axis in range(3):
        near = near | np.roll(near, 1, axis) | np.roll(near, -1, axis)
    same = outside & ~near
    # Noise is drawn for the whole volume, and is the same for equal seeds.
    assert np.abs(ill.volume.array[same].astype(int) - healthy.volume.array[same]).max() < 60


def test_a_phantom_without_disease_marks_none() -> None:
    assert not thorax(GRID, anatomy=ANATOMY).diseased().any()
