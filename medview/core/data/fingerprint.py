"""A stable identity of pixels and their place, for provenance and caches."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from medview.core.geometry.grid import Grid

_SLAB_BYTES = 16 << 20


def fingerprint(array: NDArray[np.generic], grid: Grid | None = None) -> str:
    """SHA-256 over dtype, shape, geometry and values, as hexadecimal digits.

    Parameters
    ----------
    array : ndarray
        C-contiguous and native-endian.
    grid : Grid, optional
        Rounded to 1e-6 mm, so that a round trip through text keeps the identity.

    Notes
    -----
    hashlib lets other threads run while it digests; slabs keep every hold short.
    """
    digest = hashlib.sha256()
    digest.update(f"{array.dtype.str.lstrip('<>=|')}{array.shape}".encode())
    if grid is not None:
        # Adding 0.0 turns -0.0 into 0.0, which must not change the identity.
        digest.update((np.round(grid.index_to_lps, 6) + 0.0).tobytes())
        digest.update((grid.frame_of_reference or "").encode())
    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
    for start in range(0, len(flat), _SLAB_BYTES):
        digest.update(flat[start : start + _SLAB_BYTES])
    return digest.hexdigest()
