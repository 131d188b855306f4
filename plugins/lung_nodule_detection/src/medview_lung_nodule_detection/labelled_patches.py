"""Reads a folder of labelled patches: ``labels.csv`` and the images it names."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medview_lung_nodule_detection.patch_size import PATCH_PX


@dataclass(frozen=True, eq=False, slots=True)
class LabelledPatches:
    """Patches and what they show.

    Attributes
    ----------
    pixels : (n, 50, 50) ndarray of uint8
        0..255 is HU -1000..400.
    is_nodule : (n,) ndarray of bool
    row : (n,) ndarray of int
        ``candidate_row`` of LUNA16, or the order in the file: neighbours may show the same nodule.
    """

    pixels: NDArray[np.uint8]
    is_nodule: NDArray[np.bool_]
    row: NDArray[np.int64]


def read_labelled_patches(folder: Path) -> LabelledPatches:
    """Read ``labels.csv`` (columns ``file``, ``nodule``, optionally ``candidate_row``).

    Raises
    ------
    ValueError
        If the table, a column or an image is missing; the sentence names it.
    """
    table = folder / "labels.csv"
    if not table.is_file():
        raise ValueError(f"There is no labels.csv in {folder.name}.")
    with table.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream)
        missing = {"file", "nodule"} - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"labels.csv lacks the column {', '.join(sorted(missing))}.")
        rows = list(reader)
    if not rows:
        raise ValueError("labels.csv names no patch.")
    pixels = np.stack([_read(folder, row["file"]) for row in rows])
    labels = np.array([row["nodule"].strip() in ("1", "true", "True") for row in rows])
    order = np.array([int(row.get("candidate_row") or n) for n, row in enumerate(rows)])
    return LabelledPatches(pixels, labels, order)


def _read(folder: Path, name: str) -> NDArray[np.uint8]:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise ValueError(f"labels.csv names {name}, which is not in the folder.")
    with Image.open(path) as image:
        return fitted(np.asarray(image.convert("L"), dtype=np.uint8))


def fitted(patch: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Crop or pad a patch about its middle to 50 x 50; padding repeats the edge."""
    for axis in (0, 1):
        excess = patch.shape[axis] - PATCH_PX
        if excess > 0:
            patch = np.take(patch, range(excess // 2, excess // 2 + PATCH_PX), axis=axis)
        elif excess < 0:
            before = -excess // 2
            pads = [(0, 0), (0, 0)]
            pads[axis] = (before, -excess - before)
            patch = np.pad(patch, pads, mode="edge")
    return patch
