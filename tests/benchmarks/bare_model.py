"""The work of `medview run` without medview's host: read a series, call the model, write the mask.

``python -m tests.benchmarks.bare_model MODEL FOLDER OUT.nii.gz`` is what a script of ten lines
would do. The model is called as it is: no process, no checks, no provenance, no ladder of memory.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from medview.api import LabelMap
from medview.core.geometry.orient import canonical_order
from medview.io.export.nifti import write_nifti
from medview.testing.context import CollectingContext
from medview.testing.reading import read_volume

MODULES = {
    "lung-segmentation": "medview_lung_segmentation",
    "lung-nodule-detection": "medview_lung_nodule_detection",
}


def main(model: str, series: Path, out: Path) -> None:
    """Read, run, write."""
    module = importlib.import_module(MODULES[model])
    volume = read_volume(series)
    volume = volume.reordered(canonical_order(volume.grid))
    shipped = Path(str(module.__file__)).parent / "weights"
    weights = {path.name: path for path in shipped.iterdir()}
    found = module.run(volume, module.Params(), CollectingContext(weights=weights))
    for item in found.items:
        if isinstance(item, LabelMap):
            write_nifti(out, item.array, volume.grid)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
