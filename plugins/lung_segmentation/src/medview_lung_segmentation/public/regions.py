"""Tidy label volumes as lungmask does: small pieces go to the neighbour that they touch most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medview_lung_segmentation.classical.morphology import Tick

Box = tuple[slice, ...]

_FEWEST_VOXELS = 3
_SMALL_HOLE = 64
_TOUCHING = np.ones((3, 3, 3), dtype=bool)


@dataclass(slots=True)
class _Region:
    """A connected piece of one label; grows as others are merged into it."""

    number: int
    value: int
    size: int
    box: Box


def tidied(
    labels: NDArray[np.uint8], tick: Tick, *, unassigned: int | None = None
) -> NDArray[np.uint8]:
    """One connected piece without holes for each label.

    Pieces (26-neighbourhood) are visited from the smallest to the largest; one
    that is not the largest of its label goes to the neighbour that covers most of
    its border, or stays, where nothing touches it. Of what then carries a label
    the largest piece is kept and its holes are filled. Pieces of one or two
    voxels are left where they are.

    Parameters
    ----------
    labels : (k, j, i) ndarray of uint8
    tick : callable
        Called for each piece; that is where a cancelled run ends.
    unassigned : int, optional
        A label whose pieces are all given away; what is left of it becomes background.

    Notes
    -----
    As published in lungmask 0.2.20, with one difference: there a region is also passed over
    as a neighbour when its running number happens to equal `unassigned`.
    """
    pieces, regions = _pieces(labels)
    if not regions:
        return np.zeros_like(labels)
    largest = _merged(pieces, regions, tick, unassigned)
    meaning = np.zeros(len(regions) + 1, dtype=np.uint8)
    for number, value in largest.items():
        meaning[number] = 0 if value == unassigned else value
    assigned = meaning[pieces]
    out = np.zeros_like(labels)
    for value in np.unique(assigned):
        if value:
            tick()
            out[_filled(_largest_piece(assigned == value))] = value
    return out


def _pieces(labels: NDArray[np.uint8]) -> tuple[NDArray[np.int32], list[_Region]]:
    """Connected pieces numbered from 1, and their records from the smallest to the largest."""
    pieces = np.zeros(labels.shape, dtype=np.int32)
    regions: list[_Region] = []
    firsts: list[int] = []
    for value in np.unique(labels):
        if value == 0:
            continue
        parts, count = ndimage.label(labels == value, structure=_TOUCHING)
        hit = parts > 0
        pieces[hit] = parts[hit] + len(regions)
        sizes = np.bincount(parts.ravel(), minlength=count + 1)
        numbers, first = np.unique(parts, return_index=True)
        begins = dict(zip(numbers.tolist(), first.tolist(), strict=True))
        for n, box in enumerate(ndimage.find_objects(parts), start=1):
            regions.append(_Region(len(regions) + 1, int(value), int(sizes[n]), box))
            firsts.append(begins[n])
    # Numbers run in the order in which the pieces begin, so that among equals the first counts.
    ranks = np.zeros(len(regions) + 1, dtype=np.int32)
    ranks[1 + np.argsort(firsts)] = np.arange(1, len(regions) + 1)
    for region in regions:
        region.number = int(ranks[region.number])
    return ranks[pieces], sorted(regions, key=lambda r: (r.size, r.number))


def _merged(
    pieces: NDArray[np.int32], regions: list[_Region], tick: Tick, unassigned: int | None
) -> dict[int, int]:
    """Merge small pieces in place; the label of each region that has one."""
    largest: dict[int, int] = {}
    meaning: dict[int, int] = {}
    for region in regions:
        # Of several of one size only the first counts, as published.
        if region.size > largest.get(region.value, 0):
            largest[region.value] = region.size
            meaning[region.number] = region.value
    by_number = {region.number: region for region in regions}
    for region in regions:
        tick()
        is_small = region.size < largest[region.value] or region.value == unassigned
        if not is_small or region.size < _FEWEST_VOXELS:
            continue
        target = _neighbour(pieces, region, by_number, unassigned)
        if target is None:
            continue
        part = pieces[region.box]
        part[part == region.number] = target.number
        if target.size == largest[target.value]:
            largest[target.value] += region.size
        target.size += region.size
        target.box = tuple(
            slice(min(a.start, b.start), max(a.stop, b.stop))
            for a, b in zip(target.box, region.box, strict=True)
        )
    return meaning


def _neighbour(
    pieces: NDArray[np.int32],
    region: _Region,
    by_number: dict[int, _Region],
    unassigned: int | None,
) -> _Region | None:
    """The region that covers most of the border; the first of equals."""
    around = tuple(slice(max(0, b.start - 1), b.stop + 1) for b in region.box)
    part = pieces[around]
    border = ndimage.binary_dilation(part == region.number)
    numbers, counts = np.unique(part[border], return_counts=True)
    best: _Region | None = None
    most = 0
    for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
        if number in (0, region.number) or count <= most:
            continue
        if by_number[number].value == unassigned:
            continue
        best, most = by_number[number], count
    return best


def _largest_piece(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    parts, _ = ndimage.label(mask, structure=_TOUCHING)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return np.asarray(parts == sizes.argmax())


def _filled(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without enclosed holes; in a single slice only small ones, where liver may be enclosed."""
    if len(mask) > 1:
        return np.asarray(ndimage.binary_fill_holes(mask))
    holes, _ = ndimage.label(~mask[0])
    sizes = np.bincount(holes.ravel())
    small = sizes < _SMALL_HOLE
    small[0] = True
    return np.asarray(small[holes])[None]
