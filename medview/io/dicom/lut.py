"""Look-up tables of a header: palette, modality and VOI LUT (PS3.3 C.7.9, C.11.1, C.11.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import InputError


@dataclass(frozen=True, slots=True, eq=False)
class Lut:
    """A table from stored values to output values.

    Attributes
    ----------
    first : int
        Stored value that the first entry belongs to; smaller ones take the first
        entry, larger ones the last.
    table : (entries,) or (entries, 3) ndarray of uint16
    bits : int
        Significant bits of an entry.
    """

    first: int
    table: NDArray[np.uint16]
    bits: int

    def __call__(self, stored: NDArray[np.generic]) -> NDArray[np.uint16]:
        """Look values up."""
        index = np.clip(stored.astype(np.int64) - self.first, 0, len(self.table) - 1)
        return np.asarray(self.table[index])


def sequence_lut(dataset: Any, name: str, *, signed: bool) -> Lut | None:
    """The first table of Modality LUT Sequence or VOI LUT Sequence, or None.

    Raises
    ------
    InputError
        If there is one and it is damaged.
    """
    items = dataset.get(name)
    if not items:
        return None
    item = items[0]
    descriptor = item.get("LUTDescriptor")
    data = item.get("LUTData")
    if descriptor is None or data is None or len(descriptor) != 3:
        raise InputError("A look-up table in its header is damaged.", code="damaged-header")
    count, first, bits = _described(descriptor, signed=signed)
    if isinstance(data, bytes):
        wide = f"{_order(dataset)}u2"
        values = np.frombuffer(data, wide if len(data) >= 2 * count else np.uint8)
    else:
        values = np.atleast_1d(np.asarray(data, dtype=np.int64)) & 0xFFFF
    if len(values) < count:
        raise InputError("A look-up table in its header is too short.", code="damaged-header")
    return Lut(first, values[:count].astype(np.uint16), bits)


def palette(dataset: Any, *, signed: bool) -> Lut:
    """The red, green and blue palette, plain or segmented.

    Raises
    ------
    InputError
        If it is missing or damaged.
    """
    try:
        columns = [_palette_column(dataset, colour, signed=signed) for colour in _COLOURS]
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(
            "Its colour palette is missing or damaged.", code="damaged-header"
        ) from error
    count = min(len(c.table) for c in columns)
    table = np.stack([c.table[:count] for c in columns], axis=1)
    return Lut(columns[0].first, table, columns[0].bits)


_COLOURS = ("Red", "Green", "Blue")


def _palette_column(dataset: Any, colour: str, *, signed: bool) -> Lut:
    descriptor = dataset[f"{colour}PaletteColorLookupTableDescriptor"].value
    count, first, bits = _described(descriptor, signed=signed)
    order = _order(dataset)
    segmented = dataset.get(f"Segmented{colour}PaletteColorLookupTableData")
    if segmented is not None:
        words = np.frombuffer(segmented, f"{order}u{2 if bits > 8 else 1}").astype(np.int64)
        values = _expanded(words.tolist(), bits)
    else:
        raw = dataset[f"{colour}PaletteColorLookupTableData"].value
        # Eight-bit entries are packed two to a word, or, wrongly and often, one to a word.
        wide = bits > 8 or len(raw) >= 2 * count
        values = np.frombuffer(raw, f"{order}u{2 if wide else 1}").astype(np.int64)
    if len(values) < count:
        raise ValueError("palette too short")
    return Lut(first, values[:count].astype(np.uint16), bits)


def _order(dataset: Any) -> str:
    """Byte order of what pydicom leaves as bytes, as numpy writes it."""
    little = getattr(dataset, "original_encoding", (None, True))[1] is not False
    return "<" if little else ">"


def _described(descriptor: Any, *, signed: bool) -> tuple[int, int, int]:
    count, first, bits = (int(v) for v in descriptor)
    # 65536 entries do not fit the descriptor's 16 bits and are written as 0.
    count = (count & 0xFFFF) or 1 << 16
    if signed and first > 0x7FFF:
        first -= 1 << 16
    elif not signed:
        first &= 0xFFFF
    return count, first, bits


def _expanded(words: list[int], bits: int) -> NDArray[np.int64]:
    """Unfold a segmented palette (PS3.3 C.7.9.2)."""
    limit = 1 << 16
    out: list[int] = []
    position = 0

    def segment(at: int) -> int:
        kind, length = words[at], words[at + 1]
        if kind == 0:
            out.extend(words[at + 2 : at + 2 + length])
            return at + 2 + length
        if kind == 1:
            start, end = out[-1], words[at + 2]
            out.extend(round(start + (end - start) * (n + 1) / length) for n in range(length))
            return at + 3
        raise ValueError("unknown palette segment")

    while position + 1 < len(words) and len(out) < limit:
        if words[position] == 2:
            low, high = words[position + 2], words[position + 3]
            at = (high << 16 if bits > 8 else high << 8) + low
            for _ in range(min(words[position + 1], limit)):
                at = segment(at)
            position += 4
        else:
            position = segment(position)
    return np.asarray(out, dtype=np.int64)
