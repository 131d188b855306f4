"""Analytic balls and rods on a grid of 1 mm, as a source and as its working copy."""

from __future__ import annotations

import numpy as np
from medview_lung_nodule_detection.working import Working, working_copy
from numpy.typing import NDArray

from medview.api import Grid, Intensity, SourceInfo, Volume

LUNG_HU = -850.0
SHAPE = (72, 72, 72)


def coordinates(centre: tuple[float, float, float]) -> NDArray[np.float64]:
    """(3, k, j, i) millimetres from a centre."""
    axes = [np.arange(n) - c for n, c in zip(SHAPE, centre, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"))


def ball(
    hu: NDArray[np.float64], centre: tuple[float, float, float], diameter: float, value: float
) -> None:
    """Draw a ball with the partial volume of its rim."""
    distance = np.sqrt((coordinates(centre) ** 2).sum(axis=0)) - diameter / 2
    share = np.clip(0.5 - distance, 0, 1)
    hu += share * (value - hu)


def rod(hu: NDArray[np.float64], centre: tuple[float, float, float], diameter: float) -> None:
    """Draw a vessel along i."""
    k, j, _ = coordinates(centre)
    share = np.clip(0.5 - (np.hypot(k, j) - diameter / 2), 0, 1)
    hu += share * (40 - hu)


def lung_block() -> NDArray[np.float64]:
    return np.full(SHAPE, LUNG_HU)


def source_of(hu: NDArray[np.float64]) -> Volume:
    matrix = np.eye(4)
    matrix[:3, :3] = [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    grid = Grid(SHAPE, matrix, "2.25.3")
    info = SourceInfo("volume", modality="CT", intensity=Intensity.HOUNSFIELD)
    return Volume(hu.astype(np.float32), grid, info.on_grid(grid))


def working_of(source: Volume) -> Working:
    """All of it counts as right lung."""
    work = working_copy(source, np.ones(SHAPE, dtype=np.uint8), lambda: None)
    assert work is not None
    return work
