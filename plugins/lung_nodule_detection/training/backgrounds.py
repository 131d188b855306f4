"""Lungs to train in: real ones whose licence allows it, and generated thoraxes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from medview_lung_nodule_detection.lungs import lung_labels, searched_region
from medview_lung_nodule_detection.working import Working, working_copy
from numpy.typing import NDArray

from medview.api import Volume
from medview.core.geometry.orient import canonical_order
from medview.testing.context import CollectingContext
from medview.testing.phantoms import ThoraxAnatomy, thorax, thorax_grid
from medview.testing.reading import read_volume

KNOWN_NODULE_LPS = (95.2, -2.0, -109.2)
"""In cmb_crc_01068: kept for measuring, never trained on."""
REAL = ("cmb_crc_01068", "acrin_flt_breast_013")


@dataclass(frozen=True, eq=False, slots=True)
class Background:
    """A working copy to draw nodules into; nothing nearer than 30 mm to `avoid` is used."""

    name: str
    work: Working
    inside: NDArray[np.bool_]
    avoid: NDArray[np.float64]
    is_real: bool


def backgrounds(data: Path, phantoms: int) -> Iterator[Background]:
    """The two real chests and some generated ones, each of another appearance."""
    for name in REAL:
        volume = read_volume(data / "chest_ct_train" / f"{name}.zip")
        volume = volume.reordered(canonical_order(volume.grid))
        labels = lung_labels(volume, CollectingContext(), 0, 1)
        known = [KNOWN_NODULE_LPS] if name == REAL[0] else []
        yield _background(name, volume, labels, known, is_real=True)
    for seed in range(phantoms):
        rng = np.random.default_rng(seed + 1000)
        spacing = (float(rng.uniform(0.8, 2.5)), *(2 * [float(rng.uniform(0.7, 1.1))]))
        made = thorax(
            thorax_grid((spacing[0], spacing[1], spacing[2])),
            seed=seed,
            anatomy=ThoraxAnatomy(
                size=float(rng.uniform(0.85, 1.05)),
                lung_hu=float(rng.uniform(-910, -780)),
                heart=float(rng.uniform(0.85, 1.15)),
                contrast_hu=float(rng.choice([0, 120, 200])),
                vessel_tips=int(rng.integers(350, 900)),
            ),
            nodules=(),
            noise_hu=float(rng.uniform(8, 60)),
            kernel=(("soft", "standard", "lung")[seed % 3]),
        )
        labels = np.where(made.truth <= 2, made.truth, 0).astype(np.uint8)
        yield _background(f"phantom {seed}", made.volume, labels, [], is_real=False)


def _background(
    name: str,
    volume: Volume,
    labels: NDArray[np.uint8],
    known: list[tuple[float, float, float]],
    *,
    is_real: bool,
) -> Background:
    work = working_copy(volume, labels, lambda: None)
    if work is None:
        raise ValueError(f"No lung was found in {name}.")
    inside = searched_region(work.lungs > 0, lambda: None)
    places = np.array([work.from_source(volume.grid.to_index(p)) for p in known]).reshape(-1, 3)
    return Background(name, work, inside, places, is_real)
