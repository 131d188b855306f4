"""`thorax`: a generated chest CT with truth, on any grid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.geometry import affine as aff
from medview.core.geometry.grid import Grid
from medview.testing.phantoms.airways import (
    LEFT_HILUM,
    RIGHT_HILUM,
    airway_lumens,
    airway_walls,
    central_lumens,
)
from medview.testing.phantoms.anatomy import ThoraxAnatomy
from medview.testing.phantoms.chest import lung, lung_distance
from medview.testing.phantoms.disease import DenseDisease
from medview.testing.phantoms.grids import axial_grid, thorax_grid
from medview.testing.phantoms.kernel import Kernel, add_noise, reconstruct
from medview.testing.phantoms.nodules import DEFAULT_NODULES, PhantomNodule
from medview.testing.phantoms.organs import BLOOD, abdomen, mediastinum, trunk
from medview.testing.phantoms.painter import Canvas, Distance, Floats, coordinates
from medview.testing.phantoms.skeleton import skeleton
from medview.testing.phantoms.surroundings import surroundings
from medview.testing.phantoms.vessels import Twig, vessel_tree

RIGHT_LUNG, LEFT_LUNG, AIRWAYS = 1, 2, 3
_FLUID = 18.0


@dataclass(frozen=True, eq=False, slots=True)
class ThoraxPhantom:
    """A generated chest CT and what is true of it.

    Attributes
    ----------
    volume : Volume
        int16 Hounsfield values, modality CT.
    truth : (k, j, i) ndarray of uint8
        On the same grid: 1 right lung, 2 left lung (vessels and nodules in
        them included, and dense disease), 3 windpipe and main bronchi; voxel centres decide.
    nodules : tuple of PhantomNodule
        Their places in LPS mm, at the anatomy's size.
    anatomy : ThoraxAnatomy
    disease : tuple of DenseDisease
    """

    volume: Volume
    truth: NDArray[np.uint8]
    nodules: tuple[PhantomNodule, ...]
    anatomy: ThoraxAnatomy
    disease: tuple[DenseDisease, ...] = ()

    def diseased(self) -> NDArray[np.bool_]:
        """Voxels whose centre lies in dense disease, (k, j, i)."""
        canvas = Canvas(self.volume.grid, scale=self.anatomy.size)
        marks = np.zeros(self.volume.grid.shape, dtype=np.uint8)
        for part in self.disease:
            canvas.mark(marks, part.solid(self.anatomy), 1, where=0)
        inside: NDArray[np.bool_] = np.isin(self.truth, (RIGHT_LUNG, LEFT_LUNG))
        return np.asarray((marks == 1) & inside, dtype=bool)

    def volumes_ml(self) -> tuple[float, float]:
        """Analytic volumes of the right and left lung, whatever the grid."""
        return analytic_volumes_ml(self.anatomy)


def thorax(
    grid: Grid | None = None,
    *,
    seed: int = 0,
    anatomy: ThoraxAnatomy | None = None,
    nodules: tuple[PhantomNodule, ...] = DEFAULT_NODULES,
    disease: tuple[DenseDisease, ...] = (),
    noise_hu: float = 12.0,
    kernel: Kernel = "standard",
    supersample: tuple[int, int, int] | None = None,
) -> ThoraxPhantom:
    """Generate a chest CT.

    Parameters
    ----------
    grid : Grid, optional
        Any sampling: thick slices, oblique or permuted axes, a cut field of
        view. The default is `thorax_grid()`.
    seed : int
        For vessels and noise; equal seeds give equal voxels.
    anatomy : ThoraxAnatomy, optional
    nodules : tuple of PhantomNodule
        In millimetres of a person of size 1.
    disease : tuple of DenseDisease
        In millimetres of a person of size 1.
    noise_hu : float
        Standard deviation of the noise after reconstruction.
    kernel : {"none", "soft", "standard", "lung"}
    supersample : (k, j, i) of int, optional
        Samples per voxel edge, averaged, so that thick slices show partial
        volume. By default every sample covers at most about 2 mm.
    """
    grid = thorax_grid() if grid is None else grid
    anatomy = ThoraxAnatomy() if anatomy is None else anatomy
    factors = supersample or _factors(grid)
    fine = _finer(grid, factors)
    rng = np.random.default_rng(seed)
    canvas = Canvas(fine, scale=anatomy.size)
    _paint(canvas, anatomy, nodules, disease, _twigs(anatomy, rng))
    labels = _truth(Canvas(grid, scale=anatomy.size), anatomy)
    hu = _pooled(canvas.hu, factors)
    reconstruct(hu, grid.spacing_mm, kernel)
    add_noise(hu, grid.spacing_mm, noise_hu, kernel, rng)
    array = np.empty(hu.shape, dtype=np.int16)
    for k in range(len(hu)):
        array[k] = np.clip(np.rint(hu[k]), -1024, 3071)
    info = SourceInfo("volume", modality="CT", intensity=Intensity.HOUNSFIELD, body_part="CHEST")
    info = info.on_grid(grid)
    return ThoraxPhantom(
        Volume(array, grid, info),
        labels,
        tuple(_scaled(n, anatomy.size) for n in nodules),
        anatomy,
        disease,
    )


@lru_cache(maxsize=16)
def analytic_volumes_ml(anatomy: ThoraxAnatomy, step_mm: float = 1.2) -> tuple[float, float]:
    """Volumes of the right and left lung in ml, by integration on a fine grid."""
    fine = axial_grid(
        (round(330 / step_mm), round(232 / step_mm), round(304 / step_mm)),
        (step_mm, step_mm, step_mm),
        (0.0, -2.0, -20.0),
    )
    counts = [0, 0]
    airways = central_lumens()
    for k in range(0, fine.shape[0], 8):
        stop = (min(k + 8, fine.shape[0]), fine.shape[1], fine.shape[2])
        x, y, z = coordinates(fine, (k, 0, 0), stop)
        for n, side in enumerate(("right", "left")):
            inside = lung_distance(anatomy, side)(x, y, z) < 0
            if inside.any():
                for tube in airways:
                    inside &= tube.distance(x, y, z) >= 0
            counts[n] += int(np.count_nonzero(inside))
    ml = [c * step_mm**3 * anatomy.size**3 / 1000 for c in counts]
    return ml[0] * anatomy.right_lung, ml[1] * anatomy.left_lung


def _paint(
    canvas: Canvas,
    anatomy: ThoraxAnatomy,
    nodules: tuple[PhantomNodule, ...],
    disease: tuple[DenseDisease, ...],
    twigs: list[Twig],
) -> None:
    outside = (*surroundings(anatomy), *trunk(anatomy))
    inside = (*abdomen(anatomy), *skeleton(), *mediastinum(anatomy))
    for part in (*outside, *inside):
        canvas.paint_part(part)
    for side, present in (("right", anatomy.right_lung), ("left", anatomy.left_lung)):
        canvas.paint(lung(anatomy, side), _parenchyma(anatomy.lung_hu) if present else _FLUID)
    for twig in twigs:
        canvas.paint(twig.solid(), BLOOD + anatomy.contrast_hu)
    for dense in disease:
        canvas.paint(dense.solid(anatomy), dense.hu)
    for wall in airway_walls():
        canvas.paint(wall, 20.0)
    for lumen in airway_lumens():
        canvas.paint(lumen, -1000.0)
    for nodule in nodules:
        for solid, hu in nodule.solids():
            canvas.paint(solid, hu)


def _parenchyma(mean_hu: float) -> Distance:
    def value(x: Floats, y: Floats, z: Floats) -> Floats:
        # Blood sinks to the back of a lying person, and the lung's texture is uneven.
        texture = 6 * np.sin(x / 7.3) * np.sin(y / 6.1 + 1) * np.sin(z / 8.7)
        return np.asarray(mean_hu + 0.28 * y + texture, dtype=np.float32)

    return value


def _twigs(anatomy: ThoraxAnatomy, rng: np.random.Generator) -> list[Twig]:
    twigs: list[Twig] = []
    for side, hilum in (("right", RIGHT_HILUM), ("left", LEFT_HILUM)):
        present = anatomy.right_lung if side == "right" else anatomy.left_lung
        low, high = lung(anatomy, side).bounds
        for shift in ((0.0, -9.0, 6.0), (0.0, -6.0, -16.0)):
            root = (hilum[0] + shift[0], hilum[1] + shift[1], hilum[2] + shift[2])
            tree = vessel_tree(
                lung_distance(anatomy, side), root, (low, high), anatomy.vessel_tips, rng
            )
            twigs += tree if present else []
    return twigs


def _truth(canvas: Canvas, anatomy: ThoraxAnatomy) -> NDArray[np.uint8]:
    labels = np.zeros(canvas.grid.shape, dtype=np.uint8)
    if anatomy.right_lung:
        canvas.mark(labels, lung(anatomy, "right"), RIGHT_LUNG, where=0)
    if anatomy.left_lung:
        canvas.mark(labels, lung(anatomy, "left"), LEFT_LUNG, where=0)
    for tube in central_lumens():
        for old in (0, RIGHT_LUNG, LEFT_LUNG):
            canvas.mark(labels, tube, AIRWAYS, where=old)
    return labels


def _factors(grid: Grid) -> tuple[int, int, int]:
    k, j, i = (max(1, round(s / 2.0)) for s in grid.spacing_mm)
    return k, j, i


def _finer(grid: Grid, factors: tuple[int, int, int]) -> Grid:
    if factors == (1, 1, 1):
        return grid
    f = np.asarray(factors, dtype=float)
    matrix = np.array(grid.index_to_lps)
    matrix[:3, :3] = matrix[:3, :3] / f
    matrix[:3, 3] = grid.to_lps(0.5 / f - 0.5)
    k, j, i = (n * m for n, m in zip(grid.shape, factors, strict=True))
    return Grid((k, j, i), aff.checked(matrix), grid.frame_of_reference)


def _pooled(fine: Floats, factors: tuple[int, int, int]) -> Floats:
    if factors == (1, 1, 1):
        return fine
    a, b, c = factors
    k, j, i = (n // f for n, f in zip(fine.shape, factors, strict=True))
    return np.asarray(fine.reshape(k, a, j, b, i, c).mean(axis=(1, 3, 5)), dtype=np.float32)


def _scaled(nodule: PhantomNodule, size: float) -> PhantomNodule:
    x, y, z = (size * c for c in nodule.centre_lps_mm)
    return PhantomNodule((x, y, z), size * nodule.diameter_mm, nodule.kind, nodule.lobulation)
