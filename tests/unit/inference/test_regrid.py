"""Resampling axis by axis gives what point by point does, and what MONAI's transforms give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from medview.core.errors import UsageError
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.core.geometry.resample import resample
from medview.core.progress import Cancelled
from medview.inference.regrid import onto, oriented, spaced

pytestmark = pytest.mark.torch

CANONICAL = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], dtype=float)
TURNED = np.array([[0, -1, 0], [0, 0, 1], [-1, 0, 0]], dtype=float)


def grid(directions: np.ndarray = CANONICAL) -> Grid:
    return Grid((9, 13, 11), compose((3.0, -4.0, 50.0), directions, (2.5, 0.7, 1.3)), "1.2.3")


def values(on: Grid) -> np.ndarray:
    return np.random.default_rng(0).normal(size=on.shape).astype(np.float32)


def oblique() -> np.ndarray:
    turn = np.deg2rad(11)
    matrix = np.array(
        [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    )
    return matrix @ CANONICAL


@pytest.mark.parametrize("directions", [CANONICAL, TURNED, oblique()])
@pytest.mark.parametrize("letters", ["RAS", "LPS", "SPL", "ARI"])
@pytest.mark.parametrize("kind", ["linear", "nearest"])
def test_axis_by_axis_equals_point_by_point(
    directions: np.ndarray, letters: str, kind: Any
) -> None:
    source = grid(directions)
    target = spaced(oriented(source, letters), (1.1, 1.7, 0.9))
    array = values(source)
    mine = onto(array, source, target, kind, outside=-7.0)
    theirs = resample(array, source, target, kind, outside=-7.0, across_frames=True)
    np.testing.assert_allclose(mine, theirs, atol=2e-5)


def test_grids_that_are_not_parallel_go_point_by_point() -> None:
    source, target = grid(), grid(oblique())
    array = values(source)
    np.testing.assert_array_equal(
        onto(array, source, target, "linear"),
        resample(array, source, target, "linear", across_frames=True),
    )


@pytest.mark.parametrize("directions", [CANONICAL, TURNED, oblique()])
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_grids_and_values_are_those_of_monais_transforms(directions: np.ndarray) -> None:
    import torch
    from monai.data.meta_tensor import MetaTensor
    from monai.transforms.spatial.array import Orientation, Spacing

    source = grid(directions)
    array = values(source)
    swap = np.array([[0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1.0]])
    ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ source.index_to_lps @ swap
    tensor = MetaTensor(
        torch.from_numpy(array.transpose(2, 1, 0).copy())[None], affine=torch.from_numpy(ras)
    )
    theirs: Any = Spacing((1.5, 1.5, 2.0), mode="bilinear")(Orientation("RAS")(tensor))
    target = spaced(oriented(source, "RAS"), (1.5, 1.5, 2.0))
    assert target.shape == tuple(theirs.shape[1:])
    np.testing.assert_allclose(
        np.diag([-1.0, -1.0, 1.0, 1.0]) @ theirs.affine.numpy(), target.index_to_lps, atol=1e-5
    )
    np.testing.assert_allclose(onto(array, source, target, "linear"), theirs[0].numpy(), atol=1e-5)


def test_labels_survive_the_way_to_another_order_and_back() -> None:
    source = grid(TURNED)
    labels = np.random.default_rng(1).integers(0, 5, source.shape).astype(np.uint8)
    there = oriented(source, "RAS")
    moved = onto(labels, source, there, "nearest")
    assert moved.dtype == np.uint8
    np.testing.assert_array_equal(onto(moved, there, source, "nearest"), labels)


def test_an_axis_without_spacing_keeps_its_own() -> None:
    source = grid()
    kept = spaced(source, (None, 1.4, None))
    assert kept.spacing_mm == pytest.approx((2.5, 1.4, 1.3))
    assert kept.shape == (9, 7, 11)


def test_orientations_that_name_an_axis_twice_are_refused() -> None:
    for letters in ("RLS", "XYZ", "RA"):
        with pytest.raises(UsageError):
            oriented(grid(), letters)


def test_resampling_stops_when_its_progress_raises() -> None:
    def stop(fraction: float | None, text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        onto(values(grid()), grid(), spaced(grid(), (1.0, 1.0, 1.0)), "linear", progress=stop)
