r"""Measure noise on CT: deviation and neighbour correlation in even soft tissue and in lung.

``python -m plugins.lung_nodule_detection.training.measure_noise \
    CT [CT ...]``
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medview.core.geometry.orient import canonical_order
from medview.testing.reading import read_volume

BLOCK = 10


def blocks(hu: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """(n, BLOCK, BLOCK) residuals of in-plane blocks whose values all lie within low..high."""
    _, rows, columns = hu.shape
    found = []
    for plane in hu[:: max(1, len(hu) // 40)]:
        for j in range(0, rows - BLOCK, BLOCK):
            for i in range(0, columns - BLOCK, BLOCK):
                block = plane[j : j + BLOCK, i : i + BLOCK]
                if low < block.min() and block.max() < high:
                    found.append(_without_slope(block))
    return np.array(found)


def _without_slope(block: NDArray[np.float64]) -> NDArray[np.float64]:
    j, i = np.mgrid[:BLOCK, :BLOCK]
    base = np.stack([np.ones(j.size), j.ravel(), i.ravel()], 1)
    fit, *_ = np.linalg.lstsq(base, block.ravel(), rcond=None)
    return np.asarray((block.ravel() - base @ fit).reshape(block.shape))


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ct", type=Path, nargs="+")
    for path in parser.parse_args().ct:
        volume = read_volume(path)
        volume = volume.reordered(canonical_order(volume.grid))
        hu = volume.array.astype(np.float64)
        for name, low, high in (("soft tissue", -150.0, 250.0), ("lung", -1020.0, -700.0)):
            found = blocks(hu, low, high)
            if len(found) < 20:
                continue
            sd = np.median(found.std(axis=(1, 2)))
            lag = np.mean(found[:, :, 1:] * found[:, :, :-1]) / np.mean(found**2)
            spacing = volume.grid.spacing_mm
            print(
                f"{path.stem}: {name}: sd {sd:.0f} HU, neighbour correlation {lag:.2f} at "
                f"{spacing[2]:.2f} mm, slices {spacing[0]:.2f} mm, {len(found)} blocks"
            )


if __name__ == "__main__":
    main()
