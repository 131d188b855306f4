"""Random crops: turned, scaled, sheared, cut, blurred and noisy."""

from __future__ import annotations

import numpy as np
import torch
from medview_lung_segmentation.network.model import WINDOW
from medview_lung_segmentation.network.sampling import channels
from numpy.typing import NDArray
from scipy import ndimage
from torch.nn import functional

from plugins.lung_segmentation.training.cases import Case
from plugins.lung_segmentation.training.disease import diseased, with_larger_heart
from plugins.lung_segmentation.training.stages import Stage

_AIR_HU = -1024.0
_BODY_HU = -400.0
_BEND_VOXELS = 1.5
_BEND_KNOTS = (5, 5, 7)


def crop(case: Case, stage: Stage, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """A training example: (2, k, j, i) channels and (1, k, j, i) class numbers.

    The stage says how often disease is painted into it, and of which kinds.
    """
    hu, labelled = case.hu, case.truth
    if stage.heart and rng.random() < stage.heart:
        hu, labelled = with_larger_heart(hu, labelled, rng)
    if rng.random() < stage.ill:
        hu = diseased(hu, labelled, stage.shares, stage.longest, rng)
    if rng.random() < 0.4:  # thick slices
        hu = ndimage.gaussian_filter1d(hu, rng.uniform(0.5, 1.2), axis=0)
    grid = _places(case, rng)
    image = functional.grid_sample(
        torch.from_numpy(hu - _AIR_HU)[None, None], grid, align_corners=False
    )
    truth = functional.grid_sample(
        torch.from_numpy(labelled.astype(np.float32))[None, None],
        grid,
        mode="nearest",
        align_corners=False,
    )
    values, labels = image[0, 0].numpy() + np.float32(_AIR_HU), truth[0].numpy()
    if rng.random() < 0.3:  # a field of view that cuts the chest
        n = int(rng.integers(4, 28))
        part = slice(None, n) if rng.random() < 0.5 else slice(-n, None)
        values[part] = _AIR_HU
        labels[:, part] = 0
    noise = rng.standard_normal(values.shape, dtype=np.float32) * rng.uniform(0, 50)
    values = values * rng.uniform(0.95, 1.05) + rng.normal(0, 15) + noise
    return torch.from_numpy(channels(values.astype(np.float32))), torch.from_numpy(labels)


def _places(case: Case, rng: np.random.Generator) -> torch.Tensor:
    """Where the crop's voxels lie in the case, as `grid_sample` wants it."""
    shape = np.asarray(case.hu.shape)
    centre = np.argwhere(case.hu > _BODY_HU).mean(axis=0) + rng.normal(0, 1, 3) * (22, 8, 8)
    matrix = np.diag(np.exp(rng.uniform(-0.22, 0.22, 3)))
    for a, b in ((0, 2), (1, 2), (0, 1)):
        matrix = _turn(rng.normal(0, 0.12), a, b) @ matrix
    matrix = matrix + rng.normal(0, 0.04, (3, 3))
    steps = np.meshgrid(*(np.arange(n) - (n - 1) / 2 for n in WINDOW), indexing="ij")
    places = np.stack(steps, axis=-1) @ matrix.T + centre
    places = places + rng.uniform(0, _BEND_VOXELS) * _bend(rng)
    unit = (2 * places + 1) / shape - 1
    return torch.from_numpy(unit[..., ::-1].astype(np.float32).copy())[None]


def _bend(rng: np.random.Generator) -> NDArray[np.float32]:
    """A smooth displacement of every voxel of a window, (k, j, i, 3), of unit deviation."""
    knots = torch.from_numpy(rng.standard_normal((1, 3, *_BEND_KNOTS), dtype=np.float32))
    field = functional.interpolate(knots, size=WINDOW, mode="trilinear", align_corners=True)
    return np.moveaxis(field[0].numpy(), 0, -1)


def _turn(angle: float, a: int, b: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    matrix = np.eye(3)
    matrix[a, a] = matrix[b, b] = np.cos(angle)
    matrix[a, b], matrix[b, a] = -np.sin(angle), np.sin(angle)
    return matrix
