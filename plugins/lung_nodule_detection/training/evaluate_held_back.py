r"""Measure the whole model on chests of the second generator.

``python -m plugins.lung_nodule_detection.training.evaluate_held_back \
    [--scans 12] [--first 0] [--json FILE]``

Prints recall of the LoG candidates, CPM of LoG alone (its contrast as score)
and CPM of what the model reports, with the seven sensitivities.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import multiprocessing
from pathlib import Path

import numpy as np
from medview_lung_nodule_detection.lungs import lung_labels
from medview_lung_nodule_detection.params import Params
from medview_lung_nodule_detection.pipeline import blobs, reported
from medview_lung_nodule_detection.shipped import shipped_weights
from medview_lung_nodule_detection.working import working_copy
from numpy.typing import NDArray

from medview.api import Grid, Intensity, SourceInfo, Volume
from medview.evaluate.detection import Candidate, ReferenceFinding, ScanResult, froc, match
from medview.testing.context import CollectingContext
from plugins.lung_nodule_detection.training.held_back_chest import (
    HeldBackChest,
    TrueNodule,
    held_back_chest,
)

SMALLEST_MM = 4.0
EVERYTHING = Params(min_diameter_mm=3.0, score_threshold=0.05, max_findings=100)


def volume_of(chest: HeldBackChest) -> Volume:
    """As the host would hand it to the model."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]]) * np.array(chest.spacing_mm)
    matrix[:3, 3] = chest.origin_mm
    grid = Grid(chest.hu.shape, matrix, "2.25.1")
    info = SourceInfo("volume", modality="CT", intensity=Intensity.HOUNSFIELD, body_part="CHEST")
    return Volume(chest.hu, grid, info.on_grid(grid))


def blobs_and_reported(volume: Volume) -> tuple[list[Candidate], list[Candidate]]:
    """What LoG finds, its contrast as score, and what the model reports, box centres as places."""
    ctx = CollectingContext(weights=shipped_weights())
    work = working_copy(volume, lung_labels(volume, ctx, 0, 1), lambda: None)
    if work is None:
        return [], []
    found = blobs(work, ctx)
    places = volume.grid.to_lps(work.to_source(np.array([c.index for c in found])))
    by_shape = [_candidate(p, c.contrast_hu) for p, c in zip(places, found, strict=True)]
    by_model = []
    for nodule in reported(volume, work, found, EVERYTHING, ctx).nodules:
        middle = (np.array(nodule.start) + np.array(nodule.stop) - 1) / 2
        by_model.append(_candidate(volume.grid.to_lps(middle), nodule.score))
    return by_shape, by_model


def _candidate(place: NDArray[np.float64], score: float) -> Candidate:
    x, y, z = (float(v) for v in place)
    return Candidate((x, y, z), score)


def references(nodules: tuple[TrueNodule, ...]) -> list[ReferenceFinding]:
    """Nodules below 4 mm count neither way."""
    return [
        ReferenceFinding(n.centre_mm, n.diameter_mm, n.diameter_mm >= SMALLEST_MM) for n in nodules
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """One scan: LoG alone, the model, number of candidates, and nodules that LoG missed."""

    by_shape: ScanResult
    by_model: ScanResult
    candidates: int
    missed: tuple[str, ...]


def measured(seed: int) -> Outcome:
    """Generate and measure one scan."""
    chest = held_back_chest(seed)
    volume, truth = volume_of(chest), references(chest.nodules)
    by_shape, by_model = blobs_and_reported(volume)
    missed = tuple(
        f"{nodule.kind}, {nodule.place}, {nodule.diameter_mm:.1f} mm"
        for nodule, reference in zip(chest.nodules, truth, strict=True)
        if reference.relevant and not match(by_shape, [reference]).hits
    )
    return Outcome(match(by_shape, truth), match(by_model, truth), len(by_shape), missed)


def _strongest(scan: ScanResult) -> ScanResult:
    """Without the weak false positives, which only slow the bootstrap: rates end at 8 a scan."""
    kept = tuple(sorted(scan.false_positives, reverse=True)[:200])
    return dataclasses.replace(scan, false_positives=kept)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=int, default=12)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    outcomes = []
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        for o in pool.imap(measured, range(options.first, options.first + options.scans)):
            outcomes.append(o)
            print(
                f"{o.by_shape.relevant} nodules; {o.candidates} candidates in "
                f"{len(o.by_shape.hits)} of them; reported in {len(o.by_model.hits)}, "
                f"scores {[round(h, 2) for h in sorted(o.by_model.hits)]}, false "
                f"{[round(f, 2) for f in sorted(o.by_model.false_positives)[::-1][:12]]}, "
                f"missed {o.missed}",
                flush=True,
            )
    total = sum(o.by_shape.relevant for o in outcomes)
    by_shape = froc([_strongest(o.by_shape) for o in outcomes])
    by_model = froc([o.by_model for o in outcomes])
    result = {
        "scans": len(outcomes),
        "nodules": total,
        "candidates_per_scan": float(np.mean([o.candidates for o in outcomes])),
        "recall": sum(len(o.by_shape.hits) for o in outcomes) / max(1, total),
        "missed": [m for o in outcomes for m in o.missed],
        "log_only": {k: m.as_json() for k, m in by_shape.items()},
        "model": {k: m.as_json() for k, m in by_model.items()},
    }
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
