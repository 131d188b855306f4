"""Measure Dice on real CTs and phantoms."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from medview_lung_segmentation import Params, run
from medview_lung_segmentation.network.model import WEIGHTS
from numpy.typing import NDArray

from medview.api import LabelMap, Measurements, Volume
from medview.core.data.intensity import Intensity
from medview.core.geometry.orient import canonical_order
from medview.core.geometry.resample import resample
from medview.testing.context import CollectingContext
from medview.testing.phantoms import CONSOLIDATION, EFFUSION, TUMOUR, thorax, thorax_grid
from medview.testing.reading import read_volume
from plugins.lung_segmentation.training.cases import REAL_CASES

_LUNG_BASES = (10, 11, 12, 13, 14)


def labels_of(volume: Volume, method: str, weights: Path) -> NDArray[np.generic]:
    """What the plugin reports for a volume; prints its warnings and agreement."""
    ctx = CollectingContext(weights={WEIGHTS: weights})
    order = canonical_order(volume.grid)
    found = run(volume.reordered(order), Params(method=method), ctx)  # type: ignore[arg-type]
    labelmap, numbers = found.items
    assert isinstance(labelmap, LabelMap)
    assert isinstance(numbers, Measurements)
    shown = [f"{q.name} {q.value}" for q in numbers.items if "volume" in q.name or "(" in q.name]
    _say("    ", *shown, *(w.code for w in ctx.warnings))
    return order.undo(labelmap.array)


def dice(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Twice the common voxels over the sum of both."""
    total = int(np.count_nonzero(a)) + int(np.count_nonzero(b))
    return 2 * int(np.count_nonzero(a & b)) / max(1, total)


def main() -> None:
    """Read the arguments and print one line for each case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--method", default="network", choices=("network", "fused", "classical"))
    parser.add_argument("--only", help="part of a case's name")
    args = parser.parse_args()
    for name, path, mask, values in _files(args.data):
        if args.only and args.only not in name:
            continue
        volume = read_volume(path, intensity=Intensity.HOUNSFIELD)
        truth = read_volume(mask, intensity=Intensity.LABELS)
        inside = np.isin(truth.array, values) if values else np.greater(truth.array, 0)
        moved = resample(
            inside.astype(np.uint8),
            truth.grid,
            volume.grid,
            interpolation="nearest",
            across_frames=True,
        )
        lungs = np.isin(labels_of(volume, args.method, args.weights), (1, 2))
        _say(name, args.method, f"Dice {dice(lungs, moved.astype(bool)):.4f}")
    for name, disease in (("normal", ()), ("dense", (TUMOUR, CONSOLIDATION, EFFUSION))):
        if args.only and args.only not in name:
            continue
        made = thorax(thorax_grid((3.5, 2.5, 2.5)), disease=disease)
        labels = labels_of(made.volume, args.method, args.weights)
        each = [dice(labels == v, made.truth == v) for v in (1, 2)]
        _say(f"phantom {name}", args.method, f"Dice right {each[0]:.4f}, left {each[1]:.4f}")


def _files(data: Path) -> list[tuple[str, Path, Path, tuple[int, ...]]]:
    low, abdomen = data / "chest_ct_lowres_lungmask", data / "abdomen_ct_multiorgan"
    train = data / "chest_ct_train"
    return [
        ("lowres", low / "ct-64.nrrd", low / "wholeLung-64.nrrd", ()),
        *((n, train / f"{n}.zip", train / f"{n}_lung_mask_derived.nii.gz", ()) for n in REAL_CASES),
        (
            "lung bases",
            abdomen / "example_ct_sm.nii.gz",
            abdomen / "example_seg.nii.gz",
            _LUNG_BASES,
        ),
        ("no lung", abdomen / "example_ct_dicom", abdomen / "example_seg_dicom.nii.gz", (200,)),
    ]


def _say(*words: str) -> None:
    print(*words, flush=True)


if __name__ == "__main__":
    main()
