"""What volumes need before a network and label maps after it, whatever the model file is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.data.volume import Volume
from medview.core.findings.detections import Quantity
from medview.core.findings.labelmap import LabelMap
from medview.core.findings.measurements import Measurements

AIR_HU = -1024.0


def clean(source: Volume) -> NDArray[Any]:
    """Values without NaN; on CT without padding below air, which would shift every mean."""
    array: NDArray[Any] = source.array
    is_ct = source.intensity.is_hounsfield
    if array.dtype.kind == "f":
        array = np.nan_to_num(array, nan=AIR_HU if is_ct else 0.0)
    if is_ct and array.dtype.kind != "u":
        array = np.maximum(array, np.asarray(AIR_HU, dtype=array.dtype))
    return array


def volumes_ml(items: list[LabelMap]) -> Measurements:
    """The volume of every structure that was found."""
    return Measurements(
        "Volumes",
        tuple(
            Quantity(f"{one.name} volume", round(ml, 2), "ml")
            for item in items
            for one in item.labels
            if (ml := item.volume_ml(one.value))
        ),
    )
