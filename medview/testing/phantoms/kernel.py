"""Reconstruction kernels: how sharply a scanner draws, and what its noise looks like."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kernel = Literal["none", "soft", "standard", "lung"]

_SIGMA_MM: dict[str, float] = {"soft": 0.85, "standard": 0.6, "lung": 0.45}
_EDGE: dict[str, float] = {"soft": 0.0, "standard": 0.0, "lung": 0.45}


def reconstruct(
    hu: NDArray[np.float32], spacing_mm: tuple[float, float, float], kernel: Kernel
) -> None:
    """Blur `hu` (k, j, i) in place as `kernel` does; ``"lung"`` lifts edges as well."""
    if kernel == "none":
        return
    sigma = _SIGMA_MM[kernel]
    lift = _EDGE[kernel]
    blur(hu, spacing_mm, sigma)
    if lift:
        wide = hu.copy()
        blur(wide, spacing_mm, 1.6)
        for k in range(len(hu)):
            hu[k] += np.float32(lift) * (hu[k] - wide[k])


def add_noise(
    hu: NDArray[np.float32],
    spacing_mm: tuple[float, float, float],
    sd_hu: float,
    kernel: Kernel,
    rng: np.random.Generator,
) -> None:
    """Add Gaussian noise of standard deviation `sd_hu` with the grain of `kernel`, in place."""
    if sd_hu <= 0:
        return
    noise = np.empty(hu.shape, dtype=np.float32)
    for k in range(len(noise)):
        noise[k] = rng.standard_normal(noise.shape[1:], dtype=np.float32)
    if kernel != "none":
        blur(noise, spacing_mm, _SIGMA_MM[kernel])
    sample = noise[:: max(1, len(noise) // 16)]
    gain = np.float32(sd_hu / max(float(sample.std()), 1e-6))
    for k in range(len(hu)):
        hu[k] += gain * noise[k]


def blur(
    array: NDArray[np.float32], spacing_mm: tuple[float, float, float], sigma_mm: float
) -> None:
    """Gaussian blur of physical width, in place; edges are continued."""
    for axis, spacing in enumerate(spacing_mm):
        sigma = sigma_mm / spacing
        if sigma < 0.2 or array.shape[axis] == 1:
            continue
        reach = max(1, int(np.ceil(3 * sigma)))
        offsets = np.arange(-reach, reach + 1)
        weights = np.exp(-0.5 * (offsets / sigma) ** 2)
        weights = (weights / weights.sum()).astype(np.float32)
        _convolve(array, axis, weights, reach)


def _convolve(
    array: NDArray[np.float32], axis: int, weights: NDArray[np.float32], reach: int
) -> None:
    # Along k the work runs in bands of rows, else in slices: temporaries stay small.
    bands = array.shape[1] if axis == 0 else array.shape[0]
    step = 8
    for start in range(0, bands, step):
        band = array[:, start : start + step] if axis == 0 else array[start : start + step]
        n = band.shape[axis]
        widths = [(0, 0)] * 3
        widths[axis] = (reach, reach)
        padded = np.pad(band, widths, mode="edge")
        out = np.zeros_like(band)
        for offset, weight in enumerate(weights):
            part = [slice(None)] * 3
            part[axis] = slice(offset, offset + n)
            out += weight * padded[tuple(part)]
        band[...] = out
