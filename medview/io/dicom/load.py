"""Read the pixels of a part of a DICOM series."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medview.core.progress import ProgressFn
from medview.io.dicom.part import Part
from medview.io.dicom.volume import OnSlice, read_volume


def load_part(
    part: Part, time: int, progress: ProgressFn, on_slice: OnSlice | None
) -> NDArray[np.generic]:
    """Values of one time point of a volume."""
    return read_volume(part.times[time], progress=progress, on_slice=on_slice)
