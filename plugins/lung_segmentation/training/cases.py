"""Training cases on the network's grid: real chest CTs with masks, and generated thoraxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from medview_lung_segmentation.classical.working import reduce
from medview_lung_segmentation.network.sampling import SPACING_MM, network_shape, resampled
from numpy.typing import NDArray
from scipy import ndimage

from medview.core.data.intensity import Intensity
from medview.core.geometry.orient import canonical_order
from medview.core.geometry.resample import resample
from medview.testing.phantoms import AIRWAYS, ThoraxAnatomy, thorax, thorax_grid
from medview.testing.reading import read_volume

if TYPE_CHECKING:
    from pathlib import Path

REAL_CASES = ("cmb_crc_01068", "acrin_flt_breast_013")
_SMALLER_SHARE = 0.15
_MOST_EROSIONS = 12


@dataclass(frozen=True, eq=False, slots=True)
class Case:
    """Hounsfield values and truth (1 right lung, 2 left lung), (k, j, i) at about 4 mm."""

    name: str
    hu: NDArray[np.float32]
    truth: NDArray[np.uint8]


def real_case(data: Path, name: str) -> Case:
    """A chest CT of ``chest_ct_train`` with the mask that lies beside it."""
    folder = data / "chest_ct_train"
    volume = read_volume(folder / f"{name}.zip")
    volume = volume.reordered(canonical_order(volume.grid))
    mask = read_volume(folder / f"{name}_lung_mask_derived.nii.gz", intensity=Intensity.LABELS)
    inside = resample(
        np.greater(mask.array, 0).astype(np.uint8),
        mask.grid,
        volume.grid,
        interpolation="nearest",
        across_frames=True,
    )
    work = reduce(volume, lambda: None)
    lungs = reduce(volume.with_array(inside.astype(np.int16)), lambda: None)
    shape = network_shape(work.hu.shape, work.spacing_mm)
    both = resampled(lungs.hu, shape) > 0.5
    return Case(name, resampled(work.hu, shape), right_and_left(both))


def right_and_left(lungs: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Split a mask of both lungs: erode until two large parts remain, then grow them back."""
    core = lungs
    for _ in range(_MOST_EROSIONS):
        labels, count = ndimage.label(core)
        sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
        order = np.argsort(-sizes)[:2]
        if len(order) == 2 and sizes[order[1]] > _SMALLER_SHARE * sizes.sum():
            break
        core = ndimage.binary_erosion(core)
    else:
        raise ValueError("The mask does not part into two lungs.")
    columns = [ndimage.center_of_mass(labels == n + 1)[2] for n in order]
    seeds = np.zeros(lungs.shape, dtype=np.uint8)
    for value, which in enumerate(np.argsort(columns), start=1):
        seeds[labels == order[which] + 1] = value
    nearest = ndimage.distance_transform_edt(
        seeds == 0, return_distances=False, return_indices=True
    )
    return np.where(lungs, seeds[tuple(nearest)], 0).astype(np.uint8)


def generated_case(rng: np.random.Generator, name: str) -> Case:
    """A thorax of random size, build, density, surroundings, contrast and noise."""
    anatomy = ThoraxAnatomy(
        size=rng.uniform(0.8, 1.15),
        lung_hu=rng.uniform(-920, -720),
        junction_mm=float(rng.choice([0, 2, 5, 12])),
        heart=rng.uniform(0.8, 1.4),
        fat_mm=rng.uniform(4, 35),
        dome_right_mm=rng.uniform(-110, -40),
        dome_left_mm=rng.uniform(-115, -50),
        stomach_gas=bool(rng.random() < 0.7),
        bowel_gas=bool(rng.random() < 0.6),
        arms=bool(rng.random() < 0.3),
        table=bool(rng.random() < 0.7),
        blanket=bool(rng.random() < 0.5),
        contrast_hu=float(rng.choice([0, 0, 120, 250])),
        vessel_tips=200,
    )
    made = thorax(
        thorax_grid((SPACING_MM, SPACING_MM, SPACING_MM)),
        seed=int(rng.integers(1 << 30)),
        anatomy=anatomy,
        noise_hu=rng.uniform(3, 40),
    )
    truth = np.where(made.truth == AIRWAYS, 0, made.truth).astype(np.uint8)
    return Case(name, made.volume.array.astype(np.float32), truth)
