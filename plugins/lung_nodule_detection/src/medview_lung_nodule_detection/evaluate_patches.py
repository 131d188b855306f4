"""``python -m medview_lung_nodule_detection.evaluate_patches DIR [--json] [--rows FIRST LAST]``.

Scores the shipped false-positive network on a folder of labelled patches and
prints its ROC AUC with a bootstrap interval.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medview_lung_nodule_detection.auc import auc_with_interval
from medview_lung_nodule_detection.labelled_patches import read_labelled_patches

_BATCH = 256


def score_patches(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n,) scores 0..1 of (n, 50, 50) patches by the shipped network."""
    import torch

    from medview_lung_nodule_detection.patch_network import averaged_score
    from medview_lung_nodule_detection.shipped import (
        PATCH_WEIGHTS,
        load_patch_network,
        shipped_weights,
    )

    network = load_patch_network(shipped_weights()[PATCH_WEIGHTS])
    scores = []
    with torch.inference_mode():
        for start in range(0, len(pixels), _BATCH):
            batch = torch.from_numpy(pixels[start : start + _BATCH].astype(np.float32) / 255)
            scores.append(averaged_score(network, batch[:, None]).double().numpy())
    return np.concatenate(scores)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when done, 2 when the folder cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__, prog="evaluate_patches")
    parser.add_argument("folder", type=Path, help="holds labels.csv with columns file,nodule")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument(
        "--rows", nargs=2, type=int, metavar=("FIRST", "LAST"), help="only these candidate rows"
    )
    options = parser.parse_args(arguments)
    try:
        patches = read_labelled_patches(options.folder)
        use = np.ones(len(patches.row), dtype=bool)
        if options.rows:
            use = (patches.row >= options.rows[0]) & (patches.row <= options.rows[1])
        if not use.any():
            raise ValueError("No patch lies in these rows.")
        scores = score_patches(patches.pixels[use])
        auc = auc_with_interval(patches.is_nodule[use], scores, patches.row[use])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        fields = {"value": auc.value, "low": auc.low, "high": auc.high, "n": auc.n}
        print(json.dumps({"auc": fields}))
    else:
        print(f"ROC AUC {auc.value:.4f} (95 % {auc.low:.4f} to {auc.high:.4f}), n = {auc.n}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
